//! Fields of views that hold no column: values of the rows on the other side of a foreign key, and
//! expressions.

use persist_schema::aggregate::Aggregate as Function;
use persist_schema::catalog::{Column, Table};
use persist_schema::expression::Named;
use persist_schema::identifier::quote_identifier;
use persist_schema::{Catalog, Origin, PgType};
use syn::LitStr;
use syn::ext::IdentExt as _;

use super::relation::{by_operators, climb, side_of};
use super::table::{bound as bound_table, described};
use super::text::{self, ALIAS, VALUE};
use crate::context::{Context, Mistake};
use crate::model::{
    Aggregate, AggregateKind, BoundColumn, Declared, Derived, Entity, Field, Insert, Line, Role, Update,
};
use crate::suggest::{listed, nearest};
use crate::type_map;

/// What these fields read, in the order of the struct; `None` where that is reported.
pub(super) fn columns(
    ctx: &Context,
    entity: &Entity,
    table: &Table,
    catalog: &Catalog,
) -> Vec<Option<BoundColumn>> {
    let values = Values { ctx, table, catalog };
    let columns = entity.fields.iter().filter_map(|field| match &field.role {
        Role::Aggregate(aggregate) => Some(values.aggregate(field, aggregate)),
        Role::Line(line) => Some(values.line(field, line)),
        Role::Expression(written) => Some(values.expression(field, written)),
        Role::Column(_) | Role::Skipped { .. } | Role::OneOf(_) | Role::Relation(_) | Role::Unclear => None,
    });
    columns.collect()
}

struct Values<'s> {
    ctx: &'s Context,
    table: &'s Table,
    catalog: &'s Catalog,
}

/// What a field reads.
struct Value<'v> {
    /// For messages: `count(pipeline_steps)`.
    shown: String,
    derived: Derived,
    ty: PgType,
    nullable: bool,
    origin: &'v Origin,
}

