//! Writes SQL text and collects its parameters.

use std::fmt::Write as _;

use tokio_postgres::types::Oid;

use crate::sql::scope::Scope;
use crate::table::shape::ColumnModel;
use crate::value::parameters::Collected;
use crate::value::scalar::Parameter;
use crate::wire::access::Access;
use crate::wire::statement::Statement;

/// SQL text in the making. A value becomes `$n`; the text never holds one.
pub(crate) struct Writer<'v> {
    sql: String,
    oids: Vec<Oid>,
    values: Vec<&'v dyn Parameter>,
    /// The tables whose columns can be named here besides the one that the query is about, the innermost last.
    scopes: Vec<Scope>,
}

/// Bytes of text that most queries stay below.
const USUAL_LENGTH: usize = 512;

impl<'v> Writer<'v> {
    pub(crate) fn new() -> Self {
        Writer {
            sql: String::with_capacity(USUAL_LENGTH),
            oids: Vec::new(),
            values: Vec::new(),
            scopes: Vec::new(),
        }
    }

    /// Text whose first parameters, of these types, are given when the statement runs.
    pub(crate) fn with_parameters(oids: Vec<Oid>) -> Self {
        Writer { oids, ..Writer::new() }
    }

    /// Adds text that was known when the program was built.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    /// Adds a placeholder for a value.
    pub(crate) fn bind(&mut self, value: &'v dyn Parameter, oid: Oid, cast: &'static str) -> &mut Self {
        self.values.push(value);
        self.oids.push(oid);
        let number = self.oids.len();
        self.placeholder(number, cast)
    }

    /// Adds a placeholder for a parameter that is there already, counted from 1.
    pub(crate) fn placeholder(&mut self, number: usize, cast: &'static str) -> &mut Self {
        self.push("$").number(number).push(cast)
    }

    /// Adds a column of a table.
    pub(crate) fn column(&mut self, scope: Scope, column: &ColumnModel) -> &mut Self {
        self.alias(scope).push(".").push(column.name)
    }

    /// Adds the alias of a table: its level, so that the text is the same each time.
    pub(crate) fn alias(&mut self, scope: Scope) -> &mut Self {
        let level = self.scopes.iter().position(|entered| *entered == scope);
        self.push("t").number(level.map_or(0, |level| level + 1))
    }

    /// Begins a sub-select over a table.
    pub(crate) fn enter(&mut self, scope: Scope) -> &mut Self {
        self.scopes.push(scope);
        self
    }

    /// Ends the innermost sub-select.
    pub(crate) fn leave(&mut self) -> &mut Self {
        self.scopes.pop();
        self
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, number: usize) -> &mut Self {
        match number {
            // Most numbers have one digit, and formatting costs as much as the rest of a short query.
            0..10 => self.sql.push(char::from(b'0' + number as u8)),
            // Writing to a string cannot fail.
            _ => drop(write!(self.sql, "{number}")),
        }
        self
    }

    /// The text so far.
    pub(crate) fn text(&self) -> &str {
        &self.sql
    }

    /// The text, the types of its parameters, and those that were bound.
    pub(crate) fn into_parts(self) -> (String, Vec<Oid>, Collected<'v>) {
        (self.sql, self.oids, Collected(self.values))
    }

    /// The statement and its parameters.
    pub(crate) fn finish(self, access: Access, columns: &'static [Oid]) -> (Statement, Collected<'v>) {
        (Statement::dynamic(access, self.sql, self.oids, columns), Collected(self.values))
    }
}
