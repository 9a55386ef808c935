//! Where something was written, and what is wrong with it.

use std::fmt;
use std::sync::Arc;

/// The place in a migration file that something comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The file as people call it: the schema folder's name and the path below it,
    /// `schema/0001_pipelines.sql`.
    pub file: Arc<str>,
    /// The line, counted from one.
    pub line: u32,
}

impl Origin {
    /// The place `line` of `file`.
    pub fn new(file: impl Into<Arc<str>>, line: u32) -> Self {
        Self { file: file.into(), line }
    }
}

/// `schema/0001_pipelines.sql:3`, the form that editors and terminals turn into a link.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Something in the migrations that could not be read or understood, though it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where it is; `None` when there is no file to point at, for instance for a missing folder.
    pub origin: Option<Origin>,
    /// What is wrong and what was found, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic about a place in a file.
    pub fn at(origin: Origin, message: impl Into<String>) -> Self {
        Self { origin: Some(origin), message: message.into(), help: None }
    }

    /// A diagnostic about a folder or a file as a whole.
    pub fn general(message: impl Into<String>) -> Self {
        Self { origin: None, message: message.into(), help: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// `schema/0002.sql:7: message (help)`, on one line.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}
