//! Relations that are declared for conditions only: against a server, whatever leads back to whatever.

use std::collections::BTreeMap;
use std::time::Duration;

use persist::Sql;
use persist::prelude::*;
use persist::query::Query;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// All of its paths lead to structs that lead back.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(
    table = "pipelines",
    filter_by(owner: Option<User>, belongs_to),
    filter_by(steps: Vec<Step>, has_many),
    filter_by(enabled: Vec<Step>, has_many(table = "pipeline_steps", foreign_key = "pipeline_id"), filter = "enabled")
)]
#[persist(filter_by(tags: Vec<Tag>, many_to_many(through = "pipeline_tags")))]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    is_active: bool,
    owner_id: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_steps", filter_by(pipeline: Pipeline, belongs_to))]
#[persist(filter_by(after: Option<Box<Step>>, belongs_to(foreign_key = "depends_on")))]
#[persist(filter_by(dependents: Vec<Step>, has_many))]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
    enabled: bool,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(
    table = "users",
    filter_by(pipelines: Vec<Pipeline>, has_many),
    filter_by(account: Option<Account>, has_one(table = "billing.accounts"))
)]
struct User {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "billing.accounts", filter_by(owner: User, belongs_to))]
struct Account {
    #[persist(id)]
    id: Uuid,
    number: String,
    owner_id: Uuid,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "tags", filter_by(pipelines: Vec<Pipeline>, many_to_many(through = "pipeline_tags")))]
struct Tag {
    #[persist(id)]
    id: Uuid,
    name: String,
}

/// By a key of two columns.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedules", filter_by(pipeline: Pipeline, belongs_to), filter_by(runs: Vec<ScheduleRun>, has_many))]
struct Schedule {
    #[persist(id)]
    pipeline_id: Uuid,
    #[persist(id)]
    slot: i16,
    cron: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedule_runs", filter_by(schedule: Schedule, belongs_to))]
struct ScheduleRun {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    slot: i16,
    due_at: chrono::DateTime<chrono::Utc>,
}

/// A relation that is loaded, of a view with a path of its own.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct Board {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    #[persist(has_many(table = "pipeline_steps"), order_by = "position")]
    steps: Vec<Card>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Step, table = "pipeline_steps", filter_by(after: Option<Card>, belongs_to(foreign_key = "depends_on")))]
struct Card {
    name: String,
}

/// `a` of Olga, who has an account, has the steps `load`, and `store` after it, which is not enabled, and both
/// tags; `b` of Paul has `load` and one tag; `c` has nothing.
async fn filled() -> Result<(TestDatabase, Proxy, Database)> {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    // With some latency an answer cannot come between two writes and hide that they were two.
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    let user = async |name: &str| {
        db.repository::<User>().insert(NewUser::new(format!("{name}@example.org"), name)).await
    };
    let (olga, paul) = (user("Olga").await?, user("Paul").await?);
    db.repository::<Account>().insert(NewAccount::new("17", olga.id)).await?;
    let tag = async |name: &str| db.repository::<Tag>().insert(NewTag::new(name)).await;
    let tags = [tag("nightly").await?, tag("slow").await?];
    let rows = [("a", Some(olga.id), 2, 2), ("b", Some(paul.id), 1, 1), ("c", None, 0, 0)];
    for (name, owner, steps, tagged) in rows {
        let new = NewPipeline::new(name, BTreeMap::new()).owner_id(owner);
        let pipeline = db.repository::<Pipeline>().insert(new).await?;
        for (position, step) in (1..).zip(["load", "store"]).take(steps) {
            let new = NewStep::new(pipeline.id, step).position(position).enabled(position == 1);
            db.repository::<Step>().insert(new).await?;
        }
        for tag in &tags[..tagged] {
            let link = Sql::unchecked("INSERT INTO pipeline_tags (pipeline_id, tag_id) VALUES ($1, $2)");
            link.bind(pipeline.id).bind(tag.id).execute(&db).await?;
        }
    }
    let after = "UPDATE pipeline_steps AS s SET depends_on = l.id FROM pipeline_steps AS l \
                 WHERE s.pipeline_id = l.pipeline_id AND s.name = 'store' AND l.name = 'load'";
    Sql::unchecked(after).execute(&db).await?;
    Ok((server, proxy, db))
}

