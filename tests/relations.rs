//! Rows with the rows that belong to them.

mod aggregate;

use std::collections::BTreeMap;
use std::time::Duration;

use aggregate::{
    Execution, Log, NewExecution, NewLog, NewPipeline, NewStep, NewTag, NewUser, Pipeline, Step, Tag, User,
};
use persist::Sql;
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn filled(db: &Database, pipelines: i32) -> Result {
    let owner = db.repository::<User>().insert(NewUser::new("o@example.org", "Olga")).await?;
    let tag = db.repository::<Tag>().insert(NewTag::new("nightly")).await?;
    for number in 0..pipelines {
        let new = NewPipeline::new(format!("p{number:03}"), BTreeMap::new());
        let new = if number % 2 == 0 { new.owner_id(owner.id) } else { new };
        let pipeline = db.repository::<Pipeline>().insert(new).await?;
        Sql::unchecked("INSERT INTO pipeline_tags (pipeline_id, tag_id) VALUES ($1, $2)")
            .bind(pipeline.id)
            .bind(tag.id)
            .execute(db)
            .await?;
        for position in (1..=number % 4).rev() {
            db.repository::<Step>()
                .insert(NewStep::new(pipeline.id, format!("s{position}")).position(position))
                .await?;
        }
        for execution in 1..=number % 3 {
            let execution =
                db.repository::<Execution>().insert(NewExecution::new(pipeline.id, execution)).await?;
            for line in 0..3 {
                db.repository::<Log>().insert(NewLog::new(execution.id, format!("line {line}"))).await?;
            }
        }
    }
    Ok(())
}

