//! Several statements in one write.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_util::Stream;
use futures_util::future::{MaybeDone, maybe_done};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, RowStream, Statement as Prepared};

use crate::error::Error;
use crate::value::parameters;
use crate::value::parameters::Parameters;
use crate::wire::config::StatementMode;
use crate::wire::connection::outcome::Commit;
use crate::wire::connection::outcome::Outcome;
use crate::wire::connection::{Connection, Failure, drain, wrong_number_of_params};
use crate::wire::statement::Statement;

/// A statement with its parameters.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) params: &'a dyn Parameters,
}

/// Statements that leave in one write, and their answers.
pub(crate) struct Pipeline<'a> {
    /// Runs by itself, before the others.
    pub(crate) write: Option<Call<'a>>,
    /// Begins a transaction for the others, or does what has to be done first; empty: they run where they are.
    pub(crate) begin: &'a str,
    pub(crate) calls: &'a [Call<'a>],
    /// Ends the transaction behind them: COMMIT or ROLLBACK; empty: it goes on.
    pub(crate) end: &'static str,
}

/// Ends a transaction for good.
pub(crate) const COMMIT: &str = "COMMIT";

/// Takes the rows of a pipeline.
pub(crate) trait Receiver: Send {
    /// Takes a row of the call at this index.
    fn accept(&mut self, call: usize, row: Row) -> Result<(), Error>;

    /// Forgets all rows: they come once more.
    fn restart(&mut self);

    /// Takes notice of the call whose answer was the first error.
    fn failed(&mut self, _call: usize) {}

    /// What an error means to whoever sent the statements.
    fn explained(&self, error: Error) -> Error {
        error
    }
}

type Queued<'f, T> = MaybeDone<Pin<Box<dyn Future<Output = Result<T, tokio_postgres::Error>> + Send + 'f>>>;

impl Connection {
    /// Runs several statements and hands their rows on, one statement after another; answers how many rows the write
    /// affected.
    pub(crate) async fn run_all(
        &mut self,
        pipeline: Pipeline<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        let patience = self.patience(pipeline.statements());
        crate::wire::connection::patiently(patience, self.run_all_unhurried(pipeline, receiver)).await
    }

    async fn run_all_unhurried(
        &mut self,
        mut pipeline: Pipeline<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        self.commit = Commit::Failed;
        pipeline.check()?;
        self.busy = true;
        let goes_alone = !self.in_transaction && pipeline.begin.is_empty() == pipeline.end.is_empty();
        self.in_transaction |= !pipeline.begin.is_empty();
        if pipeline.end == COMMIT {
            self.commit = Commit::Sent;
        }
        self.cache.close_retired();
        let mut outcome = self.fly_once(&pipeline, receiver).await;
        let is_outdated = outcome.result.as_ref().is_err_and(Failure::is_outdated_statement);
        if is_outdated {
            for Call { statement, .. } in pipeline.write.iter().chain(pipeline.calls) {
                self.cache.forget(statement);
            }
            self.cache.close_retired();
        }
        // A transaction of several calls has failed with the first.
        if is_outdated && goes_alone {
            receiver.restart();
            let written = outcome.written;
            if written.is_some() {
                pipeline.write = None;
            }
            outcome = self.fly_once(&pipeline, receiver).await;
            outcome.written = outcome.written.or(written);
        }
        self.busy = outcome.is_unusable;
        self.in_transaction &= pipeline.end.is_empty() || !outcome.is_over;
        if pipeline.end == COMMIT {
            self.commit = outcome.commit();
        }
        if let Some(call) = outcome.failed_call {
            receiver.failed(call);
        }
        outcome.result.map_err(|failure| failure.into_error(Some(&mut self.driver)))?;
        Ok(outcome.written.unwrap_or(0))
    }

    /// How far the COMMIT of the last pipeline has come, also if its future was dropped.
    pub(crate) fn commit(&self) -> Commit {
        self.commit
    }

