//! What is known of a conversation with a server.

/// What is known of a conversation with a server, also if the future of a call was dropped.
#[derive(Debug)]
pub(crate) struct ConnectionState {
    /// A call is under way, or was dropped before its answer had been read: what arrives next belongs to it.
    pub(crate) busy: bool,
    /// A transaction was begun and did not end.
    pub(crate) in_transaction: bool,
    /// Was there a statement that may have left something behind?
    pub(crate) has_traces: bool,
    /// What became of the COMMIT of the last write.
    pub(crate) commit: Commit,
    /// The server did not know a statement that was prepared.
    pub(crate) has_lost_statement: bool,
}

/// How far a COMMIT has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Commit {
    /// It was not sent, or is known to have done nothing: the server reported an error.
    Failed,
    /// It left, and nothing is known of it.
    Sent,
    Done,
}

impl ConnectionState {
    /// Of a connection on which nothing was sent yet, in a transaction or not.
    pub(crate) fn new(in_transaction: bool) -> Self {
        ConnectionState {
            busy: false,
            in_transaction,
            has_traces: false,
            commit: Commit::Failed,
            has_lost_statement: false,
        }
    }

    pub(crate) fn is_usable(&self) -> bool {
        !self.busy && !self.in_transaction
    }
}
