//! Whether values that are equal for the server are also the same bytes for a client.

use crate::catalog::{Catalog, Column, TypeKind};
use crate::identifier::QualifiedName;
use crate::pg_type::{PG_CATALOG, PgType};

/// PostgreSQL's types whose equal values are always encoded alike, by the server and by clients. Of those that travel as text
/// there are several spellings, and of ranges several bounds.
const BYTE_EQUAL: &[&str] = &[
    "bool",
    "bytea",
    "char",
    "date",
    "inet",
    "int2",
    "int4",
    "int8",
    "name",
    "oid",
    "text",
    "time",
    "timestamp",
    "timestamptz",
    "uuid",
    "varchar",
];

impl Catalog {
    /// Whether two values of a column that are equal in SQL are always the same bytes, so that a client may
    /// match rows by them.
    ///
    /// They are not for `numeric` (1.0 and 1.00), floats (0 and -0), `character(n)`, `interval`, `jsonb`,
    /// `citext` and text with a collation that is not deterministic. Types of which nothing is known count as
    /// such.
    pub fn is_byte_equal(&self, column: &Column) -> bool {
        let deterministic = column.collation.as_ref().is_none_or(|name| self.is_deterministic(name));
        deterministic && column.ty.as_ref().is_some_and(|ty| self.is_type_byte_equal(ty))
    }

    fn is_type_byte_equal(&self, ty: &PgType) -> bool {
        match self.type_kind(ty) {
            TypeKind::BuiltIn => BYTE_EQUAL.contains(&ty.name.name.as_str()),
            TypeKind::Enum(_) => true,
            TypeKind::Domain(domain) => {
                let deterministic = domain.collation.as_ref().is_none_or(|name| self.is_deterministic(name));
                deterministic && self.is_type_byte_equal(&domain.base)
            }
            TypeKind::Composite(composite) => {
                composite.fields.iter().all(|field| self.is_type_byte_equal(&field.ty))
            }
            TypeKind::Range(range) => self.is_type_byte_equal(&range.subtype),
            TypeKind::Row(table) => table.columns.iter().all(|column| self.is_byte_equal(column)),
            TypeKind::External => false,
        }
    }

    /// Whether strings are equal for a collation only if they are the same bytes, as for all of PostgreSQL's.
    fn is_deterministic(&self, name: &QualifiedName) -> bool {
        match self.schemas.get(&name.schema).and_then(|schema| schema.collations.get(&name.name)) {
            Some(collation) => collation.deterministic,
            None => name.schema == PG_CATALOG,
        }
    }
}
