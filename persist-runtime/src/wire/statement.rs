//! A statement: its text, what it does, the types that travel, and the identity by which each connection
//! remembers it.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_postgres::types::{Oid, Type};

use crate::error::Error;
use crate::wire::access::{Access, Effect};

/// One SQL statement with what it does, the types of its parameters and of the columns that it is expected to
/// answer.
///
/// A *fixed* or *slotted* statement has a number of its own: every connection finds its prepared form by that
/// index, without hashing. A *dynamic* one is found by its text.
pub struct Statement {
    access: Access,
    sql: Cow<'static, str>,
    params: Cow<'static, [Oid]>,
    columns: Cow<'static, [Oid]>,
    identity: Identity,
    /// May it leave something on its connection that others must not find there?
    leaves_traces: bool,
}

pub(crate) enum Identity {
    /// The number is given out at the first use; 0 stands for none yet.
    Slot(AtomicUsize),
    Text,
    /// It is never prepared.
    None,
}

impl Statement {
    /// A statement whose text is known when the program is built; made for a `static`.
    ///
    /// `columns` may be empty: then the types of the answer are not checked.
    pub const fn fixed(
        access: Access,
        sql: &'static str,
        params: &'static [Oid],
        columns: &'static [Oid],
    ) -> Statement {
        Statement {
            access,
            sql: Cow::Borrowed(sql),
            params: Cow::Borrowed(params),
            columns: Cow::Borrowed(columns),
            identity: Identity::Slot(AtomicUsize::new(0)),
            leaves_traces: false,
        }
    }

    /// The same statement, after which nobody else gets the connection.
    pub(crate) fn leaving_traces(self) -> Statement {
        Statement { leaves_traces: true, ..self }
    }

    /// Is its connection only for those who have it already?
    pub(crate) fn leaves_traces(&self) -> bool {
        self.leaves_traces
    }

    /// A statement that is built for one call; each connection keeps the ones used last.
    pub fn dynamic(
        access: Access,
        sql: String,
        params: Vec<Oid>,
        columns: impl Into<Cow<'static, [Oid]>>,
    ) -> Statement {
        Statement::owned(access, sql, params, columns.into(), Identity::Text)
    }

    /// A statement that is built once at run time and kept until the program ends: found as fast as a fixed
    /// one.
    pub fn slotted(
        access: Access,
        sql: String,
        params: Vec<Oid>,
        columns: impl Into<Cow<'static, [Oid]>>,
    ) -> Statement {
        Statement::owned(access, sql, params, columns.into(), Identity::Slot(AtomicUsize::new(0)))
    }

    /// A statement that no connection keeps, because what it answers depends on more than its text.
    pub(crate) fn passing(access: Access, sql: String, params: Vec<Oid>, columns: Vec<Oid>) -> Statement {
        Statement::owned(access, sql, params, columns.into(), Identity::None)
    }

    /// The same statement, for those who keep it longer than the call.
    pub(crate) fn copy(&self) -> Statement {
        let identity = match &self.identity {
            Identity::Slot(slot) => Identity::Slot(AtomicUsize::new(slot_number(slot) + 1)),
            Identity::Text => Identity::Text,
            Identity::None => Identity::None,
        };
        let (sql, params, columns) = (self.sql.clone(), self.params.clone(), self.columns.clone());
        Statement { access: self.access.clone(), sql, params, columns, identity, ..*self }
    }

    /// Do connections find the same prepared form for both?
    pub(crate) fn is(&self, other: &Statement) -> bool {
        match (&self.identity, &other.identity) {
            (Identity::Slot(ours), Identity::Slot(theirs)) => slot_number(ours) == slot_number(theirs),
            (Identity::Text, Identity::Text) => self.sql == other.sql && self.params == other.params,
            _ => false,
        }
    }

    fn owned(
        access: Access,
        sql: String,
        params: Vec<Oid>,
        columns: Cow<'static, [Oid]>,
        identity: Identity,
    ) -> Statement {
        let (sql, params) = (Cow::Owned(sql), Cow::Owned(params));
        Statement { access, sql, params, columns, identity, leaves_traces: false }
    }

    /// Do connections keep it?
    pub(crate) fn is_kept(&self) -> bool {
        match self.identity {
            Identity::Slot(_) | Identity::Text => true,
            Identity::None => false,
        }
    }

    /// The text that is sent.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// What it does.
    pub(crate) fn effect(&self) -> Effect {
        self.access.effect
    }

