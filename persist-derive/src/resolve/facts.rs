//! What is true of a table for those who write its rows: in which order, and what stands in the way of a row.

use persist_schema::catalog::{
    Column, Exclusion, Expression, Index, IndexKey, IndexTarget, Key, ReferentialAction, Table, TypeKind,
};
use persist_schema::identifier::quote_identifier;
use persist_schema::{Catalog, PgType};

use super::made_key;
use super::meddling::is_meddled;
use super::relation::Reference;
use super::scope;
use crate::model::{BoundEntity, BoundReference, Parking, Partial, TableColumn, TableFacts, UniqueKey};
use crate::type_map;

/// The length of a tilde and a UUID.
const MARK: i32 = 37;

/// The facts about the table of an entity whose columns and keys are bound.
pub(super) fn of(entity: &BoundEntity, table: &Table, catalog: &Catalog) -> TableFacts {
    let written = Written { table, catalog };
    let key = entity.key.iter().map(|index| &entity.columns[*index].name);
    TableFacts {
        columns: table.columns.iter().map(|column| written.column(column)).collect(),
        key: key.filter_map(|name| place(table, name)).collect(),
        rank: catalog.rank(&table.name),
        references: written.references(),
        uniques: written.uniques(),
        unknown: written.unknown(),
        is_meddled: is_meddled(catalog, table),
        is_inherited: catalog.tables().any(|below| below.inherits.contains(&table.name)),
        made: made_key::of(entity, table, catalog),
    }
}

/// The place of a column in its table.
fn place(table: &Table, name: &str) -> Option<usize> {
    table.column_names().position(|column| column == name)
}

struct Written<'w> {
    table: &'w Table,
    catalog: &'w Catalog,
}

/// A UNIQUE constraint or index.
struct Candidate<'t> {
    name: &'t String,
    /// `None` where one is an expression that is more than a column without regard to case.
    columns: Option<Vec<String>>,
    /// Those that are not compared as the column is.
    folded: Vec<String>,
    /// The columns, and those that its expressions name.
    mentioned: Vec<String>,
    predicate: Option<&'t Expression>,
    nulls_not_distinct: bool,
    is_deferrable: bool,
}

