//! The kinds of error and the sentences that state them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use super::connect::ConnectFailure;
use super::server::ServerError;
use super::unknown::UnknownCommit;

#[derive(Debug)]
pub(super) enum Kind {
    NotFound(String),
    Stale { table: &'static str, keys: StaleKeys },
    KeptOut(&'static str),
    TooManyRows(String),
    Decode(String),
    Encode,
    EncodeColumn(String),
    TooLarge(String),
    Invalid(Cow<'static, str>),
    Refused(&'static str),
    InvalidCursor(Cow<'static, str>),
    Configuration(Cow<'static, str>),
    ColumnType(String),
    Connect { failure: ConnectFailure, target: Box<str> },
    PoolTimeout(PoolReport),
    PoolClosed,
    NoAnswer(Duration),
    ConnectionLost,
    RolledBack,
    Committed,
    Fenced,
    CommitUnknown(Option<UnknownCommit>),
    Server(Box<ServerError>),
    Protocol,
    Other(BoxError),
}

/// The values of a key as they travel, each with the OID of its type.
pub(crate) type StaleKey = Vec<(u32, Box<[u8]>)>;

/// Keys of rows, which are never printed.
pub(super) struct StaleKeys(pub(super) Vec<StaleKey>);

impl fmt::Debug for StaleKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

/// A cause of any type; also what reading and writing one value answers.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a caller waited for in vain.
#[derive(Debug, Clone)]
pub(crate) struct PoolReport {
    pub(crate) waited: Duration,
    pub(crate) size: usize,
    pub(crate) in_use: usize,
    pub(crate) waiting: usize,
    pub(crate) longest_holder: Option<Duration>,
}

impl Kind {
    /// Is the cause of such an error a sentence about a value, which says what the kind does not?
    pub(super) fn is_of_a_value(&self) -> bool {
        matches!(self, Kind::Encode | Kind::EncodeColumn(_) | Kind::Decode(_))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::NotFound(place) => write!(f, "no row was found in {place}"),
            Kind::Stale { table, .. } => write!(
                f,
                "a row of `{table}` (`stale_key` tells its key) does not exist, or was changed, moved or deleted since it was read, or a trigger \
                 kept the change out; read it again (if its key was changed in the struct: `save` does not write keys, an update by a \
                 query does; if its version was: only the library counts it)"
            ),
            Kind::KeptOut(table) => write!(
                f,
                "a trigger, a rule or a policy of `{table}` kept a row from being written: the statement answered no row, and no \
                 error"
            ),
            Kind::TooManyRows(place) => {
                write!(f, "several rows were found in {place}, where one was expected")
            }
            Kind::Decode(column) => write!(f, "the value of column `{column}` could not be decoded"),
            Kind::Encode => {
                f.write_str("the statement or one of its parameters could not be encoded, and nothing was sent")
            }
            Kind::EncodeColumn(column) => {
                write!(f, "the value of column `{column}` could not be encoded, and nothing was sent")
            }
            Kind::Invalid(message) | Kind::InvalidCursor(message) | Kind::Configuration(message) => {
                f.write_str(message)
            }
            Kind::Refused(table) => {
                write!(f, "a row of `{table}` does not pass its validation; nothing was sent")
            }
            Kind::ColumnType(message) | Kind::TooLarge(message) => f.write_str(message),
            Kind::Connect { failure, target } => failure.describe(target, f),
            Kind::PoolTimeout(report) => report.fmt(f),
            Kind::PoolClosed => f.write_str("the pool was closed by `Database::close`"),
            Kind::NoAnswer(waited) => write!(
                f,
                "the server did not answer within {waited:.1?}, the statement time-out included; the connection was given up"
            ),
            Kind::ConnectionLost => f.write_str(
                "the connection to the server was lost; whether the statement was carried out is not known",
            ),
            Kind::RolledBack => {
                f.write_str(
                    "nothing was committed: one of the calls of the unit of work had failed, or its connection was lost",
                )
            }
            Kind::Committed => f.write_str(
                "what was to be written is committed, but something failed afterwards; do not run it again",
            ),
            Kind::Fenced => f.write_str(
                "nothing was committed: another session has asked for the token before, and was answered that this is not committed",
            ),
            Kind::CommitUnknown(None) => f.write_str(
                "the connection was lost while the unit of work was committed; whether it was is not known",
            ),
            Kind::CommitUnknown(Some(_)) => f.write_str(
                "the connection was lost while the unit of work was committed; whether it was is not known yet: ask \
                 `unknown_commit` of this error",
            ),
            Kind::Server(error) => error.fmt(f),
            Kind::Protocol => f.write_str("the server sent something that the driver does not understand"),
            Kind::Other(own) => own.fmt(f),
        }
    }
}

impl fmt::Display for PoolReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PoolReport { waited, size, in_use, waiting, longest_holder } = self;
        write!(f, "no connection became free within {waited:.1?}: {in_use} of {size} are in use")?;
        if let Some(held) = longest_holder {
            write!(f, ", the longest for {held:.1?}")?;
        }
        write!(f, ", {waiting} callers wait; hold connections shorter, or raise `pool_size`")
    }
}
