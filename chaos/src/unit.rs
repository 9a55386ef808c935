//! One unit of work: how it is done, and what is said of it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use persist::{Database, Error, UnknownCommit};

use crate::bank::{Order, transfer};

/// In which way a unit of work is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// By `transact`, or by a unit of work and its commit.
    pub(crate) transacts: bool,
    pub(crate) has_token: bool,
    /// Its future is dropped after so many polls.
    pub(crate) polls: Option<usize>,
}

/// What is said of a unit of work.
#[derive(Debug)]
pub(crate) enum Answer {
    Committed,
    NotCommitted(Error),
    Unknown(Option<UnknownCommit>),
    /// Nothing: its future was dropped.
    Dropped,
}

impl Answer {
    fn of(outcome: Result<(), Error>) -> Answer {
        match outcome {
            Ok(()) => Answer::Committed,
            Err(error) if error.is_committed() => Answer::Committed,
            Err(error) if error.is_commit_unknown() => Answer::Unknown(error.unknown_commit().cloned()),
            Err(error) => Answer::NotCommitted(error),
        }
    }
}

pub(crate) async fn carry_out(db: &Database, order: Order, manner: Manner) -> Answer {
    let work = Box::pin(work(db, order, manner));
    match manner.polls {
        None => Answer::of(work.await),
        Some(polls) => Doomed { work: Some(work), polls }.await.map_or(Answer::Dropped, Answer::of),
    }
}

async fn work(db: &Database, order: Order, manner: Manner) -> Result<(), Error> {
    let builder = db.unit_of_work_builder();
    let builder = if manner.has_token { builder.with_token() } else { builder };
    if manner.transacts {
        return builder.transact(async |uow| transfer(uow, order).await).await;
    }
    let uow = builder.build();
    transfer(&uow, order).await?;
    uow.commit().await.map(drop)
}

/// A future that is dropped when it was polled so many times.
struct Doomed<F> {
    work: Option<Pin<Box<F>>>,
    polls: usize,
}

impl<F: Future> Future for Doomed<F> {
    /// `None`: it was dropped.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let Some(left) = self.polls.checked_sub(1) else {
            self.work = None;
            return Poll::Ready(None);
        };
        self.polls = left;
        match &mut self.work {
            Some(work) => work.as_mut().poll(cx).map(Some),
            None => Poll::Ready(None),
        }
    }
}
