//! What is to be done after a commit is done after a commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use persist_runtime::UnitOfWork;

use crate::{Result, connect, insert, server, values};

/// Notes which hooks ran.
#[derive(Clone, Default)]
struct Ran(Arc<Mutex<Vec<u32>>>);

impl Ran {
    fn note(&self, uow: &UnitOfWork<'_>, number: u32) {
        let ran = self.0.clone();
        uow.after_commit(move || ran.lock().unwrap().push(number));
    }

    fn take(&self) -> Vec<u32> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn they_run_in_their_order_once_all_is_committed() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let ran = Ran::default();
    let uow = db.unit_of_work();
    ran.note(&uow, 1);
    insert(&uow, 1).await?;
    ran.note(&uow, 2);
    assert!(ran.take().is_empty());
    uow.commit().await?;
    assert_eq!(ran.take(), [1, 2]);
    Ok(())
}

#[tokio::test]
async fn they_never_run_where_nothing_is_committed() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let ran = Ran::default();
    let dropped = db.unit_of_work();
    ran.note(&dropped, 1);
    insert(&dropped, 1).await?;
    drop(dropped);
    let rolled_back = db.unit_of_work();
    ran.note(&rolled_back, 2);
    rolled_back.rollback().await?;
    let failed = db.unit_of_work();
    ran.note(&failed, 3);
    insert(&failed, 1).await?;
    assert!(insert(&failed, 1).await.is_err() && failed.commit().await.is_err());
    assert!(ran.take().is_empty());
    Ok(())
}

#[tokio::test]
async fn those_of_a_savepoint_go_with_it() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let ran = Ran::default();
    let uow = db.unit_of_work();
    ran.note(&uow, 1);
    let savepoint = uow.savepoint().await?;
    ran.note(&uow, 2);
    savepoint.rollback().await?;
    let savepoint = uow.savepoint().await?;
    ran.note(&uow, 3);
    drop(savepoint);
    let savepoint = uow.savepoint().await?;
    ran.note(&uow, 4);
    savepoint.release().await?;
    uow.commit().await?;
    assert_eq!(ran.take(), [1, 4]);
    Ok(())
}

#[tokio::test]
async fn those_of_a_borrowed_transaction_wait_for_its_commit() -> Result {
    let server = server().await;
    let mut client = server.client().await;
    let ran = Ran::default();
    let mut transaction = client.transaction().await.unwrap();
    let uow = UnitOfWork::within(&mut transaction);
    ran.note(&uow, 1);
    insert(&uow, 1).await?;
    let committed = uow.commit().await?;
    transaction.commit().await.unwrap();
    assert!(ran.take().is_empty());
    committed.run_hooks();
    assert_eq!(ran.take(), [1]);
    Ok(())
}

#[tokio::test]
async fn one_that_panics_takes_nothing_back() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let ran = Ran::default();
    let uow = db.unit_of_work();
    insert(&uow, 1).await?;
    uow.after_commit(|| panic!("of the hook"));
    ran.note(&uow, 1);
    let error = uow.commit().await.unwrap_err();
    assert!(error.is_committed() && !error.is_retryable(), "{error:?}");
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("after_commit"), "{error:?}");
    assert_eq!((ran.take(), values(&db).await), (vec![1], vec![1]));
    let runs = &AtomicU32::new(0);
    let error = db
        .transact(async |uow| {
            runs.fetch_add(1, Relaxed);
            uow.after_commit(|| panic!("of the hook"));
            insert(uow, 2).await
        })
        .await
        .unwrap_err();
    assert!(error.is_committed(), "{error:?}");
    assert_eq!((runs.load(Relaxed), values(&db).await), (1, vec![1, 2]));
    Ok(())
}

#[tokio::test]
async fn one_of_a_borrowed_transaction_may_panic_too() -> Result {
    let server = server().await;
    let mut client = server.client().await;
    let ran = Ran::default();
    let mut transaction = client.transaction().await.unwrap();
    let uow = UnitOfWork::within(&mut transaction);
    uow.after_commit(|| panic!("of the hook"));
    ran.note(&uow, 1);
    let committed = uow.commit().await?;
    transaction.commit().await.unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| committed.run_hooks())).is_err());
    assert_eq!(ran.take(), [1]);
    Ok(())
}