impl Values<'_> {
    fn aggregate(&self, field: &Field, aggregate: &Aggregate) -> Option<BoundColumn> {
        let (name, column) = match function(aggregate.kind) {
            Some(_) => self.column_of(&aggregate.of)?,
            None => (aggregate.of.clone(), None),
        };
        let key = side_of(self.ctx, self.catalog, self.table, field, aggregate, &name)?;
        let other = key.from;
        let tables = [Named { table: other, alias: VALUE }];
        let filter = text::condition(self.ctx, self.catalog, &tables, aggregate.filter.as_ref());
        let (value, ty, nullable, origin) = match (function(aggregate.kind), column) {
            (Some(function), Some(name)) => {
                let column = self.column(&aggregate.of, other, &name)?;
                let ty = self.type_of(&aggregate.of, function, other, column)?;
                let own = column.ty.as_ref().map(|ty| type_map::operators(self.catalog, ty));
                let own = own.filter(|schema| !schema.is_empty()).map(|schema| schema + ".");
                (
                    format!(
                        "{}{}({VALUE}.{})",
                        own.unwrap_or_default(),
                        aggregate.kind.word(),
                        quote_identifier(&name)
                    ),
                    ty,
                    true,
                    &column.origin,
                )
            }
            _ if aggregate.kind == AggregateKind::Exists => {
                ("1".to_owned(), PgType::built_in("bool"), false, &other.origin)
            }
            _ => ("count(*)".to_owned(), PgType::built_in("int8"), false, &other.origin),
        };
        let links = key.pairs().into_iter().map(|(theirs, ours)| {
            let equals = match by_operators(self.catalog, (key.from, theirs), (key.to, ours)).as_str() {
                "" => "=".to_owned(),
                schema => format!("OPERATOR({schema}.=)"),
            };
            format!("{VALUE}.{} {equals} {ALIAS}.{}", quote_identifier(theirs), quote_identifier(ours))
        });
        let filter = (!filter.is_empty()).then(|| format!("({filter})"));
        let condition = links.chain(filter).collect::<Vec<_>>().join(" AND ");
        let exists = if aggregate.kind == AggregateKind::Exists { "EXISTS " } else { "" };
        let open = format!("{exists}(SELECT {value}");
        let derived = Derived::Aggregate { open, table: bound_table(other).sql, condition };
        let shown = format!("{}({})", aggregate.kind.word(), aggregate.of.value());
        self.bound(field, Value { shown, derived, ty, nullable, origin })
    }

    fn line(&self, field: &Field, line: &Line) -> Option<BoundColumn> {
        let Line { listed, foreign_key } = line;
        let shown = match listed {
            Some(column) => format!("path = \"{}\"", column.value()),
            None => "depth".to_owned(),
        };
        let climb = climb(self.ctx, self.catalog, self.table, field, foreign_key, shown.clone())?;
        let mut value = Value {
            shown,
            derived: Derived::Line { table: bound_table(self.table).sql, climb, listed: None },
            ty: PgType::built_in("int4"),
            nullable: false,
            origin: &self.table.origin,
        };
        if let Some(written) = listed {
            let column = self.column(written, self.table, &written.value())?;
            value.ty = self.list_of(written, column)?;
            value.origin = &column.origin;
            if let Derived::Line { listed, .. } = &mut value.derived {
                *listed = Some(quote_identifier(&column.name));
            }
        }
        self.bound(field, value)
    }

    /// The type of a list of a column's values, of which none may be NULL.
    fn list_of(&self, written: &LitStr, column: &Column) -> Option<PgType> {
        let ty = column.ty.as_ref()?;
        let name = format!("{}.{}", self.table.name, column.name);
        let mistake = if self.catalog.is_nullable(column) {
            Mistake::new(format!("`{name}` may be NULL, which no path has room for"))
                .found(format!("declared without NOT NULL at {}", column.origin))
        } else if self.catalog.base_type(ty).is_array {
            Mistake::new(format!("`{name}` is an array, and a path is a list of single values"))
                .found(format!("`{}` at {}", type_map::written(ty), column.origin))
        } else {
            return Some(PgType { modifiers: Vec::new(), is_array: true, ..self.catalog.base_type(ty) });
        };
        self.ctx.report(written, mistake.write("take another column"));
        None
    }

    fn expression(&self, field: &Field, written: &LitStr) -> Option<BoundColumn> {
        let checked =
            text::expression(self.ctx, self.catalog, Named { table: self.table, alias: ALIAS }, written)?;
        let Some(ty) = checked.ty else {
            let mistake = Mistake::new("the type of this expression is not known without a server");
            self.ctx
                .report(written, mistake.write(format!("add a cast: `sql = \"({})::…\"`", written.value())));
            return None;
        };
        let derived = Derived::Expression(format!("({})", checked.text));
        let (shown, nullable, origin) = (written.value(), checked.nullable, &self.table.origin);
        let value = Value { shown, derived, ty, nullable, origin };
        self.bound(field, value)
    }

    /// `pipeline_executions.cost`, taken apart.
    fn column_of(&self, written: &LitStr) -> Option<(LitStr, Option<String>)> {
        let text = written.value();
        if let Some((table, column)) = text.rsplit_once('.') {
            return Some((LitStr::new(table, written.span()), Some(column.to_owned())));
        }
        let mistake = Mistake::new(format!("`{text}` names a table, but of which column?"));
        let mistake = match self.catalog.table(&text) {
            Some(table) => {
                mistake.found(format!("{} has {}", described(table), listed(table.column_names())))
            }
            None => mistake,
        };
        self.ctx.report(written, mistake.write(format!("write `\"{text}.…\"` with the name of a column")));
        None
    }

    fn column<'t>(&self, written: &LitStr, table: &'t Table, name: &str) -> Option<&'t Column> {
        let found = table.column(name);
        if found.is_none() {
            let mistake = Mistake::new(format!("column `{}.{name}` does not exist", table.name));
            let write = match nearest(name, table.column_names()) {
                Some(meant) => format!("{} has `{meant}`", described(table)),
                None => format!("{} has {}", described(table), listed(table.column_names())),
            };
            self.ctx.report(written, mistake.write(write));
        }
        found
    }

    fn type_of(
        &self,
        written: &LitStr,
        function: Function,
        table: &Table,
        column: &Column,
    ) -> Option<PgType> {
        let ty = column.ty.as_ref()?;
        match self.catalog.aggregate_type(function, ty) {
            Ok(ty) => Some(ty),
            Err(why) => {
                let found = format!("`{}.{}` at {}", table.name, column.name, column.origin);
                self.ctx.report(written, Mistake::new(why.to_string()).found(found));
                None
            }
        }
    }

    fn bound(&self, field: &Field, value: Value<'_>) -> Option<BoundColumn> {
        let Value { shown, derived, ty, nullable, origin } = value;
        let mapped = match type_map::map(self.catalog, &ty) {
            Ok(mapped) => mapped,
            Err(why) => {
                let mistake = Mistake::new(format!("`{shown}` has a type that no field can hold yet: {why}"));
                self.ctx.report(&field.ty, mistake.write("cast it to another type, or leave the field out"));
                return None;
            }
        };
        let name = field.ident.unraw().to_string();
        Some(BoundColumn {
            ident: field.ident.clone(),
            vis: field.vis.clone(),
            ty: field.ty.clone(),
            sql: quote_identifier(&name),
            name,
            arm: None,
            derived: Some(derived),
            declared: Declared {
                column: shown,
                ty: type_map::written(&ty),
                named: mapped.named,
                place: origin.to_string(),
                expected: mapped.rust,
                feature: mapped.feature,
            },
            wire: mapped.wire,
            nullable,
            is_foreign_key: false,
            insert: Insert::Never,
            update: Update::Kept,
        })
    }
}

/// The function of those values that are made of a column.
fn function(kind: AggregateKind) -> Option<Function> {
    match kind {
        AggregateKind::Min => Some(Function::Min),
        AggregateKind::Max => Some(Function::Max),
        AggregateKind::Sum => Some(Function::Sum),
        AggregateKind::Avg => Some(Function::Avg),
        AggregateKind::Count | AggregateKind::Exists => None,
    }
}
