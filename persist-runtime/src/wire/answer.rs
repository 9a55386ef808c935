//! How the answer to one call is asked for and read.

use std::future::poll_fn;
use std::pin::{Pin, pin};

use futures_util::Stream;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, RowStream, Statement as Prepared};

use crate::value::parameters;
use crate::wire::call::Call;
use crate::wire::failure::Failure;
use crate::wire::outcome::Outcome;
use crate::wire::receiver::Receiver;

/// How a statement travels.
pub(crate) enum Form {
    /// Its name: Bind, Execute, Sync.
    Prepared(Prepared),
    /// Its text, with the types of its parameters: Parse, Bind, Execute, Sync without a name.
    Unnamed(Vec<Type>),
}

/// A call as it travels.
pub(crate) struct Request<'a> {
    pub(crate) call: Call<'a>,
    pub(crate) form: Form,
    /// Its place among all calls of its write.
    pub(crate) place: usize,
    /// Its index as the receiver counts; `None` where the receiver gets no rows.
    pub(crate) index: Option<usize>,
}

/// Rows that are read and dropped after a receiver refused one, before the connection is given up instead.
const ROWS_WORTH_DRAINING: u64 = 1_000;

impl Request<'_> {
    /// Does it travel by its name?
    pub(crate) fn is_prepared(&self) -> bool {
        matches!(self.form, Form::Prepared(_))
    }

    /// Asks; the first poll queues the request.
    pub(crate) async fn ask(&self, client: &Client) -> Result<RowStream, tokio_postgres::Error> {
        let params = parameters::each(self.call.params);
        match &self.form {
            Form::Prepared(prepared) => client.query_raw(prepared, params).await,
            Form::Unnamed(types) => {
                let typed = params.zip(types.iter().cloned());
                client.query_typed_raw(self.call.statement.sql(), typed).await
            }
        }
    }

    /// Reads the answer to its end; the number of rows affected, unless it failed.
    pub(crate) async fn read(
        &self,
        answer: Result<RowStream, tokio_postgres::Error>,
        outcome: &mut Outcome,
        receiver: &mut dyn Receiver,
    ) -> Option<u64> {
        let rows = match answer {
            Ok(rows) => rows,
            Err(error) => {
                outcome.fail_at(self.place, Failure::Driver(error));
                return None;
            }
        };
        let mut rows = pin!(rows);
        if outcome.result.is_err() {
            // After a refusal on this side it is an answer in full, which may be long.
            match drain(rows).await {
                Rest::End => self.note_end(outcome),
                Rest::Failed(error) => outcome.fail(Failure::Driver(error)),
                Rest::TooLong => outcome.is_unusable = true,
            }
            return None;
        }
        let mut is_checked = self.is_prepared();
        while let Some(row) = poll_fn(|cx| rows.as_mut().poll_next(cx)).await {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    outcome.fail_at(self.place, Failure::Driver(error));
                    return None;
                }
            };
            let checked = if is_checked { Ok(()) } else { self.call.statement.check(row.columns()) };
            is_checked = true;
            let accepted = checked.and_then(|()| match self.index {
                Some(index) => receiver.accept(index, row),
                None => Ok(()),
            });
            if let Err(refusal) = accepted {
                match drain(rows).await {
                    Rest::End => {
                        self.note_end(outcome);
                        outcome.fail_at(self.place, Failure::Refused(refusal));
                    }
                    // What was refused is not there at all.
                    Rest::Failed(error) => outcome.fail_at(self.place, Failure::Driver(error)),
                    Rest::TooLong => {
                        outcome.fail_at(self.place, Failure::Refused(refusal));
                        outcome.is_unusable = true;
                    }
                }
                return None;
            }
        }
        self.note_end(outcome);
        rows.rows_affected()
    }

    /// The server has carried it out.
    fn note_end(&self, outcome: &mut Outcome) {
        outcome.has_written |= self.call.statement.surely_writes();
    }
}

/// How the rest of an answer ends.
enum Rest {
    End,
    Failed(tokio_postgres::Error),
    /// Not worth waiting for: the connection cannot be used again.
    TooLong,
}

/// Reads the rest of an answer, so that the connection can be used again.
async fn drain(mut rows: Pin<&mut RowStream>) -> Rest {
    for _ in 0..ROWS_WORTH_DRAINING {
        match poll_fn(|cx| rows.as_mut().poll_next(cx)).await {
            None => return Rest::End,
            Some(Ok(_)) => {}
            Some(Err(error)) => return Rest::Failed(error),
        }
    }
    Rest::TooLong
}
