//! Relations over columns that no foreign key ties, as the struct says by `references = "…"`: for what is only read.

use std::borrow::Cow;

use persist_schema::catalog::{ForeignKey, ReferentialAction, Table};
use syn::LitStr;

use super::find::Search;
use super::reference::Reference;
use crate::context::Mistake;
use crate::model::RelationKind;
use crate::resolve::table::described;
use crate::suggest::{listed, nearest};
use crate::type_map;

/// Types whose values are equal where their numbers are.
const INTEGERS: [&str; 3] = ["int2", "int4", "int8"];

/// Reports one that would be written with its struct.
pub(super) fn report_written(search: &Search<'_, '_>, references: &LitStr) {
    let mistake = Mistake::new(format!(
        "`{}` would be written with its struct, for which the migrations must tie its rows by a foreign key",
        search.hints.field
    ));
    let help = "leave `references` out; or have the relation in a view, or above the struct in `filter_by`";
    search.ctx.report(references, mistake.write(help));
}

impl<'c> Search<'_, 'c> {
    /// The reference that the struct says, or the foreign key over the same columns.
    pub(super) fn declared(&self, references: &LitStr) -> Option<Reference<'c>> {
        let other = match &self.relation.table {
            Some(written) => self.table_named(written, "table")?,
            None => self.hints.called_after(self.catalog).or_else(|| self.report_no_table())?,
        };
        let (from, to) = match self.relation.kind {
            RelationKind::BelongsTo => (self.table, other),
            _ => (other, self.table),
        };
        let Some(foreign_key) = &self.relation.foreign_key else {
            let mistake =
                Mistake::new(format!("`references` does not say which columns of `{}` refer", from.name));
            self.ctx.report(references, mistake.write("write them beside it: `foreign_key = \"…\"`"));
            return None;
        };
        let (referring, referred) = (self.columns(from, foreign_key)?, self.columns(to, references)?);
        let mut known = Reference::leaving(self.catalog, from).into_iter();
        let is_same = |known: &Reference<'_>| {
            let pairs = referring.iter().map(String::as_str).zip(referred.iter().map(String::as_str));
            known.to.name == to.name && known.pairs() == pairs.collect::<Vec<_>>()
        };
        if let Some(known) = known.find(is_same) {
            return Some(known);
        }
        self.check_pairs(references, (from, &referring), (to, &referred))?;
        let origin = from.column(&referring[0])?.origin.clone();
        Some(Reference { from, key: Cow::Owned(key(to, referring, referred, origin)), to })
    }

    fn columns(&self, table: &Table, written: &LitStr) -> Option<Vec<String>> {
        let text = written.value();
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        let missing = names.iter().find(|name| table.column(name).is_none());
        let Some(missing) = missing else { return Some(names) };
        let mistake = Mistake::new(format!("column `{}.{missing}` does not exist", table.name));
        let mistake = match nearest(missing, table.column_names()) {
            Some(meant) => mistake.write(format!("{} has `{meant}`", described(table))),
            None => mistake.write(format!("{} has {}", described(table), listed(table.column_names()))),
        };
        self.ctx.report(written, mistake);
        None
    }

    /// Reports columns that cannot be equal, and more than one row where there is to be one.
    fn check_pairs(
        &self,
        written: &LitStr,
        (from, referring): (&Table, &[String]),
        (to, referred): (&Table, &[String]),
    ) -> Option<()> {
        if referring.len() != referred.len() {
            let mistake = Mistake::new(format!("{} columns refer to {}", referring.len(), referred.len()));
            self.ctx.report(
                written,
                mistake.write("write as many in `references` as in `foreign_key`, in their order"),
            );
            return None;
        }
        for (referring, referred) in referring.iter().zip(referred) {
            let (one, other) = (from.column(referring)?, to.column(referred)?);
            let (one, other) = (one.ty.as_ref()?, other.ty.as_ref()?);
            let map = |ty| type_map::map(self.catalog, ty).map(|mapped| mapped.rust).ok();
            let is_integer = |ty| INTEGERS.iter().any(|name| self.catalog.base_type(ty).is(name));
            if map(one) != map(other) && !(is_integer(one) && is_integer(other)) {
                let mistake = Mistake::new(format!(
                    "`{}.{referring}` is `{}`, and `{}.{referred}` is `{}`",
                    from.name,
                    type_map::written(one),
                    to.name,
                    type_map::written(other)
                ));
                self.ctx.report(written, mistake.write("write columns of one type"));
                return None;
            }
        }
        let names: Vec<&str> = referred.iter().map(String::as_str).collect();
        let is_for_conditions = self.relation.is_path && self.relation.kind != RelationKind::BelongsTo;
        // Of a view of the database the struct says what tells its rows apart.
        let is_said = !self.said_key.is_empty()
            && to.name == self.table.name
            && self.said_key.iter().all(|name| names.contains(&name.as_str()));
        if !is_for_conditions && !is_said && !to.is_unique(&names) {
            let mistake = Mistake::new(format!(
                "several rows of `{}` could have the same ({})",
                to.name,
                names.join(", ")
            ))
            .found(format!("it is neither the primary key of {}, nor UNIQUE", described(to)));
            self.ctx.report(written, mistake.write("refer to columns that are a key of it"));
            return None;
        }
        Some(())
    }

    fn report_no_table<T>(&self) -> Option<T> {
        let mistake = Mistake::new(format!("no table is called after `{}`", self.hints.element));
        self.report(mistake.write("say which it is: `table = \"…\"`"));
        None
    }
}

/// A foreign key that no migration has.
fn key(
    to: &Table,
    columns: Vec<String>,
    referenced_columns: Vec<String>,
    origin: persist_schema::Origin,
) -> ForeignKey {
    ForeignKey {
        name: String::new(),
        columns,
        references: to.name.clone(),
        referenced_columns,
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
        on_delete_columns: Vec::new(),
        match_full: false,
        deferrable: false,
        initially_deferred: false,
        validated: false,
        inherited: false,
        comment: None,
        origin,
    }
}
