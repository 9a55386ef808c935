//! Pages of queries, against a server.

mod aggregate;
mod domain;

use std::collections::BTreeMap;
use std::time::Duration;

use aggregate::{NewPipeline, NewStep, Pipeline, Step, Tag};
use domain::{Execution, ExecutionColumns, UserRole};
use persist::prelude::*;
use persist::query::{Order, Query};
use persist::{Cursor, Page, Sql};
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Pipelines `p0`, `p1`, …, each with as many steps as its number says.
async fn pipelines(db: &Database, count: i32) -> Result {
    for number in 0..count {
        let new = NewPipeline::new(format!("p{number}"), BTreeMap::new()).is_active(number % 2 == 0);
        let pipeline = db.repository::<Pipeline>().insert(new).await?;
        for position in 1..=number {
            db.repository::<Step>()
                .insert(NewStep::new(pipeline.id, format!("s{position}")).position(position))
                .await?;
        }
    }
    Ok(())
}

fn names(page: &Page<Pipeline>) -> Vec<&str> {
    page.items.iter().map(|p| p.name.as_str()).collect()
}

#[tokio::test]
async fn a_page_is_one_round_trip_with_total_and_relations() -> Result {
    let server = TestDatabase::new().await;
    pipelines(&Database::connect(server.url()).await?, 5).await?;
    let proxy = Proxy::start(&server).await;
    // With some latency an answer cannot come between two writes, and count as one trip more.
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::builder().url(proxy.url()).pool_size(1).connect().await?;
    let p = db.repository::<Pipeline>();
    let query = || p.order_by(|p| p.name.desc());
    for _cold_then_warm in 0..2 {
        let request = PageRequest::first(2).with_total();
        let first = assert_round_trips!(proxy, 1, query().page(request).await?);
        assert_eq!((names(&first), first.total), (vec!["p4", "p3"], Some(5)));
        assert_eq!(first.items[0].steps.len(), 4);
        assert_eq!(first.previous, None);
        let second =
            assert_round_trips!(proxy, 1, query().page(PageRequest::first(2).after(first.next)).await?);
        assert_eq!((names(&second), second.total), (vec!["p2", "p1"], None));
        assert_eq!(second.items[0].steps.len(), 2);
        let last = query().page(PageRequest::first(2).after(second.next)).await?;
        assert_eq!((names(&last), &last.next), (vec!["p0"], &None));
        let back =
            assert_round_trips!(proxy, 1, query().page(PageRequest::first(2).before(last.previous)).await?);
        assert_eq!(names(&back), ["p2", "p1"]);
        assert_eq!(back.items[0].steps.len(), 2);
        let start = query().page(PageRequest::first(2).before(back.previous)).await?;
        assert_eq!((names(&start), &start.previous), (vec!["p4", "p3"], &None));
        assert_eq!(names(&query().page(PageRequest::first(9).after(start.next)).await?), ["p2", "p1", "p0"]);
    }
    Ok(())
}

/// Less of a pipeline, and how many steps it has.
#[derive(Debug, View)]
#[persist(of = Pipeline)]
struct Card {
    #[persist(count = "pipeline_steps")]
    steps: i64,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    tags: Vec<Tag>,
}

#[tokio::test]
async fn a_page_of_views_is_sorted_by_what_they_do_not_have() -> Result {
    let (_server, db) = domain::database().await;
    pipelines(&db, 5).await?;
    let p = db.repository::<Pipeline>();
    let query = || p.filter(|p| p.steps.exists()).order_by(|p| p.name.desc()).view::<Card>();
    let first = query().page(PageRequest::first(3).with_total()).await?;
    assert_eq!(
        (first.items.iter().map(|c| c.steps).collect::<Vec<_>>(), first.total),
        (vec![4, 3, 2], Some(4))
    );
    assert!(first.items.iter().all(|c| c.tags.is_empty()));
    let whole = p.filter(|p| p.steps.exists()).order_by(|p| p.name.desc());
    assert_eq!(
        names(&whole.page(PageRequest::first(3).after(first.next)).await?),
        ["p1"],
        "the rows are the same"
    );
    Ok(())
}

#[tokio::test]
async fn the_rows_of_a_page_can_be_locked() -> Result {
    let (_server, db) = domain::database().await;
    pipelines(&db, 4).await?;
    let e = db.repository::<Execution>();
    Sql::unchecked(FILL).execute(&db).await?;
    let query = || e.order_by(|e| e.started_at.asc()).for_update();
    let first = query().page(PageRequest::first(1000).with_total()).await?;
    let second = query().page(PageRequest::first(3000).after(first.next).with_total()).await?;
    assert_eq!((first.total, second.items.len(), second.next), (Some(4000), 3000, None));
    let p = db.repository::<Pipeline>();
    let page = p.order_by(|p| p.name.asc()).for_update().page(PageRequest::first(2).with_total()).await?;
    assert_eq!((names(&page), page.total, page.items[1].steps.len()), (vec!["p0", "p1"], Some(4), 1));
    Ok(())
}

