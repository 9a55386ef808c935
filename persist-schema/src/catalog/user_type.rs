//! Types that migrations create.

use super::key::Check;
use crate::diagnostic::Origin;
use crate::identifier::QualifiedName;
use crate::pg_type::PgType;

/// An enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumType {
    /// Its schema and name.
    pub name: QualifiedName,
    /// The labels in their order, which is how the values sort.
    pub labels: Vec<String>,
    /// What COMMENT ON TYPE says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// A domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its schema and name.
    pub name: QualifiedName,
    /// The type below; perhaps another domain.
    pub base: PgType,
    /// Whether the domain itself forbids NULL.
    pub not_null: bool,
    /// The DEFAULT as written.
    pub default: Option<String>,
    /// The CHECK constraints.
    pub checks: Vec<Check>,
    /// The collation, where one was given.
    pub collation: Option<QualifiedName>,
    /// What COMMENT ON DOMAIN says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// A composite type made by CREATE TYPE … AS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompositeType {
    /// Its schema and name.
    pub name: QualifiedName,
    /// The attributes in order.
    pub fields: Vec<Field>,
    /// What COMMENT ON TYPE says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: PgType,
    /// Where it was added.
    pub origin: Origin,
}

/// A range type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeType {
    /// Its schema and name.
    pub name: QualifiedName,
    /// What it is a range of.
    pub subtype: PgType,
    /// What COMMENT ON TYPE says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// A collation made by CREATE COLLATION.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collation {
    /// Its schema and name.
    pub name: QualifiedName,
    /// Whether strings are equal only if they are the same bytes.
    pub deterministic: bool,
    /// Where it is created.
    pub origin: Origin,
}
