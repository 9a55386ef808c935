//! What the derive knew of a struct when the program was built: the columns it is read from, and the rows that belong
//! to each of its rows.

use std::sync::OnceLock;

use tokio_postgres::types::{Oid, Type};

use crate::load::group::{Group, Grouping};

/// What stands for the alias of a table in the texts of this module. No SQL can contain it.
pub(crate) const ALIAS: char = '\0';

/// A column as the statements name it.
#[derive(Debug)]
pub struct ColumnModel {
    /// The column's name, quoted where SQL needs it.
    pub name: &'static str,
    /// The OID under which one value travels.
    pub oid: Oid,
    /// The OID under which a list of values travels, or 0 where there is none.
    pub array_oid: Oid,
    /// What is written behind a parameter, such as `::text::order_status`; empty where the types agree.
    pub cast: &'static str,
    /// The same behind a parameter that is a list.
    pub array_cast: &'static str,
}

impl ColumnModel {
    /// Is a value a list itself?
    pub(crate) fn is_array(&self) -> bool {
        self.array_oid == 0
    }

    /// Do values that are the same for the database have the same bytes in both columns?
    pub(crate) fn is_exactly(&self, other: &ColumnModel) -> bool {
        const EXACT: [Type; 4] = [Type::INT2, Type::INT4, Type::INT8, Type::UUID];
        let has_cast = !self.cast.is_empty() || !other.cast.is_empty();
        self.oid == other.oid && !has_cast && EXACT.iter().any(|exact| exact.oid() == self.oid)
    }
}

/// The columns of a struct, and its relations.
#[derive(Debug)]
pub struct ShapeModel {
    /// The table for messages, such as `pipelines`.
    pub table: &'static str,
    /// The table in SQL, quoted and qualified where it has to be.
    pub sql_table: &'static str,
    /// The struct's own columns and expressions with commas; `\0` stands for the table.
    pub list: &'static str,
    /// The OIDs of `list`.
    pub oids: &'static [Oid],
    /// The relations that are joined, in the order in which they are decoded.
    pub ones: &'static [ToOne],
    /// The relations that have a statement of their own, in the order in which they are decoded.
    pub many: &'static [ToMany],
    /// All that one row consists of, made at the first use.
    pub(crate) flat: OnceLock<FlatShape>,
}

/// A row of a struct with all that is joined to it.
#[derive(Debug)]
pub(crate) struct FlatShape {
    /// What is selected; the alias of the table is `t0`, those of the joined ones are `j1`, `j2`, ….
    pub(crate) list: String,
    /// The OIDs of `list`.
    pub(crate) oids: Vec<Oid>,
    /// The joins, each with a space in front.
    pub(crate) joins: String,
    /// The relations that have a statement of their own.
    pub(crate) many: Vec<Placed>,
}

/// A relation of one of the tables of a row.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) relation: &'static ToMany,
    /// The alias of the table that has the key.
    pub(crate) alias: String,
    /// The OIDs of the columns of that table's struct.
    pub(crate) oids: &'static [Oid],
}

/// A relation to at most one row, which is joined.
#[derive(Debug)]
pub struct ToOne {
    /// The columns on this side, quoted, and those of the other side that they are equal to.
    pub on: &'static [(&'static str, &'static str)],
    /// What must hold of the other side besides; `\0` stands for its table. Empty: nothing.
    pub filter: &'static str,
    /// May the other side be missing?
    pub is_optional: bool,
    /// The columns of `on` as places in their tables: this side's, then the other side's.
    pub near: &'static [usize],
    /// Those of the other side.
    pub far: &'static [usize],
    /// Set where the other side refers to this one, and so belongs to it.
    pub owned: Option<Owned>,
    /// The struct on the other side.
    pub shape: fn() -> &'static ShapeModel,
}

