//! A unit of work in a transaction that other code has begun.

use persist_runtime::UnitOfWork;

use crate::{Result, connect, insert, publish, published, server, values};

#[tokio::test]
async fn the_owner_commits_or_rolls_back() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let mut client = server.client().await;
    for commits in [false, true] {
        let mut transaction = client.transaction().await.unwrap();
        transaction.execute("INSERT INTO t VALUES (1)", &[]).await.unwrap();
        let uow = UnitOfWork::within(&mut transaction);
        publish(&uow, 1)?;
        // What waits is sent before others read.
        assert_eq!(published(&uow).await, [1]);
        insert(&uow, 2).await?;
        assert_eq!(values(&uow).await, [1, 2]);
        publish(&uow, 2)?;
        uow.commit().await?;
        assert!(values(&db).await.is_empty());
        if commits {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
    }
    assert_eq!((values(&db).await, published(&db).await), (vec![1, 2], vec![1, 2]));
    Ok(())
}

#[tokio::test]
async fn a_part_can_be_taken_back() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let mut client = server.client().await;
    let mut transaction = client.transaction().await.unwrap();
    let uow = UnitOfWork::within(&mut transaction);
    let savepoint = uow.savepoint().await?;
    publish(&uow, 1)?;
    insert(&uow, 1).await?;
    insert(&uow, 1).await.unwrap_err();
    savepoint.rollback().await?;
    publish(&uow, 2)?;
    insert(&uow, 2).await?;
    uow.commit().await?;
    transaction.commit().await.unwrap();
    assert_eq!((values(&db).await, published(&db).await), (vec![2], vec![2]));
    Ok(())
}

#[tokio::test]
async fn what_failed_fails_the_commit() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let mut client = server.client().await;
    let mut transaction = client.transaction().await.unwrap();
    let uow = UnitOfWork::within(&mut transaction);
    insert(&uow, 1).await?;
    insert(&uow, 1).await.unwrap_err();
    assert!(uow.commit().await.unwrap_err().is_rolled_back());
    transaction.rollback().await.unwrap();
    assert!(values(&db).await.is_empty());
    Ok(())
}

#[tokio::test]
async fn it_does_not_take_back_what_it_has_sent() -> Result {
    let server = server().await;
    let mut client = server.client().await;
    let mut transaction = client.transaction().await.unwrap();
    let uow = UnitOfWork::within(&mut transaction);
    publish(&uow, 1)?;
    uow.rollback().await?;
    let uow = UnitOfWork::within(&mut transaction);
    publish(&uow, 2)?;
    uow.flush().await?;
    assert!(uow.rollback().await.unwrap_err().to_string().contains("roll that transaction back"));
    let uow = UnitOfWork::within(&mut transaction);
    assert_eq!(published(&uow).await, [2]);
    Ok(())
}

#[tokio::test]
async fn what_had_failed_before_is_said_to_be_the_cause() -> Result {
    let server = server().await;
    let mut client = server.client().await;
    let mut transaction = client.transaction().await.unwrap();
    transaction.execute("INSERT INTO t VALUES (1), (1)", &[]).await.unwrap_err();
    let uow = UnitOfWork::within(&mut transaction);
    publish(&uow, 1)?;
    let error = uow.commit().await.unwrap_err();
    assert!(error.to_string().contains("with an error of another statement"), "{error}");
    transaction.rollback().await.unwrap();
    let mut transaction = client.transaction().await.unwrap();
    let uow = UnitOfWork::within(&mut transaction);
    insert(&uow, 1).await?;
    insert(&uow, 1).await.unwrap_err();
    for later in [insert(&uow, 2).await, uow.commit().await.map(drop)] {
        let error = later.unwrap_err();
        assert!(error.is_rolled_back() && error.is_unique_violation(), "{error:?}");
        assert_eq!((error.code(), error.constraint()), (Some("23505"), Some("t_a_key")));
    }
    Ok(())
}
