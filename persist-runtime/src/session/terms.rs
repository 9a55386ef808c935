//! On what terms a transaction runs.

use std::time::Duration;

use crate::session::token::Token;
use crate::wire::transaction_start::TransactionStart;

/// On what terms a transaction runs.
pub(crate) struct Terms {
    /// What it begins with.
    pub(crate) start: TransactionStart,
    /// The limit among its settings, if they set one.
    pub(crate) statement_timeout: Option<Duration>,
    /// What shows later that it was committed.
    pub(crate) token: Option<Token>,
}

/// READ COMMITTED, and limits as the server has them.
impl Default for Terms {
    fn default() -> Self {
        Terms { start: TransactionStart::DEFAULT, statement_timeout: None, token: None }
    }
}
