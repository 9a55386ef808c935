//! What a transaction begins with: its modes and its settings, as data, and the one place where they become
//! text.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::wire::mark;

/// What a transaction sees of others; see
/// [PostgreSQL's manual](https://www.postgresql.org/docs/current/transaction-iso.html).
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database, id: Uuid) -> Result {
/// use persist::Isolation;
///
/// let uow = db.unit_of_work_builder().isolation(Isolation::Serializable).build();
/// let running = uow.repository::<Execution>().filter(|e| e.status.eq(Status::Running)).count().await?;
/// if running == 0 {
///     uow.insert(NewExecution::new(id, 1))?;
/// }
/// uow.commit().await?; // fails if another transaction did the same meanwhile
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Isolation {
    /// Each statement sees what was committed before it.
    #[default]
    ReadCommitted,
    /// All statements see what was committed before the first. A transaction that changes a row that was
    /// changed since gets [`is_serialization_failure`](crate::Error::is_serialization_failure), not
    /// [`is_stale`](crate::Error::is_stale).
    RepeatableRead,
    /// As if transactions ran one after another. Any statement, and COMMIT, can be a
    /// [`is_serialization_failure`](crate::Error::is_serialization_failure).
    Serializable,
}

/// What a transaction begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TransactionStart {
    /// `None` where another program has begun it: then only its mark and the settings are made.
    pub(crate) modes: Option<Modes>,
    /// Settings that end with the transaction.
    pub(crate) settings: Cow<'static, [Setting]>,
}

/// The modes of a transaction, as in BEGIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Modes {
    pub(crate) isolation: Isolation,
    pub(crate) is_read_only: bool,
    pub(crate) is_deferrable: bool,
}

/// A setting of a transaction, made by SET LOCAL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// As in SQL.
    pub(crate) name: &'static str,
    pub(crate) value: Cow<'static, str>,
}

/// The text of [`TransactionStart::DEFAULT`].
static DEFAULT_TEXT: LazyLock<String> = LazyLock::new(|| TransactionStart::DEFAULT.written());

impl TransactionStart {
    /// READ COMMITTED, and limits as the server has them.
    pub(crate) const DEFAULT: TransactionStart =
        TransactionStart { modes: Some(Modes::DEFAULT), settings: Cow::Borrowed(&[]) };

    /// The mark in a transaction that another program has begun.
    pub(crate) const JOINED: TransactionStart =
        TransactionStart { modes: None, settings: Cow::Borrowed(&[]) };

    pub(crate) fn is_read_only(&self) -> bool {
        self.modes.is_some_and(|modes| modes.is_read_only)
    }

    /// The text of one simple message, which a server runs as a whole or not at all if it cannot be read.
    pub(crate) fn text(&self) -> Cow<'static, str> {
        if *self == TransactionStart::DEFAULT {
            Cow::Borrowed(&DEFAULT_TEXT)
        } else {
            Cow::Owned(self.written())
        }
    }

    fn written(&self) -> String {
        let mut text = self.modes.map_or_else(String::new, |modes| format!("{}; ", modes.begin()));
        mark::set(&mut text);
        for setting in &*self.settings {
            text.push_str("; ");
            setting.write(&mut text);
        }
        text
    }
}

impl Modes {
    pub(crate) const DEFAULT: Modes =
        Modes { isolation: Isolation::ReadCommitted, is_read_only: false, is_deferrable: false };

    fn begin(self) -> String {
        let isolation = match self.isolation {
            Isolation::ReadCommitted => "READ COMMITTED",
            Isolation::RepeatableRead => "REPEATABLE READ",
            Isolation::Serializable => "SERIALIZABLE",
        };
        let access = if self.is_read_only { "READ ONLY" } else { "READ WRITE" };
        let deferrable = if self.is_deferrable { " DEFERRABLE" } else { "" };
        format!("BEGIN ISOLATION LEVEL {isolation} {access}{deferrable}")
    }
}

impl Setting {
    /// A setting that is known when the program is built.
    pub(crate) const fn fixed(name: &'static str, value: &'static str) -> Setting {
        Setting { name, value: Cow::Borrowed(value) }
    }

    /// The value is a literal that means the same whatever `standard_conforming_strings` says.
    fn write(&self, text: &mut String) {
        let Setting { name, value } = self;
        let _infallible = if value.contains('\\') {
            write!(text, "SET LOCAL {name} = E'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
        } else {
            write!(text, "SET LOCAL {name} = '{}'", value.replace('\'', "''"))
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{Isolation, Modes, Setting, TransactionStart};
    use crate::error::SECRET;

    #[test]
    fn every_transaction_is_marked() {
        let mark = format!("SET LOCAL persist.tx = '{}'", *SECRET);
        let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
        assert_eq!(TransactionStart::DEFAULT.text(), format!("{begin}; {mark}"));
        assert_eq!(TransactionStart::JOINED.text(), mark);
    }

    #[test]
    fn settings_come_in_their_order_as_literals() {
        let modes = Modes { isolation: Isolation::Serializable, is_read_only: true, is_deferrable: true };
        let settings = vec![Setting::fixed("a.b", "it's"), Setting::fixed("c", r"\d'")];
        let start = TransactionStart { modes: Some(modes), settings: settings.into() };
        let mark = format!("SET LOCAL persist.tx = '{}'", *SECRET);
        assert_eq!(
            start.text(),
            format!(
                "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; {mark}; SET LOCAL a.b = 'it''s'; \
                 SET LOCAL c = E'\\\\d'''"
            )
        );
    }
}
