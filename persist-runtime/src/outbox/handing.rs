//! Handing events on while their keys are held.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use crate::error::Error;
use crate::outbox::batch;
use crate::outbox::batch::Outcome;
use crate::outbox::message::Message;
use crate::session::link::Session;
use crate::session::transaction::Transaction;
use crate::wire::time_limit::within;

/// How often the server is asked whether the keys are still held: a connection can die without a word.
const PULSE: Duration = Duration::from_secs(1);

/// How long its answer may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Hands on the events of a key, up to the first on which the function fails. `delay` says how long an event waits that
/// has failed so many times before.
pub(crate) async fn hand<H, F, E>(
    handler: H,
    queue: Vec<Message>,
    delay: impl Fn(u32) -> Duration,
) -> Vec<Outcome>
where
    H: FnOnce(Message) -> F + Clone,
    F: Future<Output = Result<(), E>>,
{
    let mut outcomes = Vec::with_capacity(queue.len());
    for message in queue {
        let (id, attempts) = (message.id, message.attempts);
        let taken = handler.clone()(message).await.is_ok();
        outcomes.push(Outcome { id, delay: (!taken).then(|| delay(attempts)) });
        if !taken {
            break;
        }
    }
    outcomes
}

/// Waits for `work` while the transaction goes on. If its connection is lost, so are the keys that it holds, and `work`
/// is dropped: another relay may be at it already.
pub(crate) async fn while_held<T>(
    transaction: &Transaction<'_>,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    let session = Session::of_transaction(transaction, None);
    let mut work = pin!(work);
    loop {
        let lost = pin!(tokio::time::timeout(PULSE, transaction.lost()));
        match select(work.as_mut(), lost).await {
            Either::Left((done, _)) => return Ok(done),
            Either::Right((Ok(lost), _)) => return Err(lost),
            Either::Right((Err(_elapsed), _)) => {}
        }
        let pulse = pin!(within(Some(LIMIT), batch::pulse(&session)));
        match select(work.as_mut(), pulse).await {
            Either::Left((done, pulse)) => return pulse.await.map(|()| done),
            Either::Right((answer, _)) => answer?,
        }
    }
}
