//! Every operator and every end of a query, against a server.

mod domain;

use std::collections::BTreeMap;

use domain::{
    Execution, ExecutionStatus, NewExecution, NewPipeline, NewPlugin, Pipeline, PipelineColumns, Plugin,
    PluginType, database,
};
use persist::prelude::*;
use persist::query::{Predicate, Query};
use serde_json::json;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Pipelines `alpha`, `beta` (described), `gamma` (described, off) and `100%_\` (off).
async fn pipelines(db: &Database) -> Result {
    let pipelines = db.repository::<Pipeline>();
    pipelines.insert(NewPipeline::new("alpha", BTreeMap::new())).await?;
    pipelines.insert(NewPipeline::new("beta", BTreeMap::new()).description("second")).await?;
    pipelines
        .insert(NewPipeline::new("gamma", BTreeMap::new()).description("third").is_active(false))
        .await?;
    pipelines.insert(NewPipeline::new(r"100%_\", BTreeMap::new()).is_active(false)).await?;
    Ok(())
}

async fn names(query: Query<'_, Pipeline>) -> Result<Vec<String>> {
    Ok(query.order_by(|p| p.name.asc()).all().await?.into_iter().map(|p| p.name).collect())
}

#[tokio::test]
async fn compares() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(names(p.filter(|p| p.name.eq("beta"))).await?, ["beta"]);
    assert_eq!(names(p.filter(|p| p.name.eq(String::from("beta")))).await?, ["beta"]);
    assert_eq!(names(p.filter(|p| p.name.ge("alpha") & p.name.lt("gamma"))).await?, ["alpha", "beta"]);
    assert_eq!(
        names(p.filter(|p| p.name.gt("beta") | p.name.le("alpha"))).await?,
        [r"100%_\", "alpha", "gamma"]
    );
    assert_eq!(names(p.filter(|p| p.name.between("alpha", "beta"))).await?, ["alpha", "beta"]);
    assert_eq!(
        names(p.filter(|p| p.name.eq(p.name) & p.version.eq(1) & p.is_active.eq(true))).await?.len(),
        2
    );
    assert_eq!(names(p.filter(|p| !(p.is_active.eq(true) | p.name.eq("gamma")))).await?, [r"100%_\"]);
    Ok(())
}

#[tokio::test]
async fn treats_null_as_sql_does() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(names(p.filter(|p| p.description.is_null())).await?, [r"100%_\", "alpha"]);
    assert_eq!(names(p.filter(|p| p.description.is_not_null())).await?, ["beta", "gamma"]);
    assert_eq!(names(p.filter(|p| p.description.ne("second"))).await?, ["gamma"]);
    assert_eq!(names(p.filter(|p| !p.description.eq("second"))).await?, ["gamma"]);
    assert_eq!(names(p.filter(|p| p.description.is_distinct_from("second"))).await?.len(), 3);
    assert_eq!(names(p.filter(|p| p.description.is_not_distinct_from("second"))).await?, ["beta"]);
    assert_eq!(names(p.filter(|p| p.description.not_in(["second"]))).await?, ["gamma"]);
    for (value, equal, others) in [
        (Some("second"), vec!["beta"], vec!["gamma"]),
        (None, vec![r"100%_\", "alpha"], vec!["beta", "gamma"]),
    ] {
        let value: Option<String> = value.map(str::to_owned);
        assert_eq!(names(p.filter(|p| p.description.eq(&value))).await?, equal);
        assert_eq!(names(p.filter(|p| p.description.ne(value))).await?, others);
    }
    assert_eq!(names(p.filter(|p| p.description.eq(None))).await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn looks_into_lists() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    let ids: Vec<_> = p.all().await?.iter().map(|p| p.id).collect();
    assert_eq!(names(p.filter(|p| p.name.in_(["beta", "delta"]))).await?, ["beta"]);
    assert_eq!(names(p.filter(|p| p.name.not_in(vec!["beta", "gamma"]))).await?, [r"100%_\", "alpha"]);
    assert_eq!(names(p.filter(|p| p.id.in_(&ids))).await?.len(), 4);
    assert_eq!(names(p.filter(|p| p.id.in_([] as [uuid::Uuid; 0]))).await?.len(), 0);
    assert_eq!(names(p.filter(|p| p.id.not_in([] as [uuid::Uuid; 0]))).await?.len(), 4);
    let set: std::collections::BTreeSet<uuid::Uuid> = ids.iter().copied().take(2).collect();
    assert_eq!(names(p.filter(|p| p.id.in_(&set))).await?.len(), 2);
    assert_eq!(names(p.filter(|p| p.id.in_(ids.iter().skip(1)))).await?.len(), 3);
    assert_eq!(
        names(p.filter(|p| p.name.in_(["beta", "gamma"].iter().copied().map(str::to_owned)))).await?.len(),
        2
    );
    let many: Vec<uuid::Uuid> = (0..100_000).map(|_| uuid::Uuid::now_v7()).chain(ids.clone()).collect();
    assert_eq!(names(p.filter(|p| p.id.in_(&many))).await?.len(), 4);
    Ok(())
}

#[tokio::test]
async fn matches_text() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(names(p.filter(|p| p.name.like("%a"))).await?, ["alpha", "beta", "gamma"]);
    assert_eq!(names(p.filter(|p| p.name.ilike("B_TA"))).await?, ["beta"]);
    assert_eq!(names(p.filter(|p| p.name.starts_with("100%_"))).await?, [r"100%_\"]);
    assert_eq!(names(p.filter(|p| p.name.starts_with("%"))).await?.len(), 0);
    assert_eq!(names(p.filter(|p| p.name.contains("%_"))).await?, [r"100%_\"]);
    assert_eq!(names(p.filter(|p| p.name.ends_with(r"_\"))).await?, [r"100%_\"]);
    for nothing in ["_0", "0%_%", r"\%", "A"] {
        assert_eq!(
            names(p.filter(|p| p.name.contains(nothing) | p.name.ends_with(nothing))).await?.len(),
            0,
            "{nothing}"
        );
    }
    assert_eq!(names(p.filter(|p| p.name.contains(""))).await?.len(), 4);
    assert_eq!(names(p.filter(|p| p.name.contains_ci("ET"))).await?, ["beta"]);
    assert_eq!(names(p.filter(|p| p.name.starts_with_ci("AL"))).await?, ["alpha"]);
    assert_eq!(
        names(p.filter(|p| p.name.ends_with_ci("MA") & p.description.contains_ci("HIR"))).await?,
        ["gamma"]
    );
    assert_eq!(names(p.filter(|p| p.description.like("s%"))).await?, ["beta"]);
    assert_eq!(names(p.filter(|p| p.description.not_like("s%"))).await?, ["gamma"]);
    assert_eq!(names(p.filter(|p| p.description.not_ilike("S%"))).await?, ["gamma"]);
    Ok(())
}

#[tokio::test]
async fn joins_lists_of_conditions() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    let has = |words: &'static [&str]| {
        move |p: PipelineColumns| words.iter().map(move |word| p.name.contains(*word))
    };
    assert_eq!(names(p.filter(|p| Predicate::all(has(&["a", "t"])(p)))).await?, ["beta"]);
    assert_eq!(names(p.filter(|p| Predicate::any(has(&["et", "ph"])(p)))).await?, ["alpha", "beta"]);
    assert_eq!(names(p.filter(|_| Predicate::all([]))).await?.len(), 4);
    assert_eq!(names(p.filter(|_| Predicate::any([]))).await?.len(), 0);
    assert_eq!(
        names(p.filter(|p| !Predicate::any([]) & Predicate::any(has(&["100"])(p)))).await?,
        [r"100%_\"]
    );
    Ok(())
}

#[tokio::test]
async fn looks_into_arrays_documents_and_enums() -> Result {
    let (_server, db) = database().await;
    let plugins = db.repository::<Plugin>();
    let new = |name: &str, ty, capabilities: &[&str], configuration| {
        let capabilities: Vec<String> = capabilities.iter().map(|c| (*c).to_owned()).collect();
        NewPlugin::new(name, "1.0", ty).capabilities(capabilities).configuration(Json(configuration))
    };
    plugins
        .insert(new("csv", PluginType::Source, &["read", "stream"], json!({"path": "a", "n": [1, 2]})))
        .await?;
    plugins.insert(new("s3", PluginType::Sink, &["write"], json!({"path": "b"}))).await?;
    plugins.insert(new("plain", PluginType::Transform, &[], json!({}))).await?;
    let found = async |query: Query<'_, Plugin>| -> Result<Vec<String>> {
        Ok(query.order_by(|p| p.plugin_type.asc()).all().await?.into_iter().map(|p| p.name).collect())
    };
    assert_eq!(found(plugins.query()).await?, ["csv", "plain", "s3"], "in the order of the labels");
    assert_eq!(found(plugins.filter(|p| p.capabilities.contains(["read"]))).await?, ["csv"]);
    assert_eq!(found(plugins.filter(|p| p.capabilities.overlaps(["read", "write"]))).await?, ["csv", "s3"]);
    assert_eq!(found(plugins.filter(|p| p.capabilities.contained_by(["write"]))).await?, ["plain", "s3"]);
    assert_eq!(found(plugins.filter(|p| p.configuration.contains(json!({"n": [2]})))).await?, ["csv"]);
    assert_eq!(found(plugins.filter(|p| p.configuration.has_key("path"))).await?, ["csv", "s3"]);
    assert_eq!(found(plugins.filter(|p| p.plugin_type.eq(PluginType::Sink))).await?, ["s3"]);
    let ends = [PluginType::Source, PluginType::Sink];
    assert_eq!(found(plugins.filter(|p| p.plugin_type.in_(ends))).await?, ["csv", "s3"]);
    assert_eq!(found(plugins.filter(|p| p.plugin_type.gt(PluginType::Source))).await?, ["plain", "s3"]);
    Ok(())
}

#[tokio::test]
async fn filters_by_what_may_be_missing() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    let named = |name: Option<&'static str>| p.filter_some(name, |p, name| p.name.eq(name));
    assert_eq!(names(named(Some("beta"))).await?, ["beta"]);
    assert_eq!(names(named(None)).await?.len(), 4);
    fn active(p: PipelineColumns) -> Predicate {
        p.is_active.eq(true)
    }
    assert_eq!(names(p.filter(active)).await?, ["alpha", "beta"]);
    Ok(())
}

#[tokio::test]
async fn sorts_and_cuts() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    let by = async |query: Query<'_, Pipeline>| -> Result<Vec<String>> {
        Ok(query.all().await?.into_iter().map(|p| p.name).collect())
    };
    assert_eq!(by(p.order_by(|p| p.name.desc()).limit(2)).await?, ["gamma", "beta"]);
    assert_eq!(by(p.order_by(|p| p.name.desc()).offset(1).limit(1)).await?, ["beta"]);
    assert_eq!(
        by(p.order_by(|p| (p.is_active.desc(), p.name.desc())).limit(3)).await?,
        ["beta", "alpha", "gamma"]
    );
    assert_eq!(
        by(p.order_by(|p| [p.description.asc().nulls_first(), p.name.asc()]).limit(1)).await?,
        [r"100%_\"]
    );
    assert_eq!(by(p.order_by(|p| p.description.desc().nulls_last()).limit(1)).await?, ["gamma"]);
    // Keys of version 7 sort by the time of their making.
    assert_eq!(by(p.query().limit(1)).await?, ["alpha"]);
    assert_eq!(by(p.query().limit(0)).await?.len(), 0);
    assert_eq!(p.query().first().await?.map(|p| p.name).as_deref(), Some("alpha"));
    assert_eq!(p.filter(|p| p.name.eq("none")).first().await?, None);
    Ok(())
}

#[tokio::test]
async fn one_is_exactly_one() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(p.filter(|p| p.name.eq("beta")).one().await?.name, "beta");
    let none = p.filter(|p| p.name.eq("none")).one().await.expect_err("there is none");
    assert!(none.is_not_found(), "{none}");
    let several = p.filter(|p| p.is_active.eq(true)).one().await.expect_err("there are two");
    assert!(several.is_too_many_rows(), "{several}");
    Ok(())
}

#[tokio::test]
async fn counts() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(p.count().await?, 4);
    assert_eq!(p.filter(|p| p.is_active.eq(true)).count().await?, 2);
    assert_eq!(p.query().limit(3).count().await?, 3);
    assert_eq!(p.query().offset(3).count().await?, 1);
    assert!(p.filter(|p| p.name.eq("beta")).exists().await?);
    assert!(!p.filter(|p| p.name.eq("none")).exists().await?);
    assert!(!p.query().offset(4).exists().await?);
    Ok(())
}

#[tokio::test]
async fn changes_many_rows() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(p.filter(|p| p.is_active.eq(false)).update(|p| p.description.set("off")).await?, 2);
    let gamma = p.filter(|p| p.name.eq("gamma")).one().await?;
    assert_eq!((gamma.description.as_deref(), gamma.version), (Some("off"), 2), "the version moves too");
    assert!(gamma.updated_at > gamma.created_at);
    let changed =
        p.filter(|p| p.name.eq("beta")).update(|p| (p.description.set(None), p.name.set("delta"))).await?;
    assert_eq!(changed, 1);
    assert_eq!(p.filter(|p| p.name.eq("delta")).one().await?.description, None);
    assert_eq!(p.order_by(|p| p.name.desc()).limit(1).update(|p| p.name.set("omega")).await?, 1);
    assert!(p.filter(|p| p.name.eq("omega") & p.description.eq("off")).exists().await?);
    let nothing: [persist::query::Assignment; 0] = [];
    assert!(p.query().update(|_| nothing).await.is_err_and(|error| error.is_invalid_query()));
    assert_eq!(p.query().offset(3).delete().await?, 1);
    assert_eq!(p.query().delete().await?, 3);
    assert_eq!(p.count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn changes_rows_of_enums() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let pipeline = db.repository::<Pipeline>().query().first().await?.expect("there are four");
    let executions = db.repository::<Execution>();
    for number in 1..=3 {
        executions.insert(NewExecution::new(pipeline.id, number)).await?;
    }
    let pending =
        executions.filter(|e| e.status.eq(ExecutionStatus::Pending)).order_by(|e| e.execution_number.asc());
    assert_eq!(pending.limit(2).skip_locked().update(|e| e.status.set(ExecutionStatus::Running)).await?, 2);
    assert_eq!(executions.filter(|e| e.status.ne(ExecutionStatus::Pending)).count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn workers_never_take_the_same_row() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let workers = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let active = db.repository::<Pipeline>().filter(|p| p.is_active.eq(true));
            active.limit(1).update(|p| p.is_active.set(false)).await
        })
    });
    let mut taken = 0;
    for worker in workers.collect::<Vec<_>>() {
        taken += worker.await??;
    }
    let versions: Vec<i64> = db.repository::<Pipeline>().all().await?.iter().map(|p| p.version).collect();
    assert!(versions.iter().all(|version| *version <= 2), "a row was taken twice: {versions:?}");
    assert_eq!(taken, versions.iter().filter(|version| **version == 2).count() as u64);
    assert!(taken >= 1);
    Ok(())
}

#[tokio::test]
async fn leaves_locked_rows_out_or_waits_for_them() -> Result {
    let (server, db) = database().await;
    pipelines(&db).await?;
    let other = server.client().await;
    other.batch_execute("BEGIN; SELECT FROM pipelines WHERE name = 'alpha' FOR UPDATE").await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(names(p.query().for_update().skip_locked()).await?, [r"100%_\", "beta", "gamma"]);
    let waiting = names(p.filter(|p| p.name.eq("alpha")).for_update());
    let freeing = async {
        // The waiting session shows in the server's own view, whatever the machine's speed.
        while other
            .query_one("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'", &[])
            .await?
            .get::<_, i64>(0)
            == 0
        {}
        other.batch_execute("COMMIT").await.map_err(Box::<dyn std::error::Error>::from)
    };
    let (waited, freed) = tokio::join!(waiting, freeing);
    freed?;
    assert_eq!(waited?, ["alpha"]);
    Ok(())
}

#[tokio::test]
async fn never_prints_values() -> Result {
    let (_server, db) = database().await;
    let mut shown = String::new();
    let query = db.repository::<Pipeline>().filter(|p| {
        let predicate = p.name.eq("secret") & p.description.in_(["secret"]);
        shown = format!("{predicate:?}");
        predicate
    });
    drop(query);
    assert_eq!(shown, "Predicate((t0.name = $1 AND t0.description = ANY ($2)))");
    Ok(())
}

#[tokio::test]
async fn a_query_is_shown_and_run_again() -> Result {
    let (_server, db) = database().await;
    pipelines(&db).await?;
    let query = db.repository::<Pipeline>().filter(|p| p.name.eq("secret"));
    let shown = format!("{query:?} {}", query.sql().join(";"));
    assert!(shown.contains("WHERE t0.name = $1") && !shown.contains("secret"), "{shown}");
    assert_eq!((query.clone().count().await?, query.all().await?.len()), (0, 0));
    let found: Option<(i64,)> =
        persist::Sql::unchecked("SELECT count(*) FROM pipelines WHERE name = $1 OR description = $2")
            .bind("alpha")
            .bind(None::<&str>)
            .first(&db)
            .await?;
    assert_eq!(found, Some((1,)));
    // What `main` prints of an error.
    let error =
        persist::Sql::unchecked("SELECT 1 FROM nothing").execute(&db).await.expect_err("no such table");
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(format!("{error:#?}").contains("Server"), "{error:#?}");
    Ok(())
}
