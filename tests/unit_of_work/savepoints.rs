//! A savepoint that is dropped in the middle of a flush.
#![allow(dead_code, unreachable_pub, reason = "the derive makes more than these tests use")]

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use persist::prelude::*;
use persist_testkit::TestDatabase;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::Result;

/// A tag whose copy can be made to wait: a flush copies what it reads, when it has taken what it will write.
#[derive(Debug, Repository)]
#[persist(table = "tags")]
pub struct Label {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

static PAUSE: Mutex<Option<(Sender<()>, Receiver<()>)>> = Mutex::new(None);

impl Clone for Label {
    fn clone(&self) -> Self {
        let pause = PAUSE.lock().expect("no holder panics").take();
        if let Some((reached, go_on)) = pause {
            reached.send(()).expect("the test waits");
            go_on.recv().expect("the test lets it go on");
        }
        Label { id: self.id, name: self.name.clone() }
    }
}

/// No call is under way then, but what the flush has taken must not be written, because it was to be taken
/// back.
#[test]
fn a_savepoint_dropped_before_the_flush_sends() -> Result {
    let runtime = Runtime::new()?;
    let (_server, db, mut label) = runtime.block_on(async {
        let server = TestDatabase::new().await;
        let db = Database::builder().url(server.url()).pool_size(2).connect().await?;
        let label = db.repository::<Label>().insert(NewLabel::new("before")).await?;
        Result::Ok((server, db, label))
    })?;
    let uow = db.unit_of_work();
    let savepoint = runtime.block_on(uow.savepoint())?;
    label.name = "taken back".into();
    uow.save(&label)?;
    let ((reached, is_reached), (goes_on, go_on)) = (channel(), channel());
    *PAUSE.lock().expect("no holder panics") = Some((reached, go_on));
    let flushed = thread::scope(|scope| {
        scope.spawn(move || {
            is_reached.recv().expect("the flush copies what it reads");
            drop(savepoint);
            goes_on.send(()).expect("the flush waits");
        });
        runtime.block_on(uow.flush())
    });
    let torn = flushed.expect_err("what of it belongs to the savepoint is not known");
    assert!(torn.is_rolled_back(), "{torn:?}");
    assert!(runtime.block_on(uow.commit()).expect_err("a call has failed").is_rolled_back());
    let stored = runtime.block_on(db.repository::<Label>().get(label.id))?;
    assert_eq!(stored.name, "before");
    Ok(())
}