// The body of a test runs where the body of `#[tokio::main]` runs: on the thread that started the runtime.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_one_round_trip_a_thousand_times() -> Result {
    let server = TestDatabase::new().await;
    pipelines(&Database::connect(server.url()).await?, 8).await?;
    let proxy = Proxy::start(&server).await;
    // With some latency an answer cannot come between two writes, and count as one trip more.
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::builder().url(proxy.url()).pool_size(1).connect().await?;
    let p = db.repository::<Pipeline>();
    let mut cursor = None;
    for round in 0..1_000 {
        let query = p.filter(|p| p.steps.count().ge(round % 3)).order_by(|p| p.created_at.desc());
        let request = PageRequest::first(1 + u32::try_from(round % 5)?).after(cursor).with_total();
        let page = assert_round_trips!(proxy, 1, query.page(request).await?);
        assert_eq!(page.total, Some(8 - round % 3));
        cursor = page.next;
    }
    let kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%pipelines AS t0%'";
    let kept: i64 = Sql::unchecked(kept).all(&db).await?.remove(0);
    assert_eq!(
        kept, 3,
        "the rows with and without a place, and the total; what belongs to the rows is read by their keys"
    );
    Ok(())
}

#[tokio::test]
async fn pages_by_number_lead_on_by_place() -> Result {
    let (_server, db) = domain::database().await;
    pipelines(&db, 5).await?;
    let p = db.repository::<Pipeline>();
    let query = || p.order_by(|p| p.name.asc());
    let page = query().page(PageRequest::offset(2, 2).with_total()).await?;
    assert_eq!((names(&page), page.total), (vec!["p2", "p3"], Some(5)));
    assert_eq!(names(&query().page(PageRequest::first(2).after(page.next)).await?), ["p4"]);
    assert_eq!(names(&query().page(PageRequest::first(2).before(page.previous)).await?), ["p0", "p1"]);
    let beyond = query().page(PageRequest::offset(9, 2).with_total()).await?;
    assert_eq!((beyond.items.len(), beyond.total, beyond.next), (0, Some(5), None));
    let all = query().page(PageRequest::offset(0, 5)).await?;
    assert_eq!((all.items.len(), all.next, all.previous), (5, None, None));
    Ok(())
}

#[tokio::test]
async fn an_empty_page_leads_back_to_all_rows() -> Result {
    let (_server, db) = domain::database().await;
    pipelines(&db, 4).await?;
    let p = db.repository::<Pipeline>();
    let query = || p.order_by(|p| p.name.asc());
    let first = query().page(PageRequest::first(2)).await?;
    p.filter(|p| p.name.gt("p1")).delete().await?;
    let empty = query().page(PageRequest::first(2).after(first.next)).await?;
    assert_eq!((empty.items.len(), &empty.next), (0, &None));
    let back = query().page(PageRequest::first(2).before(empty.previous)).await?;
    assert_eq!(names(&back), ["p0", "p1"], "the row at the place belongs to it");
    assert_eq!(back.previous, None);
    Ok(())
}

#[tokio::test]
async fn sorts_by_what_is_related() -> Result {
    let (_server, db) = domain::database().await;
    pipelines(&db, 5).await?;
    let p = db.repository::<Pipeline>();
    let query = || p.order_by(|p| (p.is_active.desc(), p.steps.count_where(|s| s.position.gt(1)).desc()));
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = query().page(PageRequest::first(2).after(cursor)).await?;
        found.extend(page.items.into_iter().map(|p| p.name));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, ["p4", "p2", "p0", "p3", "p1"]);
    Ok(())
}

