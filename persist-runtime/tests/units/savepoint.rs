//! Parts of a unit of work that are taken back.

use persist_runtime::{Savepoint, Sql};
use persist_testkit::{Proxy, assert_round_trips};

use crate::{Result, connect, insert, publish, published, server, values};

#[tokio::test]
async fn they_nest() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work();
    insert(&uow, 1).await?;
    let outer = uow.savepoint().await?;
    insert(&uow, 2).await?;
    let inner = uow.savepoint().await?;
    insert(&uow, 3).await?;
    inner.rollback().await?;
    insert(&uow, 4).await?;
    let inner = uow.savepoint().await?;
    insert(&uow, 5).await?;
    inner.release().await?;
    assert_eq!(values(&uow).await, [1, 2, 4, 5]);
    outer.rollback().await?;
    assert_eq!(values(&uow).await, [1]);
    uow.commit().await?;
    assert_eq!(values(&db).await, [1]);
    Ok(())
}

#[tokio::test]
async fn what_failed_inside_does_not_fail_the_unit_of_work() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work();
    insert(&uow, 1).await?;
    let savepoint = uow.savepoint().await?;
    assert!(insert(&uow, 1).await.unwrap_err().is_unique_violation());
    assert!(insert(&uow, 2).await.unwrap_err().is_rolled_back());
    savepoint.rollback().await?;
    insert(&uow, 2).await?;
    let savepoint = uow.savepoint().await?;
    // What fails on this side is no better.
    assert!(Sql::unchecked("SELECT 1").one::<String>(&uow).await.is_err());
    drop(savepoint);
    insert(&uow, 3).await?;
    uow.commit().await?;
    assert_eq!(values(&db).await, [1, 2, 3]);
    Ok(())
}

#[tokio::test]
async fn what_failed_outside_stays_failed() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work();
    insert(&uow, 1).await?;
    insert(&uow, 1).await.unwrap_err();
    assert!(uow.savepoint().await.unwrap_err().is_rolled_back());
    assert!(uow.commit().await.unwrap_err().is_rolled_back());
    assert!(values(&db).await.is_empty());
    Ok(())
}

#[tokio::test]
async fn one_that_is_dropped_is_rolled_back_before_anything_else() -> Result {
    let server = server().await;
    let proxy = Proxy::start(&server).await;
    let db = connect(proxy.url(), 1).await;
    let uow = db.unit_of_work();
    insert(&uow, 1).await?;
    let outer = uow.savepoint().await?;
    insert(&uow, 2).await?;
    let inner = uow.savepoint().await?;
    insert(&uow, 3).await?;
    // In an unusual order, and for both it is one rollback.
    assert_round_trips!(proxy, 0, drop((outer, inner)));
    assert_eq!(assert_round_trips!(proxy, 2, values(&uow).await), [1]);
    let last = uow.savepoint().await?;
    insert(&uow, 4).await?;
    drop(last);
    uow.commit().await?;
    assert_eq!(values(&db).await, [1]);
    Ok(())
}

#[tokio::test]
async fn one_that_ended_with_the_one_around_it_cannot_be_ended() -> Result {
    #[derive(Clone, Copy)]
    enum End {
        Release,
        RollBack,
        Drop,
    }

    async fn end(savepoint: Savepoint<'_>, how: End) -> Result {
        match how {
            End::Release => savepoint.release().await,
            End::RollBack => savepoint.rollback().await,
            End::Drop => {
                drop(savepoint);
                Ok(())
            }
        }
    }

    let server = server().await;
    let db = connect(server.url(), 1).await;
    for (how, left) in [(End::Release, &[1, 2, 3][..]), (End::RollBack, &[1, 3]), (End::Drop, &[1, 3])] {
        for late in [End::Release, End::RollBack] {
            let uow = db.unit_of_work();
            insert(&uow, 1).await?;
            let outer = uow.savepoint().await?;
            let inner = uow.savepoint().await?;
            insert(&uow, 2).await?;
            end(outer, how).await?;
            let error = end(inner, late).await.unwrap_err();
            assert!(error.to_string().contains("ended with one around it"), "{error}");
            // What is known of the transaction is true: it goes on.
            insert(&uow, 3).await?;
            assert_eq!(values(&uow).await, left);
            uow.rollback().await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_waits_belongs_to_the_part_in_which_it_was_given() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work();
    publish(&uow, 1)?;
    let savepoint = uow.savepoint().await?;
    publish(&uow, 2)?;
    savepoint.rollback().await?;
    let savepoint = uow.savepoint().await?;
    publish(&uow, 3)?;
    savepoint.release().await?;
    let savepoint = uow.savepoint().await?;
    publish(&uow, 4)?;
    uow.flush().await?;
    publish(&uow, 5)?;
    drop(savepoint);
    publish(&uow, 6)?;
    uow.commit().await?;
    assert_eq!(published(&db).await, [1, 3, 6]);
    Ok(())
}

#[tokio::test]
async fn the_first_thing_of_a_unit_of_work_may_be_one() -> Result {
    let server = server().await;
    let proxy = Proxy::start(&server).await;
    let db = connect(proxy.url(), 1).await;
    let uow = db.unit_of_work();
    let savepoint = assert_round_trips!(proxy, 1, uow.savepoint().await?);
    insert(&uow, 1).await?;
    savepoint.release().await?;
    uow.commit().await?;
    assert_eq!(values(&db).await, [1]);
    Ok(())
}
