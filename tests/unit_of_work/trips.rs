//! What a unit of work costs: round trips, from where the body of `#[tokio::main]` runs.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{SubsecRound as _, TimeDelta, Utc};
use persist::Entity;
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips, round_trips};

use crate::Result;
use crate::shapes::{
    Category, Execution, Heading, Log, NewCategory, NewExecution, NewHeading, NewLog, NewPipeline, NewPlugin,
    NewSchedule, NewScheduleRun, NewStep, NewTag, NewUser, Pipeline, Plugin, PluginType, Schedule,
    ScheduleRun, Step, Tag, User,
};

/// Times that each is repeated, at each latency.
const TIMES: usize = 60;

/// With some latency no answer can come between two writes and hide that they were two; without, one can come
/// after the first of them and show it.
const LATENCIES: [Duration; 2] = [Duration::from_millis(3), Duration::ZERO];

async fn counted() -> Result<(TestDatabase, Proxy, Database)> {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    let db = Database::builder().url(proxy.url()).pool_size(1).connect().await?;
    Ok((server, proxy, db))
}

fn nothing() -> BTreeMap<String, String> {
    BTreeMap::new()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aggregate_an_update_and_a_deletion() -> Result {
    let (_server, proxy, db) = counted().await?;
    let headings = db.repository::<Heading>();
    for latency in LATENCIES {
        proxy.set_latency(latency);
        for time in 0..TIMES {
            let name = format!("{time} at {latency:?}");
            let mut known = headings.insert(NewHeading::new(format!("old {name}"), nothing())).await?;
            let gone = headings.insert(NewHeading::new(format!("gone {name}"), nothing())).await?;
            known.description = Some(name.clone());
            let work = async {
                let uow = db.unit_of_work();
                let steps = (1..=10).map(|n| NewStep::new(Parent, format!("step {n}")).position(n));
                let pipeline = uow.insert(NewPipeline::new(&*name, nothing()).steps(steps))?;
                uow.insert(NewExecution::new(pipeline, 1))?;
                uow.save(&known)?;
                uow.delete(&gone)?;
                uow.commit().await?;
                Result::Ok(())
            };
            if time == 0 && latency == LATENCIES[0] {
                // The statements are prepared beside their first use.
                work.await?;
            } else {
                assert_round_trips!(proxy, 1, work.await?);
            }
            let stored = db.repository::<Pipeline>().find_by_name(&name).await?.ok_or("it was committed")?;
            assert_eq!((stored.steps.len(), stored.executions.len()), (10, 1));
            assert!(headings.find(gone.id).await?.is_none());
            assert_eq!(headings.get(known.id).await?.description, known.description);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_by_key_changed_and_committed() -> Result {
    let (_server, proxy, db) = counted().await?;
    let steps = (1..=10).map(|n| NewStep::new(Parent, format!("step {n}")).position(n));
    let id = db.repository::<Pipeline>().insert(NewPipeline::new("p", nothing()).steps(steps)).await?.id;
    for latency in LATENCIES {
        proxy.set_latency(latency);
        for time in 0..TIMES {
            let work = async {
                let uow = db.unit_of_work();
                let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
                pipeline.description = Some(format!("{time} at {latency:?}"));
                pipeline.steps[time % 10].enabled ^= true;
                uow.save(&pipeline)?;
                uow.commit().await?;
                Result::Ok(())
            };
            if time == 0 && latency == LATENCIES[0] {
                work.await?;
            } else {
                assert_round_trips!(proxy, 2, work.await?);
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_to_send() -> Result {
    let (_server, proxy, db) = counted().await?;
    let id = db.repository::<Pipeline>().insert(NewPipeline::new("p", nothing())).await?.id;
    assert_round_trips!(proxy, 0, db.unit_of_work().commit().await?);
    assert_round_trips!(proxy, 0, db.unit_of_work().rollback().await?);
    let uow = db.unit_of_work();
    assert_round_trips!(proxy, 0, uow.flush().await?);
    let pipeline = assert_round_trips!(proxy, 1, uow.repository::<Pipeline>().get(id).await?);
    uow.save(&pipeline)?;
    assert_round_trips!(proxy, 0, uow.flush().await?);
    assert_round_trips!(proxy, 1, uow.commit().await?);
    Ok(())
}

const ROWS: usize = 1_000;

/// Ten kinds of rows, a thousand of each, most of which refer to others of the same unit of work.
fn fill(uow: &UnitOfWork<'_>, round: &str) -> Result {
    let due = Utc::now().trunc_subsecs(6);
    for n in 0..ROWS {
        let name = format!("{round} {n}");
        let user = uow.insert(NewUser::new(format!("{round}-{n}@example.org"), &*name))?;
        let category = uow.insert(NewCategory::new(&*name))?;
        let plugin = uow.insert(NewPlugin::new(&*name, "1.0.0", PluginType::Sink))?;
        let new = NewPipeline::new(&*name, nothing()).owner_id(user).category_id(category);
        let pipeline = uow.insert(new)?;
        uow.insert(NewTag::new(&*name))?;
        let step = uow.insert(NewStep::new(pipeline, "extract").plugin_id(plugin))?;
        let execution = uow.insert(NewExecution::new(pipeline, 1))?;
        uow.insert(NewLog::new(execution, &*name).step_id(step))?;
        uow.insert(NewSchedule::new(pipeline, 3, "@daily"))?;
        let key = uow.key(pipeline).ok_or("made by the client")?;
        uow.insert(NewScheduleRun::new(key, 3, due))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_rows_of_ten_kinds() -> Result {
    let (server, proxy, db) = counted().await?;
    for round in ["cold", "warm"] {
        let uow = db.unit_of_work();
        fill(&uow, round)?;
        let trips = commit(&proxy, uow).await?;
        println!("{} rows inserted in {trips} round trips, {round}", 10 * ROWS);
        assert!(trips <= 2, "{trips} round trips, {round}");
    }
    for round in ["cold", "warm"] {
        let trips = change_all(&proxy, &db).await?;
        println!("{} rows changed in {trips} round trips, {round}", 10 * ROWS);
        assert!(trips <= 2, "{trips} round trips, {round}");
    }
    let changed = "SELECT (SELECT count(*) FROM users WHERE display_name LIKE '%!!')
        + (SELECT count(*) FROM categories WHERE position = 2) + (SELECT count(*) FROM plugins WHERE version = '1.0.0!!')
        + (SELECT count(*) FROM pipelines WHERE description = '!!') + (SELECT count(*) FROM tags WHERE name LIKE '%!!')
        + (SELECT count(*) FROM pipeline_steps WHERE position = 3)
        + (SELECT count(*) FROM schedules WHERE cron = '@daily!!')
        + (SELECT count(*) FROM pipeline_executions WHERE error_message = '!!')
        + (SELECT count(*) FROM execution_logs WHERE message LIKE '%!!')
        + (SELECT count(*) FROM schedule_runs WHERE slot = 3 AND due_at > now() + interval '1 hour')";
    let changed: i64 = server.client().await.query_one(changed, &[]).await?.get(0);
    assert_eq!(changed, 10 * ROWS as i64);
    Ok(())
}

/// Reads a thousand rows of each kind, changes every one, and answers how many round trips it took to write
/// them.
async fn change_all(proxy: &Proxy, db: &Database) -> Result<usize> {
    let uow = db.unit_of_work();
    // Everything is read before anything is saved: a read sends what waits.
    let users = all::<User>(&uow).await?;
    let categories = all::<Category>(&uow).await?;
    let plugins = all::<Plugin>(&uow).await?;
    let pipelines = all::<Heading>(&uow).await?;
    let tags = all::<Tag>(&uow).await?;
    let steps = all::<Step>(&uow).await?;
    let schedules = all::<Schedule>(&uow).await?;
    let executions = all::<Execution>(&uow).await?;
    let logs = all::<Log>(&uow).await?;
    let runs = all::<ScheduleRun>(&uow).await?;
    change(&uow, users, |user| user.display_name.push('!'))?;
    change(&uow, categories, |category| category.position += 1)?;
    change(&uow, plugins, |plugin| plugin.version.push('!'))?;
    change(&uow, pipelines, |pipeline| pipeline.description.get_or_insert_default().push('!'))?;
    change(&uow, tags, |tag| tag.name.push('!'))?;
    change(&uow, steps, |step| step.position += 1)?;
    change(&uow, schedules, |schedule| schedule.cron.push('!'))?;
    change(&uow, executions, |execution| execution.error_message.get_or_insert_default().push('!'))?;
    change(&uow, logs, |log| log.message.push('!'))?;
    change(&uow, runs, |run| run.due_at += TimeDelta::hours(1))?;
    commit(proxy, uow).await
}

/// Commits some megabytes. They take their time: the first answer must not come before the last of them has
/// left.
async fn commit(proxy: &Proxy, uow: UnitOfWork<'_>) -> Result<usize> {
    proxy.set_latency(Duration::from_millis(400));
    let (_, trips) = round_trips!(proxy, uow.commit().await?);
    proxy.set_latency(Duration::ZERO);
    Ok(trips)
}

async fn all<E: Entity>(uow: &UnitOfWork<'_>) -> Result<Vec<E>> {
    let rows = uow.repository::<E>().query().limit(ROWS as u64).all().await?;
    assert_eq!(rows.len(), ROWS);
    Ok(rows)
}

fn change<E: Entity>(uow: &UnitOfWork<'_>, rows: Vec<E>, change: impl Fn(&mut E)) -> Result {
    for mut row in rows {
        change(&mut row);
        uow.save(&row)?;
    }
    Ok(())
}
