//! Constraints.

use crate::diagnostic::Origin;
use crate::identifier::QualifiedName;

/// An SQL expression as written, and the columns of its own table that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The text, without enclosing parentheses.
    pub text: String,
    /// The columns it names, each once, in the order of their first use.
    pub columns: Vec<String>,
}

/// A primary key or a UNIQUE constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The constraint's name, the one that the server gave if the migration gave none.
    pub name: String,
    /// The columns in order.
    pub columns: Vec<String>,
    /// The columns that are only INCLUDEd in the index.
    pub include: Vec<String>,
    /// UNIQUE NULLS NOT DISTINCT: two NULLs are the same.
    pub nulls_not_distinct: bool,
    /// Whether it can be deferred; then ON CONFLICT cannot use it.
    pub deferrable: bool,
    /// Whether it is INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// What COMMENT ON CONSTRAINT says.
    pub comment: Option<String>,
    /// Where it was added.
    pub origin: Origin,
}

/// What tells one row from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowKey {
    /// The columns in order.
    pub columns: Vec<String>,
    /// Whether it can be deferred; then ON CONFLICT cannot use it.
    pub deferrable: bool,
    /// Whether it is the primary key.
    pub is_primary: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint's name, the one that the server gave if the migration gave none.
    pub name: String,
    /// The columns here.
    pub columns: Vec<String>,
    /// The table they point at.
    pub references: QualifiedName,
    /// The columns there, in the order of `columns`. Empty where none were written and no migration creates
    /// that table, as for a key into a schema that comes from elsewhere.
    pub referenced_columns: Vec<String>,
    /// What happens when the row there is deleted.
    pub on_delete: ReferentialAction,
    /// What happens when its key changes.
    pub on_update: ReferentialAction,
    /// The columns that ON DELETE SET NULL or SET DEFAULT is restricted to; empty means all.
    pub on_delete_columns: Vec<String>,
    /// MATCH FULL.
    pub match_full: bool,
    /// Whether it can be deferred.
    pub deferrable: bool,
    /// Whether it is INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// False after NOT VALID, until VALIDATE CONSTRAINT.
    pub validated: bool,
    /// Whether a partition has it from its parent.
    pub inherited: bool,
    /// What COMMENT ON CONSTRAINT says.
    pub comment: Option<String>,
    /// Where it was added.
    pub origin: Origin,
}

/// What a foreign key does when the row that it points at goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ReferentialAction {
    /// An error, at the latest when the transaction ends.
    #[default]
    NoAction,
    /// An error, at once.
    Restrict,
    /// The rows go, or follow the key.
    Cascade,
    /// The columns become NULL.
    SetNull,
    /// The columns get their default.
    SetDefault,
}

/// A CHECK constraint of a table or a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The constraint's name, the one that the server gave if the migration gave none.
    pub name: String,
    /// What must not be false; in a domain the value is called VALUE.
    pub expression: Expression,
    /// NO INHERIT: child tables do not get it.
    pub no_inherit: bool,
    /// False after NOT VALID, until VALIDATE CONSTRAINT.
    pub validated: bool,
    /// Whether it comes from a table that this one inherits from or is a partition of.
    pub inherited: bool,
    /// Whether it was defined here, be it inherited as well: then it stays when the parent's goes.
    pub local: bool,
    /// What COMMENT ON CONSTRAINT says.
    pub comment: Option<String>,
    /// Where it was added.
    pub origin: Origin,
}

/// An EXCLUDE constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The constraint's name, the one that the server gave if the migration gave none.
    pub name: String,
    /// The index method, `gist` mostly.
    pub method: String,
    /// The elements as written: `room WITH =, during WITH &&`, with the columns they name.
    pub elements: Expression,
    /// The predicate of a partial one.
    pub predicate: Option<Expression>,
    /// Whether it can be deferred.
    pub deferrable: bool,
    /// Whether it is INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// What COMMENT ON CONSTRAINT says.
    pub comment: Option<String>,
    /// Where it was added.
    pub origin: Origin,
}
