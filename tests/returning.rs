//! Changes and deletions of many rows that answer them.

mod aggregate;

use std::collections::BTreeMap;
use std::time::Duration;

use aggregate::{NewExecution, NewLog, NewPipeline, NewStep, NewUser, Pipeline, Step, User};
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, PartialEq, View)]
#[persist(of = Pipeline)]
struct Card {
    name: String,
    #[persist(belongs_to)]
    owner: Option<UserName>,
    #[persist(count = "pipeline_steps")]
    steps: i64,
}

#[derive(Debug, PartialEq, View)]
#[persist(of = User)]
struct UserName {
    display_name: String,
}

async fn filled() -> Result<(TestDatabase, Proxy, Database)> {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    // With some latency an answer cannot come between two writes and hide that they were two.
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    let owner = db.repository::<User>().insert(NewUser::new("o@example.org", "Olga")).await?;
    for number in 0..4 {
        let step = |position| NewStep::new(persist::Parent, format!("s{position}")).position(position);
        let log = |line: i32| NewLog::new(persist::Parent, format!("line {line}"));
        let executions =
            (1..=number).map(|number| NewExecution::new(persist::Parent, number).logs([log(1), log(2)]));
        let new = NewPipeline::new(format!("p{number}"), BTreeMap::new())
            .owner_id(owner.id)
            .steps((1..=number).map(step).collect::<Vec<_>>())
            .executions(executions.collect::<Vec<_>>());
        db.repository::<Pipeline>().insert(new).await?;
    }
    Ok((server, proxy, db))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_answers_its_rows_in_one_round_trip() -> Result {
    let (_server, proxy, db) = filled().await?;
    let pipelines = db.repository::<Pipeline>();
    for _cold_then_warm in 0..2 {
        let change = || pipelines.filter(|p| p.name.ne("p0")).order_by(|p| p.name.desc());
        let update = || change().update(|p| p.is_active.set(false)).returning();
        // Whole structs, with all that belongs to them, as they are stored now.
        let found = assert_round_trips!(proxy, 1, update().await?);
        let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["p3", "p2", "p1"], "in the order of the query");
        let stored = change().all().await?;
        assert_eq!(found, stored);
        assert_eq!(found[0].executions.len(), 3);
        assert!(
            found
                .iter()
                .all(|found| !found.is_active && found.executions[0].logs.len() == 2 && found.version > 1)
        );
        // Views, values, and nothing of rows that are not there.
        let cards = assert_round_trips!(proxy, 1, update().view::<Card>().await?);
        let owner = || Some(UserName { display_name: "Olga".into() });
        assert_eq!(cards[2], Card { name: "p1".into(), owner: owner(), steps: 1 });
        let values = assert_round_trips!(proxy, 1, update().select(|p| (p.name, p.steps.count())).await?);
        assert_eq!(values, [("p3".to_owned(), 3), ("p2".to_owned(), 2), ("p1".to_owned(), 1)]);
        let versions: Option<i64> = update().select(|p| p.version.max()).await?.pop().flatten();
        assert_eq!(versions, pipelines.query().select(|p| p.version.max()).one().await?);
        let none = pipelines.filter(|p| p.name.eq("none")).update(|p| p.is_active.set(true)).returning();
        assert_eq!(assert_round_trips!(proxy, 1, none.await?), []);
        assert_eq!(update().first().await?.map(|first| first.name).as_deref(), Some("p3"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_takes_each_row_once() -> Result {
    let (_server, proxy, db) = filled().await?;
    let steps = db.repository::<Step>();
    let claim = || {
        let open = steps.filter(|s| s.name.starts_with("s")).order_by(|s| (s.position.asc(), s.id.asc()));
        open.limit(2).skip_locked().update(|s| s.name.set("claimed ".to_owned())).returning()
    };
    let first = assert_round_trips!(proxy, 1, claim().await?);
    assert_eq!(first.iter().map(|step| step.position).collect::<Vec<_>>(), [1, 1]);
    // Several at once share the rest.
    let claims = futures_of(4, || tokio::spawn(claimed(db.clone()))).await;
    let mut ids: Vec<Uuid> =
        claims.into_iter().flatten().chain(first.into_iter().map(|step| step.id)).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 6, "each was claimed once");
    Ok(())
}

async fn claimed(db: Database) -> Vec<Uuid> {
    let steps = db.repository::<Step>();
    let open = steps.filter(|s| s.name.starts_with("s")).order_by(|s| s.id.asc()).limit(1).skip_locked();
    let claimed = open.update(|s| s.name.set("claimed")).returning().select(|s| s.id).await;
    claimed.expect("a claim")
}

async fn futures_of<T>(times: usize, task: impl Fn() -> tokio::task::JoinHandle<T>) -> Vec<T> {
    let tasks: Vec<_> = (0..times).map(|_| task()).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.expect("a task"));
    }
    done
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_answers_what_was_there() -> Result {
    let (_server, proxy, db) = filled().await?;
    let (steps, pipelines) = (db.repository::<Step>(), db.repository::<Pipeline>());
    let mut all = steps.order_by(|s| s.id.asc()).all().await?;
    let last = all.split_off(4);
    let gone = steps.order_by(|s| s.id.asc()).limit(4).delete().returning();
    assert_eq!(assert_round_trips!(proxy, 1, gone.await?), all);
    assert_eq!(steps.order_by(|s| s.id.asc()).all().await?, last);
    let names = steps.query().delete().returning().select(|s| s.name).await?;
    assert_eq!(names.len(), 2);
    // What belongs to many is gone with them, or would be.
    let error = pipelines.query().delete().returning().await.expect_err("steps and executions");
    assert!(error.is_invalid_query() && error.to_string().contains("without relations to many"), "{error}");
    let cards = pipelines.filter(|p| p.name.eq("p0")).delete().returning().view::<Card>().await?;
    assert_eq!(cards.len(), 1);
    assert_eq!(pipelines.query().count().await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_unit_of_work_knows_what_it_has_changed() -> Result {
    let (_server, _proxy, db) = filled().await?;
    let uow = db.unit_of_work();
    let pipelines = uow.repository::<Pipeline>();
    let mut old = pipelines.filter(|p| p.name.eq("p2")).one().await?;
    let changed =
        pipelines.filter(|p| p.name.eq("p2")).update(|p| p.is_active.set(false)).returning().await?;
    let [mut now] = <[Pipeline; 1]>::try_from(changed).expect("one");
    assert_eq!(now.version, old.version + 1);
    // The copy from before is an older one.
    old.name = "old".into();
    uow.save(&old)?;
    assert!(uow.flush().await.expect_err("it is older").is_stale());
    uow.rollback().await?;

    let uow = db.unit_of_work();
    let changed = uow.repository::<Pipeline>().filter(|p| p.name.eq("p2")).update(|p| p.is_active.set(false));
    now = changed.returning().await?.pop().expect("one");
    now.name = "new".into();
    now.steps.pop();
    uow.save(&now)?;
    uow.flush().await?;
    let step = uow.repository::<Step>().query().delete().returning().await?.pop().expect("a step");
    let error = uow.save(&step).and(uow.flush().await).expect_err("it is gone");
    assert!(error.is_stale() || error.to_string().contains("deleted"), "{error}");
    uow.rollback().await?;
    Ok(())
}

/// BEGIN leaves with the first statement, also where that writes; COMMIT is the second trip.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_in_a_unit_of_work_takes_begin_along() -> Result {
    let (_server, proxy, db) = filled().await?;
    for _cold_then_warm in 0..2 {
        let uow = db.unit_of_work();
        let pipelines = uow.repository::<Pipeline>();
        let change = pipelines.filter(|p| p.name.eq("p1")).update(|p| p.is_active.set(false));
        assert_eq!(assert_round_trips!(proxy, 1, change.await?), 1);
        assert_round_trips!(proxy, 1, uow.commit().await?);
        let work = async |uow: &UnitOfWork<'_>| {
            uow.repository::<Pipeline>()
                .filter(|p| p.name.eq("p1"))
                .update(|p| p.is_active.set(true))
                .returning()
                .await
        };
        assert_eq!(assert_round_trips!(proxy, 2, db.transact(work).await?).len(), 1);
    }
    // Where what BEGIN has set is lost, nothing is written.
    let uow = db.unit_of_work();
    persist::Sql::unchecked("SELECT set_config('persist.tx', '', true)").execute(&uow).await?;
    let lost = uow.repository::<Pipeline>().query().update(|p| p.is_active.set(false)).await;
    assert!(lost.is_err());
    assert!(uow.commit().await.is_err());
    assert_eq!(db.repository::<Pipeline>().filter(|p| p.is_active.eq(false)).count().await?, 0);
    Ok(())
}

/// Another struct over the row, which was read before others changed it, is an old one.
#[tokio::test]
async fn a_struct_of_another_type_stays_as_old_as_it_is() -> Result {
    let (_server, _proxy, db) = filled().await?;
    let uow = db.unit_of_work();
    let mut name = uow.repository::<PipelineName>().filter(|p| p.name.eq("p1")).one().await?;
    let by_others =
        db.repository::<Pipeline>().filter(|p| p.name.eq("p1")).update(|p| p.is_active.set(false));
    assert_eq!(by_others.await?, 1);
    let touched = uow.repository::<Pipeline>().filter(|p| p.name.eq("p1")).update(|p| p.owner_id.set(None));
    assert_eq!(touched.returning().await?.len(), 1);
    name.is_active = true;
    name.name = "renamed".into();
    uow.save(&name)?;
    assert!(uow.flush().await.expect_err("others have changed it since").is_stale());
    uow.rollback().await?;
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct PipelineName {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    is_active: bool,
    #[persist(version)]
    version: i64,
}

/// What is read of it cannot be made a struct, but it was changed.
#[tokio::test]
async fn an_error_of_what_is_answered_says_what_was_written() -> Result {
    let (_server, _proxy, db) = filled().await?;
    // No field of a Rust type holds it.
    let odd = "UPDATE pipelines SET created_at = 'infinity' WHERE name = 'p1'";
    persist::Sql::unchecked(odd).execute(&db).await?;
    let log = "ALTER TABLE execution_logs ALTER message DROP NOT NULL";
    persist::Sql::unchecked(log).execute(&db).await?;
    let blank = "UPDATE execution_logs SET message = NULL WHERE id = (SELECT max(id) FROM execution_logs)";
    persist::Sql::unchecked(blank).execute(&db).await?;
    let pipelines = db.repository::<Pipeline>();
    for (name, what) in [("p1", "the row itself"), ("p3", "a row below it")] {
        let change =
            || pipelines.filter(move |p| p.name.eq(name)).update(|p| p.is_active.set(false)).returning();
        let error = change().await.expect_err("it cannot be read");
        assert!(error.is_committed(), "{what}: {error:?}");
        assert_eq!(pipelines.filter(|p| p.is_active.eq(false) & p.name.eq(name)).count().await?, 1, "{what}");
        let uow = db.unit_of_work();
        let back = uow.repository::<Pipeline>().filter(|p| p.name.eq(name)).update(|p| p.is_active.set(true));
        let error = back.returning().await.expect_err("it cannot be read");
        assert!(!error.is_committed(), "{what}: {error:?}");
        assert!(uow.commit().await.is_err(), "{what}");
        assert_eq!(pipelines.filter(|p| p.is_active.eq(false) & p.name.eq(name)).count().await?, 1, "{what}");
    }
    Ok(())
}

#[tokio::test]
async fn what_goes_wrong_is_told_before_and_after() -> Result {
    let (_server, _proxy, db) = filled().await?;
    let pipelines = db.repository::<Pipeline>();
    let nothing = pipelines.query().update(|_| Vec::<persist::query::Assignment>::new()).returning();
    assert!(nothing.await.expect_err("nothing is set").is_invalid_query());
    let taken = pipelines.query().update(|p| p.name.set("same")).returning();
    assert!(taken.await.expect_err("names are UNIQUE").is_unique_violation());
    assert_eq!(pipelines.filter(|p| p.name.eq("same")).count().await?, 0);
    // A future that is dropped before it was polled sends nothing.
    drop(pipelines.query().delete());
    assert_eq!(pipelines.query().count().await?, 4);
    let spawned = tokio::spawn({
        let db = db.clone();
        async move { db.repository::<Pipeline>().query().update(|p| p.is_active.set(false)).await }
    });
    assert_eq!(spawned.await??, 4);
    Ok(())
}

#[tokio::test]
async fn values_before_and_after_are_answered_by_postgresql_18() -> Result {
    let (server, proxy, db) = filled().await?;
    let steps = db.repository::<Step>();
    let moved = || {
        let some = steps.filter(|s| s.position.ge(2)).order_by(|s| s.position.desc());
        some.limit(2).update(|s| s.position.set(s.position * 10)).returning()
    };
    let version: i32 = server
        .client()
        .await
        .query_one("SELECT current_setting('server_version_num')::int", &[])
        .await?
        .get(0);
    if version < 180_000 {
        let error = moved().compare(|old, new| (old.position, new.position)).await.unwrap_err();
        assert!(error.to_string().contains("PostgreSQL 18"), "{error}");
        assert_eq!(steps.filter(|s| s.position.gt(9)).count().await?, 0);
        return Ok(());
    }
    let compare = moved().compare(|old, new| (old.position, new.position, new.position - old.position));
    let mut places = assert_round_trips!(proxy, 1, compare.await?);
    places.sort_unstable();
    assert_eq!(places, [(2, 20, 18), (3, 30, 27)]);
    let gone = steps.filter(|s| s.position.eq(30)).delete().returning();
    let gone: Vec<(i32, String)> = gone.compare(|old, _| (old.position, old.name)).await?;
    assert_eq!(gone, [(30, "s3".to_owned())]);
    Ok(())
}
