//! What the server reports, without the fields that hold values.

use std::fmt;

use tokio_postgres::error::{DbError, SqlState};

use super::raised::Raised;

/// An ERROR of the server.
pub(super) struct ServerError {
    pub(super) code: Box<str>,
    pub(super) message: Box<str>,
    pub(super) hint: Option<Box<str>>,
    pub(super) raised: Option<Raised>,
    /// Holds values of rows: never printed, handed out on request only.
    pub(super) detail: Option<Box<str>>,
    pub(super) table: Option<Box<str>>,
    pub(super) column: Option<Box<str>>,
    pub(super) constraint: Option<Box<str>>,
    /// It was a plan for what is not there any more.
    pub(super) is_outdated: bool,
    /// The statement travelled by its name.
    pub(super) was_named: bool,
}

impl ServerError {
    pub(super) fn new(error: &DbError) -> ServerError {
        let code: Box<str> = error.code().code().into();
        ServerError {
            raised: Raised::read(error),
            message: without_values(error),
            code,
            hint: error.hint().map(Into::into),
            detail: error.detail().map(Into::into),
            table: error.table().map(Into::into),
            column: error.column().map(Into::into),
            constraint: error.constraint().map(Into::into),
            is_outdated: is_outdated(error),
            was_named: false,
        }
    }

    pub(super) fn is(&self, code: &str) -> bool {
        *self.code == *code
    }

    /// Names the tables of the statement where they seem to be others than it was written for: something in it does not
    /// exist, or has another type.
    pub(super) fn told_tables(&mut self, tables: &[&str]) {
        const NO_SUCH_THING: [&str; 5] = ["42703", "42P01", "42704", "42883", "42804"];
        if tables.is_empty() || !NO_SUCH_THING.iter().any(|code| self.is(code)) {
            return;
        }
        let hint = format!(
            "the statement is about `{}`: apply the migrations that the program was built with, or rebuild it",
            tables.join("`, `")
        );
        self.hint = Some(match self.hint.take() {
            Some(own) => format!("{own} {hint}").into(),
            None => hint.into(),
        });
    }

    fn write_message(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL says: {} (SQLSTATE {})", self.message, self.code)
    }
}

/// Was a table altered since a statement was prepared, or does the server not know the statement? Then nothing was run.
pub(super) fn is_outdated(error: &DbError) -> bool {
    match error.code() {
        &SqlState::FEATURE_NOT_SUPPORTED => error.routine() == Some("RevalidateCachedQuery"),
        code => *code == SqlState::INVALID_SQL_STATEMENT_NAME,
    }
}

/// What is left of a message without values: what stands before the first of them, in whatever language.
fn without_values(error: &DbError) -> Box<str> {
    let message = error.message();
    match value_at(message) {
        Some(at) if holds_values(error) => format!("{}…", &message[..at]).into(),
        _ => message.into(),
    }
}

/// Messages of class 22 (data exceptions) hold the value that was refused; those of other classes hold names, unless
/// they come from a file of PostgreSQL's that reads the text of a value: of `tsquery`, of a JSON path, of `regclass`.
fn holds_values(error: &DbError) -> bool {
    const READERS: [&str; 9] = [
        "tsquery.c",
        "tsvector_parser.c",
        "jsonpath.c",
        "jsonpath_gram.y",
        "jsonpath_scan.l",
        "regproc.c",
        "acl.c",
        "guc.c",
        "oracle_compat.c",
    ];
    // What the parser says of the text of the statement has a position there.
    let is_parser =
        |file: &str| file.starts_with("parse_") || ["namespace.c", "scan.l", "gram.y"].contains(&file);
    let is_read = |file| READERS.contains(&file) || is_parser(file) && error.position().is_none();
    error.code().code().starts_with("22") || error.file().is_some_and(is_read)
}

/// Where the first value may begin: in quotation marks, as a number, or after a colon.
fn value_at(message: &str) -> Option<usize> {
    const QUOTES: [char; 14] = ['"', '\'', '`', '«', '»', '„', '“', '”', '‘', '’', '「', '『', '《', '‹'];
    let number = message.match_indices(' ').map(|(space, _)| space + 1);
    let number =
        number.filter(|at| message[*at..].starts_with(|first: char| first.is_ascii_digit() || first == '-'));
    let after_colon = message.find([':', '：']).map(|colon| {
        let rest = message[colon..].trim_start_matches([':', '：', ' ']);
        message.len() - rest.len()
    });
    [message.find(QUOTES), number.min(), after_colon].into_iter().flatten().min()
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table.as_deref().unwrap_or("?");
        let constraint = self.constraint.as_deref().unwrap_or("?");
        match &*self.code {
            // No constraint of a table or a domain, such as a row for which there is no partition, or what a
            // function raises: the message says more.
            "23505" | "23503" | "23514" | "23P01" if self.constraint.is_none() => self.write_message(f)?,
            "23502" if self.column.is_none() => self.write_message(f)?,
            "23505" => write!(
                f,
                "`{table}` has a row with this value already: unique constraint `{constraint}` (SQLSTATE 23505)"
            )?,
            "23503" => write!(
                f,
                "foreign key `{constraint}` of `{table}` is violated: the row referred to does not exist, or is \
                 still referred to (SQLSTATE 23503)"
            )?,
            "23502" => write!(
                f,
                "column `{table}.{}` is NOT NULL, but was given no value (SQLSTATE 23502)",
                self.column.as_deref().unwrap_or("?")
            )?,
            // The check of a domain belongs to no table.
            "23514" if self.table.is_none() => {
                write!(f, "check `{constraint}` of a domain is violated (SQLSTATE 23514)")?
            }
            "23514" => write!(f, "check `{constraint}` of `{table}` is violated (SQLSTATE 23514)")?,
            "23P01" => write!(
                f,
                "`{table}` has a row that excludes this one: exclusion constraint `{constraint}` (SQLSTATE 23P01)"
            )?,
            "25P02" => f.write_str(
                "the transaction has failed already, with an error of another statement: that says why (SQLSTATE 25P02)",
            )?,
            _ => self.write_message(f)?,
        }
        match &self.hint {
            Some(hint) => write!(f, "; hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ServerError { code, message, hint, table, column, constraint, .. } = self;
        f.debug_struct("ServerError")
            .field("code", code)
            .field("message", message)
            .field("hint", hint)
            .field("table", table)
            .field("column", column)
            .field("constraint", constraint)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ServerError {}