/// A relation to any number of rows, which are read by a statement of their own.
#[derive(Debug)]
pub struct ToMany {
    /// The field for messages, such as `Pipeline.steps`.
    pub field: &'static str,
    /// The columns on this side that the others refer to.
    pub key: &'static [KeyColumn],
    /// How the others refer to them.
    pub link: Link,
    /// The columns on this side that are referred to, as places in the table.
    pub near: &'static [usize],
    /// The columns on the other side: those that refer, or behind a link table those that it refers to.
    pub far: &'static [usize],
    /// What must hold of the others; `\0` stands for their table, `l` for the link table. Empty: nothing.
    pub filter: &'static str,
    /// Their order; it ends in their primary key. `\0` stands for their table, `l` for the link table.
    pub order: &'static str,
    /// At most this many for each row of this side.
    pub limit: Option<u32>,
    /// Does an index find the others by the columns that refer?
    pub is_indexed: bool,
    /// Set where the others are of the same struct: all their descendants are read, too.
    pub tree: Option<Tree>,
    /// What becomes of those that are taken out, and with their parent.
    pub owned: Owned,
    /// The struct on the other side.
    pub shape: fn() -> &'static ShapeModel,
    /// Groups the rows of the other side by their key.
    pub(crate) group: fn(Grouping) -> Box<dyn Group>,
}

/// A column that rows of the other side refer to.
#[derive(Debug, Clone, Copy)]
pub struct KeyColumn {
    /// Its index among the columns of the struct.
    pub index: usize,
    /// Its name, quoted.
    pub name: &'static str,
    /// Its SQL type, such as `uuid`.
    pub ty: &'static str,
}

/// How rows refer to those of this side.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The columns that refer, quoted, and what makes them the bytes of the key where the types differ, such as `::int8`;
    /// of the link table if there is one.
    pub columns: &'static [(&'static str, &'static str)],
    /// The link table between the two sides.
    pub through: Option<Through>,
}

/// A table between two others.
#[derive(Debug, Clone, Copy)]
pub struct Through {
    /// The table in SQL; its alias is `l`.
    pub table: &'static str,
    /// Its columns, quoted, and those of the other side that they are equal to.
    pub on: &'static [(&'static str, &'static str)],
}

/// What becomes of rows that belong to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owned {
    /// When they are taken out of the relation.
    pub orphans: Orphans,
    /// Does the database delete them with their parent (ON DELETE CASCADE)? Of a link table: its rows.
    pub cascades: bool,
}

/// What becomes of a row that was taken out of the relation which it belonged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orphans {
    /// It is deleted.
    Delete,
    /// Its foreign key becomes NULL.
    Null,
}

/// A relation of a table to itself.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    /// Levels below the first row that are read at most.
    pub max_depth: Option<u32>,
}

impl ColumnModel {
    /// What is written behind the column so that it arrives as its values are sent, such as `::text`: the first of the types
    /// that a parameter goes through.
    pub(crate) fn read_cast(&self) -> &'static str {
        let second = self.cast.get(2..).and_then(|first| first.find("::"));
        second.map_or("", |length| &self.cast[..length + 2])
    }
}

impl ShapeModel {
    /// A struct without anything made yet; the rest is as in the fields.
    pub const fn new(
        table: &'static str,
        sql_table: &'static str,
        list: &'static str,
        oids: &'static [Oid],
        ones: &'static [ToOne],
        many: &'static [ToMany],
    ) -> Self {
        ShapeModel { table, sql_table, list, oids, ones, many, flat: OnceLock::new() }
    }

    /// Is a row of it nothing but the row of its table?
    pub(crate) const fn is_plain(&self) -> bool {
        self.ones.is_empty() && self.many.is_empty()
    }
}

impl KeyColumn {
    /// A column that rows of the other side refer to; see the fields.
    pub const fn new(index: usize, name: &'static str, ty: &'static str) -> Self {
        KeyColumn { index, name, ty }
    }
}

impl Link {
    /// The others refer to this side themselves.
    pub const fn direct(columns: &'static [(&'static str, &'static str)]) -> Self {
        Link { columns, through: None }
    }

    /// A table between the two sides refers to both.
    pub const fn through(
        columns: &'static [(&'static str, &'static str)],
        table: &'static str,
        on: &'static [(&'static str, &'static str)],
    ) -> Self {
        Link { columns, through: Some(Through { table, on }) }
    }
}
