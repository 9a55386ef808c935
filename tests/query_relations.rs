//! Conditions, orders and values through relations, against a server.

mod aggregate;
mod domain;

use std::collections::BTreeMap;

use aggregate::{
    Execution, Log, NewExecution, NewLog, NewPipeline, NewStep, NewTag, NewUser, Pipeline, Step, Tag, User,
};
use persist::Sql;
use persist::prelude::*;
use persist::query::Query;
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A step that knows its pipeline.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_steps")]
struct Job {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
    #[persist(belongs_to)]
    pipeline: Pipeline,
}

/// `a` of Olga has the steps `load` and `store` and both tags; `b` of Paul has `load` and one tag; `c` has
/// nothing. `a` was executed twice, with a log the second time.
async fn filled(db: &Database) -> Result {
    let user = async |name: &str| {
        db.repository::<User>().insert(NewUser::new(format!("{name}@example.org"), name)).await
    };
    let (olga, paul) = (user("Olga").await?, user("Paul").await?);
    let tag = async |name: &str| db.repository::<Tag>().insert(NewTag::new(name)).await;
    let tags = [tag("nightly").await?, tag("slow").await?];
    let rows = [
        ("a", Some(olga.id), vec!["load", "store"], 2),
        ("b", Some(paul.id), vec!["load"], 1),
        ("c", None, vec![], 0),
    ];
    for (name, owner, steps, tagged) in rows {
        let new = NewPipeline::new(name, BTreeMap::new()).owner_id(owner);
        let pipeline = db.repository::<Pipeline>().insert(new).await?;
        for (position, step) in (1..).zip(steps) {
            db.repository::<Step>().insert(NewStep::new(pipeline.id, step).position(position)).await?;
        }
        for tag in &tags[..tagged] {
            let link = Sql::unchecked("INSERT INTO pipeline_tags (pipeline_id, tag_id) VALUES ($1, $2)");
            link.bind(pipeline.id).bind(tag.id).execute(db).await?;
        }
        for number in 1..=i32::from(name == "a") * 2 {
            let execution =
                db.repository::<Execution>().insert(NewExecution::new(pipeline.id, number)).await?;
            if number == 2 {
                db.repository::<Log>().insert(NewLog::new(execution.id, "done")).await?;
            }
        }
    }
    Ok(())
}

async fn names(query: Query<'_, Pipeline>) -> Result<Vec<String>> {
    Ok(query.order_by(|p| p.name.asc()).all().await?.into_iter().map(|p| p.name).collect())
}

#[tokio::test]
async fn asks_for_rows_on_the_other_side() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(names(p.filter(|p| p.steps.any(|s| s.name.ilike("%O%")))).await?, ["a", "b"], "each once");
    assert_eq!(names(p.filter(|p| p.steps.any(|s| s.name.eq("store")))).await?, ["a"]);
    assert_eq!(names(p.filter(|p| p.steps.none(|s| s.name.eq("store")))).await?, ["b", "c"]);
    assert_eq!(names(p.filter(|p| p.steps.all(|s| s.name.eq("load")))).await?, ["b", "c"]);
    assert_eq!(names(p.filter(|p| p.steps.exists())).await?, ["a", "b"]);
    assert_eq!(names(p.filter(|p| p.steps.is_empty())).await?, ["c"]);
    assert_eq!(names(p.filter(|p| p.steps.count().ge(1) & p.steps.count().lt(2))).await?, ["b"]);
    assert_eq!(names(p.filter(|p| p.steps.count().between(1, 2))).await?, ["a", "b"]);
    assert_eq!(names(p.filter(|p| p.steps.count_where(|s| s.position.gt(1)).eq(1))).await?, ["a"]);
    assert_eq!(names(p.filter(|p| p.steps.count().eq(p.version))).await?, ["b"], "a value beside a column");
    Ok(())
}

