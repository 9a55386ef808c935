//! A row of a struct with all that is joined to it.

use tokio_postgres::types::Oid;

use crate::sql::far_side::{FarSide, Near};
use crate::sql::scope::Alias;
use crate::sql::writer::{Fragment, Writer};
use crate::table::shape::{Relation, ShapeModel, ToMany, ToOne};
use crate::value::sql_type::{SqlType, pg};

/// A row of a struct with all that is joined to it.
#[derive(Debug)]
pub(crate) struct JoinedRow {
    /// What is selected; the alias of the table is `t0`, those of the joined ones are `j1`, `j2`, ….
    pub(crate) list: Fragment,
    /// The OIDs of `list`.
    pub(crate) oids: Vec<Oid>,
    /// The joins, each with a space in front.
    pub(crate) joins: Fragment,
    /// The relations that have a statement of their own.
    pub(crate) many: Vec<Placed>,
}

/// A relation of one of the tables of a row.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) relation: &'static ToMany,
    /// The table that has the key.
    pub(crate) alias: Alias,
    /// The struct that has the relation.
    pub(crate) near: &'static ShapeModel,
    /// The cell of the rows on the other side that is their link key already: the column is one of their
    /// struct's own.
    pub(crate) own_link: Option<usize>,
}

/// The row of a struct, put together at the first use: a derive sees its own struct only.
pub(crate) fn joined(shape: &'static ShapeModel) -> &'static JoinedRow {
    shape.joined.get_or_init(|| {
        let mut joining = Joining::default();
        joining.add(shape, Alias::ROOT);
        let Joining { list, oids, joins, many, .. } = joining;
        JoinedRow { list: list.into_fragment(), oids, joins: joins.into_fragment(), many }
    })
}

/// Writes the cells of a struct, as they are answered of a row that was written.
pub(crate) fn write_cells(shape: &'static ShapeModel, alias: Alias, sql: &mut Writer<'_>) {
    for (cell, column) in shape.columns.iter().enumerate() {
        sql.comma(cell).cell(alias, column);
    }
}

/// A [`JoinedRow`] in the making.
#[derive(Default)]
struct Joining {
    list: Writer<'static>,
    oids: Vec<Oid>,
    joins: Writer<'static>,
    many: Vec<Placed>,
    /// How many tables are joined.
    count: usize,
}

impl Joining {
    fn add(&mut self, shape: &'static ShapeModel, alias: Alias) {
        for column in shape.columns {
            self.cell(column.oid).cell(alias, column);
        }
        let placed = |relation| Placed { relation, alias, near: shape, own_link: own_link(relation) };
        self.many.extend(shape.many.iter().map(placed));
        for one in shape.ones {
            self.count += 1;
            let other = Alias::Joined(self.count);
            self.join(one, alias, other);
            self.add(one.other.shape(), other);
        }
    }

    fn join(&mut self, one: &'static ToOne, alias: Alias, other: Alias) {
        let far = FarSide::new(Relation::One(one), other);
        let near = |Near { column, .. }: Near, sql: &mut Writer<'_>| {
            sql.alias(alias).push(".").push(column);
        };
        let mut on = far.join(" LEFT JOIN ", near, &mut self.joins);
        far.filter(&mut on, &mut self.joins);
        on.finish(&mut self.joins);
        if let (true, [(_, there, _), ..]) = (one.is_optional, one.on) {
            // What is joined is equal to this column, so it is NULL only where nothing is.
            self.cell(pg::Bool::OID).push("(").alias(other).push(".").push(there).push(" IS NOT NULL)");
        }
    }

    /// A cell of this type.
    fn cell(&mut self, oid: Oid) -> &mut Writer<'static> {
        self.list.push(if self.oids.is_empty() { "" } else { ", " });
        self.oids.push(oid);
        &mut self.list
    }
}

fn own_link(relation: &ToMany) -> Option<usize> {
    let ([(name, cast)], None) = (relation.link.columns, relation.link.through) else {
        return None;
    };
    if relation.tree.is_some() || relation.climb.is_some() {
        return None;
    }
    let shape = relation.other.shape();
    let is_link = |cell: &usize| {
        let column = &shape.columns[*cell];
        column.name == *name && column.read_cast == *cast && column.derived.is_none()
    };
    (0..shape.columns.len()).find(is_link)
}

#[cfg(test)]
mod tests {
    use super::joined;
    use crate::sql::writer::Writer;
    use crate::table::column::ColumnModel;
    use crate::table::derived::{Aggregate, Derived};
    use crate::table::shape::ShapeModel;
    use crate::value::sql_type::{SqlType as _, pg};

    #[test]
    fn a_statement_knows_the_tables_of_its_parts() {
        static ID: ColumnModel = ColumnModel::new("id", pg::Uuid::OID, 0);
        static STEPS: ColumnModel =
            ColumnModel::new("", pg::Int8::OID, 0).derived(Derived::Aggregate(Aggregate {
                open: "(SELECT count(*)",
                table: "steps",
                condition: "a.parent = \0.id",
            }));
        static SHAPE: ShapeModel = ShapeModel::new("parents", "parents", &[&ID, &STEPS], &[], &[]);
        let mut sql = Writer::new();
        sql.push("SELECT ").fragment(&joined(&SHAPE).list);
        let (tables, text, ..) = sql.into_parts();
        assert_eq!(text, "SELECT t0.id, (SELECT count(*) FROM steps AS a WHERE a.parent = t0.id)");
        assert_eq!(tables.as_slice(), ["steps"]);
    }
}
