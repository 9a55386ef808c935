//! Values that the server computes from columns.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use persist::prelude::*;
use persist::query::Assignment;
use persist::{Interval, now};

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Counter {
    #[persist(id)]
    id: i32,
    name: String,
    small: i16,
    wide: i64,
    share: f64,
    maybe: Option<i32>,
    note: Option<String>,
    code: String,
    mail: String,
    tags: Vec<String>,
    day: NaiveDate,
    at: DateTime<Utc>,
    plain: Option<NaiveDateTime>,
    span: Interval,
    doc: Json<serde_json::Value>,
    plain_doc: Option<Json<serde_json::Value>>,
    maybe_doc: Option<Json<Vec<i32>>>,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    let counters = db.repository::<Counter>();
    counters.insert(NewCounter::new(1, "one")).await?;
    numbers(db).await?;
    texts(db).await?;
    moments(db).await?;
    conditions(db).await?;
    cases(db).await?;
    documents(db).await?;
    parts(db).await?;
    case(db).await?;
    errors(db).await
}

/// Sets a column, and answers what it is then.
async fn set(db: &Database, column: &str, change: impl FnOnce(CounterColumns) -> Assignment) -> Result<String, persist::Error> {
    let changed = db.repository::<Counter>().query().update(change).await?;
    assert_eq!(changed, 1);
    stored(db, &format!("SELECT coalesce(({column})::text, 'NULL') FROM counters")).await
}

async fn numbers(db: &Database) -> Result<(), persist::Error> {
    assert_eq!(set(db, "small", |c| c.small.set(c.small + 2)).await?, "3");
    assert_eq!(set(db, "small", |c| c.small.set(c.small - 1)).await?, "2");
    assert_eq!(set(db, "small", |c| c.small.set(c.small * 4)).await?, "8");
    assert_eq!(set(db, "small", |c| c.small.set(c.small / 3)).await?, "2");
    assert_eq!(set(db, "wide", |c| c.wide.set((c.wide + 1) * 10 - c.wide)).await?, "19");
    assert_eq!(set(db, "wide", |c| c.wide.set(c.wide % 5)).await?, "4");
    assert_eq!(set(db, "wide", |c| c.wide.set(c.wide.greatest(7).least(6))).await?, "6");
    assert_eq!(set(db, "share", |c| c.share.set(c.share / 4.0 + c.share)).await?, "1.25");
    // PostgreSQL has no remainder of floats, and so has `c.share`.
    // NULL with anything is NULL; the type says so.
    assert_eq!(set(db, "maybe", |c| c.maybe.set(c.maybe + 1)).await?, "NULL");
    assert_eq!(set(db, "maybe", |c| c.maybe.set(c.maybe.coalesce(5) + 1)).await?, "6");
    assert_eq!(set(db, "maybe", |c| c.maybe.set(c.id)).await?, "1");
    assert_eq!(set(db, "id", |c| c.id.set(c.maybe.coalesce(c.id))).await?, "1");
    assert_eq!(set(db, "maybe", |c| c.maybe.set(c.id + c.maybe)).await?, "2");
    assert_eq!(set(db, "maybe", |c| c.maybe.set(None)).await?, "NULL");
    assert_eq!(set(db, "maybe", |c| c.maybe.set(c.maybe.greatest(3))).await?, "3");
    Ok(())
}

async fn texts(db: &Database) -> Result<(), persist::Error> {
    assert_eq!(set(db, "name", |c| c.name.set(c.name.concat(" é\\'"))).await?, "one é\\'");
    assert_eq!(set(db, "name", |c| c.name.set(c.code)).await?, "c");
    assert_eq!(set(db, "code", |c| c.code.set(c.code.concat(c.name).concat("x"))).await?, "ccx");
    assert_eq!(set(db, "mail", |c| c.mail.set(c.mail.concat("X"))).await?, "mX");
    assert_eq!(set(db, "note", |c| c.note.set(c.note.concat("x"))).await?, "NULL");
    assert_eq!(set(db, "note", |c| c.note.set(c.note.coalesce(c.name))).await?, "c");
    assert_eq!(set(db, "note", |c| c.note.set(c.note.coalesce("none").concat("!"))).await?, "c!");
    assert_eq!(set(db, "name", |c| c.name.set(c.note.coalesce("none"))).await?, "c!");
    assert_eq!(set(db, "tags", |c| c.tags.set(c.tags.concat(vec!["a".to_owned(), "b c".to_owned()]))).await?, "{a,\"b c\"}");
    assert_eq!(set(db, "tags", |c| c.tags.set(["only"])).await?, "{only}");
    Ok(())
}

