//! How full a pool is.

use deadpool::Status;

use crate::wire::config::StatementMode;
use crate::wire::pooler::Pooler;

/// How full the pool is.
///
/// ```
/// # fn example(db: &persist::Database) {
/// let status = db.status();
/// println!("{} of {} connections are in use, {} callers wait", status.in_use, status.max_size, status.waiting);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Connections that may be open at once.
    pub max_size: usize,
    /// Connections that are open.
    pub size: usize,
    /// Connections that are in use.
    pub in_use: usize,
    /// Callers that wait for a connection.
    pub waiting: usize,
    /// Was a pooler noticed between this program and the server? It is noticed by what it calls the process that serves a
    /// connection, by the settings that it refuses, and by statements that another server does not know.
    pub is_behind_pooler: bool,
    /// How statements are sent now: [`Named`](StatementMode::Named) or [`Unnamed`](StatementMode::Unnamed).
    pub statement_mode: StatementMode,
}

impl PoolStatus {
    pub(super) fn new(status: Status, pooler: &Pooler, chosen: StatementMode) -> PoolStatus {
        let is_behind_pooler = pooler.is_noticed();
        PoolStatus {
            max_size: status.max_size,
            size: status.size,
            in_use: status.size.saturating_sub(status.available),
            waiting: status.waiting,
            is_behind_pooler,
            statement_mode: match chosen {
                StatementMode::Auto if is_behind_pooler => StatementMode::Unnamed,
                StatementMode::Auto => StatementMode::Named,
                StatementMode::Named | StatementMode::Unnamed => chosen,
            },
        }
    }
}
