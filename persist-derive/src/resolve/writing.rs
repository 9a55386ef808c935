//! How a unit of work writes rows of the table: in which order, and what stands in the way of a row.

use persist_schema::catalog::{Column, Expression, Index, IndexTarget, Key, Table, TypeKind};
use persist_schema::identifier::quote_identifier;
use persist_schema::{Catalog, PgType};

use super::made_key;
use super::meddling::is_meddled;
use super::relation::Reference;
use crate::model::{BoundEntity, BoundReference, Parking, UniqueKey, Writing};

/// The length of a tilde and a UUID.
const MARK: i32 = 37;

/// What is true of an entity whose columns and keys are bound.
pub(super) fn of(entity: &BoundEntity, table: &Table, catalog: &Catalog) -> Writing {
    let written = Written { entity, parameters: entity.update_parameters(), table, catalog };
    Writing {
        rank: catalog.rank(&table.name),
        references: written.references(),
        uniques: written.uniques(),
        unknown: written.unknown(),
        is_meddled: is_meddled(catalog, table),
        made: made_key::of(entity, table, catalog),
    }
}

struct Written<'w> {
    entity: &'w BoundEntity,
    /// The columns that are sent, as indices of the entity's.
    parameters: Vec<usize>,
    table: &'w Table,
    catalog: &'w Catalog,
}

/// A UNIQUE constraint or index.
struct Candidate<'t> {
    name: &'t String,
    /// `None` where one is an expression.
    columns: Option<Vec<String>>,
    /// The columns, and those that its expressions name.
    mentioned: Vec<String>,
    predicate: Option<&'t Expression>,
    nulls_not_distinct: bool,
    is_deferrable: bool,
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
        let uniques = self.candidates().into_iter().filter_map(|candidate| {
            let columns = self.positions(candidate.columns?.iter().map(String::as_str))?;
            Some(UniqueKey {
                name: candidate.name.clone(),
                parking: self.parking(&columns),
                columns,
                nulls_not_distinct: candidate.nulls_not_distinct,
                scope: candidate.predicate.map(|predicate| self.changing(&predicate.columns)),
                is_deferrable: candidate.is_deferrable,
            })
        });
        uniques.collect()
    }

    /// The columns that can change and take part in what is none of those keys, but keeps rows from being the same.
    fn unknown(&self) -> Vec<usize> {
        let is_known = |candidate: &Candidate<'_>| {
            let columns = candidate.columns.as_ref();
            columns.and_then(|columns| self.positions(columns.iter().map(String::as_str))).is_some()
        };
        let mut names: Vec<String> = Vec::new();
        for candidate in self.candidates().iter().filter(|candidate| !is_known(candidate)) {
            names.extend(candidate.mentioned.iter().cloned());
            names.extend(candidate.predicate.iter().flat_map(|predicate| &predicate.columns).cloned());
        }
        for exclusion in &self.table.exclusions {
            let expressions = std::iter::once(&exclusion.elements).chain(&exclusion.predicate);
            names.extend(expressions.flat_map(|expression| &expression.columns).cloned());
        }
        self.changing(&names)
    }

    /// The UNIQUE constraints and indexes.
    fn candidates(&self) -> Vec<Candidate<'_>> {
        let indexes = self.table.indexes.iter().filter(|index| index.unique);
        self.table.unique_keys.iter().map(Candidate::of_key).chain(indexes.map(Candidate::of_index)).collect()
    }

    /// Where those of the columns are that an update may change; a generated column changes with what it is made of.
    fn changing(&self, names: &[String]) -> Vec<usize> {
        let changeable = self.entity.changed().len();
        let made_of = |name: &String| {
            let generated = self.table.column(name).and_then(|column| column.generated.as_ref());
            generated.map_or_else(|| vec![name.clone()], |generated| generated.expression.columns.clone())
        };
        let positions = names.iter().flat_map(made_of).filter_map(|name| self.position(&name));
        let mut positions: Vec<usize> = positions.filter(|position| *position < changeable).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }

    /// Where columns are among those that are sent.
    fn positions<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Option<Vec<usize>> {
        names.into_iter().map(|name| self.position(name)).collect()
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|index| self.entity.columns[*index].name == name)
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

impl<'t> Candidate<'t> {
    fn of_key(key: &'t Key) -> Self {
        Candidate {
            name: &key.name,
            columns: Some(key.columns.clone()),
            mentioned: key.columns.clone(),
            predicate: None,
            nulls_not_distinct: key.nulls_not_distinct,
            is_deferrable: key.deferrable,
        }
    }

    fn of_index(index: &'t Index) -> Self {
        Candidate {
            name: &index.name,
            columns: index.columns(),
            mentioned: index.keys.iter().flat_map(|key| mentioned(&key.target)).cloned().collect(),
            predicate: index.predicate.as_ref(),
            nulls_not_distinct: index.nulls_not_distinct,
            is_deferrable: false,
        }
    }
}

/// The columns that a part of an index names.
fn mentioned(target: &IndexTarget) -> &[String] {
    match target {
        IndexTarget::Column(name) => std::slice::from_ref(name),
        IndexTarget::Expression(expression) => &expression.columns,
    }
}