async fn moments(db: &Database) -> Result<(), persist::Error> {
    let month = Interval { months: 1, ..Interval::default() };
    assert_eq!(set(db, "day", |c| c.day.set(c.day + 2)).await?, "2024-03-01");
    assert_eq!(set(db, "at AT TIME ZONE 'UTC'", |c| c.at.set(c.at + month - c.span)).await?, "2024-03-28 11:00:00");
    assert_eq!(set(db, "span", |c| c.span.set(c.span + month)).await?, "1 mon 01:00:00");
    let is_now = "at = (SELECT xact_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) OR at BETWEEN now() - interval '1 minute' AND now()";
    assert_eq!(set(db, is_now, |c| c.at.set(now())).await?, "true");
    let is_utc = "plain BETWEEN (now() AT TIME ZONE 'UTC') - interval '1 minute' AND (now() AT TIME ZONE 'UTC')";
    assert_eq!(set(db, is_utc, |c| c.plain.set(now())).await?, "true");
    assert_eq!(set(db, "day = (now() AT TIME ZONE 'UTC' + interval '1 month')::date", |c| c.day.set(now() + month)).await?, "true");
    let hour = std::time::Duration::from_millis(3_600_500);
    assert_eq!(set(db, "at - now() BETWEEN interval '-1:01' AND interval '-0:59'", |c| c.at.set(now() + hour - chrono::TimeDelta::hours(2))).await?, "true");
    assert_eq!(set(db, "at - now() BETWEEN interval '-1:01' AND interval '-0:59'", |c| c.at.set(c.at + hour - hour)).await?, "true");
    assert_eq!(set(db, "span", |c| c.span.set(c.span + hour - chrono::TimeDelta::microseconds(500_001))).await?, "1 mon 01:59:59.999999");
    assert_eq!(Interval::from(std::time::Duration::MAX).microseconds, i64::MAX);
    assert_eq!(Interval::from(chrono::TimeDelta::MIN).microseconds, i64::MIN);
    let counters = db.repository::<Counter>();
    let error = counters.query().update(|c| c.at.set(c.at + std::time::Duration::MAX)).await.expect_err("it is out of range");
    assert_eq!(error.code(), Some("22008"), "{error}");
    set(db, "at", |c| c.at.set(now())).await?;
    assert_eq!(counters.filter(|c| c.at.lt(now() - month)).count().await?, 0);
    assert_eq!(counters.filter(|c| c.at.gt(now() - month) & c.plain.le(now())).count().await?, 1);
    Ok(())
}

async fn conditions(db: &Database) -> Result<(), persist::Error> {
    let counters = db.repository::<Counter>();
    assert_eq!(counters.filter(|c| (c.wide + 1).gt(c.wide % 3)).count().await?, 1, "7 > 0");
    let sums: Vec<(i64, Option<i32>)> = counters.query().select(|c| (c.wide * 2, c.maybe + 1)).all().await?;
    assert_eq!(sums, [(12, Some(4))]);
    let (twice, largest): (i64, Option<i64>) =
        counters.query().select(|c| (c.id.count() * 2, c.small.sum() + 1)).one().await?;
    assert_eq!((twice, largest), (2, Some(3)));
    let error = counters.query().limit(3).select(|c| c.id.count() * 2).one().await.expect_err("it is limited");
    assert!(error.to_string().contains("computed from aggregates"), "{error}");
    let ordered = counters.order_by(|c| (c.wide % 2).desc()).limit(1).all().await?;
    assert_eq!(ordered.len(), 1);
    Ok(())
}

async fn cases(db: &Database) -> Result<(), persist::Error> {
    assert_eq!(set(db, "name || small", |c| c.name.set(c.name.when(c.small.gt(100), "large").when(c.small.lt(3), "small"))).await?, "small2");
    assert_eq!(set(db, "note", |c| c.note.set(c.note.when(c.name.eq("small"), None))).await?, "NULL");
    assert_eq!(set(db, "note", |c| c.note.set(c.note.when(c.name.eq("small"), c.code))).await?, "ccx");
    assert_eq!(set(db, "code", |c| c.code.set(c.code.when(c.maybe.is_null(), "none").concat("!"))).await?, "ccx!");
    assert_eq!(set(db, "mail", |c| c.mail.set(c.mail.when(c.mail.eq("MX"), "n"))).await?, "n");
    assert_eq!(set(db, "tags", |c| c.tags.set(c.tags.when(c.tags.contains(["only"]), vec!["x".to_owned()]))).await?, "{x}");
    assert_eq!(set(db, "plain", |c| c.plain.set(c.plain.when(c.plain.is_not_null(), None))).await?, "NULL");
    assert_eq!(set(db, "plain IS NOT NULL", |c| c.plain.set(c.plain.when(c.plain.is_null(), now()))).await?, "true");
    assert_eq!(set(db, "maybe", |c| c.maybe.set(c.maybe.when(c.small.eq(2), c.maybe + 10).coalesce(0) + c.id)).await?, "14");
    let counters = db.repository::<Counter>();
    let found: Vec<(i64, Option<i32>)> =
        counters.filter(|c| c.wide.when(c.id.eq(1), 40).gt(39)).select(|c| (c.wide.when(c.id.eq(2), 1), c.maybe.when(c.id.eq(1), None))).all().await?;
    assert_eq!(found, [(6, None)]);
    let sum: Option<i64> = counters.query().select(|c| c.small.sum().when(c.id.count().gt(0), 70)).one().await?;
    assert_eq!(sum, Some(70));
    Ok(())
}