    async fn fly_once(&mut self, pipeline: &Pipeline<'_>, receiver: &mut dyn Receiver) -> Outcome {
        let calls = pipeline.write.iter().chain(pipeline.calls);
        let count = pipeline.calls.len() + usize::from(pipeline.write.is_some());
        let (mut types, mut prepared) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for Call { statement, .. } in calls {
            let known = match self.settings.mode {
                StatementMode::Named => self.cache.get(statement),
                StatementMode::Unnamed => None,
            };
            let of_params = if known.is_some() { Ok(Vec::new()) } else { statement.param_types() };
            prepared.push(known);
            match of_params {
                Ok(known) => types.push(known),
                Err(error) => {
                    let is_over = !pipeline.begin.is_empty();
                    let outcome = Outcome::failed(Failure::before_sending(error));
                    return Outcome { is_refused: true, is_over, ..outcome };
                }
            }
        }
        let flight = Flight { pipeline, types: &types, prepared: &prepared, mode: self.settings.mode };
        let (mut outcome, fresh) = match self.driver.fly(pin!(flight.work(&self.client, receiver))).await {
            Some(done) => done,
            None => return Outcome::failed(Failure::Ended),
        };
        for (statement, fresh) in fresh {
            match statement.check(fresh.columns()) {
                Ok(()) => self.cache.put(statement, fresh),
                Err(error) => outcome.fail(Failure::Refused { error, drained: true }),
            }
        }
        outcome
    }
}

impl Pipeline<'_> {
    /// How many statements leave; what begins and what ends count as one each.
    fn statements(&self) -> usize {
        let around = [self.begin, self.end].iter().filter(|text| !text.is_empty()).count();
        usize::from(self.write.is_some()) + around + self.calls.len()
    }

    /// Compares the numbers of parameters, before anything is sent.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |call: &&Call<'_>| call.params.count() != call.statement.params().len();
        match self.write.iter().chain(self.calls).find(wrong) {
            Some(Call { statement, params }) => {
                Err(wrong_number_of_params(statement, statement.params().len(), params.count()))
            }
            None => Ok(()),
        }
    }
}

/// A pipeline with what is known of its statements.
pub(crate) struct Flight<'a> {
    pub(crate) pipeline: &'a Pipeline<'a>,
    pub(crate) types: &'a [Vec<Type>],
    pub(crate) prepared: &'a [Option<Prepared>],
    pub(crate) mode: StatementMode,
}

