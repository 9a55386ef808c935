//! The settings of a unit of work hold for its transaction, and cost nothing.

use std::time::{Duration, Instant};

use persist_runtime::{Database, Isolation, Sql, UnitOfWork};
use persist_testkit::{Proxy, assert_round_trips};

use crate::{Result, connect, insert, publish, published, server, values};

const SHOWN: &str = "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'),
    current_setting('transaction_deferrable'), current_setting('statement_timeout'), current_setting('lock_timeout'),
    current_setting('idle_in_transaction_session_timeout')";

type Shown = (String, String, String, String, String, String);

async fn shown(uow: UnitOfWork<'static>) -> Result<Vec<String>> {
    let (isolation, read_only, deferrable, statement, lock, idle): Shown =
        Sql::unchecked(SHOWN).one(&uow).await?;
    uow.commit().await?;
    Ok(vec![isolation, read_only, deferrable, statement, lock, idle])
}

#[tokio::test]
async fn the_server_shows_them_in_the_transaction_and_nowhere_else() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let new = || db.unit_of_work_builder();
    let usual = ["read committed", "off", "off", "0", "0", "0"];
    assert_eq!(shown(db.unit_of_work()).await?, usual);
    assert_eq!(shown(new().build()).await?, usual);
    let limits = new()
        .isolation(Isolation::Serializable)
        .read_only()
        .deferrable()
        .statement_timeout(Duration::from_millis(1_500))
        .lock_timeout(Duration::from_micros(1))
        .idle_timeout(Duration::MAX);
    let expected = ["serializable", "on", "on", "1500ms", "1ms", "2147483647ms"];
    assert_eq!(shown(limits.build()).await?, expected);
    let expected = ["repeatable read", "off", "off", "0", "0", "0"];
    assert_eq!(shown(new().isolation(Isolation::RepeatableRead).build()).await?, expected);
    let expected = ["read committed", "off", "off", "0", "0", "1min"];
    assert_eq!(shown(new().with_token().build()).await?, expected);
    // All that was one connection.
    assert_eq!(shown(db.unit_of_work()).await?, usual);
    Ok(())
}

#[tokio::test]
async fn they_hold_whatever_the_server_does_by_default() -> Result {
    let server = server().await;
    let name = server.name();
    for default in ["default_transaction_isolation = 'serializable'", "default_transaction_read_only = on"] {
        server
            .client()
            .await
            .batch_execute(&format!("ALTER DATABASE \"{name}\" SET {default}"))
            .await
            .unwrap();
    }
    let db = connect(server.url(), 1).await;
    let shown = shown(db.unit_of_work()).await?;
    assert_eq!(shown[..2], ["read committed", "off"]);
    Ok(())
}

#[tokio::test]
async fn they_leave_with_the_first_statement() -> Result {
    let server = server().await;
    let proxy = Proxy::start(&server).await;
    let db = connect(proxy.url(), 1).await;
    let builder = db.unit_of_work_builder().lock_timeout(Duration::from_secs(1)).with_token();
    for _cold_then_warm in 0..2 {
        let uow = builder.build();
        publish(&uow, 1)?;
        assert_round_trips!(proxy, 1, uow.commit().await?);
    }
    assert_eq!(published(&db).await, [1, 1]);
    let tokens: i64 = Sql::unchecked("SELECT count(*) FROM persist_token WHERE committed").one(&db).await?;
    assert_eq!(tokens, 2);
    // A statement of the caller's own, which nothing keeps from running, waits for the answer to BEGIN.
    let uow = builder.build();
    assert_round_trips!(proxy, 2, insert(&uow, 1).await?);
    assert_round_trips!(proxy, 1, uow.commit().await?);
    assert_eq!(values(&db).await, [1]);
    Ok(())
}

#[tokio::test]
async fn nothing_to_do_is_nothing_sent() -> Result {
    let server = server().await;
    let proxy = Proxy::start(&server).await;
    let db = connect(proxy.url(), 1).await;
    let builder = db.unit_of_work_builder().with_token();
    assert_round_trips!(proxy, 0, builder.build().commit().await?);
    assert_round_trips!(proxy, 0, builder.build().rollback().await?);
    Ok(())
}

#[tokio::test]
async fn a_limit_of_its_own_may_be_longer_than_that_of_the_database() -> Result {
    let server = server().await;
    let builder = Database::builder().url(server.url()).pool_size(1);
    let db = builder.statement_timeout(Duration::from_millis(100)).connect().await?;
    let sleep = async |uow: &UnitOfWork<'_>, seconds: f64| {
        Sql::unchecked("SELECT pg_sleep($1)::text").bind(seconds).execute(uow).await
    };
    let patient = db.unit_of_work_builder().statement_timeout(Duration::from_secs(60)).build();
    // The client's own limit would have been 2.1 s.
    sleep(&patient, 2.3).await?;
    patient.commit().await?;
    let hasty = db.unit_of_work_builder().statement_timeout(Duration::from_millis(50)).build();
    let started = Instant::now();
    let error = sleep(&hasty, 60.0).await.unwrap_err();
    assert!(error.is_statement_timeout() && started.elapsed() < Duration::from_secs(30));
    drop(hasty);
    let error = sleep(&db.unit_of_work(), 60.0).await.unwrap_err();
    assert!(error.is_statement_timeout() && started.elapsed() < Duration::from_secs(30));
    Ok(())
}

#[tokio::test]
async fn who_only_reads_may_not_write() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work_builder().read_only().with_token().build();
    assert!(values(&uow).await.is_empty());
    uow.commit().await?;
    let uow = db.unit_of_work_builder().read_only().build();
    assert_eq!(insert(&uow, 1).await.unwrap_err().code(), Some("25006"));
    Ok(())
}