async fn documents(db: &Database) -> Result<(), persist::Error> {
    use serde_json::json;
    assert_eq!(set(db, "doc", |c| c.doc.set(c.doc.merged(json!({"a": 1, "b": {"c": "é"}})))).await?, r#"{"a": 1, "b": {"c": "é"}}"#);
    assert_eq!(set(db, "doc", |c| c.doc.set(c.doc.merged(json!({"b": 2})).without_key("a"))).await?, r#"{"b": 2}"#);
    assert_eq!(set(db, "doc", |c| c.doc.set(c.doc.when(c.doc.has_key("b"), c.doc.merged(json!({"d": null}))))).await?, r#"{"b": 2, "d": null}"#);
    assert_eq!(set(db, "plain_doc", |c| c.plain_doc.set(c.plain_doc.merged(json!({"a": 1})))).await?, "NULL");
    assert_eq!(set(db, "plain_doc", |c| c.plain_doc.set(Json(json!({"z": 1})))).await?, r#"{"z":1}"#);
    assert_eq!(set(db, "plain_doc", |c| c.plain_doc.set(c.plain_doc.merged(json!({"a": 1})))).await?, r#"{"a": 1, "z": 1}"#);
    assert_eq!(set(db, "maybe_doc", |c| c.maybe_doc.set(c.maybe_doc.coalesce(Json(vec![])).merged([7]))).await?, "[7]");
    let counters = db.repository::<Counter>();
    let (doc, plain) =
        counters.query().select(|c| (c.doc.without_key("b"), c.plain_doc.without_key("a"))).one().await?;
    assert_eq!((doc, plain), (Json(json!({"d": null})), Some(Json(json!({"z": 1})))));
    let refused = counters.query().update(|c| c.doc.set(c.doc.merged(json!([1])).without_key("b").merged(5))).await;
    assert_eq!(refused.map_err(|error| error.code().map(str::to_owned)), Ok(1), "an object in an array is one, too");
    Ok(())
}

/// What a request leaves out is not set.
async fn parts(db: &Database) -> Result<(), persist::Error> {
    let counters = db.repository::<Counter>();
    let (name, small, note): (Option<&str>, Option<i16>, Option<Option<String>>) = (Some("in part"), None, Some(None));
    let changed: Vec<Counter> = counters
        .query()
        .update(|c| (name.map(|name| c.name.set(name)), small.map(|small| c.small.set(small)), note.map(|note| c.note.set(note)), c.wide.set(c.wide)))
        .returning()
        .await?;
    assert_eq!((changed[0].name.as_str(), changed[0].small, &changed[0].note), ("in part", 2, &None));
    let set = |c: CounterColumns| (c.id.set(1), c.name.set("a"), c.small.set(2), c.wide.set(1), c.share.set(1.0), c.maybe.set(1), [Some(c.note.set("n")), None]);
    assert_eq!(counters.query().update(set).await?, 1);
    let none = counters.query().update(|c| (None::<Assignment>, small.map(|small| c.small.set(small)))).await;
    assert!(none.expect_err("nothing is set").is_invalid_query());
    let upserted = counters.upsert(NewCounter::new(1, "b")).set(|old, new| (Some(old.name.set(new.name)), None::<Assignment>)).await?;
    assert_eq!(upserted.name, "b");
    Ok(())
}

/// Where case does not count.
async fn case(db: &Database) -> Result<(), persist::Error> {
    let counters = db.repository::<Counter>();
    assert_eq!(set(db, "name", |c| c.name.set("Emile_%")).await?, "Emile_%");
    let same = |c: CounterColumns| c.name.eq_ci("eMILE_%") & c.mail.eq_ci(c.mail.upper()) & c.code.eq_ci(c.code);
    assert_eq!(counters.filter(same).count().await?, 1);
    assert_eq!(counters.filter(|c| c.name.eq_ci("Emile__")).count().await?, 0);
    assert_eq!(counters.filter(|c| c.note.eq_ci("x") | !c.note.eq_ci("N")).count().await?, 0);
    let (name, code, note): (String, String, Option<String>) =
        counters.order_by(|c| c.mail.lower().asc()).select(|c| (c.name.upper(), c.code.upper(), c.note.lower())).one().await?;
    assert_eq!((name.as_str(), code.as_str(), note.as_deref()), ("EMILE_%", "CCX!", Some("n")));
    assert_eq!(set(db, "mail", |c| c.mail.set(c.mail.upper().concat(c.name.lower()))).await?, "Nemile_%");
    Ok(())
}

async fn errors(db: &Database) -> Result<(), persist::Error> {
    let counters = db.repository::<Counter>();
    let error = counters.query().update(|c| c.small.set(c.small * 32000)).await.expect_err("it is too large");
    assert_eq!(error.code(), Some("22003"), "{error}");
    let error = counters.query().update(|c| c.small.set(c.small / 0)).await.expect_err("division by zero");
    assert_eq!(error.code(), Some("22012"), "{error}");
    let long = |c: CounterColumns| (0..1000).fold(c.wide + 1, |sum, _| sum + 1);
    let error = counters.query().update(|c| c.wide.set(long(c))).await.expect_err("it is too deep");
    assert!(error.to_string().contains("levels"), "{error}");
    Ok(())
}