impl<'a> Flight<'a> {
    /// Queues all requests at the first poll, in their order, and reads the answers in the same order. Statements that the
    /// connection does not know yet are prepared behind the others.
    pub(crate) async fn work(
        &self,
        client: &Client,
        receiver: &mut dyn Receiver,
    ) -> (Outcome, Vec<(&'a Statement, Prepared)>) {
        let writes = usize::from(self.pipeline.write.is_some());
        let calls: Vec<Call<'a>> = self.pipeline.write.iter().chain(self.pipeline.calls).copied().collect();
        let begin = Some(self.pipeline.begin).filter(|begin| !begin.is_empty());
        let mut begin: Option<Queued<'_, ()>> = begin.map(|begin| queued(client.batch_execute(begin)));
        let mut end: Option<Queued<'_, ()>> = None;
        let mut answers: Vec<Queued<'_, RowStream>> =
            calls.iter().enumerate().map(|(index, call)| self.answer(client, index, *call)).collect();
        let is_cold = |index: &usize| {
            let is_named = self.mode == StatementMode::Named && calls[*index].statement.is_kept();
            is_named && self.prepared[*index].is_none()
        };
        let cold: Vec<usize> = (0..calls.len()).filter(is_cold).collect();
        let prepare =
            |index: &usize| client.prepare_typed(calls[*index].statement.sql(), &self.types[*index]);
        let mut fresh: Vec<Queued<'_, Prepared>> = cold.iter().map(|index| queued(prepare(index))).collect();

        let (write, reads) = answers.split_at_mut(writes);
        let mut is_whole = true;
        poll_fn(|cx| {
            queue(&mut *write, cx);
            queue(&mut begin, cx);
            queue(&mut *reads, cx);
            // What could not be encoded did not leave; what stands around it must not be committed without it.
            is_whole = !reads.iter_mut().any(has_failed);
            let text = if is_whole || self.pipeline.end != COMMIT { self.pipeline.end } else { "ROLLBACK" };
            end = Some(text).filter(|text| !text.is_empty()).map(|text| queued(client.batch_execute(text)));
            queue(&mut end, cx);
            queue(&mut fresh, cx);
            Poll::Ready(())
        })
        .await;

        let mut outcome = Outcome { is_refused: !is_whole, ..Outcome::new() };
        for (answer, call) in write.iter_mut().zip(&calls) {
            match self.rows(0, None, call, answer, &mut outcome, &mut |_| Ok(())).await {
                Some(rows) => outcome.written = Some(rows),
                None => break,
            }
        }
        if let Some(begin) = &mut begin {
            done(begin).await.unwrap_or_else(|error| outcome.fail(Failure::Driver(error)));
        }
        for (index, answer) in reads.iter_mut().enumerate() {
            let each = &mut |row| receiver.accept(index, row);
            self.rows(index + writes, Some(index), &calls[index + writes], answer, &mut outcome, each).await;
            if outcome.is_unusable {
                return (outcome, Vec::new());
            }
        }
        if let Some(end) = &mut end {
            match done(end).await {
                Ok(()) => (outcome.has_ended, outcome.is_over) = (true, true),
                Err(error) => {
                    outcome.is_over = has_rolled_back(&error);
                    outcome.fail(Failure::Driver(error));
                }
            }
        }
        let mut known = Vec::new();
        for (index, prepare) in cold.into_iter().zip(&mut fresh) {
            // What could not be prepared although it ran is prepared at the next use.
            if let Ok(prepared) = done(prepare).await {
                known.push((calls[index].statement, prepared));
            }
        }
        (outcome, known)
    }

    fn answer<'f>(&'f self, client: &'f Client, index: usize, call: Call<'f>) -> Queued<'f, RowStream> {
        match &self.prepared[index] {
            Some(prepared) => {
                queued(async move { client.query_raw(prepared, parameters::each(call.params)).await })
            }
            None => {
                let types = self.types[index].iter().cloned();
                queued(client.query_typed_raw(call.statement.sql(), parameters::each(call.params).zip(types)))
            }
        }
    }

    /// Reads one answer to its end; the number of rows affected, unless it failed.
    async fn rows(
        &self,
        index: usize,
        number: Option<usize>,
        call: &Call<'_>,
        answer: &mut Queued<'_, RowStream>,
        outcome: &mut Outcome,
        each: &mut (dyn FnMut(Row) -> Result<(), Error> + Send),
    ) -> Option<u64> {
        let rows = match done(answer).await {
            Ok(rows) => rows,
            Err(error) => {
                outcome.fail_at(number, Failure::Driver(error));
                return None;
            }
        };
        let mut rows = pin!(rows);
        if outcome.result.is_err() {
            // What a client refused before is an answer in full, which may be long.
            outcome.rest(drain(rows).await);
            return None;
        }
        let mut is_checked = self.prepared[index].is_some();
        while let Some(row) = poll_fn(|cx| rows.as_mut().poll_next(cx)).await {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    outcome.fail_at(number, Failure::Driver(error));
                    return None;
                }
            };
            let checked = if is_checked { Ok(()) } else { call.statement.check(row.columns()) };
            is_checked = true;
            let accepted = checked.and_then(|()| each(row));
            if let Err(error) = accepted {
                outcome.fail_at(number, Failure::Refused { error, drained: true });
                outcome.rest(drain(rows).await);
                return None;
            }
        }
        rows.rows_affected()
    }
}

/// Does the error of a COMMIT say that there is no transaction any more? A constraint or a conflict that shows there only ends it.
fn has_rolled_back(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| code.code().starts_with("23") || code.code().starts_with("40"))
}

fn queued<'f, T>(
    future: impl Future<Output = Result<T, tokio_postgres::Error>> + Send + 'f,
) -> Queued<'f, T> {
    maybe_done(Box::pin(future))
}

/// Polls for the first time, which sends what is polled.
fn queue<'q, 'f: 'q, T: 'q>(queued: impl IntoIterator<Item = &'q mut Queued<'f, T>>, cx: &mut Context<'_>) {
    for queued in queued {
        // Nobody waits yet: the answer is asked for later.
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