async fn names(query: Query<'_, Pipeline>) -> Result<Vec<String>> {
    Ok(query.order_by(|p| p.name.asc()).all().await?.into_iter().map(|p| p.name).collect())
}

#[tokio::test]
async fn each_kind_of_path_is_a_condition() -> Result {
    let (_server, _proxy, db) = filled().await?;
    let p = db.repository::<Pipeline>();
    assert_eq!(names(p.filter(|p| p.steps.any(|s| s.name.ilike("%O%")))).await?, ["a", "b"], "each once");
    assert_eq!(names(p.filter(|p| p.steps.none(|s| s.name.eq("store")))).await?, ["b", "c"]);
    assert_eq!(names(p.filter(|p| p.steps.all(|s| s.name.eq("load")))).await?, ["b", "c"]);
    assert_eq!(names(p.filter(|p| p.steps.exists())).await?, ["a", "b"]);
    assert_eq!(names(p.filter(|p| p.steps.is_empty())).await?, ["c"]);
    assert_eq!(names(p.filter(|p| p.steps.count().gt(p.enabled.count()))).await?, ["a"], "its own filter");
    assert_eq!(names(p.filter(|p| p.enabled.any(|s| s.name.eq("store")))).await?, Vec::<String>::new());
    assert_eq!(names(p.filter(|p| p.steps.count_where(|s| s.position.gt(1)).eq(1))).await?, ["a"]);
    assert_eq!(names(p.filter(|p| p.owner.is(|o| o.display_name.eq("Paul")))).await?, ["b"]);
    assert_eq!(names(p.filter(|p| p.owner.is_missing())).await?, ["c"]);
    assert_eq!(names(p.filter(|p| p.tags.any(|t| t.name.eq("slow")))).await?, ["a"]);
    assert_eq!(names(p.filter(|p| p.tags.count().eq(1))).await?, ["b"]);
    let users = db.repository::<User>();
    let with_account = users.filter(|u| u.account.is(|a| a.number.eq("17"))).select(|u| u.display_name);
    assert_eq!(with_account.all().await?, ["Olga"]);
    assert_eq!(users.filter(|u| !u.account.exists()).count().await?, 1);
    let tags = db.repository::<Tag>();
    assert_eq!(tags.filter(|t| t.pipelines.all(|p| p.name.eq("a"))).select(|t| t.name).one().await?, "slow");
    Ok(())
}

