//! What an aggregate makes of a type.

use std::fmt;

use crate::builtin::ordering::is_sortable;
use crate::catalog::{Catalog, TypeKind};
use crate::pg_type::PgType;

/// The aggregates that a relation can be summed up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// `count`.
    Count,
    /// `sum`.
    Sum,
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `avg`.
    Avg,
}

/// PostgreSQL has no such aggregate for a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAggregate {
    /// The aggregate.
    pub aggregate: Aggregate,
    /// The type.
    pub ty: PgType,
}

/// The types that `min` and `max` exist for and return as they are, in PostgreSQL 15.
const SORTED: &[&str] = &[
    "bpchar",
    "date",
    "float4",
    "float8",
    "inet",
    "int2",
    "int4",
    "int8",
    "interval",
    "money",
    "numeric",
    "oid",
    "pg_lsn",
    "text",
    "tid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "xid8",
];

impl Catalog {
    /// The type that an aggregate over values of `ty` returns, by the rules of PostgreSQL: `sum(integer)` is
    /// `bigint`, `sum(bigint)` is `numeric`.
    ///
    /// All but `count` return NULL when there are no rows.
    ///
    /// # Errors
    ///
    /// When PostgreSQL 15 has no such aggregate, as for `min(uuid)`.
    pub fn aggregate_type(&self, aggregate: Aggregate, ty: &PgType) -> Result<PgType, NoAggregate> {
        let base = self.base_type(ty);
        let plain = base.without_modifiers();
        let found = match aggregate {
            Aggregate::Count => Some("int8"),
            Aggregate::Sum => match plain.built_in_name() {
                Some("int2" | "int4") => Some("int8"),
                Some("int8" | "numeric") => Some("numeric"),
                Some(same @ ("float4" | "float8" | "interval" | "money")) => Some(same),
                Some("time") => Some("interval"),
                _ => None,
            },
            Aggregate::Avg => match plain.built_in_name() {
                Some("int2" | "int4" | "int8" | "numeric") => Some("numeric"),
                Some("float4" | "float8") => Some("float8"),
                Some("interval" | "time") => Some("interval"),
                _ => None,
            },
            Aggregate::Min | Aggregate::Max => match plain.built_in_name() {
                Some("varchar" | "name" | "char") => Some("text"),
                Some("cidr") => Some("inet"),
                Some(same) => SORTED.contains(&same).then_some(same),
                None if self.is_least_or_greatest(&plain) => return Ok(plain),
                None => None,
            },
        };
        found.map(PgType::built_in).ok_or_else(|| NoAggregate { aggregate, ty: ty.clone() })
    }

    /// Whether a type that is not PostgreSQL's own, or an array, has `min` and `max`.
    fn is_least_or_greatest(&self, ty: &PgType) -> bool {
        if ty.is_array {
            return is_sortable(self, ty);
        }
        match self.type_kind(ty) {
            TypeKind::Enum(_) => true,
            TypeKind::External => ty.name.name == "citext",
            TypeKind::BuiltIn
            | TypeKind::Domain(_)
            | TypeKind::Composite(_)
            | TypeKind::Range(_)
            | TypeKind::Row(_) => false,
        }
    }
}

impl Aggregate {
    /// The name of the function.
    pub fn name(self) -> &'static str {
        match self {
            Aggregate::Count => "count",
            Aggregate::Sum => "sum",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
            Aggregate::Avg => "avg",
        }
    }
}

impl fmt::Display for NoAggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgreSQL has no `{}` for `{}`", self.aggregate.name(), self.ty)
    }
}

impl std::error::Error for NoAggregate {}
