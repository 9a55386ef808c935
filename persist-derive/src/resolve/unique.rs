//! The UNIQUE keys by which rows are found and upserted: constraints, and indexes over columns or expressions, of all rows or
//! of some.

use persist_schema::Catalog;
use persist_schema::catalog::{Index, IndexTarget, Table};
use persist_schema::expression::Named;
use persist_schema::identifier::quote_identifier;

use super::constraint::stripped;
use super::text::ALIAS;
use crate::model::{BoundColumn, BoundUnique, FoundBy};

/// Those whose columns all have fields, each with a name of its own.
pub(super) fn uniques(catalog: &Catalog, table: &Table, columns: &[BoundColumn]) -> Vec<BoundUnique> {
    let keys = Keys { catalog, table, columns };
    let mut uniques: Vec<BoundUnique> = Vec::new();
    for unique in keys.whole() {
        // Two deferrable keys over one column list still answer to one finder.
        match uniques.iter_mut().find(|other| other.columns == unique.columns) {
            Some(other) => other.is_arbiter |= unique.is_arbiter,
            None => uniques.push(unique),
        }
    }
    let whole = uniques.len();
    for (mut unique, index) in keys.special() {
        // What is unique in all rows needs no finder among some.
        if unique.found_by.is_partial && uniques[..whole].iter().any(|other| other.columns == unique.columns)
        {
            continue;
        }
        let is_taken = |suffix: &str| uniques.iter().any(|other| other.suffix == suffix);
        if is_taken(&unique.suffix) {
            unique.suffix = crate::case::snake(&stripped(table, &index.name, &["idx", "key"]));
        }
        let is_name = syn::parse_str::<syn::Ident>(&format!("by_{}", unique.suffix)).is_ok();
        if is_name && !is_taken(&unique.suffix) {
            uniques.push(unique);
        }
    }
    uniques
}

struct Keys<'c> {
    catalog: &'c Catalog,
    table: &'c Table,
    columns: &'c [BoundColumn],
}

/// A part of a key in the making.
struct Part {
    /// The columns that it is made of, as indices.
    columns: Vec<usize>,
    /// What ON CONFLICT names.
    target: String,
    /// Is it a column?
    is_column: bool,
}

impl<'c> Keys<'c> {
    /// Those over whole columns and all rows.
    fn whole(&self) -> impl Iterator<Item = BoundUnique> {
        let constraints = self
            .table
            .unique_keys
            .iter()
            .map(|key| (key.columns.clone(), !key.deferrable, key.nulls_not_distinct));
        let indexes = self.table.indexes.iter().filter(|index| index.unique && index.predicate.is_none());
        let indexes = indexes.filter_map(|index| Some((index.columns()?, true, index.nulls_not_distinct)));
        constraints.chain(indexes).filter_map(|(names, is_arbiter, finds_nulls)| {
            let columns = names.iter().map(|name| self.field(name)).collect::<Option<Vec<usize>>>()?;
            let nulls: Vec<usize> = columns
                .iter()
                .copied()
                .filter(|index| finds_nulls && self.columns[*index].nullable)
                .collect();
            let condition = (!nulls.is_empty()).then(|| {
                let equals = columns.iter().enumerate().map(|(at, index)| self.equals(*index, at, &nulls));
                equals.collect::<Vec<_>>().join(" AND ")
            });
            let kept = columns.clone();
            let found_by = FoundBy { condition, nulls, target: None, kept, is_partial: false };
            Some(BoundUnique { suffix: self.suffix(&columns), columns, is_arbiter, found_by })
        })
    }

    /// Those over expressions or some rows.
    fn special(&self) -> impl Iterator<Item = (BoundUnique, &'c Index)> {
        let indexes = self.table.indexes.iter().filter(|index| index.unique);
        let indexes = indexes.filter(|index| index.predicate.is_some() || index.columns().is_none());
        indexes.filter_map(|index| Some((self.over(index)?, index)))
    }