impl Written<'_> {
    fn column(&self, column: &Column) -> TableColumn {
        let mapped = column.ty.as_ref().and_then(|ty| type_map::map(self.catalog, ty).ok());
        TableColumn {
            name: column.name.clone(),
            sql: quote_identifier(&column.name),
            wire: mapped.map(|mapped| mapped.wire),
        }
    }

    /// The foreign keys that leave the table.
    fn references(&self) -> Vec<BoundReference> {
        let references = Reference::leaving(self.catalog, self.table).into_iter().filter_map(|key| {
            let width = key.pairs().len();
            Some(BoundReference {
                columns: Some(key.referring()).filter(|columns| columns.len() == width)?,
                table: format!("{}.{}", key.to.name.schema, key.to.name.name),
                target: Some(key.referred()).filter(|columns| columns.len() == width)?,
            })
        });
        references.collect()
    }

    /// The UNIQUE keys besides the primary key whose values are those of whole columns that are written.
    fn uniques(&self) -> Vec<UniqueKey> {
        let uniques = self.candidates().into_iter().filter_map(|candidate| {
            let columns = self.written(&candidate)?;
            Some(UniqueKey {
                name: candidate.name.clone(),
                parking: self.parking(&columns),
                loose: self.loose(&columns, &candidate.folded),
                columns,
                nulls_not_distinct: candidate.nulls_not_distinct,
                scope: candidate.predicate.map(|predicate| self.scope(predicate)),
                is_deferrable: candidate.is_deferrable,
            })
        });
        uniques.collect()
    }

    /// Which rows are in a partial index.
    fn scope(&self, predicate: &Expression) -> Partial {
        let tests = scope::tests(self.table, self.catalog, predicate);
        Partial { columns: self.sources(&predicate.columns), tests: tests.unwrap_or_default() }
    }

    /// Columns whose values may be the same for the database although their bytes differ.
    fn loose(&self, columns: &[usize], folded: &[String]) -> Vec<usize> {
        let is_loose = |place: &usize| {
            let column = &self.table.columns[*place];
            folded.contains(&column.name) || !self.catalog.is_byte_equal(column)
        };
        columns.iter().copied().filter(is_loose).collect()
    }

    /// The columns of a UNIQUE key, if each is one that is written.
    fn written(&self, candidate: &Candidate<'_>) -> Option<Vec<usize>> {
        let columns = candidate.columns.as_ref()?;
        let is_written =
            |name: &&String| self.table.column(name).is_some_and(|column| column.generated.is_none());
        columns
            .iter()
            .map(|name| Some(name).filter(is_written).and_then(|name| place(self.table, name)))
            .collect()
    }

    /// The columns that take part in what is none of those keys, but keeps rows from being the same.
    fn unknown(&self) -> Vec<usize> {
        let mut names: Vec<String> = Vec::new();
        for candidate in self.candidates().iter().filter(|candidate| self.written(candidate).is_none()) {
            names.extend(candidate.mentioned.iter().cloned());
            names.extend(candidate.predicate.iter().flat_map(|predicate| &predicate.columns).cloned());
        }
        for exclusion in self.table.exclusions.iter().filter(|exclusion| equal_columns(exclusion).is_none()) {
            let expressions = std::iter::once(&exclusion.elements).chain(&exclusion.predicate);
            names.extend(expressions.flat_map(|expression| &expression.columns).cloned());
        }
        self.sources(&names)
    }

    /// The UNIQUE constraints and indexes.
    fn candidates(&self) -> Vec<Candidate<'_>> {
        let indexes = self.table.indexes.iter().filter(|index| index.unique).map(Candidate::of_index);
        let exclusions = self.table.exclusions.iter().filter_map(Candidate::of_exclusion);
        let all = self.table.unique_keys.iter().map(Candidate::of_key).chain(indexes).chain(exclusions);
        all.map(|candidate| self.of_sources(candidate)).collect()
    }

    /// A generated column that is another one, or that without regard to case, stands for it.
    fn of_sources<'t>(&self, mut candidate: Candidate<'t>) -> Candidate<'t> {
        for name in candidate.columns.iter_mut().flatten() {
            if let Some((source, is_folded)) = self.table.column(name).and_then(|column| self.source(column))
            {
                candidate.folded.extend(is_folded.then(|| source.clone()));
                *name = source;
            }
        }
        candidate
    }

    /// What a generated column is made of, and whether without regard to case; `None` where it is made otherwise, or something
    /// is said of it that is not said of its source.
    fn source(&self, column: &Column) -> Option<(String, bool)> {
        let (source, is_folded) = compared_by(&column.generated.as_ref()?.expression)?;
        let made_of = self.table.column(&source)?;
        let is_named = |columns: &[String]| columns.contains(&column.name);
        let is_free = !self.table.checks.iter().any(|check| is_named(&check.expression.columns))
            && !self.table.foreign_keys.iter().any(|key| is_named(&key.columns))
            && !self
                .catalog
                .references_to(&self.table.name)
                .any(|(_, key)| is_named(&key.referenced_columns))
            && (self.catalog.is_nullable(column) || !self.catalog.is_nullable(made_of));
        (is_free && (is_folded || column.ty == made_of.ty)).then_some((source, is_folded))
    }

    /// The columns themselves; a generated column changes with what it is made of.
    fn sources(&self, names: &[String]) -> Vec<usize> {
        let made_of = |name: &String| {
            let generated = self.table.column(name).and_then(|column| column.generated.as_ref());
            generated.map_or_else(|| vec![name.clone()], |generated| generated.expression.columns.clone())
        };
        let mut sources: Vec<usize> =
            names.iter().flat_map(made_of).filter_map(|name| place(self.table, &name)).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// How the columns can give up a value, each in the best way that it allows; those first that have nothing to do
    /// with foreign keys.
    fn parking(&self, places: &[usize]) -> Vec<(usize, Parking)> {
        let mut ways: Vec<(usize, Parking)> = Vec::new();
        for tie in [Tie::None, Tie::Refers, Tie::IsReferredTo] {
            let tied = places.iter().filter(|place| self.tie(&self.table.columns[**place]) == Some(tie));
            let tied: Vec<usize> = tied.copied().collect();
            for way in [Parking::Null, Parking::Uuid, Parking::Text, Parking::High] {
                let allows = |place: &&usize| self.allows(&self.table.columns[**place], tie, way);
                let free = tied.iter().filter(allows);
                let free: Vec<usize> =
                    free.copied().filter(|place| ways.iter().all(|(taken, _)| taken != place)).collect();
                ways.extend(free.into_iter().map(|place| (place, way)));
            }
        }
        ways
    }

    /// How a column that may have another value for a moment takes part in foreign keys. It may not where it is the
    /// primary key, where it is checked, where it moves the row to another partition, and where other rows would not
    /// follow it back.
    fn tie(&self, column: &Column) -> Option<Tie> {
        let (table, name) = (self.table, &column.name);
        let is_named = |columns: &[String]| columns.contains(name);
        let is_changeable = column.is_writable() && !table.is_key_column(name);
        let is_checked = table.checks.iter().any(|check| is_named(&check.expression.columns));
        if !is_changeable || is_checked || self.partitions(name) {
            return None;
        }
        let mut refers = table.foreign_keys.iter().filter(|key| is_named(&key.columns)).peekable();
        let referred_to = self.catalog.references_to(&table.name).map(|(_, key)| key);
        let mut referred_to = referred_to.filter(|key| is_named(&key.referenced_columns)).peekable();
        match (refers.peek().is_some(), referred_to.peek().is_some()) {
            (false, false) => Some(Tie::None),
            (true, false) => {
                let may_be_null_in_part = refers.all(|key| !key.match_full || key.columns.len() == 1);
                may_be_null_in_part.then_some(Tie::Refers)
            }
            (false, true) => {
                use ReferentialAction::{SetDefault, SetNull};

                let follow = referred_to.all(|key| !matches!(key.on_update, SetNull | SetDefault));
                follow.then_some(Tie::IsReferredTo)
            }
            (true, true) => None,
        }
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

    fn allows(&self, column: &Column, tie: Tie, parking: Parking) -> bool {
        let is_alone = |columns: &[String]| !columns.contains(&column.name);
        match parking {
            Parking::Null if tie == Tie::IsReferredTo => false,
            Parking::Uuid | Parking::Text | Parking::High if tie == Tie::Refers => false,
            Parking::Null => {
                let keys = self.table.unique_keys.iter().filter(|key| key.nulls_not_distinct);
                let indexes = self.table.indexes.iter().filter(|index| index.nulls_not_distinct);
                self.catalog.is_nullable(column)
                    && keys.into_iter().all(|key| is_alone(&key.columns))
                    && indexes.into_iter().all(|index| !index.mentions(&column.name))
            }
            Parking::Uuid => self.plain(column).is_some_and(|ty| ty.is("uuid")),
            Parking::Text => {
                let is_long = |ty: &PgType| ty.modifiers.first().is_none_or(|length| *length >= MARK);
                let plain = self.plain(column);
                plain.is_some_and(|ty| ty.is("text") || ty.is("varchar") && is_long(ty))
                    || self.is_citext(column)
            }
            Parking::High => self.plain(column).is_some_and(|ty| ty.is("int4") || ty.is("int8")),
        }
    }

    fn is_citext(&self, column: &Column) -> bool {
        column.ty.as_ref().is_some_and(|ty| {
            self.catalog.type_kind(ty) == TypeKind::External && ty.name.name == "citext" && !ty.is_array
        })
    }

    /// The type of a column, where it is one of PostgreSQL's own and no array.
    fn plain<'c>(&self, column: &'c Column) -> Option<&'c PgType> {
        let ty = column.ty.as_ref()?;
        (self.catalog.type_kind(ty) == TypeKind::BuiltIn && !ty.is_array).then_some(ty)
    }
}

