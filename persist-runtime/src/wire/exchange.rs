//! Several calls in one write, and their answers.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::{MaybeDone, maybe_done};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, RowStream, Statement as Prepared};

use crate::wire::answer::{Form, Request};
use crate::wire::bracket::{Bracket, End, PROBE};
use crate::wire::failure::Failure;
use crate::wire::outcome::Outcome;
use crate::wire::receiver::Receiver;
use crate::wire::statement::Statement;

/// What leaves in one write.
pub(crate) struct Exchange<'a> {
    pub(crate) requests: &'a [Request<'a>],
    pub(crate) bracket: Bracket<'a>,
    /// Is COMMIT preceded by a statement that shows what its answer will mean?
    pub(crate) probes: bool,
    /// Are statements prepared that the connection does not know yet?
    pub(crate) prepares: bool,
    /// Statements of earlier writes that are prepared, too.
    pub(crate) deferred: &'a [Statement],
}

/// A statement that is being prepared, with the place of its call if it has one in this write.
pub(crate) struct Preparing<'f> {
    pub(crate) statement: &'f Statement,
    pub(crate) place: Option<usize>,
    prepare: Queued<'f, Prepared>,
}

type Queued<'f, T> = MaybeDone<Pin<Box<dyn Future<Output = Result<T, tokio_postgres::Error>> + Send + 'f>>>;

impl Exchange<'_> {
    /// Queues all requests at the first poll, in their order, and reads the answers in the same order.
    /// Statements that the connection does not know yet are prepared after the others; the answers to that are
    /// left to be read.
    pub(crate) async fn run<'f>(
        &'f self,
        client: &'f Client,
        receiver: &mut dyn Receiver,
    ) -> (Outcome, Vec<Preparing<'f>>) {
        let begin_text = self.bracket.begin_text();
        let begin = begin_text.as_deref();
        let mut begin: Option<Queued<'_, ()>> = begin.map(|text| queued(client.batch_execute(text)));
        let mut answers: Vec<Queued<'_, RowStream>> =
            self.requests.iter().map(|request| queued(request.ask(client))).collect();
        let (mut probe, mut end): (Option<Queued<'_, ()>>, Option<Queued<'_, ()>>) = (None, None);
        let mut fresh: Vec<Preparing<'f>> = Vec::new();
        let mut is_whole = true;
        poll_fn(|cx| {
            let (ahead, inside) = answers.split_at_mut(self.bracket.ahead);
            queue(&mut *ahead, cx);
            queue(&mut begin, cx);
            queue(&mut *inside, cx);
            // What could not be encoded did not leave; what stands around it must not be committed without
            // it.
            is_whole = !inside.iter_mut().any(has_failed);
            let is_kept = is_whole || self.bracket.end != End::Commit;
            let last = if is_kept { self.bracket.end.text() } else { End::RollBack.text() };
            let is_probed = self.probes && is_kept && self.bracket.end == End::Commit;
            probe = is_probed.then(|| queued(client.batch_execute(PROBE)));
            queue(&mut probe, cx);
            end = last.map(|text| queued(client.batch_execute(text)));
            queue(&mut end, cx);
            for (request, answer) in self.requests.iter().zip(&mut answers) {
                if let Some(types) = self.to_prepare(request).filter(|_| !has_failed(answer)) {
                    let statement = request.call.statement;
                    let prepare = queued(client.prepare_typed(statement.sql(), types));
                    fresh.push(Preparing { statement, place: Some(request.place), prepare });
                }
            }
            fresh.extend(self.deferred.iter().map(|statement| {
                let prepare = queued(async move {
                    let types = statement.param_types().unwrap_or_default();
                    client.prepare_typed(statement.sql(), &types).await
                });
                Preparing { statement, place: None, prepare }
            }));
            queue(fresh.iter_mut().map(|preparing| &mut preparing.prepare), cx);
            Poll::Ready(())
        })
        .await;

        let is_prepared = self.requests.iter().any(Request::is_prepared);
        let mut outcome = Outcome { is_refused: !is_whole, ..Outcome::new(is_prepared) };
        let (ahead, inside) = answers.split_at_mut(self.bracket.ahead);
        let (requests_ahead, requests) = self.requests.split_at(self.bracket.ahead);
        for (request, answer) in requests_ahead.iter().zip(ahead) {
            let affected = request.read(done(answer).await, &mut outcome, receiver).await;
            outcome.ahead += usize::from(affected.is_some());
            outcome.affected = outcome.affected.or(affected);
            if outcome.is_unusable {
                return (outcome, Vec::new());
            }
        }
        if let Some(begin) = &mut begin {
            done(begin).await.unwrap_or_else(|error| outcome.fail(Failure::Driver(error)));
        }
        for (request, answer) in requests.iter().zip(inside) {
            let affected = request.read(done(answer).await, &mut outcome, receiver).await;
            if request.place == 0 {
                outcome.affected = affected;
            }
            if outcome.is_unusable {
                return (outcome, Vec::new());
            }
        }
        let found = match &mut probe {
            Some(probe) => Some(done(probe).await),
            None => None,
        };
        if let Some(end) = &mut end {
            match done(end).await {
                Ok(()) => {
                    outcome.is_over = true;
                    outcome.note_probe(found);
                }
                Err(error) => {
                    let failure = Failure::Driver(error);
                    outcome.is_over = failure.ends_transaction();
                    match self.bracket.end {
                        End::Commit if is_whole => outcome.fail_commit(failure),
                        End::Commit | End::None | End::RollBack => outcome.fail(failure),
                    }
                }
            }
        }
        (outcome, fresh)
    }

    /// The types of the parameters of a statement that is to be prepared.
    fn to_prepare<'r>(&self, request: &'r Request<'_>) -> Option<&'r [Type]> {
        match &request.form {
            Form::Unnamed(types) if self.prepares && request.call.statement.is_kept() => Some(types),
            Form::Unnamed(_) | Form::Prepared(_) => None,
        }
    }
}

/// Reads what was prepared. What could not be, although it ran, is prepared at the next use.
pub(crate) async fn prepared<'f>(
    preparing: Vec<Preparing<'f>>,
) -> Vec<(Option<usize>, &'f Statement, Prepared)> {
    let mut known = Vec::with_capacity(preparing.len());
    for Preparing { statement, place, mut prepare } in preparing {
        if let Ok(prepared) = done(&mut prepare).await {
            known.push((place, statement, prepared));
        }
    }
    known
}

fn queued<'f, T>(
    future: impl Future<Output = Result<T, tokio_postgres::Error>> + Send + 'f,
) -> Queued<'f, T> {
    maybe_done(Box::pin(future))
}

/// Polls for the first time, which sends what is polled.
fn queue<'q, 'f: 'q, T: 'q>(queued: impl IntoIterator<Item = &'q mut Queued<'f, T>>, cx: &mut Context<'_>) {
    for queued in queued {
        // The answer is asked for later.
        let _ = Pin::new(queued).poll(cx);
    }
}

/// Is it known after the first poll already that it failed?
fn has_failed<T>(queued: &mut Queued<'_, T>) -> bool {
    matches!(Pin::new(queued).output_mut(), Some(Err(_)))
}

/// The output of something queued.
async fn done<T>(queued: &mut Queued<'_, T>) -> Result<T, tokio_postgres::Error> {
    let mut queued = Pin::new(queued);
    poll_fn(|cx| queued.as_mut().poll(cx)).await;
    match queued.take_output() {
        Some(output) => output,
        None => unreachable!("an answer is taken once"),
    }
}
