//! Which foreign key a relation is made of: found in the catalog by what was written, else by the names.

use persist_schema::Catalog;
use persist_schema::catalog::Table;
use syn::LitStr;

use super::advice;
use super::reference::{Hints, Reference};
use crate::context::{Context, Mistake};
use crate::model::{Field, Relation, RelationKind};
use crate::resolve::table::{described, unknown};
use crate::suggest::{listed, nearest, ranked};

/// A relation of a field, and where it is looked for.
pub(super) struct Search<'s, 'c> {
    pub(super) ctx: &'s Context,
    pub(super) catalog: &'c Catalog,
    /// The struct's own table.
    pub(super) table: &'c Table,
    pub(super) field: &'s Field,
    pub(super) relation: &'s Relation,
    pub(super) hints: Hints,
    /// Is the other side the same table?
    pub(super) is_of_itself: bool,
    /// The columns that the struct says tell the rows apart, of a view of the database.
    pub(super) said_key: Vec<String>,
    /// May the struct itself say what is equal to what, by `references`?
    pub(super) may_declare: bool,
    /// What is written where the rows become one value: `count = "pipeline_steps"`.
    pub(super) value: Option<String>,
}

impl<'c> Search<'_, 'c> {
    /// The key of another table that leads here.
    pub(super) fn arriving(&self) -> Option<Reference<'c>> {
        if let Some(references) = &self.relation.references {
            return self.declared(references);
        }
        let written = match &self.relation.table {
            Some(written) => Some(self.table_named(written, "table")?),
            None => None,
        };
        let all = match written {
            Some(from) => Reference::leaving(self.catalog, from),
            None => Reference::arriving(self.catalog, self.table),
        };
        let mut found: Vec<Reference<'c>> =
            all.into_iter().filter(|found| found.to.name == self.table.name).collect();
        if self.is_of_itself {
            found.retain(|found| found.from.name == self.table.name);
        }
        if found.is_empty() {
            return self.no_key(written);
        }
        found = self.over(found, self.relation.foreign_key.as_ref(), "points to")?;
        let tables = distinct(found.iter().map(|found| found.from));
        let from = match tables.as_slice() {
            [only] if written.is_some() || self.is_of_itself => *only,
            _ => match (self.hints.called(&tables), self.hints.called_after(self.catalog)) {
                (Some(called), _) => called,
                (None, Some(other)) => return self.no_key(Some(other)),
                (None, None) => match (self.hints.meant(&tables), tables.as_slice()) {
                    (Some(meant), _) => meant,
                    (None, [only]) => only,
                    (None, _) => return self.ambiguous_table(&tables),
                },
            },
        };
        found.retain(|found| found.from.name == from.name);
        self.only_key(found, "foreign_key")
    }

    /// The key of this table that leads to another.
    pub(super) fn leaving(&self) -> Option<Reference<'c>> {
        if let Some(references) = &self.relation.references {
            return self.declared(references);
        }
        let mut found = Reference::leaving(self.catalog, self.table);
        if let Some(written) = &self.relation.table {
            let to = self.table_named(written, "table")?;
            found.retain(|found| found.to.name == to.name);
        }
        if found.is_empty() {
            return self.none_leaves();
        }
        found = self.over(found, self.relation.foreign_key.as_ref(), "leaves")?;
        if self.relation.foreign_key.is_some() {
            return self.only_key(found, "foreign_key");
        }
        let named: Vec<Reference<'c>> =
            found.iter().filter(|found| found.is_named(&self.hints.field)).cloned().collect();
        if let [only] = named.as_slice() {
            return Some(only.clone());
        }
        let tables = distinct(found.iter().map(|found| found.to));
        if let Some(meant) = self.hints.meant(&tables) {
            found.retain(|found| found.to.name == meant.name);
        } else if self.hints.called_after(self.catalog).is_some() && self.relation.table.is_none() {
            return self.none_leaves();
        }
        self.only_key(found, "foreign_key")
    }

    /// The keys of the link table: to this side, then to the other.
    pub(super) fn through(&self, written: &LitStr) -> Option<(Reference<'c>, Reference<'c>)> {
        let link = self.table_named(written, "through")?;
        let all = Reference::leaving(self.catalog, link);
        let ours: Vec<_> = all.iter().filter(|found| found.to.name == self.table.name).cloned().collect();
        if ours.is_empty() {
            let mistake =
                Mistake::new(format!("`{}` has no foreign key to `{}`", link.name, self.table.name))
                    .found(keys(link, &all))
                    .write("write `through = \"…\"` with the table that refers to both sides");
            self.ctx.report(written, mistake);
            return None;
        }
        let ours = self.over(ours, self.relation.foreign_key.as_ref(), "points to")?;
        let ours = self.only_key(ours, "foreign_key")?;
        let mut others: Vec<_> = all.iter().filter(|found| found.key != ours.key).cloned().collect();
        if let Some(written) = &self.relation.table {
            let to = self.table_named(written, "table")?;
            others.retain(|found| found.to.name == to.name);
        }
        if others.is_empty() {
            let other = self
                .relation
                .table
                .as_ref()
                .map_or("another table".to_owned(), |table| format!("`{}`", table.value()));
            let mistake = Mistake::new(format!("`{}` has no second foreign key, to {other}", link.name))
                .found(keys(link, &all))
                .write("`many_to_many` needs a table that refers to both sides; for its own rows write `has_many`");
            self.ctx.report(written, mistake);
            return None;
        }
        others = self.over(others, self.relation.other_key.as_ref(), "leaves")?;
        let tables = distinct(others.iter().map(|found| found.to));
        if let Some(meant) = self.hints.meant(&tables) {
            others.retain(|found| found.to.name == meant.name);
        }
        let theirs = self.only_key(others, "other_key")?;
        Some((ours, theirs))
    }

    /// Those over the columns that were written.
    fn over(
        &self,
        found: Vec<Reference<'c>>,
        written: Option<&LitStr>,
        verb: &str,
    ) -> Option<Vec<Reference<'c>>> {
        let Some(written) = written else { return Some(found) };
        let columns: Vec<String> = written.value().split(',').map(|name| name.trim().to_owned()).collect();
        let over: Vec<Reference<'c>> =
            found.iter().filter(|found| found.is_over(&columns)).cloned().collect();
        if !over.is_empty() {
            return Some(over);
        }
        let text = columns.join(", ");
        let what = format!("no foreign key over ({text}) {verb} `{}`", self.table.name);
        let names: Vec<String> = found.iter().map(|found| found.columns().join(", ")).collect();
        let shown: Vec<String> = found.iter().map(Reference::shown).collect();
        let mistake = Mistake::new(what).found(listed(shown.iter().map(String::as_str)));
        let mistake = match nearest(&text, names.iter().map(String::as_str)) {
            Some(near) => mistake.write(format!("did you mean `{near}`?")),
            None if self.may_declare => mistake.write(format!(
                "write the columns of one of them, or what these are equal to: `{}`",
                self.with(&format!("foreign_key = \"{text}\", references = \"…\""))
            )),
            None => mistake.write("write the columns of one of them, or add the key in a migration"),
        };
        self.ctx.report(written, mistake);
        None
    }

    /// The only one; where there are several, the one that is named like the field.
    fn only_key(&self, found: Vec<Reference<'c>>, word: &str) -> Option<Reference<'c>> {
        if let [only] = found.as_slice() {
            return Some(only.clone());
        }
        let named: Vec<_> = found.iter().filter(|found| found.is_named(&self.hints.field)).cloned().collect();
        if let [only] = named.as_slice() {
            return Some(only.clone());
        }
        let columns: Vec<String> = found.iter().map(|found| found.columns().join(", ")).collect();
        let hints = format!("{} {}", self.hints.field, self.hints.element);
        let likeliest = ranked(&hints, columns.iter().map(String::as_str));
        let shown: Vec<String> = found.iter().map(Reference::shown).collect();
        let mistake = Mistake::new(format!("`{}` could be made of several foreign keys", self.hints.field))
            .found(listed(shown.iter().map(String::as_str)))
            .write(format!("say which: `{}`", self.with(&format!("{word} = \"{}\"", likeliest.first()?))));
        self.report(mistake);
        None
    }

    fn ambiguous_table(&self, tables: &[&'c Table]) -> Option<Reference<'c>> {
        let names: Vec<String> = tables.iter().map(|table| table.name.to_string()).collect();
        let hints = format!("{} {}", self.hints.field, self.hints.element);
        let names = ranked(&hints, names.iter().map(String::as_str));
        let mistake = Mistake::new(format!("`{}` could hold the rows of several tables", self.hints.field))
            .found(format!("{} point to `{}`", listed(names.iter().cloned()), self.table.name))
            .write(format!("say which: `{}`", self.with(&format!("table = \"{}\"", names[0]))));
        self.report(mistake);
        None
    }

    /// Reports that no key leads here: from the table that is meant, or at all.
    fn no_key(&self, meant: Option<&'c Table>) -> Option<Reference<'c>> {
        let own = &self.table.name;
        let Some(meant) = meant else {
            let all = Reference::arriving(self.catalog, self.table);
            let leaving = Reference::leaving(self.catalog, self.table);
            let mistake = match all.is_empty() {
                true if !leaving.is_empty() => {
                    let mistake = Mistake::new(format!("no foreign key points to `{own}`"));
                    let mistake = mistake.found(keys(self.table, &leaving));
                    self.report(mistake.write("if one of these is meant, write `belongs_to`"));
                    return None;
                }
                true => {
                    Mistake::new(format!("no foreign key points to `{own}`")).found(described(self.table))
                }
                false => Mistake::new(format!("no foreign key of `{own}` points to `{own}` itself"))
                    .found(keys(self.table, &leaving)),
            };
            let key = match self.is_of_itself {
                true => advice::foreign_key(self.table, self.table),
                false => format!("REFERENCES {}", own.to_short_sql()),
            };
            self.report(mistake.write(self.key_to_add(&key)));
            return None;
        };
        let leaving = Reference::leaving(self.catalog, meant);
        let mistake = Mistake::new(format!("no foreign key of `{}` points to `{own}`", meant.name));
        let back =
            Reference::leaving(self.catalog, self.table).into_iter().find(|key| key.to.name == meant.name);
        let link = self.link_to(meant);
        let mistake = match (back, link) {
            (Some(back), _) => {
                let alone = if self.value.is_some() { "a row has one of them at most: " } else { "" };
                mistake
                    .found(format!("`{}` points the other way", back.shown()))
                    .write(format!("{alone}write `belongs_to`"))
            }
            (None, Some(link)) if self.value.is_some() => mistake
                .found(format!("{} points to both", described(link)))
                .write(format!("take the rows in between: `\"{}\"`", link.name)),
            (None, Some(link)) => mistake
                .found(format!("{} points to both", described(link)))
                .write(format!("write `many_to_many(through = \"{}\")`", link.name)),
            (None, None) => mistake
                .found(keys(meant, &leaving))
                .write(self.key_to_add(&advice::foreign_key(meant, self.table))),
        };
        self.report(mistake);
        None
    }

    fn none_leaves(&self) -> Option<Reference<'c>> {
        let meant = match &self.relation.table {
            Some(written) => self.catalog.table(&written.value()),
            None => self.hints.called_after(self.catalog),
        };
        let own = &self.table.name;
        let leaving = Reference::leaving(self.catalog, self.table);
        let mistake = match meant {
            Some(meant) => Mistake::new(format!("no foreign key of `{own}` points to `{}`", meant.name)),
            None => Mistake::new(format!("no foreign key leaves `{own}`")),
        };
        let back = meant.map(|meant| Reference::leaving(self.catalog, meant)).unwrap_or_default();
        let mistake = match back.iter().find(|key| key.to.name == *own) {
            Some(back) => mistake
                .found(format!("`{}` points the other way", back.shown()))
                .write("write `has_many` or `has_one`"),
            None => {
                let key = meant.map(|meant| advice::foreign_key(self.table, meant));
                let key = key.unwrap_or_else(|| "REFERENCES …".to_owned());
                mistake.found(keys(self.table, &leaving)).write(self.key_to_add(&key))
            }
        };
        self.report(mistake);
        None
    }

    /// A table with keys to this one and to another.
    fn link_to(&self, other: &Table) -> Option<&'c Table> {
        let links = Reference::arriving(self.catalog, self.table).into_iter().map(|key| key.from);
        let mut links = links.filter(|link| link.foreign_keys.iter().any(|key| key.references == other.name));
        links.next()
    }

    /// The table of this name; else that is reported.
    pub(super) fn table_named(&self, written: &LitStr, word: &str) -> Option<&'c Table> {
        let found = self.catalog.table(&written.value());
        if found.is_none() {
            let word = if self.value.is_some() { None } else { Some(word) };
            self.ctx.report(written, unknown(&written.value(), word, self.catalog));
        }
        found
    }

    /// What to do where there is none.
    fn key_to_add(&self, key: &str) -> String {
        let or = match (self.may_declare, &self.relation.foreign_key) {
            (false, _) => String::new(),
            (true, written) => {
                let columns = written.as_ref().map_or_else(|| "…".to_owned(), LitStr::value);
                let declared = self.with(&format!("foreign_key = \"{columns}\", references = \"…\""));
                format!("; or say what is equal to what: `{declared}`")
            }
        };
        format!("add one in a migration: `{key}`{or}")
    }

    /// The attribute with one word more.
    fn with(&self, part: &str) -> String {
        if let Some(value) = &self.value {
            return format!("{value}, {part}");
        }
        let kind = self.relation.kind.word();
        match (&self.relation.through, &self.relation.table) {
            (Some(through), _) => format!("{kind}(through = \"{}\", {part})", through.value()),
            (None, Some(table)) if !part.starts_with("table") => {
                format!("{kind}(table = \"{}\", {part})", table.value())
            }
            (None, _) => format!("{kind}({part})"),
        }
    }

    pub(super) fn report(&self, mistake: Mistake) {
        match (&self.relation.table, self.relation.kind) {
            (Some(written), RelationKind::HasMany | RelationKind::HasOne | RelationKind::BelongsTo) => {
                self.ctx.report(written, mistake);
            }
            _ => self.ctx.report(&self.field.mark, mistake),
        }
    }
}

/// Each table once.
fn distinct<'c>(tables: impl Iterator<Item = &'c Table>) -> Vec<&'c Table> {
    let mut distinct: Vec<&'c Table> = Vec::new();
    for table in tables {
        if !distinct.iter().any(|known| known.name == table.name) {
            distinct.push(table);
        }
    }
    distinct
}

fn keys(table: &Table, leaving: &[Reference<'_>]) -> String {
    if leaving.is_empty() {
        return format!("{} has no foreign key", described(table));
    }
    let keys: Vec<String> =
        leaving.iter().map(|key| format!("{} to {}", key.columns().join(", "), key.to.name)).collect();
    format!("the foreign keys of {} are {}", described(table), listed(keys.iter().map(String::as_str)))
}
