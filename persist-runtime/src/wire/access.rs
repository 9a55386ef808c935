//! What a statement does, and to which tables: known where it is written, never searched for in its text.

use std::borrow::Cow;

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It reads rows.
    Reads,
    /// It reads rows and locks them.
    Locks,
    /// It writes rows, or may do anything.
    Writes,
}

/// What a statement does, and to which tables.
#[derive(Debug, Clone)]
pub struct Access {
    pub(crate) effect: Effect,
    pub(crate) tables: Cow<'static, [&'static str]>,
}

impl Access {
    /// Reads these tables, named with their schemas; an empty list stands for tables that are not known.
    pub const fn reads(tables: &'static [&'static str]) -> Access {
        Access::of(Effect::Reads, tables)
    }

    /// Writes these tables; an empty list stands for tables that are not known.
    pub const fn writes(tables: &'static [&'static str]) -> Access {
        Access::of(Effect::Writes, tables)
    }

    /// Writes these tables.
    pub(crate) fn writes_all(tables: Vec<&'static str>) -> Access {
        Access { effect: Effect::Writes, tables: Cow::Owned(tables) }
    }

    /// Does this to these tables.
    pub(crate) const fn of(effect: Effect, tables: &'static [&'static str]) -> Access {
        Access { effect, tables: Cow::Borrowed(tables) }
    }
}
