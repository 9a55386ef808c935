//! How a unit of work writes rows of the table: in which order, and what stands in the way of a row.

use persist_schema::catalog::{Column, Key, Table, TableKind, TypeKind};
use persist_schema::identifier::quote_identifier;
use persist_schema::{Catalog, PgType};

use super::relation::Reference;
use crate::model::{BoundEntity, BoundReference, Insert, Parking, UniqueKey, Writing};

/// The length of a tilde and a UUID.
const MARK: i32 = 37;

/// What is true of an entity whose columns and keys are bound.
pub(super) fn of(entity: &BoundEntity, table: &Table, catalog: &Catalog) -> Writing {
    let is_made = |insert: &Insert| matches!(insert, Insert::Optional | Insert::Never);
    let written = Written { entity, parameters: entity.update_parameters(), table, catalog };
    Writing {
        rank: catalog.rank(&table.name),
        references: written.references(),
        uniques: written.uniques(),
        is_meddled: is_meddled(catalog, table),
        is_key_made: entity.key.iter().any(|index| is_made(&entity.columns[*index].insert)),
    }
}

/// May something other than a constraint change what is written, or keep it out? What is written to a table may land in its
/// partitions, and an UPDATE concerns the tables that inherit from it.
fn is_meddled(catalog: &Catalog, table: &Table) -> bool {
    let below = catalog.tables().filter(|below| {
        below.partition_of.as_ref().is_some_and(|partition| partition.parent == table.name)
            || below.inherits.contains(&table.name)
    });
    let is_before = |definition: &str| !definition.trim_start().to_uppercase().starts_with("AFTER");
    table.kind == TableKind::ForeignTable
        || table.opaque.is_some()
        || table.row_security.enabled
        || !table.rules.is_empty()
        || table.triggers.iter().any(|trigger| trigger.for_each_row && is_before(&trigger.definition))
        || below.into_iter().any(|below| is_meddled(catalog, below))
}

struct Written<'w> {
    entity: &'w BoundEntity,
    /// The columns that are sent, as indices of the entity's.
    parameters: Vec<usize>,
    table: &'w Table,
    catalog: &'w Catalog,
}

impl Written<'_> {
    /// The foreign keys whose columns are all sent.
    fn references(&self) -> Vec<BoundReference> {
        let references = Reference::leaving(self.catalog, self.table).into_iter().filter_map(|key| {
            let (ours, theirs): (Vec<&str>, Vec<&str>) = key.pairs().into_iter().unzip();
            Some(BoundReference {
                columns: self.positions(ours)?,
                table: format!("{}.{}", key.to.name.schema, key.to.name.name),
                target: theirs.into_iter().map(quote_identifier).collect(),
            })
        });
        references.collect()
    }

    /// The UNIQUE keys besides the primary key whose columns are all sent; of indexes those over whole columns.
    fn uniques(&self) -> Vec<UniqueKey> {
        let constraints = self
            .table
            .unique_keys
            .iter()
            .map(|key: &Key| (&key.name, key.columns.clone(), key.nulls_not_distinct, key.deferrable));
        let indexes = self.table.indexes.iter().filter(|index| index.unique);
        let indexes = indexes
            .filter_map(|index| Some((&index.name, index.columns()?, index.nulls_not_distinct, false)));
        let uniques =
            constraints.chain(indexes).filter_map(|(name, columns, nulls_not_distinct, deferrable)| {
                let columns = self.positions(columns.iter().map(String::as_str))?;
                Some(UniqueKey {
                    name: name.clone(),
                    parking: self.parking(&columns),
                    columns,
                    nulls_not_distinct,
                    is_deferrable: deferrable,
                })
            });
        uniques.collect()
    }

    /// Where columns are among those that are sent.
    fn positions<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Option<Vec<usize>> {
        let position =
            |name: &str| self.parameters.iter().position(|index| self.entity.columns[*index].name == name);
        names.into_iter().map(position).collect()
    }

    /// The first way to give up a value that one of the columns allows.
    fn parking(&self, positions: &[usize]) -> Option<(usize, Parking)> {
        let free = positions.iter().filter_map(|position| {
            let column = self.table.column(&self.entity.columns[self.parameters[*position]].name)?;
            Some((*position, column)).filter(|_| self.is_free(*position, column))
        });
        let free: Vec<(usize, &Column)> = free.collect();
        let ways = [Parking::Null, Parking::Uuid, Parking::Text, Parking::High];
        ways.into_iter().find_map(|way| {
            let (position, _) = free.iter().find(|(_, column)| self.allows(column, way))?;
            Some((*position, way))
        })
    }

    /// May a column have another value for a moment? Not where that is checked, where it moves the row to another partition,
    /// and where it cuts rows off from each other.
    fn is_free(&self, position: usize, column: &Column) -> bool {
        let (table, name) = (self.table, &column.name);
        let is_named = |columns: &[String]| columns.contains(name);
        let is_changeable = position < self.entity.changed().len();
        let refers = table.foreign_keys.iter().any(|key| is_named(&key.columns));
        let is_referred_to =
            self.catalog.references_to(&table.name).any(|(_, key)| is_named(&key.referenced_columns));
        let is_checked = table.checks.iter().any(|check| is_named(&check.expression.columns));
        is_changeable && !refers && !is_referred_to && !is_checked && !self.partitions(name)
    }

    /// Does the column say in which partition a row is?
    fn partitions(&self, name: &str) -> bool {
        let mut whole = Some(self.table);
        while let Some(table) = whole {
            if table.partition_key.as_ref().is_some_and(|key| key.contains(name)) {
                return true;
            }
            whole =
                table.partition_of.as_ref().and_then(|partition| self.catalog.table_named(&partition.parent));
        }
        false
    }

    fn allows(&self, column: &Column, parking: Parking) -> bool {
        let is_alone = |columns: &[String]| !columns.contains(&column.name);
        match parking {
            Parking::Null => {
                let keys = self.table.unique_keys.iter().filter(|key| key.nulls_not_distinct);
                let indexes = self.table.indexes.iter().filter(|index| index.nulls_not_distinct);
                self.catalog.is_nullable(column)
                    && keys.into_iter().all(|key| is_alone(&key.columns))
                    && indexes.into_iter().all(|index| !index.mentions(&column.name))
            }
            Parking::Uuid => self.plain(column).is_some_and(|ty| ty.is("uuid")),
            Parking::Text => self.plain(column).is_some_and(|ty| {
                ty.is("text") || ty.is("varchar") && ty.modifiers.first().is_none_or(|length| *length >= MARK)
            }),
            Parking::High => self.plain(column).is_some_and(|ty| ty.is("int4") || ty.is("int8")),
        }
    }

    /// The type of a column, where it is one of PostgreSQL's own and no array.
    fn plain<'c>(&self, column: &'c Column) -> Option<&'c PgType> {
        let ty = column.ty.as_ref()?;
        (self.catalog.type_kind(ty) == TypeKind::BuiltIn && !ty.is_array).then_some(ty)
    }
}
