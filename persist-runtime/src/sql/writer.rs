//! Writes SQL text and collects its parameters.

use std::fmt::Write as _;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::sql::scope::{Alias, Scope};
use crate::table::column::ColumnModel;
use crate::table::derived::Derived;
use crate::value::parameters::Collected;
use crate::value::scalar::Parameter;
use crate::wire::access::{Access, Effect, Tables};
use crate::wire::statement::Statement;

/// SQL text in the making. A value becomes `$n`; the text never holds one.
pub(crate) struct Writer<'v> {
    sql: String,
    oids: Vec<Oid>,
    values: Vec<&'v dyn Parameter>,
    /// Is a value that is sent already sent once only?
    shares: bool,
    tables: Tables,
    /// The tables whose columns can be named here besides the one that the query is about, the innermost
    /// last.
    scopes: Vec<Scope>,
    /// The tables that are joined for the order.
    sorted: Vec<Scope>,
}

/// A part of statements that is written once.
#[derive(Debug)]
pub(crate) struct Fragment {
    sql: String,
    tables: Tables,
}

impl Fragment {
    /// No text.
    pub(crate) const NONE: Fragment = Fragment { sql: String::new(), tables: Tables::NONE };

    pub(crate) fn is_empty(&self) -> bool {
        self.sql.is_empty()
    }
}

/// What stands for the alias of a table in SQL of the user's own, which cannot contain it.
const ALIAS: char = '\0';

/// Bytes of text that most queries stay below.
const USUAL_LENGTH: usize = 512;

impl Default for Writer<'_> {
    fn default() -> Self {
        Writer::new()
    }
}

impl<'v> Writer<'v> {
    pub(crate) fn new() -> Self {
        Writer {
            sql: String::with_capacity(USUAL_LENGTH),
            oids: Vec::new(),
            values: Vec::new(),
            shares: false,
            tables: Tables::NONE,
            scopes: Vec::new(),
            sorted: Vec::new(),
        }
    }

    /// Text whose first parameters, of these types, are given when the statement runs.
    pub(crate) fn with_parameters(oids: Vec<Oid>) -> Self {
        Writer { oids, ..Writer::new() }
    }

    /// Text in which equal expressions have equal parameters. PostgreSQL takes `$1` and `$2` for different whatever is
    /// sent for them, so that a group could not be selected by what it is grouped by.
    pub(crate) fn sharing() -> Self {
        Writer { shares: true, ..Writer::new() }
    }

    /// Adds text that was known when the program was built.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    /// Adds a part that was written before.
    pub(crate) fn fragment(&mut self, part: &Fragment) -> &mut Self {
        self.tables.extend(&part.tables);
        self.push(&part.sql)
    }

    /// Notes that the statement names a table.
    pub(super) fn names(&mut self, table: &'static str) -> &mut Self {
        self.tables.insert(table);
        self
    }

    /// Adds a comma, unless it is the first item of a list.
    pub(crate) fn comma(&mut self, index: usize) -> &mut Self {
        self.push(if index > 0 { ", " } else { "" })
    }

    /// Adds a placeholder for a value.
    pub(crate) fn bind(&mut self, value: &'v dyn Parameter, oid: Oid, cast: &'static str) -> &mut Self {
        let number = self.sent(value, oid).unwrap_or_else(|| {
            self.values.push(value);
            self.oids.push(oid);
            self.oids.len()
        });
        self.placeholder(number, cast)
    }

    /// The number of a parameter that sends the same bytes.
    fn sent(&self, value: &dyn Parameter, oid: Oid) -> Option<usize> {
        if !self.shares {
            return None;
        }
        let ty = Type::from_oid(oid)?;
        let bytes = |value: &dyn Parameter| {
            let mut bytes = BytesMut::new();
            let is_null = matches!(value.write(&ty, &mut bytes).ok()?, IsNull::Yes);
            Some((is_null, bytes))
        };
        let sought = bytes(value)?;
        let is_same = |(index, known): (usize, &&dyn Parameter)| {
            self.oids[index] == oid && bytes(*known).as_ref() == Some(&sought)
        };
        self.values.iter().enumerate().position(is_same).map(|index| index + 1)
    }