/// How a column takes part in foreign keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    None,
    /// NULL refers to nothing.
    Refers,
    /// Rows that refer to it follow it, or else the server refuses.
    IsReferredTo,
}

impl<'t> Candidate<'t> {
    fn of_key(key: &'t Key) -> Self {
        Candidate {
            name: &key.name,
            columns: Some(key.columns.clone()),
            folded: Vec::new(),
            mentioned: key.columns.clone(),
            predicate: None,
            nulls_not_distinct: key.nulls_not_distinct,
            is_deferrable: key.deferrable,
        }
    }

    fn of_exclusion(exclusion: &'t Exclusion) -> Option<Self> {
        let columns = equal_columns(exclusion)?;
        Some(Candidate {
            name: &exclusion.name,
            mentioned: columns.clone(),
            columns: Some(columns),
            folded: Vec::new(),
            predicate: exclusion.predicate.as_ref(),
            nulls_not_distinct: false,
            is_deferrable: exclusion.deferrable,
        })
    }

    fn of_index(index: &'t Index) -> Self {
        Candidate {
            name: &index.name,
            columns: index.keys.iter().map(|key| compared(&key.target).map(|(name, _)| name)).collect(),
            folded: index.keys.iter().filter_map(folded).collect(),
            mentioned: index.keys.iter().flat_map(|key| mentioned(&key.target)).cloned().collect(),
            predicate: index.predicate.as_ref(),
            nulls_not_distinct: index.nulls_not_distinct,
            is_deferrable: false,
        }
    }
}

