//! What is written knows that it is in the transaction of its unit of work, and says so if it is not; and what the
//! server keeps out is said.

use std::error::Error as _;

use persist_runtime::{Database, Error, Sql};
use persist_testkit::TestDatabase;

use crate::{Result, connect, insert, publish, published, server, values};

/// Ways to lose the mark, each as SQL that a unit of work may run.
const WAYS: [&str; 5] = [
    "SELECT reset_all()",
    "SELECT set_config('persist.tx', '', true)",
    "SELECT set_config('persist.tx', NULL, true)",
    "DO $$ BEGIN RESET ALL; END $$",
    "DO $$ BEGIN EXECUTE 'RESET persist.tx'; END $$",
];

async fn fixture() -> (TestDatabase, Database) {
    let server = server().await;
    let reset = "CREATE FUNCTION reset_all() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RESET ALL; RETURN 1; END $$";
    server.client().await.batch_execute(reset).await.unwrap();
    let db = connect(server.url(), 1).await;
    (server, db)
}

#[track_caller]
fn says_what_was_reset(error: &Error) {
    let cause = error.source().and_then(|cause| cause.downcast_ref()).unwrap_or(error);
    let said = if error.is_rolled_back() { cause } else { error };
    assert!(said.to_string().contains("has reset the setting `persist.tx`"), "{error:?}");
    assert!(!error.is_commit_unknown() && !error.is_committed() && !error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_mark_that_is_lost_is_an_error() -> Result {
    let (_server, db) = fixture().await;
    for way in WAYS {
        for with_token in [false, true] {
            for flushes in [false, true] {
                let builder = db.unit_of_work_builder();
                let uow = if with_token { builder.with_token().build() } else { builder.build() };
                insert(&uow, 1).await?;
                Sql::unchecked(way).execute(&uow).await?;
                publish(&uow, 1)?;
                if flushes {
                    says_what_was_reset(&uow.flush().await.unwrap_err());
                }
                says_what_was_reset(&uow.commit().await.expect_err(way));
                assert!(published(&db).await.is_empty() && values(&db).await.is_empty(), "{way}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn nothing_else_is_missed_where_nothing_is_flushed() -> Result {
    let (_server, db) = fixture().await;
    for (number, way) in (0..).zip(WAYS) {
        let uow = db.unit_of_work();
        insert(&uow, number).await?;
        Sql::unchecked(way).execute(&uow).await?;
        insert(&uow, 100 + number).await?;
        uow.commit().await?;
        let all = values(&db).await;
        assert!(all.contains(&number) && all.contains(&(100 + number)), "{way}");
    }
    Ok(())
}

/// By something that runs in the middle of a flush.
#[tokio::test]
async fn a_trigger_that_resets() -> Result {
    let (server, db) = fixture().await;
    let trigger =
        "CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RESET ALL; RETURN NEW; END $$;
        CREATE TRIGGER tidy AFTER INSERT ON persist_outbox FOR EACH ROW EXECUTE FUNCTION tidy()";
    server.client().await.batch_execute(trigger).await.unwrap();
    // The last of a flush has nothing to lose.
    let uow = db.unit_of_work();
    publish(&uow, 1)?;
    uow.commit().await?;
    assert_eq!(published(&db).await, [1]);
    let uow = db.unit_of_work_builder().with_token().build();
    publish(&uow, 2)?;
    says_what_was_reset(&uow.commit().await.unwrap_err());
    let uow = db.unit_of_work();
    publish(&uow, 3)?;
    uow.flush().await?;
    publish(&uow, 4)?;
    says_what_was_reset(&uow.commit().await.unwrap_err());
    assert_eq!(published(&db).await, [1]);
    Ok(())
}

#[tokio::test]
async fn a_trigger_that_keeps_a_row_out() -> Result {
    let (server, db) = fixture().await;
    let client = server.client().await;
    let out = "CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$";
    client.batch_execute(out).await.unwrap();
    for table in ["persist_outbox", "persist_token"] {
        let trigger = format!(
            "CREATE TRIGGER keep_out BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION keep_out()"
        );
        client.batch_execute(&trigger).await.unwrap();
        for _cold_then_warm in 0..2 {
            let uow = db.unit_of_work_builder().with_token().build();
            publish(&uow, 1)?;
            let error = uow.commit().await.unwrap_err();
            assert!(error.to_string().contains(&format!("`{table}` kept a row")), "{error:?}");
        }
        client.batch_execute(&format!("DROP TRIGGER keep_out ON {table}")).await.unwrap();
    }
    let rule = "CREATE RULE keep_out AS ON INSERT TO persist_outbox DO INSTEAD NOTHING";
    client.batch_execute(rule).await.unwrap();
    let uow = db.unit_of_work();
    publish(&uow, 1)?;
    uow.commit().await.unwrap_err();
    assert!(published(&db).await.is_empty());
    Ok(())
}

/// An exception that is worded as ours is still that of the user.
#[tokio::test]
async fn what_others_raise() -> Result {
    let (server, db) = fixture().await;
    let raise = "CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF (NEW.payload ->> 'number')::int = 1 THEN PERFORM ('persist:stale:{1}')::bool; END IF;
            IF (NEW.payload ->> 'number')::int = 2 THEN PERFORM ('persist:kept:0')::bool; END IF;
            IF (NEW.payload ->> 'number')::int = 3 THEN PERFORM ('persist::kept')::bool; END IF;
            IF (NEW.payload ->> 'number')::int = 4 THEN PERFORM current_setting('persist.tx is gone'); END IF;
            RAISE 'invalid input syntax for type boolean: \"persist:0123456789abcdef0123456789abcdef:stale:{1}\"'
                USING ERRCODE = '22P02';
        END $$;
        CREATE TRIGGER raise BEFORE INSERT ON persist_outbox FOR EACH ROW EXECUTE FUNCTION raise()";
    server.client().await.batch_execute(&raise.replace('\\', "")).await.unwrap();
    for number in 1..=5 {
        let uow = db.unit_of_work();
        publish(&uow, number)?;
        let error = uow.commit().await.unwrap_err();
        assert_eq!(error.code(), Some(if number == 4 { "42704" } else { "22P02" }), "{error:?}");
        assert!(error.to_string().starts_with("PostgreSQL says"), "{error:?}");
        assert!(!error.is_stale(), "{error:?}");
    }
    Ok(())
}
