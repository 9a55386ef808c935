//! Entities over views of the database, which are only read.

mod domain;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{Execution, ExecutionStatus, NewExecution, NewPipeline, database};
use persist::prelude::*;
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_overview", read_only)]
#[persist(filter_by(executions: Vec<Execution>, has_many(table = "pipeline_executions", foreign_key = "pipeline_id", references = "id")))]
struct Overview {
    #[persist(id)]
    id: Uuid,
    name: String,
    owner_name: Option<String>,
    step_count: i64,
    latest_status: Option<ExecutionStatus>,
    latest_finished_at: Option<DateTime<Utc>>,
    #[persist(
        has_many(table = "pipeline_executions", foreign_key = "pipeline_id", references = "id"),
        order_by = "execution_number"
    )]
    runs: Vec<Execution>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Overview, table = "pipeline_overview")]
struct Name {
    name: String,
    #[persist(sql = "upper(name)")]
    loud: Option<String>,
}

/// What is in the table, with what the view says of it.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
#[persist(filter_by(overviews: Vec<Overview>, has_many(table = "pipeline_overview", foreign_key = "id", references = "id")))]
struct Summarized {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
}

/// A wrong promise: it is NULL where there is no owner.
#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Overview, table = "pipeline_overview")]
struct Owned {
    owner_name: String,
}

async fn filled(db: &Database) -> Result<[Uuid; 2]> {
    let pipelines = db.repository::<domain::Pipeline>();
    let [a, b] = [
        pipelines.insert(NewPipeline::new("a", BTreeMap::new())).await?.id,
        pipelines.insert(NewPipeline::new("b", BTreeMap::new())).await?.id,
    ];
    for (number, status) in (1..).zip([ExecutionStatus::Failed, ExecutionStatus::Succeeded]) {
        db.repository::<Execution>().insert(NewExecution::new(a, number).status(status)).await?;
    }
    Ok([a, b])
}

#[tokio::test]
async fn rows_are_found_sorted_paged_and_related() -> Result {
    let (_server, db) = database().await;
    let [a, b] = filled(&db).await?;
    let overviews = db.repository::<Overview>();
    let overview = overviews.get(a).await?;
    assert_eq!((overview.name.as_str(), overview.step_count), ("a", 0));
    assert_eq!((&overview.owner_name, overview.latest_status), (&None, Some(ExecutionStatus::Succeeded)));
    assert_eq!(overview.runs.iter().map(|run| run.execution_number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(overviews.find(Uuid::nil()).await?, None);
    let both = overviews.find_many(&[b, a]).await?;
    assert_eq!(both.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);

    let sorted = overviews.order_by(|o| (o.latest_status.asc().nulls_first(), o.name.desc()));
    let first = sorted.clone().page(PageRequest::first(1).with_total()).await?;
    assert_eq!((first.items[0].name.as_str(), first.total), ("b", Some(2)));
    let second = sorted.page(PageRequest::first(1).after(first.next)).await?;
    assert_eq!(second.items.first(), Some(&overview));

    let failed = overviews.filter(|o| o.executions.any(|e| e.status.eq(ExecutionStatus::Failed)));
    assert_eq!(failed.view::<Name>().all().await?, [Name { name: "a".into(), loud: Some("A".into()) }]);
    let latest = db
        .repository::<Summarized>()
        .filter(|p| p.overviews.any(|o| o.step_count.lt(1)))
        .order_by(|p| p.overviews.max(|o| o.latest_finished_at).desc().nulls_last())
        .select(|p| (p.name, p.overviews.max(|o| o.latest_status)))
        .all()
        .await?;
    assert_eq!(latest, [("a".into(), Some(ExecutionStatus::Succeeded)), ("b".into(), None)]);

    let uow = db.unit_of_work();
    let read = uow.repository::<Overview>().get(a).await?;
    assert_eq!(read, overview);
    uow.commit().await?;

    let error = overviews.view::<Owned>().all().await.expect_err("it is NULL");
    assert!(error.is_decode() && error.to_string().contains("owner_name"), "{error}");
    Ok(())
}

#[tokio::test]
async fn rows_are_not_written() -> Result {
    let (_server, db) = database().await;
    let [a, _] = filled(&db).await?;
    let overviews = db.repository::<Overview>();
    let mut overview = overviews.get(a).await?;
    overview.name = "c".into();
    let uow = db.unit_of_work();
    let says = "`pipeline_overview` is a view of the database, whose rows are only read";
    for error in [
        overviews.update(&overview).await.expect_err("an update"),
        uow.save(&overview).expect_err("a row that is saved"),
        uow.merge(&overview).expect_err("a row that is merged"),
        uow.replace(&overview).expect_err("a row that is replaced"),
    ] {
        assert!(error.is_invalid_query() && error.to_string().starts_with(says), "{error}");
    }
    // The server says it of what names no struct.
    let error = overviews.delete(a).await.expect_err("a deletion");
    assert_eq!(error.code(), Some("55000"), "{error}");
    let error = overviews.query().update(|o| o.name.set("c")).await.expect_err("an update");
    assert_eq!(error.code(), Some("55000"), "{error}");
    uow.delete(&overview)?;
    assert!(uow.commit().await.is_err());
    assert_eq!(overviews.get(a).await?.name, "a");
    Ok(())
}