/// The column that a part of an index compares, and whether without regard to case; `None` for other expressions.
fn compared(target: &IndexTarget) -> Option<(String, bool)> {
    match target {
        IndexTarget::Column(name) => Some((name.clone(), false)),
        IndexTarget::Expression(expression) => compared_by(expression),
    }
}

fn compared_by(expression: &Expression) -> Option<(String, bool)> {
    let [column] = expression.columns.as_slice() else { return None };
    let text = expression.text.to_lowercase().replace([' ', '(', ')', '"'], "");
    let column_text = column.to_lowercase();
    if text == column_text {
        return Some((column.clone(), false));
    }
    let inner = text.strip_prefix("lower").or_else(|| text.strip_prefix("upper"))?;
    let inner = inner.strip_suffix("::text").unwrap_or(inner);
    (inner == column_text).then(|| (column.clone(), true))
}

/// The columns of an EXCLUDE constraint, if it compares all of them by `=`: then it is a UNIQUE key.
fn equal_columns(exclusion: &Exclusion) -> Option<Vec<String>> {
    let elements: Vec<&str> = exclusion.elements.text.split(',').map(str::trim).collect();
    let columns = &exclusion.elements.columns;
    let is_equal = |(element, column): (&&str, &String)| {
        let mut words = element.split_whitespace();
        let name = words.next().map(|name| name.trim_matches('"'));
        let rest: Vec<String> = words.map(str::to_lowercase).collect();
        name.is_some_and(|name| name.eq_ignore_ascii_case(column)) && rest == ["with", "="]
    };
    (elements.len() == columns.len() && elements.iter().zip(columns).all(is_equal)).then(|| columns.clone())
}

/// The column of a part of an index that is not compared as the column is.
fn folded(key: &IndexKey) -> Option<String> {
    let (name, is_folded) = compared(&key.target)?;
    (is_folded || key.collation.is_some()).then_some(name)
}

/// The columns that a part of an index names.
fn mentioned(target: &IndexTarget) -> &[String] {
    match target {
        IndexTarget::Column(name) => std::slice::from_ref(name),
        IndexTarget::Expression(expression) => &expression.columns,
    }
}
