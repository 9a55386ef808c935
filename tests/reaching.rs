//! Values of rows that are reached through relations, one step away or two: selected, compared, sorted by, in pages.

use std::collections::BTreeMap;

use persist::prelude::*;
use persist_testkit::TestDatabase;
use rust_decimal::Decimal;
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, Repository)]
#[persist(table = "users", filter_by(pipelines: Vec<Pipeline>, has_many))]
struct User {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
}

#[derive(Debug, Clone, Repository)]
#[persist(
    table = "pipelines",
    filter_by(owner: Option<User>, belongs_to),
    filter_by(executions: Vec<Execution>, has_many),
    filter_by(steps: Vec<Step>, has_many)
)]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    owner_id: Option<Uuid>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_steps", filter_by(pipeline: Pipeline, belongs_to))]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    name: String,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_executions", filter_by(pipeline: Pipeline, belongs_to), filter_by(logs: Vec<Log>, has_many))]
struct Execution {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    status: Status,
    cost: Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "execution_status")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "execution_logs", filter_by(execution: Execution, belongs_to))]
struct Log {
    #[persist(id)]
    id: i64,
    execution_id: Uuid,
    message: String,
}

/// What each pipeline has cost; some of it is computed by the view.
#[derive(Debug, PartialEq, View)]
#[persist(of = Pipeline)]
struct Bill {
    name: String,
    #[persist(sum = "pipeline_executions.cost", filter = "status = 'succeeded'")]
    cost: Option<Decimal>,
    #[persist(count = "pipeline_executions")]
    runs: i64,
    #[persist(max = "pipeline_executions.status")]
    last_status: Option<Status>,
    #[persist(sql = "upper(name)")]
    loud: String,
}

const ROWS: &str = "
    INSERT INTO users (id, email, display_name)
    SELECT gen_random_uuid(), name || '@example.org', name FROM unnest(ARRAY['Anna', 'Bert']) AS name;
    INSERT INTO pipelines (id, name, environment_variables, owner_id)
    SELECT gen_random_uuid(), name, '{}', (SELECT id FROM users WHERE display_name = owner)
    FROM (VALUES ('hourly', 'Anna'), ('nightly', 'Bert'), ('weekly', 'Bert'), ('yearly', NULL)) AS p (name, owner);
    INSERT INTO pipeline_steps (id, pipeline_id, position, name)
    SELECT gen_random_uuid(), id, 1, 'load' FROM pipelines;
    INSERT INTO pipeline_executions (id, pipeline_id, execution_number, status, cost)
    SELECT gen_random_uuid(), p.id, number, status::execution_status, cost
    FROM pipelines AS p JOIN (VALUES
        ('hourly', 1, 'succeeded', 1.5), ('hourly', 2, 'failed', 9), ('nightly', 1, 'succeeded', 4),
        ('nightly', 2, 'succeeded', 0.25), ('weekly', 1, 'pending', 0)) AS e (name, number, status, cost) USING (name);
    INSERT INTO execution_logs (execution_id, message)
    SELECT e.id, 'line' FROM pipeline_executions AS e, generate_series(1, e.execution_number);";

async fn database() -> Result<(TestDatabase, Database)> {
    let server = TestDatabase::new().await;
    server.client().await.batch_execute(ROWS).await?;
    let db = Database::connect(server.url()).await?;
    Ok((server, db))
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a number")
}