#[tokio::test]
async fn paths_lead_back_and_on() -> Result {
    let (_server, _proxy, db) = filled().await?;
    let p = db.repository::<Pipeline>();
    // From a pipeline by its owner back to pipelines, and by their steps to those after them.
    let led_back = p.filter(|p| {
        p.owner.is(|o| {
            o.pipelines.any(|other| {
                other.id.eq(p.id) & other.steps.any(|s| s.dependents.any(|d| d.after.is(|a| a.id.eq(s.id))))
            })
        })
    });
    assert_eq!(names(led_back).await?, ["a"]);
    let steps = db.repository::<Step>();
    let named = steps.filter(|s| s.after.is(|a| a.pipeline.is(|p| p.owner.is(|o| o.account.exists()))));
    assert_eq!(named.select(|s| s.name).all().await?, ["store"]);
    let listed = steps
        .order_by(|s| (s.dependents.count().desc(), s.pipeline.by(|p| p.name.desc()), s.position.asc()))
        .select(|s| (s.name, s.pipeline.get(|p| p.name), s.after.get(|a| a.name)))
        .all()
        .await?;
    let row = |step: &str, pipeline: &str, after: Option<&str>| {
        (step.to_owned(), pipeline.to_owned(), after.map(str::to_owned))
    };
    assert_eq!(listed, [row("load", "a", None), row("load", "b", None), row("store", "a", Some("load"))]);
    // By both columns of a key.
    let (schedules, runs) = (db.repository::<Schedule>(), db.repository::<ScheduleRun>());
    let a = p.filter(|p| p.name.eq("a")).select(|p| p.id).one().await?;
    for slot in [1, 2] {
        schedules.insert(NewSchedule::new(a, slot, "@daily")).await?;
    }
    runs.insert(NewScheduleRun::new(a, 2, chrono::DateTime::UNIX_EPOCH)).await?;
    let run = schedules.filter(|s| s.runs.exists()).select(|s| s.slot).all().await?;
    assert_eq!(run, [2]);
    let others = schedules.filter(|s| s.runs.none(|r| r.schedule.is(|s| s.slot.eq(2))));
    assert_eq!(others.select(|s| s.slot).all().await?, [1]);
    // Of a view, as the struct of a relation that is loaded.
    let boards = db.repository::<Board>();
    let found = boards.filter(|b| b.steps.any(|s| s.after.is(|a| a.name.eq("load")))).one().await?;
    assert_eq!((found.name.as_str(), found.steps.len()), ("a", 2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_loaded_for_a_path() -> Result {
    let (_server, proxy, db) = filled().await?;
    let p = db.repository::<Pipeline>();
    let query = || p.filter(|p| p.steps.exists() & p.owner.exists()).order_by(|p| p.steps.count().desc());
    let sql = query().sql();
    let [only] = sql.as_slice() else { panic!("one statement, not {sql:?}") };
    assert_eq!(only.matches("public.pipeline_steps").count(), 2, "a condition and an order: {only}");
    assert_eq!((only.matches("public.users").count(), only.matches("JOIN").count()), (1, 0), "{only}");
    for _cold_then_warm in 0..2 {
        let found = assert_round_trips!(proxy, 1, query().all().await?);
        assert_eq!(found.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
    // What is written asks for nothing, and a path to a step does not make a pipeline one that must have them.
    let new = || NewPipeline::new(Uuid::now_v7().to_string(), BTreeMap::new());
    for _cold_then_warm in 0..2 {
        let inserted = assert_round_trips!(proxy, 1, p.insert(new()).await?);
        let uow = db.unit_of_work();
        uow.save(&Pipeline { is_active: false, ..inserted })?;
        uow.commit().await?;
    }
    let first = query().page(PageRequest::first(1)).await?;
    let next = assert_round_trips!(proxy, 1, query().page(PageRequest::first(1).after(first.next)).await?);
    assert_eq!(next.items.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["b"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_and_deletions_take_paths() -> Result {
    let (_server, proxy, db) = filled().await?;
    let (p, steps) = (db.repository::<Pipeline>(), db.repository::<Step>());
    let tagged = p.filter(|p| p.tags.any(|t| t.name.eq("slow")));
    let changed = assert_round_trips!(proxy, 1, tagged.update(|p| p.is_active.set(false)).returning().await?);
    assert_eq!(changed.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["a"]);
    let of_inactive = steps.filter(|s| s.pipeline.is(|p| p.is_active.eq(false)) & s.after.exists());
    assert_eq!(assert_round_trips!(proxy, 1, of_inactive.delete().await?), 1);
    assert_eq!(names(p.filter(|p| p.steps.count().eq(1))).await?, ["a", "b"]);
    // A relation of many rows that is a field could not come back with what is deleted.
    let deleted = p.filter(|p| p.steps.is_empty()).delete().returning();
    assert_eq!(assert_round_trips!(proxy, 1, deleted.await?).len(), 1);
    p.insert(NewPipeline::new("d", BTreeMap::new())).await?;
    let uow = db.unit_of_work();
    uow.delete_where::<Step>(|s| s.pipeline.is(|p| p.owner.is(|o| o.display_name.eq("Paul"))));
    uow.update_where::<Pipeline>(|p| p.tags.is_empty(), |p| p.name.set("untagged"))?;
    uow.commit().await?;
    assert_eq!(names(p.filter(|p| p.steps.is_empty())).await?, ["b", "untagged"]);
    Ok(())
}
