//! Constants for the constraints of a table.

use persist_schema::catalog::Table;

use crate::model::NamedConstraint;

/// All constraints, each with the name of its constant.
pub(super) fn named(table: &Table) -> Vec<NamedConstraint> {
    let mut named = Names(Vec::new());
    if let Some(key) = &table.primary_key {
        named.add("PRIMARY_KEY", &[], &key.name, "The primary key");
    }
    for key in &table.unique_keys {
        named.add("UNIQUE", &key.columns, &key.name, "The UNIQUE key");
    }
    for index in table.indexes.iter().filter(|index| index.unique) {
        let columns = index.columns().unwrap_or_else(|| vec![stripped(table, &index.name, &["idx", "key"])]);
        named.add("UNIQUE", &columns, &index.name, "The UNIQUE index");
    }
    for key in &table.foreign_keys {
        named.add("FOREIGN_KEY", &key.columns, &key.name, "The foreign key");
    }
    for check in &table.checks {
        named.add("CHECK", &[stripped(table, &check.name, &["check"])], &check.name, "The CHECK");
    }
    for exclusion in &table.exclusions {
        named.add(
            "EXCLUDE",
            &[stripped(table, &exclusion.name, &["excl"])],
            &exclusion.name,
            "The EXCLUDE constraint",
        );
    }
    named.0
}

struct Names(Vec<NamedConstraint>);

impl Names {
    fn add(&mut self, prefix: &str, parts: &[String], name: &str, sort: &'static str) {
        let words = [prefix].into_iter().chain(parts.iter().map(String::as_str));
        let plain = words.map(constant).collect::<Vec<_>>().join("_");
        let is_taken = |constant: &str| self.0.iter().any(|named| named.constant == constant);
        let numbered = (2..).map(|number| format!("{plain}_{number}"));
        let constant = [plain.clone()].into_iter().chain(numbered).find(|constant| !is_taken(constant));
        self.0.push(NamedConstraint { constant: constant.unwrap_or(plain), name: name.to_owned(), sort });
    }
}

/// `pipeline_steps_not_its_own_dependency` as `not_its_own_dependency`.
pub(super) fn stripped(table: &Table, name: &str, suffixes: &[&str]) -> String {
    let name = name.strip_prefix(&format!("{}_", table.name.name)).unwrap_or(name);
    let suffix = suffixes.iter().find_map(|suffix| name.strip_suffix(&format!("_{suffix}")));
    suffix.unwrap_or(name).to_owned()
}

fn constant(word: &str) -> String {
    let letters = crate::case::snake(word).to_uppercase();
    letters.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