    /// Adds a placeholder for a parameter that is there already, counted from 1.
    pub(crate) fn placeholder(&mut self, number: usize, cast: &'static str) -> &mut Self {
        self.push("$").number(number).push(cast)
    }

    /// Adds an operator of the type that has its operators in a schema, with spaces around it.
    pub(crate) fn operator(&mut self, schema: &str, operator: &str) -> &mut Self {
        match schema {
            "" => self.push(" ").push(operator).push(" "),
            _ => self.push(" OPERATOR(").push(schema).push(".").push(operator).push(") "),
        }
    }

    /// Adds a column of a table, or what is read in its place.
    pub(crate) fn column(&mut self, alias: Alias, column: &ColumnModel) -> &mut Self {
        match &column.derived {
            None => self.alias(alias).push(".").push(column.name),
            Some(Derived::Expression(expression)) => self.aliased(expression, alias),
            Some(Derived::Aggregate(aggregate)) => {
                let mut conditions = self.push(aggregate.open).from(aggregate, Alias::Aggregated);
                conditions.and(self).aliased(aggregate.condition, alias);
                conditions.finish(self);
                self.push(")")
            }
            Some(Derived::Line(line)) => self.line(line, alias),
        }
    }

    /// Adds a column as it is read.
    pub(crate) fn cell(&mut self, alias: Alias, column: &ColumnModel) -> &mut Self {
        self.column(alias, column).push(column.read_cast)
    }

    /// Adds the alias of a table. That of a scope is its level, so that the text is the same each time.
    pub(crate) fn alias(&mut self, alias: Alias) -> &mut Self {
        match alias {
            Alias::Scope(Scope::OFFERED) => self.push("excluded"),
            Alias::Scope(Scope::OLD) => self.push("old"),
            Alias::Scope(Scope::NEW) => self.push("new"),
            Alias::Scope(scope) => match self.sorted.iter().position(|sorted| *sorted == scope) {
                Some(index) => self.push("s").number(index + 1),
                None => {
                    let level = self.scopes.iter().position(|entered| *entered == scope);
                    self.push("t").number(level.map_or(0, |level| level + 1))
                }
            },
            Alias::Joined(number) => self.push("j").number(number),
            Alias::Link => self.push("l"),
            Alias::Aggregated => self.push("a"),
        }
    }

    /// Adds SQL of the user's own about one table, with its alias in the place of each `\0`.
    pub(crate) fn aliased(&mut self, text: &str, alias: Alias) -> &mut Self {
        for (index, part) in text.split(ALIAS).enumerate() {
            if index > 0 {
                self.alias(alias);
            }
            self.push(part);
        }
        self
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

    /// Names a table that is joined for the order.
    pub(super) fn sort_by(&mut self, scope: Scope) {
        self.sorted.push(scope);
    }

    /// Is it joined for the order?
    pub(super) fn is_sorted(&self, scope: Scope) -> bool {
        self.sorted.contains(&scope)
    }

    /// Ends the select whose rows are sorted by what was joined.
    pub(crate) fn leave_sorted(&mut self) {
        self.sorted.clear();
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

    /// The text alone.
    pub(crate) fn into_text(self) -> String {
        self.sql
    }

    /// A part of other statements, without parameters.
    pub(crate) fn into_fragment(self) -> Fragment {
        Fragment { sql: self.sql, tables: self.tables }
    }

    /// The tables that it names, the text, the types of its parameters, and those that were bound.
    pub(crate) fn into_parts(self) -> (Tables, String, Vec<Oid>, Collected<'v>) {
        (self.tables, self.sql, self.oids, Collected(self.values))
    }

    /// The statement and its parameters.
    pub(crate) fn finish(self, effect: Effect, columns: &'static [Oid]) -> (Statement, Collected<'v>) {
        let (tables, sql, oids, values) = self.into_parts();
        (Statement::dynamic(Access::of(effect, tables), sql, oids, columns), values)
    }
}