#[tokio::test]
async fn values_two_relations_away() -> Result {
    let (_server, db) = database().await?;
    let steps = db.repository::<Step>();
    let owners: Vec<(String, Option<String>)> = steps
        .order_by(|s| s.pipeline.get(|p| p.name).asc())
        .select(|s| (s.pipeline.get(|p| p.name), s.pipeline.get(|p| p.owner.get(|o| o.display_name))))
        .all()
        .await?;
    let owners: Vec<(&str, Option<&str>)> =
        owners.iter().map(|(name, owner)| (name.as_str(), owner.as_deref())).collect();
    let expected =
        [("hourly", Some("Anna")), ("nightly", Some("Bert")), ("weekly", Some("Bert")), ("yearly", None)];
    assert_eq!(owners, expected);

    let of_anna = steps.filter(|s| s.pipeline.get(|p| p.owner.get(|o| o.display_name)).eq("Anna"));
    assert_eq!(of_anna.count().await?, 1);
    let of_nobody = steps.filter(|s| s.pipeline.get(|p| p.owner.get(|o| o.id)).is_null());
    assert_eq!(of_nobody.count().await?, 1);
    // A value of many rows, reached through one.
    let often_run = steps.filter(|s| s.pipeline.get(|p| p.executions.count()).ge(2));
    assert_eq!(often_run.count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn aggregates_of_a_relation_and_of_one_two_steps_away() -> Result {
    let (_server, db) = database().await?;
    let pipelines = db.repository::<Pipeline>();
    let costs = pipelines
        .order_by(|p| p.name.asc())
        .select(|p| {
            let executions = p.executions;
            let highest = executions.max(|e| e.execution_number);
            (p.name, executions.sum(|e| e.cost), highest, executions.min(|e| e.status))
        })
        .all()
        .await?;
    assert_eq!(
        costs,
        [
            ("hourly".into(), Some(decimal("10.5000")), Some(2), Some(Status::Succeeded)),
            ("nightly".into(), Some(decimal("4.2500")), Some(2), Some(Status::Succeeded)),
            ("weekly".into(), Some(decimal("0.0000")), Some(1), Some(Status::Pending)),
            ("yearly".into(), None, None, None),
        ]
    );
    let succeeded = |p: PipelineColumns| p.executions.filter(|e| e.status.eq(Status::Succeeded));
    let dear = pipelines.filter(|p| succeeded(p).sum(|e| e.cost).gt(2)).select(|p| p.name).all().await?;
    assert_eq!(dear, ["nightly"]);
    let average = pipelines.filter(|p| succeeded(p).avg(|e| e.cost).eq(decimal("2.125"))).count().await?;
    assert_eq!((average, pipelines.filter(|p| succeeded(p).count().eq(2)).count().await?), (1, 1));

    // Lines of all executions of a pipeline; of all pipelines of a user, three steps away.
    let lines = |p: PipelineColumns| p.executions.sum(|e| e.logs.count());
    let listed: Vec<(String, Option<Decimal>)> = pipelines
        .order_by(|p| (lines(p).desc().nulls_last(), p.name.asc()))
        .select(|p| (p.name, lines(p)))
        .all()
        .await?;
    let names: Vec<&str> = listed.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["hourly", "nightly", "weekly", "yearly"]);
    assert_eq!(
        listed.iter().map(|(_, lines)| *lines).collect::<Vec<_>>(),
        [Some(3.into()), Some(3.into()), Some(1.into()), None]
    );
    let busy =
        db.repository::<User>().filter(|u| u.pipelines.sum(lines).eq(4)).select(|u| u.email).one().await?;
    assert_eq!(busy, "Bert@example.org");
    Ok(())
}

#[tokio::test]
async fn what_a_view_computes_is_filtered_sorted_and_paged_by() -> Result {
    let (_server, db) = database().await?;
    let bills = || db.repository::<Pipeline>().query().view::<Bill>();
    let names = |bills: Vec<Bill>| bills.into_iter().map(|bill| bill.name).collect::<Vec<_>>();

    assert_eq!(names(bills().filter_view(|b| b.cost.gt(2)).all().await?), ["nightly"]);
    assert_eq!(names(bills().filter_view(|b| b.cost.is_null() & b.runs.eq(1)).all().await?), ["weekly"]);
    assert_eq!(names(bills().filter_view(|b| b.loud.eq("YEARLY")).all().await?), ["yearly"]);
    assert_eq!(names(bills().filter_view(|b| b.last_status.eq(Status::Failed)).all().await?), ["hourly"]);
    let some = bills()
        .filter(|p| p.owner.exists())
        .filter_view(|b| b.last_status.in_([Status::Pending, Status::Failed]));
    assert_eq!(some.count().await?, 2);

    let sorted = || bills().order_by_view(|b| (b.cost.desc().nulls_last(), b.loud.desc()));
    assert_eq!(names(sorted().all().await?), ["nightly", "hourly", "yearly", "weekly"]);
    // Page by page, there and back.
    let (mut there, mut request) = (Vec::new(), PageRequest::first(1));
    let last = loop {
        let page = sorted().page(request).await?;
        there.extend(page.items);
        match page.next {
            Some(next) => request = PageRequest::first(1).after(next),
            None => break page.previous,
        }
    };
    assert_eq!(names(there), ["nightly", "hourly", "yearly", "weekly"]);
    let before = sorted().page(PageRequest::first(2).before(last)).await?;
    assert_eq!(names(before.items), ["hourly", "yearly"]);

    let mut rows = sorted().stream();
    assert_eq!(rows.try_next().await?.map(|bill| bill.name).as_deref(), Some("nightly"));
    Ok(())
}

#[tokio::test]
async fn tuples_of_tuples_become_structs() -> Result {
    #[derive(Debug, PartialEq)]
    struct Listed {
        name: String,
        owner: Option<String>,
        numbers: Vec<i64>,
    }

    impl From<((String, Option<String>), [i64; 2], i64)> for Listed {
        fn from(((name, owner), [runs, steps], lines): ((String, Option<String>), [i64; 2], i64)) -> Self {
            Listed { name, owner, numbers: vec![runs, steps, lines] }
        }
    }

    let (_server, db) = database().await?;
    let pipelines = db.repository::<Pipeline>();
    let first: Listed = pipelines
        .order_by(|p| p.name.asc())
        .select(|p| {
            let owner = (p.name, p.owner.get(|o| o.display_name));
            (
                owner,
                (p.executions.count(), p.steps.count()),
                p.executions.sum(|e| e.execution_number).coalesce(0),
            )
        })
        .map(|(owner, (runs, steps), lines)| (owner, [runs, steps], lines))
        .into::<Listed>()
        .first()
        .await?
        .ok_or("there is one")?;
    assert_eq!(first, Listed { name: "hourly".into(), owner: Some("Anna".into()), numbers: vec![2, 1, 3] });

    // Sixteen values, each read at its own place.
    let wide = pipelines.filter(|p| p.name.eq("nightly")).select(|p| {
        let four = (p.name, p.executions.count(), p.steps.count(), p.owner.get(|o| o.email));
        (four.clone(), four.clone(), (four.clone(), four))
    });
    let (one, two, (three, four)) = wide.one().await?;
    assert_eq!(one, ("nightly".to_owned(), 2, 1, Some("Bert@example.org".to_owned())));
    assert!(one == two && two == three && three == four);
    let error = persist::Sql::unchecked("SELECT 1, 'x', 2").all::<((i32, i64), i32)>(&db).await.unwrap_err();
    assert!(error.to_string().contains("column 2"), "{error}");
    Ok(())
}
