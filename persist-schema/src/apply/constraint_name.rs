//! The names that the server gives to constraints, indexes and sequences that have none.

use crate::apply::fold::Fold;
use crate::catalog::{Schema, Table};
use crate::identifier::{MAX_IDENTIFIER_BYTES, QualifiedName, cut};
use crate::missing::{Missing, owner};

/// Among which objects the name must be unique.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Among {
    Relations,
    Constraints,
    Both,
}

impl Fold {
    /// The name of an index without one: `table_column_idx`.
    pub(crate) fn choose_index_name(&self, table: &QualifiedName, columns: &[String]) -> String {
        self.choose(table, &join(columns), "idx", Among::Relations)
    }

    /// The name of a primary key without one: `table_pkey`.
    pub(crate) fn choose_primary_key_name(&self, table: &QualifiedName) -> String {
        self.choose(table, "", "pkey", Among::Both)
    }

    /// The name of a UNIQUE constraint without one: `table_column_key`.
    pub(crate) fn choose_unique_name(&self, table: &QualifiedName, columns: &[String]) -> String {
        self.choose(table, &join(columns), "key", Among::Both)
    }

    /// The name of an EXCLUDE constraint without one: `table_column_excl`.
    pub(crate) fn choose_exclusion_name(&self, table: &QualifiedName, columns: &[String]) -> String {
        self.choose(table, &join(columns), "excl", Among::Both)
    }

    /// The name of a foreign key without one: `table_column_fkey`.
    pub(crate) fn choose_foreign_key_name(&self, table: &QualifiedName, columns: &[String]) -> String {
        self.choose(table, &join(columns), "fkey", Among::Constraints)
    }

    /// The name of a CHECK without one: `table_column_check` when it is about one column, else `table_check`.
    pub(crate) fn choose_check_name(&self, owner: &QualifiedName, columns: &[String]) -> String {
        let column = if let [column] = columns { column.as_str() } else { "" };
        self.choose(owner, column, "check", Among::Constraints)
    }

    /// The name of the sequence of a serial or identity column: `table_column_seq`.
    pub(crate) fn choose_sequence_name(&self, table: &QualifiedName, column: &str) -> String {
        self.choose(table, column, "seq", Among::Relations)
    }

    fn choose(&self, owner: &QualifiedName, middle: &str, label: &str, among: Among) -> String {
        let mut name = make_object_name(&owner.name, middle, label);
        for attempt in 1.. {
            let taken = (among != Among::Constraints && self.is_relation(&owner.schema, &name))
                || (among != Among::Relations && self.is_constraint(&owner.schema, &name));
            if !taken {
                break;
            }
            name = make_object_name(&owner.name, middle, &format!("{label}{attempt}"));
        }
        name
    }

    /// Remembers a name that a constraint or an index has. Every one has to be passed here.
    pub(crate) fn remember(&mut self, name: &str) {
        if !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    /// Whether a relation of any kind has that name: tables, indexes, sequences and composite types share one
    /// namespace.
    pub(crate) fn is_relation(&self, schema: &str, name: &str) -> bool {
        self.catalog.schemas.get(schema).is_some_and(|schema| {
            schema.tables.contains_key(name)
                || schema.sequences.contains_key(name)
                || schema.composites.contains_key(name)
                || self.names.contains(name) && schema.tables.values().any(|table| has_index(table, name))
        })
    }

    fn is_constraint(&self, schema: &str, name: &str) -> bool {
        let schema = self.catalog.schemas.get(schema).filter(|_| self.names.contains(name));
        schema.is_some_and(|schema| {
            schema.tables.values().any(|table| {
                has_constraint(table, name)
                    || table.triggers.iter().any(|trigger| trigger.is_constraint && trigger.name == name)
            }) || schema.domains.values().any(|domain| domain.checks.iter().any(|check| check.name == name))
        })
    }
}

/// Whether a table has an index of that name, be it of a key or on its own.
pub(crate) fn has_index(table: &Table, name: &str) -> bool {
    table.indexes.iter().any(|index| index.name == name)
        || table.keys().any(|key| key.name == name)
        || table.exclusions.iter().any(|exclusion| exclusion.name == name)
}

/// The names of the indexes in a schema, apart from those of keys.
pub(crate) fn index_names(schema: &Schema) -> Vec<&String> {
    schema.tables.values().flat_map(|table| &table.indexes).map(|index| &index.name).collect()
}

/// Whether a table has a constraint of that name.
pub(crate) fn has_constraint(table: &Table, name: &str) -> bool {
    constraint_names(table).any(|found| found == name)
}

/// The names of the constraints of a table.
pub(crate) fn constraint_names(table: &Table) -> impl Iterator<Item = &str> {
    let keys = table.keys().map(|key| &key.name);
    keys.chain(table.foreign_keys.iter().map(|key| &key.name))
        .chain(table.checks.iter().map(|check| &check.name))
        .chain(table.exclusions.iter().map(|exclusion| &exclusion.name))
        .map(String::as_str)
}

/// A constraint that a table does not have.
pub(crate) fn missing_constraint(table: &Table, name: &str) -> Missing {
    let owner = owner("table", &table.name, &table.origin);
    Missing::part(&owner, "constraint", name, constraint_names(table))
}

/// The column names that go into a name, no more of them than can count.
fn join(columns: &[String]) -> String {
    let mut joined = String::new();
    for column in columns {
        if !joined.is_empty() {
            joined.push('_');
        }
        joined.push_str(column);
        if joined.len() > MAX_IDENTIFIER_BYTES {
            break;
        }
    }
    joined
}

/// `first_middle_label` in 63 bytes: the longer of the first two is cut until it fits.
fn make_object_name(first: &str, middle: &str, label: &str) -> String {
    let separators = if middle.is_empty() { 1 } else { 2 };
    let room = MAX_IDENTIFIER_BYTES - label.len() - separators;
    let (mut first_bytes, mut middle_bytes) = (first.len(), middle.len());
    while first_bytes + middle_bytes > room {
        if first_bytes > middle_bytes {
            first_bytes -= 1;
        } else {
            middle_bytes -= 1;
        }
    }
    let mut name = cut(first, first_bytes).to_owned();
    for part in [cut(middle, middle_bytes), label] {
        if !part.is_empty() {
            name.push('_');
            name.push_str(part);
        }
    }
    name
}

/// The names of the columns of an index as they go into its name: repeated ones get a number.
pub(crate) fn index_column_names(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    for original in names {
        let mut name = original.clone();
        let mut attempt = 0_u32;
        while chosen.contains(&name) {
            attempt += 1;
            let number = attempt.to_string();
            name = format!("{}{number}", cut(&original, MAX_IDENTIFIER_BYTES - number.len()));
        }
        chosen.push(name);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::{index_column_names, make_object_name};

    #[test]
    fn names_are_cut_at_the_longer_part() {
        assert_eq!(make_object_name("pipelines", "name", "key"), "pipelines_name_key");
        assert_eq!(make_object_name("pipelines", "", "pkey"), "pipelines_pkey");
        let long = make_object_name(&"t".repeat(60), &"c".repeat(10), "fkey");
        assert_eq!(long, format!("{}_{}_fkey", "t".repeat(47), "c".repeat(10)));
        assert_eq!(make_object_name(&"ä".repeat(31), "c", "check").len(), 62, "cut between characters");
    }

    #[test]
    fn repeated_columns_of_an_index_get_numbers() {
        assert_eq!(
            index_column_names(["a", "a", "expr", "expr"].map(String::from)),
            ["a", "a1", "expr", "expr1"]
        );
    }
}
