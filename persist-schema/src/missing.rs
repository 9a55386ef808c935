//! A name that does not exist: the message about it, and which names there are instead.

use crate::catalog::{EnumType, Table};
use crate::diagnostic::Origin;
use crate::identifier::QualifiedName;
use crate::suggest::{listed, nearest};

/// What is said about a name that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Missing {
    /// A column that none of some tables has.
    pub(crate) fn column(name: &str, tables: &[&Table]) -> Self {
        let message = match tables {
            [only] => format!("column `{}.{name}` does not exist", only.name),
            _ => format!("column `{name}` does not exist"),
        };
        let names: Vec<&str> = tables.iter().flat_map(|table| table.column_names()).collect();
        let shown = tables.iter().map(|table| format!("`{}` ({})", table.name, table.origin));
        let shown: Vec<String> = shown.collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(meant) => format!("{} has `{meant}`", shown.join(" or ")),
            None => format!("{} has {}", shown.join(" and "), listed(names)),
        };
        Self { message, help }
    }

    /// A part that its owner does not have: a label of an enum, a constraint of a table.
    pub(crate) fn part<'n>(
        owner: &str,
        part: &str,
        name: &str,
        parts: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        let parts: Vec<&str> = parts.into_iter().collect();
        let help = match nearest(name, parts.iter().copied()) {
            Some(meant) => did_you_mean(meant),
            None if parts.is_empty() => "it has none".to_owned(),
            None => format!("it has `{}`", parts.join("`, `")),
        };
        Self { message: format!("{owner} has no {part} `{name}`"), help }
    }

    /// A label that an enum does not have.
    pub(crate) fn label(label: &str, of: &EnumType) -> Self {
        Self::part(&owner("enum", &of.name, &of.origin), "label", label, of.labels.iter().map(String::as_str))
    }

    /// An object that no statement creates up to the one which names it.
    pub(crate) fn object<'n>(kind: &str, name: &str, objects: impl IntoIterator<Item = &'n str>) -> Self {
        let help = match nearest(name, objects) {
            Some(meant) => did_you_mean(meant),
            None => "is a file missing, or are the files applied in another order?".to_owned(),
        };
        Self { message: format!("no earlier statement creates the {kind} `{name}`"), help }
    }
}

/// The owner of a part, with the place where it is created.
pub(crate) fn owner(kind: &str, name: &QualifiedName, origin: &Origin) -> String {
    format!("the {kind} `{name}` ({origin})")
}

fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}