/// Outside of a unit of work, what a trigger or another deletes at once was committed all the same.
#[tokio::test]
async fn what_is_gone_before_it_is_read_back_was_committed() -> Result {
    let server = TestDatabase::new().await;
    let trigger = "CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        DELETE FROM pipelines WHERE id = NEW.id; RETURN NULL; END $$;
        CREATE TRIGGER eat AFTER INSERT ON pipelines FOR EACH ROW EXECUTE FUNCTION eat()";
    server.client().await.batch_execute(trigger).await?;
    let db = Database::connect(server.url()).await?;
    let new = || NewPipeline::new("eaten", BTreeMap::new());
    let error = db.repository::<Pipeline>().insert(new()).await.expect_err("it is gone");
    assert!(error.is_committed(), "{error:?}");
    let uow = db.unit_of_work();
    let error = uow.repository::<Pipeline>().insert(new()).await.expect_err("it is gone");
    assert!(error.is_not_found() && !error.is_committed(), "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_aggregate_is_read_whole_in_one_round_trip() -> Result {
    let server = TestDatabase::new().await;
    filled(&Database::connect(server.url()).await?, 12).await?;
    let proxy = Proxy::start(&server).await;
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    let pipelines = db.repository::<Pipeline>();
    for _cold_then_warm in 0..2 {
        let all = assert_round_trips!(proxy, 1, pipelines.order_by(|p| p.name.asc()).all().await?);
        assert_eq!(all.len(), 12);
        for (number, pipeline) in all.iter().enumerate() {
            assert_eq!(pipeline.owner.is_some(), number % 2 == 0);
            assert_eq!(
                pipeline.steps.iter().map(|s| s.position).collect::<Vec<_>>(),
                (1..=number as i32 % 4).collect::<Vec<_>>()
            );
            assert_eq!(pipeline.tags.len(), 1);
            assert_eq!(
                pipeline.executions.iter().map(|e| e.execution_number).collect::<Vec<_>>(),
                (1..=number as i32 % 3).rev().collect::<Vec<_>>()
            );
            assert!(
                pipeline.executions.iter().all(|e| e.logs.len() == 3 && e.logs.is_sorted_by_key(|l| l.id))
            );
        }
        let last = &all[11];
        let found = assert_round_trips!(proxy, 1, pipelines.get(last.id).await?);
        assert_eq!(&found, last);
        let found = assert_round_trips!(proxy, 1, pipelines.find_by_name("p011").await?);
        assert_eq!(found.as_ref(), Some(last));
        let many = assert_round_trips!(proxy, 1, pipelines.find_many(&[last.id, all[5].id, last.id]).await?);
        assert_eq!(many, [last.clone(), all[5].clone(), last.clone()]);
        let page = assert_round_trips!(
            proxy,
            1,
            pipelines.order_by(|p| p.name.desc()).limit(3).offset(1).all().await?
        );
        assert_eq!(page, [all[10].clone(), all[9].clone(), all[8].clone()]);
        let locked = assert_round_trips!(
            proxy,
            1,
            pipelines.order_by(|p| p.name.asc()).limit(5).for_update().all().await?
        );
        assert_eq!(locked, all[..5]);
        let updated = assert_round_trips!(proxy, 1, pipelines.update(last).await?);
        assert_eq!((updated.version, &updated.executions), (last.version + 1, &last.executions));
        Sql::unchecked("UPDATE pipelines SET version = version - 1 WHERE id = $1")
            .bind(last.id)
            .execute(&db)
            .await?;
    }
    let mut rows = pipelines.order_by(|p| p.name.asc()).stream();
    let mut streamed = Vec::new();
    while let Some(pipeline) = rows.try_next().await? {
        streamed.push(pipeline);
    }
    assert_eq!(streamed, pipelines.order_by(|p| p.name.asc()).all().await?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_of_work_reads_as_much_in_one_round_trip() -> Result {
    let server = TestDatabase::new().await;
    filled(&Database::connect(server.url()).await?, 6).await?;
    let proxy = Proxy::start(&server).await;
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::builder().url(proxy.url()).pool_size(1).connect().await?;
    let outside = db.repository::<Pipeline>().order_by(|p| p.name.asc()).all().await?;
    for _cold_then_warm in 0..2 {
        let work = db.unit_of_work();
        let pipelines = work.repository::<Pipeline>();
        let all = assert_round_trips!(proxy, 1, pipelines.order_by(|p| p.name.asc()).all().await?);
        assert_eq!(all, outside);
        let one = assert_round_trips!(proxy, 1, pipelines.get(all[5].id).await?);
        assert_eq!(one, all[5]);
        let many = assert_round_trips!(proxy, 1, pipelines.find_many(&[all[3].id, all[3].id]).await?);
        assert_eq!(many, [all[3].clone(), all[3].clone()]);
        let mut rows = pipelines.order_by(|p| p.name.asc()).stream();
        assert_eq!(rows.try_next().await?.as_ref(), Some(&all[0]));
        drop(rows);
        assert_round_trips!(proxy, 1, work.commit().await?);
    }
    Ok(())
}

#[tokio::test]
async fn a_unit_of_work_is_one_transaction() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let tags = db.repository::<Tag>();
    let work = db.unit_of_work();
    work.repository::<Tag>().insert(NewTag::new("kept")).await?;
    assert_eq!((tags.count().await?, work.repository::<Tag>().count().await?), (0, 1));
    work.commit().await?;
    assert_eq!(tags.count().await?, 1);
    let work = db.unit_of_work();
    work.repository::<Tag>().insert(NewTag::new("rolled back")).await?;
    work.rollback().await?;
    let work = db.unit_of_work();
    work.repository::<Tag>().insert(NewTag::new("dropped")).await?;
    drop(work);
    let work = db.unit_of_work();
    work.repository::<Tag>().insert(NewTag::new("lost with the other")).await?;
    assert!(
        work.repository::<Tag>().insert(NewTag::new("kept")).await.is_err_and(|e| e.is_unique_violation())
    );
    let error = work.commit().await.unwrap_err();
    assert!(error.is_rolled_back());
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<persist::Error>());
    assert!(cause.is_some_and(persist::Error::is_unique_violation));
    assert_eq!(tags.all().await?.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["kept"]);
    Ok(())
}