#[tokio::test]
async fn refuses_the_cursors_of_others() -> Result {
    let (server, db) = domain::database().await;
    pipelines(&db, 3).await?;
    let p = db.repository::<Pipeline>();
    let cursor =
        p.filter(|p| p.name.ne("x")).order_by(|p| p.name.asc()).page(PageRequest::first(1)).await?.next;
    let cursor = cursor.expect("there are more rows");
    let refused = async |query: Query<'_, Pipeline>, cursor: &Cursor| -> String {
        let error = query.page(PageRequest::first(1).after(cursor.clone())).await.unwrap_err();
        assert!(error.is_invalid_cursor(), "{error:?}");
        error.to_string()
    };
    let same = || p.filter(|p| p.name.ne("y")).order_by(|p| p.name.asc());
    assert_eq!(
        names(&same().page(PageRequest::first(1).after(cursor.clone())).await?),
        ["p1"],
        "other values do no harm"
    );
    let other_filter = p.filter(|p| p.name.gt("x")).order_by(|p| p.name.asc());
    assert!(refused(other_filter, &cursor).await.contains("another filter"));
    let other_order = p.filter(|p| p.name.ne("x")).order_by(|p| p.name.desc());
    assert!(refused(other_order, &cursor).await.contains("another order"));
    let other_nulls = p.filter(|p| p.name.ne("x")).order_by(|p| p.name.asc().nulls_first());
    assert!(refused(other_nulls, &cursor).await.contains("another order"));
    let steps = db.repository::<Step>().filter(|s| s.name.ne("x")).order_by(|s| s.name.asc());
    let error = steps.page(PageRequest::first(1).after(cursor.clone())).await.unwrap_err();
    assert!(error.is_invalid_cursor() && error.to_string().contains("another table"), "{error}");
    assert!(refused(same(), &"page 2".parse()?).await.contains("no cursor"));
    let mut changed = cursor.to_string();
    changed.replace_range(30..31, if &changed[30..31] == "A" { "B" } else { "A" });
    assert!(refused(same(), &changed.into()).await.contains("was changed"));

    let strict = Database::builder().url(server.url()).cursor_secret([7; 32]).connect().await?;
    let strict = strict.repository::<Pipeline>();
    let error = strict.filter(|p| p.name.ne("x")).order_by(|p| p.name.asc());
    let error = error.page(PageRequest::first(1).after(cursor)).await.unwrap_err();
    assert!(error.is_invalid_cursor() && error.to_string().contains("cursor_secret"), "{error}");

    let limited = p.query().limit(3).page(PageRequest::first(1)).await.unwrap_err();
    assert!(limited.is_invalid_query() && limited.to_string().contains("has a limit"), "{limited}");
    assert!(p.query().page(PageRequest::first(0)).await.unwrap_err().is_invalid_query());
    Ok(())
}

#[tokio::test]
async fn without_an_order_the_key_decides() -> Result {
    let (_server, db) = domain::database().await;
    Sql::unchecked(
        "WITH u AS (INSERT INTO users (id, email, display_name)
                    SELECT gen_random_uuid(), n || '@example.org', n FROM generate_series(1, 7) n RETURNING id),
              r AS (INSERT INTO roles (id, name) SELECT gen_random_uuid(), n FROM generate_series(1, 5) n RETURNING id)
         INSERT INTO user_roles (user_id, role_id) SELECT u.id, r.id FROM u, r",
    )
    .execute(&db)
    .await?;
    let roles = db.repository::<UserRole>();
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = roles.query().page(PageRequest::first(4).after(cursor)).await?;
        found.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 35);
    assert!(found.is_sorted_by_key(|r| (r.user_id, r.role_id)));
    Ok(())
}

