//! Tokens: rows that show whether a unit of work was committed, after its connection was lost.

use std::borrow::Cow;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::error::BoxError;
use crate::error::Error;
use crate::error::UnknownCommit;
use crate::value::parameters::{Parameters, no_such_parameter};
use crate::value::random;
use crate::wire::access::Access;
use crate::wire::bracket::{Begin, Bracket, End};
use crate::wire::call::Call;
use crate::wire::mark::{guard, raise};
use crate::wire::pool::Pool;
use crate::wire::receiver::Receiver;
use crate::wire::statement::Statement;
use crate::wire::transaction_start::{Modes, Setting, TransactionStart};

/// The row of a unit of work that asked for one. It is written last, and it is there if and only if all else
/// is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token([u8; 16]);

/// For so long a token can be asked for; rows are to be kept longer.
pub(crate) const RETENTION: Duration = Duration::from_hours(24);

// From PostgreSQL's pg_type.dat.
const UUID: Oid = 2950;
const BOOL: Oid = 16;

static WRITE: Statement = Statement::fixed(
    Access::writes(&["persist_token"]),
    concat!(
        "WITH i AS (INSERT INTO persist_token (id) SELECT $1 WHERE ",
        guard!(),
        " RETURNING 1) SELECT 1 WHERE CASE WHEN (SELECT count(*) FROM i) = 1 THEN false ELSE ",
        raise!("kept"),
        " END",
    ),
    &[UUID],
    &[],
);

/// The first decides: the unit of work by its own row, or this, which keeps that row out for ever.
/// The update changes nothing; it makes the row that is there already come back, and waits for a unit of work
/// that is about to end.
static ASK: Statement = Statement::fixed(
    Access::writes(&["persist_token"]),
    concat!(
        "INSERT INTO persist_token AS t (id, committed) SELECT $1, false WHERE ",
        guard!(),
        " ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING committed",
    ),
    &[UUID],
    &[BOOL],
);

/// What asking begins with. At another isolation level it would be a conflict in itself, and it must not wait
/// for ever for a unit of work whose connection the server takes for alive.
static ASKING: TransactionStart = TransactionStart {
    modes: Some(Modes::DEFAULT),
    settings: Cow::Borrowed(&[
        Setting::fixed("lock_timeout", "1s"),
        Setting::fixed("statement_timeout", "5s"),
    ]),
};

impl Token {
    pub(crate) fn new() -> Token {
        Token(random::bytes())
    }

    pub(crate) fn of(unknown: &UnknownCommit) -> Token {
        Token(*unknown.token())
    }

    pub(crate) fn bytes(&self) -> [u8; 16] {
        self.0
    }

    /// What writes the row.
    pub(crate) fn call(&self) -> Call<'_> {
        Call { statement: &WRITE, params: self }
    }

    /// Whether an error of that statement says that the question was answered before: by no.
    pub(crate) fn is_fenced(error: &Error) -> bool {
        error.is_unique_violation() && error.constraint() == Some("persist_token_pkey")
    }
}

/// Asks whether the unit of work was committed. If it was not yet, it never will be.
pub(crate) async fn ask(pool: &Pool, unknown: &UnknownCommit) -> Result<bool, Error> {
    if unknown.age() >= RETENTION {
        return Err(Error::invalid(
            "a unit of work that was begun more than 24 hours ago cannot be asked for any more: its row in \
             `persist_token` may have been deleted",
        ));
    }
    let token = Token::of(unknown);
    let mut answer = Answer(None);
    let call = Call { statement: &ASK, params: &token };
    let bracket = Bracket { end: End::Commit, ..Bracket::begin(Begin::Transaction(&ASKING)) };
    let outcome = async { pool.acquire().await?.connection().send(&[call], &bracket, &mut answer).await };
    // Whatever failed, the question can be asked again.
    outcome.await.map_err(|cause| Error::commit_unknown(cause, Some(unknown.clone())))?;
    let unanswered = || Error::commit_unknown(Error::not_found("`persist_token`"), Some(unknown.clone()));
    answer.0.ok_or_else(unanswered)
}

struct Answer(Option<bool>);

impl Receiver for Answer {
    fn accept(&mut self, _: usize, row: tokio_postgres::Row) -> Result<(), Error> {
        let committed = row.try_get(0).map_err(Error::from_driver)?;
        self.0 = Some(committed);
        Ok(())
    }

    fn restart(&mut self) {
        self.0 = None;
    }
}

impl Parameters for Token {
    fn count(&self) -> usize {
        1
    }

    fn write(&self, index: usize, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match index {
            0 => out.put_slice(&self.0),
            _ => return Err(no_such_parameter(index)),
        }
        Ok(IsNull::No)
    }
}
