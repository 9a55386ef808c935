//! What generated code calls. Not for users: it changes without notice.

pub(crate) mod checks;
mod macros;
mod parts;
pub(crate) mod sorting;
pub(crate) mod validation;

pub use std::option::Option::{None, Some};
pub use std::sync::OnceLock;

pub use bytes::BytesMut;
#[cfg(feature = "json")]
pub use serde;
pub use tokio_postgres::types::{IsNull, Oid, Type};

pub use crate::database::Database;
pub use crate::entity::foreign_key::{ForeignKey, IntoForeignKey, IntoOptionalForeignKey};
pub use crate::entity::nested::{FreshOf, KeyOf, Nested};
pub use crate::entity::of_session::OfSession;
pub use crate::entity::one_of::{Arm, NewOneOf, OneOf, OneOfField, Several};
pub use crate::entity::read_only::{ReadOnly, only_read};
pub use crate::entity::traits::{Entity, New, Repository, View};
pub use crate::error::BoxError;
pub use crate::error::Constraint;
pub use crate::error::Error;
pub use crate::load::field::{ManyField, MapField, OneField, Related, keyed, many, one};
pub use crate::load::recursion_check::{AnyRecursive, Deepest, NotChecked, RecursionCheck, Recursive};
pub use crate::load::row::{At, Row};
pub use crate::load::shape::Shape;
pub use crate::private::checks::{
    accepts_label, maps, maps_type, never_compiled, other_label, relates, unknown_label, write_label,
};
pub use crate::private::parts::{ClonePart, DebugPart, Part, Printed};
#[cfg(feature = "json")]
pub use crate::private::sorting::deserialize_order;
pub use crate::private::sorting::{Sorting, column_order, named_order};
pub use crate::private::validation::{Guarded, garde, validated};
pub use crate::query::column::Column;
pub use crate::query::one_of::{OneOfColumns, OneOfKey};
pub use crate::query::operand::{Operand, Side};
pub use crate::query::order::{IntoOneOrder, Order};
pub use crate::query::predicate::Predicate;
pub use crate::query::relation::{Many, One, Optional, Required};
pub use crate::repository::Upsert;
pub use crate::session::link::{IntoSession, Session};
pub use crate::sql::scope::Scope;
pub use crate::table::column::{ColumnModel, KeyColumn, picked};
pub use crate::table::derived::{Aggregate, Derived, Line};
pub use crate::table::facts::{Meets, Parking, Partial, Reference, Table, Unique};
pub use crate::table::finder::Finder;
pub use crate::table::link::{Climb, Link, Orphans};
pub use crate::table::model::{InsertModel, MadeKey, Model};
pub use crate::table::shape::{Other, ShapeModel, ToMany, ToOne};
pub use crate::unit_of_work::UnitOfWork;
pub use crate::value::assign::Assign;
pub use crate::value::parameters::{Parameters, no_such_parameter};
pub use crate::value::record::{RecordReader, RecordWriter};
pub use crate::value::scalar::{ClientKey, Holds, NamedType, Newtype, Parameter, Scalar, Value};
pub use crate::value::sql_type::{NotNull, Nullable, SqlType, family, pg};
pub use crate::wire::access::Access;
pub use crate::wire::statement::Statement;
pub use crate::write::handle::{Handle, Slot, Waiting};
pub use crate::write::new_row::{Insertable, LinkKeys, Never, NewRows};
pub use crate::write::saved_row::{Held, SavedRows};
pub use crate::{
    __persist_cells as cells, __persist_column_models as column_models, __persist_columns as columns,
    __persist_constraints as constraints, __persist_fields as fields, __persist_find_by as find_by,
    __persist_model as model, __persist_new as new, __persist_new_row as new_row, __persist_order as order,
    __persist_parameters as parameters, __persist_part as part, __persist_relations as relations,
    __persist_repositories as repositories, __persist_repository as repository, __persist_setters as setters,
    __persist_shape as shape, __persist_table as table, __persist_upsert_by as upsert_by,
};

/// A struct to be cloned, if it can be.
pub struct MaybeClone<'t, T>(pub &'t T);

impl<T: Clone> MaybeClone<'_, T> {
    /// The same once more.
    pub fn copy(&self) -> Option<T> {
        Some(self.0.clone())
    }
}

/// What is asked where a struct is not `Clone`.
pub trait NotClone<T> {
    /// Nothing.
    fn copy(&self) -> Option<T>;
}

impl<T> NotClone<T> for MaybeClone<'_, T> {
    fn copy(&self) -> Option<T> {
        None
    }
}

/// The SQL type of a column that no field can hold.
pub enum Unheld {}

impl SqlType for Unheld {
    const OID: Oid = 0;
    const ARRAY_OID: Oid = 0;
    type Family = ();
}

/// What reading a row comes to.
pub type Decoded<T> = Result<T, Error>;

/// What writing a parameter comes to.
pub type Written = Result<IsNull, BoxError>;

/// Where parameters are written to.
pub type Out = BytesMut;

macro_rules! markers {
    ($($name:ident)*) => { $(
        #[doc = concat!("Every type is `", stringify!($name), "`: a name for what the trait of a column can do besides.")]
        pub trait $name {}
        impl<T> $name for T {}
    )* };
}
markers! { PutGiven PutKey PutGivenKey Field }

/// The values of a UNIQUE key.
pub struct Values<'v, const N: usize>(pub [&'v dyn Parameter; N]);

impl<const N: usize> Parameters for Values<'_, N> {
    fn count(&self) -> usize {
        N
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Written {
        self.0[index].write(ty, out)
    }
}

/// A foreign key of a new row, or `Option` of one.
pub trait MayWait {
    /// What does it wait for?
    fn waiting(&self) -> Option<Waiting>;
}

impl<T> MayWait for ForeignKey<T> {
    fn waiting(&self) -> Option<Waiting> {
        self.waiting()
    }
}

impl<T: MayWait> MayWait for Option<T> {
    fn waiting(&self) -> Option<Waiting> {
        self.as_ref().and_then(MayWait::waiting)
    }
}

/// Writes the value of a column that may be left to its DEFAULT.
///
/// # Errors
/// The value has no equivalent in SQL.
pub fn write_given<T: Parameter>(value: &Option<T>, ty: &Type, out: &mut BytesMut) -> Written {
    match value {
        Some(value) => value.write(ty, out),
        None => Err(left_to_default()),
    }
}

/// Writes a foreign key that may be left to its DEFAULT.
///
/// # Errors
/// It is left, stands for a row that is not there, or has no equivalent in SQL.
pub fn write_given_key<T: Parameter>(key: &Option<ForeignKey<T>>, ty: &Type, out: &mut BytesMut) -> Written {
    match key {
        Some(key) => key.write(ty, out),
        None => Err(left_to_default()),
    }
}

/// A key that may be NULL, as a new row keeps it.
pub fn nullable<T>(key: Option<ForeignKey<T>>) -> ForeignKey<Option<T>> {
    match key {
        None => ForeignKey::Value(None),
        Some(ForeignKey::Value(value)) => ForeignKey::Value(Some(value)),
        Some(ForeignKey::Parent) => ForeignKey::Parent,
        Some(ForeignKey::Handle(slot)) => ForeignKey::Handle(slot),
    }
}

fn left_to_default() -> BoxError {
    "a column without a value is left to its DEFAULT, not sent".into()
}

/// What a generated `write` answers to an index that it does not have.
///
/// # Errors
/// Always.
#[cold]
pub fn no_parameter(index: usize) -> Written {
    Err(no_such_parameter(index))
}