#[tokio::test]
async fn an_unknown_is_not_all() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    let p = db.repository::<Pipeline>();
    let pipelines = db.repository::<User>();
    assert_eq!(pipelines.count().await?, 2);
    // Nothing has started: each comparison is NULL, which is not true.
    let started = "2026-01-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?;
    let runs = db.repository::<Run>();
    assert_eq!(runs.filter(|r| r.started_at.lt(started)).count().await?, 0);
    let all = db.repository::<Line>();
    assert_eq!(
        all.filter(|p| p.runs.all(|r| r.started_at.lt(started))).count().await?,
        2,
        "those without runs"
    );
    assert_eq!(names(p.filter(|p| p.executions.all(|e| e.execution_number.gt(0)))).await?.len(), 3);
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_executions")]
struct Run {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    started_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct Line {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    #[persist(
        has_many(table = "pipeline_executions"),
        order_by = "execution_number",
        limit = 1,
        filter = "execution_number > 1"
    )]
    runs: Vec<Run>,
}

#[tokio::test]
async fn a_filter_of_the_relation_counts_and_its_limit_does_not() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    Sql::unchecked(
        "UPDATE pipeline_executions SET execution_number = execution_number + 5 WHERE execution_number = 1",
    )
    .execute(&db)
    .await?;
    let lines = db.repository::<Line>();
    let counts = lines.order_by(|l| l.name.asc()).select(|l| (l.name, l.runs.count())).all().await?;
    assert_eq!(counts, [("a".to_owned(), 2), ("b".to_owned(), 0), ("c".to_owned(), 0)]);
    Sql::unchecked("UPDATE pipeline_executions SET execution_number = 1 WHERE execution_number = 2")
        .execute(&db)
        .await?;
    assert_eq!(lines.query().select(|l| l.runs.count()).distinct().all().await?.len(), 2);
    assert_eq!(lines.filter(|l| l.runs.count().eq(1)).select(|l| l.name).all().await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn goes_through_link_tables_and_levels() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(names(p.filter(|p| p.tags.any(|t| t.name.eq("nightly")))).await?, ["a", "b"]);
    assert_eq!(names(p.filter(|p| p.tags.all(|t| t.name.eq("nightly")))).await?, ["b", "c"]);
    assert_eq!(names(p.filter(|p| p.tags.count().eq(2))).await?, ["a"]);
    assert_eq!(names(p.filter(|p| p.executions.any(|e| e.logs.exists()))).await?, ["a"]);
    assert_eq!(
        names(p.filter(|p| {
            p.executions.any(|e| e.logs.any(|l| l.message.eq("done")) & e.execution_number.eq(1))
        }))
        .await?
        .len(),
        0
    );
    // The inner condition compares with the columns of the outer ones.
    assert_eq!(
        names(p.filter(|p| p.executions.any(|e| e.logs.any(|l| l.execution_id.eq(e.id) & p.name.eq("a")))))
            .await?,
        ["a"]
    );
    assert_eq!(
        names(p.filter(|p| p.steps.any(|s| s.name.gt(p.name) & p.tags.any(|t| t.name.gt(s.name))))).await?,
        ["a", "b"]
    );
    Ok(())
}

