//! What the migrations describe, as plain data: nothing here reads SQL or changes by itself.

mod database;
mod facts;
mod index;
mod insert;
mod key;
mod rank;
mod table;
mod type_kind;
mod user_type;

pub use database::{Catalog, Schema};
pub use facts::{
    Extension, Function, FunctionKind, Opaque, Policy, PolicyCommand, RowSecurity, Rule, Sequence, Trigger,
};
pub use index::{Index, IndexKey, IndexTarget};
pub use key::{Check, Exclusion, Expression, ForeignKey, Key, ReferentialAction, RowKey};
pub use rank::Rank;
pub use table::{Column, Generated, GeneratedKind, GoneColumn, Identity, Partition, Table, TableKind};
pub use type_kind::TypeKind;
pub use user_type::{Collation, CompositeType, Domain, EnumType, Field, RangeType};
