//! What a relay waits for, and whom it tells why.

use std::fmt;

use crate::error::Error;

/// Decides whether a failure passes, and tells of those that do.
pub(crate) struct Patience<'r> {
    told: &'r WaitCallback,
    /// Has anything succeeded? Then the server, the database and the user are the right ones.
    has_worked: bool,
}

/// What is told why a relay waits.
#[derive(Default)]
pub(crate) struct WaitCallback(pub(crate) Option<Box<Tell>>);

type Tell = dyn Fn(&Error) + Send + Sync;

impl<'r> Patience<'r> {
    pub(crate) fn new(told: &'r WaitCallback) -> Patience<'r> {
        Patience { told, has_worked: false }
    }

    /// Something has succeeded, whatever comes of the rest.
    pub(crate) fn worked(&mut self) {
        self.has_worked = true;
    }

    /// Nothing, where trying again later may help.
    pub(crate) fn judge<T>(&mut self, outcome: Result<T, Error>) -> Result<Option<T>, Error> {
        match outcome {
            Ok(value) => {
                self.worked();
                Ok(Some(value))
            }
            Err(error) if self.passes(&error) => {
                if let WaitCallback(Some(tell)) = self.told {
                    tell(&error);
                }
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// What is not known to last may pass: a relay that ends without need hands nothing on until somebody notices.
    fn passes(&self, error: &Error) -> bool {
        let is_refused = error.is_authentication() || error.is_unknown_database() || error.is_tls();
        let is_ours =
            error.is_configuration() || error.is_pool_closed() || error.is_encode() || error.is_decode();
        let is_unfit = !error.is_connect() && (error.is_permission_denied() || is_wrong(error));
        !is_ours && !is_unfit && (self.has_worked || !is_refused)
    }
}

/// Is the table another one than the relay's statements are written for?
fn is_wrong(error: &Error) -> bool {
    match error.code() {
        // Poolers mix the prepared statements of their clients up (42P05), and that passes.
        Some(code) => code.starts_with("42") && code != "42P05",
        // They lose transactions as well.
        None => error.is_invalid_query() && !error.is_unmarked(),
    }
}

impl fmt::Debug for WaitCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "a function" } else { "none" })
    }
}