#[tokio::test]
async fn asks_the_row_that_is_referred_to() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    let (p, jobs) = (db.repository::<Pipeline>(), db.repository::<Job>());
    assert_eq!(names(p.filter(|p| p.owner.is(|o| o.display_name.eq("Olga")))).await?, ["a"]);
    assert_eq!(names(p.filter(|p| p.owner.is_missing())).await?, ["c"]);
    assert_eq!(names(p.filter(|p| p.owner.exists())).await?, ["a", "b"]);
    assert_eq!(names(p.filter(|p| !p.owner.is(|o| o.display_name.eq("Olga")))).await?, ["b", "c"]);
    let of_olga = jobs.filter(|j| j.pipeline.is(|p| p.owner.is(|o| o.display_name.starts_with("O"))));
    assert_eq!(of_olga.order_by(|j| j.position.asc()).select(|j| j.name).all().await?, ["load", "store"]);
    assert_eq!(jobs.filter(|j| j.pipeline.is(|p| p.steps.count().gt(1))).count().await?, 2);
    assert_eq!(jobs.filter(|j| j.pipeline.get(|p| p.name).eq("b")).count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn compares_what_is_related_by_all_operators() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    let (p, jobs) = (db.repository::<Pipeline>(), db.repository::<Job>());
    assert_eq!(names(p.filter(|p| p.steps.count().in_([0, 2]))).await?, ["a", "c"]);
    assert_eq!(names(p.filter(|p| p.steps.count().not_in(vec![0, 2]))).await?, ["b"]);
    assert_eq!(names(p.filter(|p| p.owner.get(|o| o.display_name).in_(["Olga", "x"]))).await?, ["a"]);
    assert_eq!(names(p.filter(|p| p.owner.get(|o| o.display_name).like("%l%"))).await?, ["a", "b"]);
    assert_eq!(names(p.filter(|p| p.owner.get(|o| o.display_name).not_like("O%"))).await?, ["b"]);
    assert_eq!(names(p.filter(|p| p.owner.get(|o| o.display_name).ilike("o%"))).await?, ["a"]);
    assert_eq!(names(p.filter(|p| p.owner.get(|o| o.display_name).not_ilike("o%"))).await?, ["b"]);
    assert_eq!(names(p.filter(|p| p.owner.get(|o| o.display_name).starts_with("Pa"))).await?, ["b"]);
    let not_olga = p.filter(|p| p.owner.get(|o| o.display_name).is_distinct_from("Olga"));
    assert_eq!(names(not_olga).await?, ["b", "c"], "NULL is another value");
    let without =
        p.filter(|p| p.owner.get(|o| o.display_name).is_not_distinct_from(p.owner.get(|o| o.email)));
    assert_eq!(names(without).await?, ["c"], "NULL is the same value as NULL");
    let nightly = BTreeMap::from([("REGION".to_owned(), "north".to_owned())]);
    p.filter(|p| p.name.eq("a")).update(|p| p.environment_variables.set(Json(nightly.clone()))).await?;
    let keyed = jobs.filter(|j| j.pipeline.get(|p| p.environment_variables).has_key("REGION"));
    assert_eq!(keyed.count().await?, 2);
    let north = jobs.filter(|j| j.pipeline.get(|p| p.environment_variables).contains(nightly));
    assert_eq!(north.count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn sorts_and_selects_by_the_row_that_is_referred_to() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    let (p, jobs) = (db.repository::<Pipeline>(), db.repository::<Job>());
    let sorted = jobs.order_by(|j| (j.pipeline.by(|p| p.name.desc()), j.position.desc())).all().await?;
    let sorted: Vec<_> = sorted.iter().map(|j| (j.pipeline.name.as_str(), j.name.as_str())).collect();
    assert_eq!(sorted, [("b", "load"), ("a", "store"), ("a", "load")]);
    let by_owner =
        p.order_by(|p| p.owner.by(|o| o.display_name.desc()).nulls_last()).select(|p| p.name).all().await?;
    assert_eq!(by_owner, ["b", "a", "c"]);
    let owners =
        p.order_by(|p| p.name.asc()).select(|p| (p.name, p.owner.get(|o| o.display_name))).all().await?;
    let owners: Vec<_> = owners.iter().map(|(name, owner)| (name.as_str(), owner.as_deref())).collect();
    assert_eq!(owners, [("a", Some("Olga")), ("b", Some("Paul")), ("c", None)]);
    let most = p.order_by(|p| p.steps.count().desc()).limit(1).all().await?;
    assert_eq!(most[0].name, "a");
    let per_pipeline = jobs
        .query()
        .group_by(|j| j.pipeline.get(|p| p.name))
        .order_by(|j| j.id.count().desc())
        .select(|j| (j.pipeline.get(|p| p.name), j.id.count()))
        .all()
        .await?;
    assert_eq!(per_pipeline, [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    Ok(())
}

/// A row that is sorted by is joined, in whatever statement its order stands, and takes no row away.
#[tokio::test]
async fn rows_that_are_sorted_by_are_joined() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    let (p, jobs) = (db.repository::<Pipeline>(), db.repository::<Job>());
    let by_owner =
        |p: aggregate::PipelineColumns| (p.owner.by(|o| o.display_name.desc()).nulls_first(), p.name.asc());
    let sorted = p.order_by(by_owner);
    let sql = sorted.clone().limit(2).sql().concat();
    assert!(sql.contains("LEFT JOIN public.users AS s1 ON s1.id = t0.owner_id"), "{sql}");
    assert_eq!(names(sorted.clone().limit(2)).await?, ["c", "b"]);
    assert_eq!(names(sorted.clone().offset(1)).await?, ["b", "a"]);
    assert_eq!(names(sorted.clone().limit(2).for_update()).await?, ["c", "b"]);
    assert_eq!(sorted.clone().select(|p| p.name).first().await?.as_deref(), Some("c"));
    let (mut rows, mut streamed) = (sorted.clone().stream(), Vec::new());
    while let Some(pipeline) = rows.try_next().await? {
        streamed.push(pipeline.name);
    }
    assert_eq!(streamed, ["c", "b", "a"]);
    let (mut paged, mut request) = (Vec::new(), PageRequest::first(1));
    loop {
        let page = sorted.clone().page(request).await?;
        paged.extend(page.items.into_iter().map(|pipeline| pipeline.name));
        let Some(next) = page.next else { break };
        request = PageRequest::first(1).after(next);
    }
    assert_eq!(paged, ["c", "b", "a"]);

    // A row two steps away; a second order of the same row; a computed value, which is NULL where there is no row.
    let far = jobs.order_by(|j| {
        let owner = |j: JobColumns| j.pipeline.get(|p| p.owner.get(|o| o.display_name));
        (owner(j).desc(), j.pipeline.by(|p| p.name.asc()), j.position.asc())
    });
    let sql = far.clone().limit(9).sql().concat();
    assert!(
        sql.contains("AS s1 ON s1.id = t0.pipeline_id LEFT JOIN public.users AS s2 ON s2.id = s1.owner_id"),
        "{sql}"
    );
    let found = far.limit(9).select(|j| (j.pipeline.get(|p| p.name), j.position)).all().await?;
    let found: Vec<_> = found.iter().map(|(name, position)| (name.as_str(), *position)).collect();
    assert_eq!(found, [("b", 1), ("a", 1), ("a", 2)]);
    let computed = p.order_by(|p| p.owner.get(|o| o.display_name.greatest("")).desc().nulls_first());
    assert_eq!(names(computed.limit(3)).await?, ["c", "b", "a"]);

    let groups =
        p.query().group_by(|p| p.owner.get(|o| o.email)).order_by(|p| p.owner.get(|o| o.email).desc());
    assert_eq!(groups.select(|p| p.id.count()).all().await?, [1, 1, 1]);
    let distinct = sorted.select(|p| (p.owner.get(|o| o.display_name), p.name)).distinct().all().await?;
    let names: Vec<_> = distinct.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["c", "b", "a"]);
    let last = p.order_by(|p| p.owner.by(|o| o.email.asc()).nulls_last()).limit(1);
    assert_eq!(last.clone().update(|p| p.is_active.set(false)).await?, 1);
    let deleted = last.delete().returning().select(|p| (p.name, p.is_active)).await?;
    assert_eq!(deleted, [("a".to_owned(), false)]);
    Ok(())
}

#[tokio::test]
async fn writes_rows_by_their_relations() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(p.filter(|p| p.steps.is_empty()).update(|p| p.is_active.set(false)).await?, 1);
    assert_eq!(names(p.filter(|p| p.is_active.eq(false))).await?, ["c"]);
    let olgas = p.filter(|p| p.owner.is(|o| o.display_name.eq("Olga")));
    assert_eq!(olgas.order_by(|p| p.steps.count().desc()).limit(1).delete().await?, 1);
    assert_eq!(names(p.query()).await?, ["b", "c"]);
    Ok(())
}

