//! Documents: what is written can be read again, and an error of what is written already says so.

use std::error::Error as _;

use persist::prelude::*;
use persist::{Error, Sql};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Result, on_a_worker};

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "plugins")]
struct Plugin {
    #[persist(id)]
    id: Uuid,
    name: String,
    version: String,
    plugin_type: Kind,
    configuration: Json<Value>,
}

/// The same with rows below it, so that it is read after it was written.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<Value>,
    #[persist(has_many)]
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_steps")]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "plugin_type")]
enum Kind {
    Source,
    Transform,
    Sink,
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, level| match level % 2 {
        0 => json!([inner]),
        _ => json!({ "a": inner }),
    })
}

fn new(configuration: Value) -> NewPlugin {
    NewPlugin::new("a", "1", Kind::Sink).configuration(configuration)
}

fn is_refused(error: Error) {
    assert!(error.is_encode() && !error.is_committed(), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("configuration`") && said.contains("127 levels"), "{error:?}");
}

#[test]
fn what_could_not_be_read_is_not_written() -> Result {
    on_a_worker(|db| async move {
        let plugins = db.repository::<Plugin>();
        let mut stored = plugins.insert(new(nested(127))).await?;
        assert_eq!(plugins.get(stored.id).await?, stored);
        assert_eq!(*stored.configuration, nested(127));
        for levels in [128, 1_000] {
            is_refused(plugins.insert(new(nested(levels))).await.expect_err("it is too deep"));
            is_refused(plugins.upsert(new(nested(levels)).id(stored.id)).await.expect_err("it is too deep"));
            let uow = db.unit_of_work();
            is_refused(uow.insert(new(nested(levels))).map(drop).expect_err("it is too deep"));
            let mut read = uow.repository::<Plugin>().get(stored.id).await?;
            read.configuration = Json(nested(levels));
            is_refused(uow.save(&read).expect_err("it is too deep"));
            is_refused(plugins.update(&read).await.expect_err("it is too deep"));
            let changed = plugins.query().update(|p| p.configuration.set(nested(levels))).await;
            is_refused(changed.expect_err("it is too deep"));
            let found = plugins.filter(|p| p.configuration.contains(nested(levels))).all().await;
            is_refused(found.expect_err("it is too deep"));
        }
        assert_eq!(plugins.query().count().await?, 1);
        // A NUL character is none of a `jsonb`, and an escaped backslash no NUL.
        let error = plugins.insert(new(json!({ "a\0": 1 }))).await.expect_err("it holds NUL");
        assert!(error.is_encode() && error.code().is_none(), "{error:?}");
        stored.configuration = Json(json!("\\u0000 \u{1} \"\\"));
        assert_eq!(plugins.update(&stored).await?.configuration, stored.configuration);
        Ok(())
    })
}

#[test]
fn what_others_have_nested_deeper_is_an_error_of_its_column() -> Result {
    on_a_worker(|db| async move {
        let plugins = db.repository::<Plugin>();
        let id = plugins.insert(new(json!({}))).await?.id;
        Sql::unchecked("UPDATE plugins SET configuration = (repeat('[', 128) || repeat(']', 128))::jsonb")
            .execute(&db)
            .await?;
        let error = plugins.get(id).await.expect_err("it is too deep");
        assert!(error.is_decode() && error.column() == Some("configuration"), "{error:?}");
        assert!(error.to_string().contains("127 levels"), "{error:?}");
        Ok(())
    })
}

/// A trigger that makes of each row what cannot be read.
const DEEP: &str = "
CREATE FUNCTION deep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_TABLE_NAME = 'plugins' THEN NEW.configuration := (repeat('[', 128) || repeat(']', 128))::jsonb;
    ELSE NEW.environment_variables := (repeat('[', 128) || repeat(']', 128))::jsonb; END IF;
    RETURN NEW; END $$;
CREATE TRIGGER deep BEFORE INSERT OR UPDATE ON plugins FOR EACH ROW EXECUTE FUNCTION deep();
CREATE TRIGGER deep BEFORE INSERT OR UPDATE ON pipelines FOR EACH ROW EXECUTE FUNCTION deep();";

async fn batch(db: &Database, script: &str) -> Result {
    // A call is one statement.
    Sql::unchecked(format!("DO $do$ BEGIN {script} END $do$")).execute(db).await?;
    Ok(())
}

fn is_written(error: Error) {
    assert!(error.is_committed() && !error.is_decode(), "{error:?}");
    assert!(!error.is_retryable() && error.source().is_some(), "{error:?}");
}

#[test]
fn an_error_of_what_is_written_says_so() -> Result {
    on_a_worker(|db| async move {
        let (plugins, pipelines) = (db.repository::<Plugin>(), db.repository::<Pipeline>());
        let mut plugin = plugins.insert(new(json!({}))).await?;
        let mut pipeline = pipelines.insert(NewPipeline::new("one", json!({}))).await?;
        batch(&db, DEEP).await?;
        for warm in [false, true] {
            let name = format!("new {warm}");
            is_written(plugins.insert(NewPlugin::new(&*name, "1", Kind::Sink)).await.expect_err("no struct"));
            is_written(pipelines.insert(NewPipeline::new(&*name, json!({}))).await.expect_err("no struct"));
            plugin.name = format!("changed {warm}");
            is_written(plugins.update(&plugin).await.expect_err("no struct"));
            pipeline.name = format!("changed {warm}");
            is_written(pipelines.update(&pipeline).await.expect_err("no struct"));
            is_written(plugins.upsert(new(json!({})).id(plugin.id)).await.expect_err("no struct"));
            assert_eq!(plugins.filter(|p| p.name.eq(name.as_str())).count().await?, 1);
            assert_eq!(pipelines.filter(|p| p.name.eq(name.as_str())).count().await?, 1);
            assert_eq!(pipelines.filter(|p| p.name.eq(pipeline.name.as_str())).count().await?, 1);
        }
        // In a unit of work nothing is committed yet.
        let uow = db.unit_of_work();
        let inserted = uow.repository::<Plugin>().insert(NewPlugin::new("in a unit", "1", Kind::Sink)).await;
        let error = inserted.expect_err("no struct");
        assert!(error.is_decode() && !error.is_committed(), "{error:?}");
        Ok(())
    })
}

