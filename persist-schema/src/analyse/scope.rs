//! What the names in a query mean.

use crate::pg_type::PgType;

/// A column of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) ty: Option<PgType>,
}

/// What the names in a query mean.
#[derive(Clone, Default)]
pub(crate) struct Scope<'s> {
    /// The WITH queries that can be seen; their columns, if known.
    pub(super) ctes: Vec<(String, Option<Vec<Output>>)>,
    /// What stands in FROM, by alias.
    pub(super) relations: Vec<(String, Option<Vec<Output>>)>,
    /// What `*` stands for: as `relations`, but with the columns of USING merged.
    pub(super) star: Option<Vec<Output>>,
    /// The query around this one.
    pub(super) outer: Option<&'s Scope<'s>>,
}

impl Scope<'_> {
    /// A scope in which these relations can be named, each with its columns if they are known.
    pub(crate) fn of_relations(relations: Vec<(String, Option<Vec<Output>>)>) -> Self {
        Self { relations, ..Self::default() }
    }

    /// The type of a column, by its name and perhaps that of its table.
    pub(crate) fn column(&self, table: Option<&str>, name: &str) -> Option<PgType> {
        let mut candidates =
            self.relations.iter().filter(|(alias, _)| table.is_none_or(|table| table == alias)).peekable();
        if candidates.peek().is_none() {
            return self.outer?.column(table, name);
        }
        let mut unknown = false;
        for (_, columns) in candidates {
            match columns {
                Some(columns) => {
                    if let Some(found) = columns.iter().find(|column| column.name == name) {
                        return found.ty.clone();
                    }
                }
                None => unknown = true,
            }
        }
        if unknown { None } else { self.outer?.column(table, name) }
    }

    /// The columns of what has an alias in FROM, here or in a query around this one.
    pub(super) fn relation(&self, alias: &str) -> Option<Vec<Output>> {
        match self.relations.iter().find(|(candidate, _)| candidate == alias) {
            Some((_, columns)) => columns.clone(),
            None => self.outer?.relation(alias),
        }
    }
}
