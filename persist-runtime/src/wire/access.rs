//! What a statement does, and to which tables: known where it is written, never searched for in its text.

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It reads rows.
    Reads,
    /// It reads rows and locks them.
    Locks,
    /// It writes rows, or may do anything.
    Writes,
    /// It writes rows, and is an error outside of the transaction of its unit of work.
    Guarded,
}

impl Effect {
    /// May it write rows?
    pub(crate) fn writes(self) -> bool {
        matches!(self, Effect::Writes | Effect::Guarded)
    }
}

/// What a statement does, and to which tables.
#[derive(Debug, Clone)]
pub struct Access {
    pub(crate) effect: Effect,
    pub(crate) tables: Tables,
}

/// The tables that a statement names, each once, as SQL names them: with their schema, and quoted where
/// they must be. Empty where they are not known. What functions, triggers and foreign keys do is
/// not among it.
#[derive(Debug, Clone)]
pub(crate) enum Tables {
    /// Known when the program was built.
    Fixed(&'static [&'static str]),
    /// One, which most statements have.
    One(&'static str),
    /// Found while the statement was written.
    Several(Vec<&'static str>),
}

impl Access {
    /// Reads these tables.
    pub const fn reads(tables: &'static [&'static str]) -> Access {
        Access::of(Effect::Reads, Tables::Fixed(tables))
    }

    /// Writes these tables.
    pub const fn writes(tables: &'static [&'static str]) -> Access {
        Access::of(Effect::Writes, Tables::Fixed(tables))
    }

    /// Does it write rows? Of SQL of the user's own that is not known.
    pub(crate) fn surely_writes(&self) -> bool {
        self.effect.writes() && !self.tables.as_slice().is_empty()
    }

    /// Does this to these tables.
    pub(crate) const fn of(effect: Effect, tables: Tables) -> Access {
        Access { effect, tables }
    }
}

impl Tables {
    /// None yet.
    pub(crate) const NONE: Tables = Tables::Fixed(&[]);

    /// The tables.
    pub(crate) fn as_slice(&self) -> &[&'static str] {
        match self {
            Tables::Fixed(tables) => tables,
            Tables::One(table) => std::slice::from_ref(table),
            Tables::Several(tables) => tables,
        }
    }

    /// Adds a table, unless it is there.
    pub(crate) fn insert(&mut self, table: &'static str) {
        if self.as_slice().contains(&table) {
            return;
        }
        match self {
            Tables::Fixed([]) => *self = Tables::One(table),
            Tables::Fixed(_) | Tables::One(_) => {
                *self = Tables::Several(self.as_slice().iter().copied().chain([table]).collect());
            }
            Tables::Several(tables) => tables.push(table),
        }
    }

    /// Adds all of these.
    pub(crate) fn extend(&mut self, others: &Tables) {
        for table in others.as_slice() {
            self.insert(table);
        }
    }
}

impl FromIterator<&'static str> for Tables {
    fn from_iter<I: IntoIterator<Item = &'static str>>(tables: I) -> Self {
        let mut found = Tables::NONE;
        for table in tables {
            found.insert(table);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Tables;

    #[test]
    fn each_table_is_there_once() {
        let tables: Tables = ["a", "b", "a", "c", "b"].into_iter().collect();
        assert_eq!(tables.as_slice(), ["a", "b", "c"]);
    }
}
