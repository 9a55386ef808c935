//! What stands around the calls of one write: what begins before them, what ends after them.

use std::borrow::Cow;

use crate::wire::transaction_start::TransactionStart;

/// What stands around the calls of one write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bracket<'b> {
    /// How many calls, from the first on, run by themselves before it begins. The receiver gets no rows of
    /// theirs, and counts the others from 0.
    pub(crate) ahead: usize,
    pub(crate) begin: Begin<'b>,
    pub(crate) end: End,
    /// A statement of SQL that is sent along with what begins a transaction.
    pub(crate) settings: Option<&'b str>,
}

/// What begins.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Begin<'b> {
    /// Nothing: the calls run where they are.
    None,
    /// A transaction around one call, by this text.
    Call(&'b str),
    /// A transaction in which all calls see the same rows.
    Snapshot,
    /// A transaction in which rows are locked.
    Locking,
    /// A transaction of several writes.
    Transaction(&'b TransactionStart),
    /// A savepoint, in a transaction that begins with it unless it has begun before.
    Savepoint { transaction: Option<&'b TransactionStart>, number: u32 },
    /// What follows the end of a savepoint whose changes are kept.
    Released(u32),
    /// What follows the end of a savepoint whose changes are taken back.
    RolledBackTo(u32),
}

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing: a transaction goes on.
    None,
    Commit,
    RollBack,
}

impl Bracket<'static> {
    /// The calls run where they are.
    pub(crate) const NONE: Bracket<'static> =
        Bracket { ahead: 0, begin: Begin::None, end: End::None, settings: None };
    /// All calls see the same rows.
    pub(crate) const SNAPSHOT: Bracket<'static> =
        Bracket { begin: Begin::Snapshot, end: End::Commit, ..Bracket::NONE };
    /// The calls lock rows.
    pub(crate) const LOCKING: Bracket<'static> =
        Bracket { begin: Begin::Locking, end: End::Commit, ..Bracket::NONE };

    /// What ends without having begun here.
    pub(crate) const fn end(end: End) -> Bracket<'static> {
        Bracket { end, ..Bracket::NONE }
    }
}

impl<'b> Bracket<'b> {
    /// What begins and does not end here.
    pub(crate) const fn begin(begin: Begin<'b>) -> Bracket<'b> {
        Bracket { ahead: 0, begin, end: End::None, settings: None }
    }

    pub(crate) fn is_none(&self) -> bool {
        self.begin.is_none() && self.end.is_none()
    }

    /// Does it end what it begins?
    pub(crate) fn is_balanced(&self) -> bool {
        self.begin.is_none() == self.end.is_none()
    }

    /// The text that is sent at the beginning; `None` where nothing begins.
    pub(crate) fn begin_text(&self) -> Option<Cow<'b, str>> {
        let text = self.begin.text()?;
        let Some(settings) = self.settings.filter(|_| text.starts_with("BEGIN")) else { return Some(text) };
        // What a transaction sets itself comes later, and counts.
        let (begin, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        Some(format!("{begin}; {settings}{rest}").into())
    }

    /// How many statements it is itself.
    pub(crate) fn statements(&self) -> usize {
        usize::from(!self.begin.is_none()) + usize::from(!self.end.is_none())
    }
}

impl<'b> Begin<'b> {
    pub(crate) fn is_none(self) -> bool {
        matches!(self, Begin::None)
    }

    /// The text that is sent; `None` where nothing begins.
    pub(crate) fn text(self) -> Option<Cow<'b, str>> {
        let text = match self {
            Begin::None => return None,
            Begin::Call(text) => text.into(),
            Begin::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".into(),
            Begin::Locking => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE".into(),
            Begin::Transaction(start) => start.text(),
            Begin::Savepoint { transaction: Some(start), number } => {
                format!("{}; SAVEPOINT persist_{number}", start.text()).into()
            }
            Begin::Savepoint { transaction: None, number } => format!("SAVEPOINT persist_{number}").into(),
            Begin::Released(number) => format!("RELEASE SAVEPOINT persist_{number}").into(),
            Begin::RolledBackTo(number) => {
                let name = format!("persist_{number}");
                format!("ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}").into()
            }
        };
        Some(text)
    }
}

/// Sent in front of COMMIT where nobody sees what that is answered: it fails unless there is a transaction that has not
/// failed, which COMMIT then commits, or says that it did not.
pub(crate) const PROBE: &str = "SAVEPOINT persist_commits";

impl End {
    pub(crate) fn is_none(self) -> bool {
        self == End::None
    }

    /// The text that is sent; `None` where nothing ends.
    pub(crate) fn text(self) -> Option<&'static str> {
        match self {
            End::None => None,
            End::Commit => Some("COMMIT"),
            End::RollBack => Some("ROLLBACK"),
        }
    }
}