#[tokio::test]
async fn a_shape_is_prepared_once_whatever_its_values() -> Result {
    let (server, _) = domain::database().await;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    let jobs = db.repository::<Job>();
    for number in 0..100 {
        let name = format!("step {number}");
        jobs.filter(|j| {
            j.name.eq(&name)
                & j.pipeline.is(|p| p.steps.any(|s| s.position.gt(number)) & p.tags.count().lt(3))
        })
        .order_by(|j| (j.pipeline.by(|p| p.name.asc()), j.position.desc()))
        .limit(10)
        .offset(number.unsigned_abs().into())
        .select(|j| (j.name, j.pipeline.get(|p| p.name)))
        .all()
        .await?;
    }
    let kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%pipeline_steps AS t0%'";
    assert_eq!(Sql::unchecked(kept).all::<i64>(&db).await?, [1]);
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedules")]
struct Schedule {
    #[persist(id)]
    pipeline_id: Uuid,
    #[persist(id)]
    slot: i16,
    cron: String,
    #[persist(has_many, order_by = "due_at")]
    runs: Vec<ScheduleRun>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedule_runs")]
struct ScheduleRun {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    slot: i16,
    due_at: chrono::DateTime<chrono::Utc>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
struct Category {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    #[persist(has_many, order_by = "position, name")]
    children: Vec<Category>,
}

#[tokio::test]
async fn goes_over_keys_of_two_columns_and_down_a_tree() -> Result {
    let (_server, db) = domain::database().await;
    filled(&db).await?;
    Sql::unchecked("INSERT INTO schedules (pipeline_id, slot, cron) SELECT id, n, 'c' || n FROM pipelines, generate_series(0, 2) n")
        .execute(&db)
        .await?;
    Sql::unchecked(
        "INSERT INTO schedule_runs (id, pipeline_id, slot, due_at)
         SELECT gen_random_uuid(), pipeline_id, slot, now() FROM schedules, generate_series(1, slot)",
    )
    .execute(&db)
    .await?;
    let schedules = db.repository::<Schedule>();
    let counts = schedules.query().order_by(|s| s.slot.asc()).select(|s| (s.slot, s.runs.count())).distinct();
    assert_eq!(counts.all().await?, [(0, 0), (1, 1), (2, 2)], "neither column alone finds them");
    assert_eq!(schedules.filter(|s| s.runs.any(|r| r.slot.eq(s.slot))).count().await?, 6);

    let category = |id: u128, parent: Option<u128>| {
        Sql::unchecked("INSERT INTO categories (id, parent_id, name) VALUES ($1, $2, $3)")
            .bind(Uuid::from_u128(id))
            .bind(parent.map(Uuid::from_u128))
            .bind(format!("c{id}"))
    };
    for (id, parent) in [(1, None), (2, Some(1)), (3, Some(2))] {
        category(id, parent).execute(&db).await?;
    }
    let categories = db.repository::<Category>();
    let above = |name: &'static str| categories.filter(move |c| c.children.any(|child| child.name.eq(name)));
    assert_eq!(above("c3").select(|c| c.name).all().await?, ["c2"], "its parent only");
    let two_levels = categories.filter(|c| c.children.any(|child| child.children.exists()));
    assert_eq!(two_levels.select(|c| c.name).all().await?, ["c1"]);
    Ok(())
}