    /// The tables that it names, where they are known.
    pub(crate) fn tables(&self) -> &[&'static str] {
        self.access.tables.as_slice()
    }

    /// Does it write rows, and not only maybe?
    pub(crate) fn surely_writes(&self) -> bool {
        self.access.surely_writes()
    }

    pub(crate) fn params(&self) -> &[Oid] {
        &self.params
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The driver's types of the parameters.
    pub(crate) fn param_types(&self) -> Result<Vec<Type>, Error> {
        self.params.iter().map(|oid| Type::from_oid(*oid).ok_or_else(|| unknown_param(*oid))).collect()
    }

    /// Compares the columns of an answer with those that the program was built for.
    ///
    /// The answer is that of the first run on a connection, which sends the statement before its columns are
    /// known.
    pub(crate) fn check(&self, found: &[tokio_postgres::Column]) -> Result<(), Error> {
        self.misfit(found).map_or(Ok(()), |mut message| {
            if let [table, others @ ..] = self.tables() {
                message.push_str(&format!("; the statement is about `{table}`"));
                others.iter().for_each(|table| message.push_str(&format!(", `{table}`")));
            }
            if self.effect().writes() {
                message
                    .push_str("; the statement had run before this was seen, so what it wrote may be there");
            }
            Err(Error::column_type(message))
        })
    }

    fn misfit(&self, found: &[tokio_postgres::Column]) -> Option<String> {
        if self.columns.is_empty() {
            return None;
        }
        if self.columns.len() != found.len() {
            return Some(format!(
                "the statement answers {} columns, but the program was built for {}; apply the migrations or \
                 rebuild: {}",
                found.len(),
                self.columns.len(),
                self.sql
            ));
        }
        let mut pairs = self.columns.iter().zip(found).enumerate();
        pairs
            .find(|(_, (built, column))| !same_on_the_wire(**built, column.type_().oid()))
            .map(|(index, (built, column))| misfit_of_column(index, *built, column))
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statement")
            .field("sql", &self.sql)
            .field("effect", &self.access.effect)
            .field("tables", &self.access.tables)
            .finish_non_exhaustive()
    }
}

static LAST_SLOT: AtomicUsize = AtomicUsize::new(0);

/// The number in a slot, counted from 0.
pub(crate) fn slot_number(slot: &AtomicUsize) -> usize {
    let known = slot.load(Ordering::Relaxed);
    if known != 0 {
        return known - 1;
    }
    let fresh = LAST_SLOT.fetch_add(1, Ordering::Relaxed) + 1;
    // Of two threads that use the statement for the first time at once, the first one's number stands.
    match slot.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => fresh - 1,
        Err(first) => first - 1,
    }
}

/// Stands for a column that nothing decodes.
const UNKNOWN: Oid = 0;

fn same_on_the_wire(built: Oid, found: Oid) -> bool {
    built == UNKNOWN || built == found || (is_text(built) && is_text(found))
}

fn is_text(oid: Oid) -> bool {
    [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME].iter().any(|ty| ty.oid() == oid)
}

fn misfit_of_column(index: usize, built: Oid, column: &tokio_postgres::Column) -> String {
    let built = Type::from_oid(built).map_or_else(|| format!("type {built}"), |ty| ty.name().to_owned());
    format!(
        "column {} `{}` is `{}` in the database, but was `{built}` when the program was built; apply the \
         migrations or rebuild",
        index + 1,
        column.name(),
        column.type_().name(),
    )
}

fn unknown_param(oid: Oid) -> Error {
    Error::invalid(format!(
        "a parameter has the type with OID {oid}, which is not built into PostgreSQL; pass it as text and cast it \
         in the statement"
    ))
}

#[cfg(test)]
mod tests {
    use super::{Identity, Statement, slot_number};
    use crate::wire::access::Access;

    fn slot(statement: &Statement) -> usize {
        match statement.identity() {
            Identity::Slot(slot) => slot_number(slot),
            Identity::Text | Identity::None => panic!("a statement without a slot"),
        }
    }

    #[test]
    fn every_kept_statement_has_a_number_of_its_own() {
        static FIXED: Statement = Statement::fixed(Access::reads(&[]), "SELECT 1", &[], &[]);
        let slotted = Statement::slotted(Access::reads(&[]), "SELECT 1".into(), vec![], &[]);
        assert_ne!(slot(&FIXED), slot(&slotted));
        assert_eq!(slot(&FIXED), slot(&FIXED));
    }
}
