//! What the name of a type stands for, and what a domain says about the columns of its type.

use super::database::Catalog;
use super::table::{Column, Table};
use super::user_type::{CompositeType, Domain, EnumType, RangeType};
use crate::pg_type::{PG_CATALOG, PgType};

/// What a type name stands for in a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeKind<'a> {
    /// A type of PostgreSQL itself.
    BuiltIn,
    /// An enum.
    Enum(&'a EnumType),
    /// A domain.
    Domain(&'a Domain),
    /// A composite type.
    Composite(&'a CompositeType),
    /// A range type.
    Range(&'a RangeType),
    /// The row type of a table or view.
    Row(&'a Table),
    /// A type that no statement here creates: mostly one of an extension, such as `citext` or `vector`.
    External,
}

impl Catalog {
    /// What the type is; for an array, what its element is.
    pub fn type_kind(&self, ty: &PgType) -> TypeKind<'_> {
        if ty.name.schema == PG_CATALOG {
            return TypeKind::BuiltIn;
        }
        let name = &ty.name.name;
        let Some(schema) = self.schemas.get(&ty.name.schema) else {
            return TypeKind::External;
        };
        if let Some(found) = schema.enums.get(name) {
            TypeKind::Enum(found)
        } else if let Some(found) = schema.domains.get(name) {
            TypeKind::Domain(found)
        } else if let Some(found) = schema.composites.get(name) {
            TypeKind::Composite(found)
        } else if let Some(found) = schema.ranges.get(name) {
            TypeKind::Range(found)
        } else if let Some(found) = schema.tables.get(name) {
            TypeKind::Row(found)
        } else {
            TypeKind::External
        }
    }

    /// The type below all domains: `text` for a domain over a domain over `text`. Arrays of domains stay.
    pub fn base_type(&self, ty: &PgType) -> PgType {
        let mut base = ty.clone();
        // A domain cannot contain itself, but a catalog can be built by hand: the bound keeps this from
        // spinning.
        for _ in 0..64 {
            match self.type_kind(&base) {
                TypeKind::Domain(domain) if !base.is_array => base = domain.base.clone(),
                TypeKind::BuiltIn
                | TypeKind::Enum(_)
                | TypeKind::Domain(_)
                | TypeKind::Composite(_)
                | TypeKind::Range(_)
                | TypeKind::Row(_)
                | TypeKind::External => break,
            }
        }
        base
    }

    /// The type below all domains, where an extension brings it and its schema is known: it has operators and
    /// functions of its own there. Arrays have PostgreSQL's.
    pub fn extension_type(&self, ty: &PgType) -> Option<PgType> {
        let base = self.base_type(ty);
        let is_external = self.type_kind(&base) == TypeKind::External;
        (is_external && !base.is_array && !base.name.schema.is_empty()).then_some(base)
    }

    /// Whether a column can hold NULL, asking the domain too: a NOT NULL domain forbids it for its columns.
    pub fn is_nullable(&self, column: &Column) -> bool {
        !column.not_null && column.ty.as_ref().is_none_or(|ty| !self.domain_forbids_null(ty))
    }

    fn domain_forbids_null(&self, ty: &PgType) -> bool {
        !ty.is_array
            && matches!(self.type_kind(ty), TypeKind::Domain(domain)
                if domain.not_null || self.domain_forbids_null(&domain.base))
    }

    pub(super) fn domain_has_default(&self, ty: &PgType) -> bool {
        !ty.is_array
            && matches!(self.type_kind(ty), TypeKind::Domain(domain)
                if domain.default.is_some() || self.domain_has_default(&domain.base))
    }
}
