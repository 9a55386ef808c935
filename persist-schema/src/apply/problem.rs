//! Why a statement could not be applied.

use crate::missing::Missing;

/// Why a statement could not be applied.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// The result of applying something.
pub(crate) type Outcome = Result<(), Problem>;

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<Missing> for Problem {
    fn from(Missing { message, help }: Missing) -> Self {
        Self { message, help: Some(help) }
    }
}