    fn over(&self, index: &Index) -> Option<BoundUnique> {
        let parts = index.keys.iter().map(|key| self.part(&key.target)).collect::<Option<Vec<Part>>>()?;
        let mut columns: Vec<usize> = Vec::new();
        for column in parts.iter().flat_map(|part| &part.columns) {
            if !columns.contains(column) {
                columns.push(*column);
            }
        }
        let plain: Vec<usize> =
            parts.iter().filter(|part| part.is_column).flat_map(|part| part.columns.clone()).collect();
        // A NULL may be the same as another where an expression makes a value of it.
        let may_be_null = |index: &usize| self.columns[*index].nullable;
        let nulls: Vec<usize> = columns
            .iter()
            .copied()
            .filter(|column| may_be_null(column) && (index.nulls_not_distinct || !plain.contains(column)))
            .collect();
        let at = |column: usize| columns.iter().position(|other| *other == column).unwrap_or_default();
        let equals = parts.iter().map(|part| match part.columns.as_slice() {
            [column] if part.is_column => self.equals(*column, at(*column), &nulls),
            _ => format!("{} = {}", part.target, self.with_parameters(&part.target, &columns)),
        });
        let mut conditions: Vec<String> = equals.collect();
        let mut target =
            format!("({})", parts.iter().map(|part| part.target.as_str()).collect::<Vec<_>>().join(", "));
        if let Some(predicate) = &index.predicate {
            let checked = self.catalog.condition(&[self.named()], &predicate.text).ok()?;
            conditions.push(format!("({})", checked.text));
            target = format!("{target} WHERE ({})", checked.text);
        }
        Some(BoundUnique {
            suffix: self.suffix(&columns),
            columns,
            is_arbiter: true,
            found_by: FoundBy {
                condition: Some(conditions.join(" AND ")),
                nulls,
                target: Some(target),
                kept: plain,
                is_partial: index.predicate.is_some(),
            },
        })
    }

    fn part(&self, target: &IndexTarget) -> Option<Part> {
        match target {
            IndexTarget::Column(name) => Some(Part {
                columns: vec![self.field(name)?],
                target: quote_identifier(name),
                is_column: true,
            }),
            IndexTarget::Expression(expression) => {
                let checked = self.catalog.expression(&[self.named()], &expression.text).ok()?;
                let columns =
                    checked.columns.iter().map(|(_, name)| self.field(name)).collect::<Option<_>>()?;
                Some(Part { columns, target: format!("({})", checked.text), is_column: false })
            }
        }
    }

    /// A column is what the argument at this place says.
    fn equals(&self, index: usize, at: usize, nulls: &[usize]) -> String {
        let column = &self.columns[index];
        let (name, parameter) = (format!("{ALIAS}.{}", column.sql), self.parameter(index, at));
        let equals = match column.wire.operators.as_str() {
            "" => format!("{name} = {parameter}"),
            schema => format!("{name} OPERATOR({schema}.=) {parameter}"),
        };
        match nulls.contains(&index) {
            // `IS NOT DISTINCT FROM` uses no index.
            true => format!("({equals} OR ({parameter} IS NULL AND {name} IS NULL))"),
            false => equals,
        }
    }

    fn parameter(&self, index: usize, at: usize) -> String {
        format!("${}{}", at + 1, self.columns[index].wire.cast)
    }

    /// An expression of which the columns are the arguments.
    fn with_parameters(&self, text: &str, columns: &[usize]) -> String {
        let mut parts = text.split(ALIAS);
        let mut written = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let named = columns.iter().enumerate().find_map(|(at, index)| {
                let rest = part.strip_prefix('.')?.strip_prefix(self.columns[*index].sql.as_str())?;
                let goes_on = rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
                (!goes_on).then(|| (self.parameter(*index, at), rest))
            });
            match named {
                Some((parameter, rest)) => written.extend([parameter.as_str(), rest]),
                None => written.extend([ALIAS, part]),
            }
        }
        written
    }

    fn field(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == *name && column.derived.is_none())
    }

    fn named(&self) -> Named<'c> {
        Named { table: self.table, alias: ALIAS }
    }

    fn suffix(&self, columns: &[usize]) -> String {
        use syn::ext::IdentExt as _;

        let fields = columns.iter().map(|index| self.columns[*index].ident.unraw().to_string());
        fields.collect::<Vec<_>>().join("_and_")
    }
}
