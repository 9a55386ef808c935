//! What can be wrong with an expression.

use std::fmt;
use std::ops::Range;

use crate::missing::Missing;
use crate::pg_type::PgType;

/// A mistake in an expression: what is wrong and was found, where, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionMistake {
    /// Which mistake it is.
    pub kind: MistakeKind,
    /// The bytes of the text that are wrong.
    pub range: Range<usize>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to write, where that can be known.
    pub help: Option<String>,
}

/// The kinds of mistakes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MistakeKind {
    /// There is nothing.
    Empty,
    /// It is no SQL.
    Syntax,
    /// Something follows the expression.
    TrailingText,
    /// There are several expressions where one is wanted.
    Several,
    /// A column that the tables do not have.
    UnknownColumn {
        /// The name, as the server would look it up.
        name: String,
        /// The tables that were searched, as positions in those that were given.
        tables: Vec<usize>,
    },
    /// A table in front of a column that is none of those that may be named.
    UnknownTable {
        /// The name, with its schema if that was written.
        name: String,
    },
    /// A column that several of the tables have.
    AmbiguousColumn {
        /// The name.
        name: String,
        /// The tables that have it, as positions in those that were given.
        tables: Vec<usize>,
    },
    /// An attribute that a composite type does not have.
    UnknownAttribute {
        /// The name.
        name: String,
    },
    /// A string that is compared with an enum and is none of its labels.
    UnknownLabel {
        /// The string.
        label: String,
        /// The labels there are.
        labels: Vec<String>,
    },
    /// A condition that is not `boolean`.
    NotBoolean {
        /// Its type.
        found: Box<PgType>,
    },
    /// An aggregate such as `count(*)`.
    Aggregate,
    /// A window function.
    Window,
    /// A function that returns many rows.
    SetReturning,
    /// A query inside of the expression.
    SubSelect,
    /// A parameter such as `$1`.
    Parameter,
    /// `*`.
    Star,
    /// An order that is another one each time.
    Volatile,
    /// An order that depends on no column.
    Constant,
    /// An order by a type whose values have none.
    Unsortable,
    /// Something else that cannot stand here.
    Unsupported,
}

impl ExpressionMistake {
    pub(super) fn new(kind: MistakeKind, range: Range<usize>, message: impl Into<String>) -> Self {
        Self { kind, range, message: message.into(), help: None }
    }

    pub(super) fn missing(kind: MistakeKind, range: Range<usize>, missing: Missing) -> Self {
        Self { kind, range, message: missing.message, help: Some(missing.help) }
    }

    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The message and the help on one line.
impl fmt::Display for ExpressionMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ExpressionMistake {}

pub(super) fn not_boolean(text: &str, found: &PgType) -> ExpressionMistake {
    let message = format!("a condition is `boolean`, this one is `{found}`");
    ExpressionMistake::new(MistakeKind::NotBoolean { found: Box::new(found.clone()) }, 0..text.len(), message)
        .with_help("compare it with something, for instance by `=` or `IS NOT NULL`")
}