#[test]
fn what_the_server_takes_back_is_not_written() -> Result {
    on_a_worker(|db| async move {
        batch(&db, DEEP).await?;
        batch(
            &db,
            "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 RAISE EXCEPTION 'never' USING ERRCODE = '23514'; END $$;
             CREATE CONSTRAINT TRIGGER never AFTER INSERT ON plugins DEFERRABLE INITIALLY DEFERRED
                 FOR EACH ROW EXECUTE FUNCTION never();",
        )
        .await?;
        for _cold_then_warm in 0..2 {
            let error = db.repository::<Plugin>().insert(new(json!({}))).await.expect_err("it is refused");
            assert!(error.code() == Some("23514") && !error.is_committed(), "{error:?}");
        }
        assert_eq!(db.repository::<Plugin>().query().count().await?, 0);
        Ok(())
    })
}

async fn stored(db: &Database) -> Result<String> {
    Ok(Sql::unchecked("SELECT configuration::text FROM plugins").one(db).await?)
}

/// Documents with numbers that a float, or an integer of 64 bits, cannot hold, beside others.
const LONG: &[&str] = &[
    r#"{"a": 12345678901234567890123456789}"#,
    r#"{"a": 0.33333333333333333333, "b": [1.10, 1.0, {"c": -18446744073709551616}]}"#,
    r#"[0.30000000000000004, 123456789.123456789123456789, "12345678901234567890123456789"]"#,
    r#"[[1], 2, [], {}, [3, [4.000000000000000000001]], null, true, "\"\\"]"#,
    "1234567890.12345678901234567890",
    r#"{"a": 9007199254740993, "b": -9223372036854775808, "c": 18446744073709551615}"#,
    "0.1000000000000000055511151231257827",
];

#[test]
fn a_document_that_was_not_changed_keeps_each_digit() -> Result {
    on_a_worker(|db| async move {
        let plugins = db.repository::<Plugin>();
        let id = plugins.insert(new(json!({}))).await?.id;
        for document in LONG {
            let set = format!("UPDATE plugins SET configuration = '{document}'");
            Sql::unchecked(set).execute(&db).await?;
            let before = stored(&db).await?;
            for by in ["repository", "detached", "unit"] {
                let mut plugin = plugins.get(id).await?;
                plugin.name = format!("by {by}");
                let uow = db.unit_of_work();
                match by {
                    "repository" => drop(plugins.update(&plugin).await?),
                    "detached" => uow.save(&plugin)?,
                    _ => {
                        let mut read = uow.repository::<Plugin>().get(id).await?;
                        read.name.clone_from(&plugin.name);
                        uow.save(&read)?;
                    }
                }
                uow.commit().await?;
                assert_eq!(stored(&db).await?, before, "by {by}");
                assert_eq!(plugins.get(id).await?.name, plugin.name);
            }
        }
        Ok(())
    })
}

#[test]
fn a_document_that_was_changed_is_written() -> Result {
    on_a_worker(|db| async move {
        let plugins = db.repository::<Plugin>();
        let id = plugins.insert(new(json!({}))).await?.id;
        let pairs = [
            (json!(1), json!(2)),
            (json!({ "a": 9_007_199_254_740_993_u64 }), json!({ "a": 9_007_199_254_740_992_u64 })),
            (json!({ "a": u64::MAX }), json!({ "a": u64::MAX - 1 })),
            (json!({ "a": i64::MIN }), json!({ "a": i64::MIN + 1 })),
            (json!(0.300_000_000_000_000_04), json!(0.3)),
            (json!(1e300), json!(2e300)),
            (json!(5e-324), json!(0.0)),
            (json!(-1), json!(1)),
            (json!([[1], 2]), json!([[1, 2]])),
            (json!([1, [2]]), json!([[1], 2])),
            (json!({ "a": 1 }), json!({ "b": 1 })),
            (json!({ "a": {} }), json!({ "a": [] })),
            (json!({ "a": 1 }), json!({ "a": 1, "b": null })),
            (json!([1, 2]), json!([1])),
            (json!([]), json!(null)),
            (json!("1"), json!(1)),
            (json!("a"), json!("b")),
            (json!(true), json!(false)),
        ];
        for (one, other) in pairs {
            for (from, to) in [(&one, &other), (&other, &one)] {
                for by_unit in [false, true] {
                    plugins.query().update(|p| p.configuration.set(from.clone())).await?;
                    let mut plugin = plugins.get(id).await?;
                    plugin.configuration = Json(to.clone());
                    let uow = db.unit_of_work();
                    match by_unit {
                        false => drop(plugins.update(&plugin).await?),
                        true => uow.save(&plugin)?,
                    }
                    uow.commit().await?;
                    assert_eq!(*plugins.get(id).await?.configuration, *to, "{from} became {to}");
                }
            }
        }
        Ok(())
    })
}