#[tokio::test]
async fn what_comes_after_the_whole_key_decides_nothing() -> Result {
    let (_server, db) = domain::database().await;
    pipelines(&db, 5).await?;
    let p = db.repository::<Pipeline>();
    let query = || p.order_by(|p| (p.id.desc(), p.owner_id.asc(), p.name.asc()));
    let first = query().page(PageRequest::first(2)).await?;
    assert_eq!(names(&first), ["p4", "p3"]);
    let cursor = first.next.expect("there are more rows");
    assert_eq!(names(&query().page(PageRequest::first(2).after(cursor.clone())).await?), ["p2", "p1"]);
    let by_key = p.order_by(|p| p.id.desc());
    assert_eq!(names(&by_key.page(PageRequest::first(9).after(cursor)).await?), ["p2", "p1", "p0"]);
    let roles = db.repository::<UserRole>();
    let by_key = roles.order_by(|r| (r.role_id.desc(), r.granted_by.asc(), r.user_id.asc(), r.role_id.asc()));
    assert_eq!(by_key.page(PageRequest::first(2)).await?.items.len(), 0);
    Ok(())
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

/// Up to three columns, in any direction, with NULLs anywhere.
fn any_order(dice: &mut Dice) -> Vec<(u64, u64)> {
    (0..=dice.roll(3)).map(|_| (dice.roll(4), dice.roll(6))).collect()
}

fn ordered_by(choices: &[(u64, u64)]) -> impl Fn(ExecutionColumns) -> Vec<Order> {
    move |e| {
        let order = |(column, how): &(u64, u64)| {
            let order = match (column, how % 2) {
                (0, 0) => e.status.asc(),
                (0, _) => e.status.desc(),
                (1, 0) => e.started_at.asc(),
                (1, _) => e.started_at.desc(),
                (2, 0) => e.finished_at.asc(),
                (2, _) => e.finished_at.desc(),
                (_, 0) => e.execution_number.asc(),
                (_, _) => e.execution_number.desc(),
            };
            match how / 2 {
                0 => order,
                1 => order.nulls_first(),
                _ => order.nulls_last(),
            }
        };
        choices.iter().map(order).collect()
    }
}

/// Rows with few different values and many NULLs. Those with an output are never touched again.
const FILL: &str = "
    INSERT INTO pipeline_executions (id, pipeline_id, execution_number, status, output, started_at, finished_at)
    SELECT gen_random_uuid(), p.id, n, (enum_range(NULL::execution_status))[1 + n % 5],
           CASE WHEN n % 3 > 0 THEN '{}'::jsonb END,
           CASE WHEN random() < 0.7 THEN timestamptz '2026-01-01' + floor(random() * 20) * interval '1 day' END,
           CASE WHEN random() < 0.3 THEN timestamptz '2027-01-01' + floor(random() * 3) * interval '1 us' END
    FROM pipelines p, generate_series(1, 1000) n";

/// A tenth of the others goes, and as many come, before all numbers and after them.
const STIR: &str = "
    WITH gone AS (DELETE FROM pipeline_executions WHERE output IS NULL AND random() < 0.1 RETURNING *),
         ends AS (SELECT min(execution_number) AS low, max(execution_number) AS high FROM pipeline_executions),
         come AS (SELECT gone.*, row_number() OVER () AS n FROM gone)
    INSERT INTO pipeline_executions (id, pipeline_id, execution_number, status, started_at, finished_at)
    SELECT gen_random_uuid(), pipeline_id, CASE WHEN n % 2 = 0 THEN low - n ELSE high + n END, status,
           CASE WHEN random() < 0.7 THEN timestamptz '2026-01-01' + floor(random() * 20) * interval '1 day' END,
           CASE WHEN random() < 0.3 THEN timestamptz '2027-01-01' + floor(random() * 3) * interval '1 us' END
    FROM come, ends";

#[tokio::test]
async fn no_row_that_stays_is_missed_or_repeated_in_any_order() -> Result {
    let (_server, db) = domain::database().await;
    pipelines(&db, 10).await?;
    Sql::unchecked(FILL).execute(&db).await?;
    let e = db.repository::<Execution>();
    let mut dice = Dice(0x2026_1121);
    for case in 0..16 {
        let choices = any_order(&mut dice);
        let order = ordered_by(&choices);
        let query = || e.order_by(&order);
        let mut forth: Vec<(Uuid, bool)> = Vec::new();
        let mut cursor = None;
        let mut last: Option<Cursor> = None;
        loop {
            let size = u32::try_from(100 + dice.roll(1500))?;
            let page = query().page(PageRequest::first(size).after(cursor)).await?;
            forth.extend(page.items.iter().map(|e| (e.id, e.output.is_some())));
            cursor = page.next;
            if cursor.is_none() {
                last = page.previous.or(last);
                break;
            }
            Sql::unchecked(STIR).execute(&db).await?;
        }
        let staying = |rows: &[(Uuid, bool)]| -> Vec<Uuid> {
            rows.iter().filter(|(_, stays)| *stays).map(|(id, _)| *id).collect()
        };
        let all: Vec<(Uuid, bool)> =
            query().all().await?.iter().map(|e| (e.id, e.output.is_some())).collect();
        assert_eq!(all.len(), 10_000);
        assert!(staying(&forth) == staying(&all), "case {case}: {choices:?}");

        let mut back: Vec<(Uuid, bool)> = Vec::new();
        let mut rest = Vec::new();
        let mut cursor = last;
        while let Some(place) = cursor {
            let size = u32::try_from(100 + dice.roll(1500))?;
            let page = query().page(PageRequest::first(size).before(place)).await?;
            if rest.is_empty() {
                let following = query().page(PageRequest::first(20_000).after(page.next.clone())).await?;
                rest.extend(following.items.iter().map(|e| (e.id, e.output.is_some())));
            }
            let items = page.items.iter().map(|e| (e.id, e.output.is_some()));
            back.splice(0..0, items);
            cursor = page.previous;
            Sql::unchecked(STIR).execute(&db).await?;
        }
        back.extend(rest);
        assert!(staying(&back) == staying(&all), "case {case}, back: {choices:?}");
    }
    Ok(())
}
