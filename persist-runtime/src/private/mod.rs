//! What generated code calls. Not for users: it changes without notice.

pub(crate) mod checks;
mod macros;
pub(crate) mod sorting;
pub(crate) mod validation;

pub use std::option::Option::{None, Some};

pub use bytes::BytesMut;
#[cfg(feature = "json")]
pub use serde;
pub use tokio_postgres::types::{IsNull, Oid, Type};

pub use crate::database::Database;
pub use crate::entity::foreign_key::{ForeignKey, IntoForeignKey, IntoOptionalForeignKey};
pub use crate::entity::nested::{FreshOf, KeyOf, Nested};
pub use crate::entity::of_session::OfSession;
pub use crate::entity::traits::{Entity, New, Repository, Shape, View};
pub use crate::error::BoxError;
pub use crate::error::Constraint;
pub use crate::error::Error;
pub use crate::load::constructors::Other;
pub use crate::load::field::{ManyField, MapField, OneField, Related, keyed, many, one};
pub use crate::load::plan::Finder;
pub use crate::load::recursion_check::{AnyEndless, Deep, Endless, Probe, Unknown};
pub use crate::load::row::{At, Row};
pub use crate::private::checks::{
    accepts_label, maps, maps_enum, never_compiled, relates, unknown_label, write_label,
};
#[cfg(feature = "json")]
pub use crate::private::sorting::deserialize_order;
pub use crate::private::sorting::{Sorting, column_order, named_order};
pub use crate::private::validation::{Guarded, garde, validated};
pub use crate::query::column::Column;
pub use crate::query::operand::{Operand, Side};
pub use crate::query::order::{IntoOneOrder, Order};
pub use crate::query::relation::{Many, One};
pub use crate::session::link::Session;
pub use crate::sql::scope::Scope;
pub use crate::table::model::{
    Batches, Conflict, InsertModel, Made, Model, Parking, Reference, Unique, Writing,
};
pub use crate::table::shape::ColumnModel;
pub use crate::table::shape::{KeyColumn, Link, Orphans, ShapeModel, ToMany, ToOne};
pub use crate::unit_of_work::UnitOfWork;
pub use crate::value::assign::Assign;
pub use crate::value::parameters::{Parameters, no_such_parameter};
pub use crate::value::scalar::{ClientKey, EnumType, Holds, Newtype, Parameter, Scalar, Value};
pub use crate::value::sql_type::{NotNull, Nullable, SqlType, family, pg};
pub use crate::wire::access::Access;
pub use crate::wire::statement::Statement;
pub use crate::write::handle::{Handle, Slot, Waiting};
pub use crate::write::new_row::{Insertable, LinkKeys, Never, NewRows};
pub use crate::write::saved_row::{Held, SavedRows};
pub use crate::{
    __persist_columns as columns, __persist_constraints as constraints, __persist_find_by as find_by,
    __persist_model as model, __persist_new as new, __persist_order as order,
    __persist_parameters as parameters, __persist_relations as relations,
    __persist_repositories as repositories, __persist_repository as repository, __persist_setters as setters,
    __persist_shape as shape, __persist_upsert_by as upsert_by,
};

/// A struct to be cloned, if it can be.
pub struct Twin<'t, T>(pub &'t T);

impl<T: Clone> Twin<'_, T> {
    /// The same once more.
    pub fn copy(&self) -> Option<T> {
        Some(self.0.clone())
    }
}

/// What is asked where a struct is not `Clone`.
pub trait NoTwin<T> {
    /// Nothing.
    fn copy(&self) -> Option<T>;
}

impl<T> NoTwin<T> for Twin<'_, T> {
    fn copy(&self) -> Option<T> {
        None
    }
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
markers! { PutGiven PutKey PutGivenKey }

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

/// The columns at some indices.
pub const fn picked<const N: usize, const M: usize>(
    columns: &'static [ColumnModel; N],
    indices: [usize; M],
) -> [&'static ColumnModel; M] {
    let mut picked = [&columns[0]; M];
    let mut index = 0;
    while index < M {
        picked[index] = &columns[indices[index]];
        index += 1;
    }
    picked
}

/// The OIDs under which the columns at some indices travel.
pub const fn picked_oids<const N: usize, const M: usize>(
    columns: &'static [ColumnModel; N],
    indices: [usize; M],
) -> [Oid; M] {
    let mut oids = [0; M];
    let mut index = 0;
    while index < M {
        oids[index] = columns[indices[index]].oid;
        index += 1;
    }
    oids
}

/// The OIDs under which columns travel.
pub const fn oids<const N: usize>(columns: &[ColumnModel; N]) -> [Oid; N] {
    let mut oids = [0; N];
    let mut index = 0;
    while index < N {
        oids[index] = columns[index].oid;
        index += 1;
    }
    oids
}

impl ColumnModel {
    /// A column of the SQL type `S`; its name is quoted where SQL needs it.
    pub const fn of<S: SqlType>(name: &'static str) -> Self {
        ColumnModel { name, oid: S::OID, array_oid: S::ARRAY_OID, cast: "", array_cast: "" }
    }

    /// The same with what is written behind a parameter, and behind a list of them.
    pub const fn cast(self, cast: &'static str, array_cast: &'static str) -> Self {
        ColumnModel { cast, array_cast, ..self }
    }
}

impl Writing {
    /// How a unit of work writes rows of a table; see the fields.
    pub const fn new(
        columns: &'static [&'static ColumnModel],
        changeable: usize,
        rank: u32,
        references: &'static [Reference],
        uniques: &'static [Unique],
    ) -> Self {
        Writing {
            columns,
            changeable,
            rank,
            is_circular: false,
            references,
            uniques,
            unknown: &[],
            is_meddled: false,
            made_key: false,
            is_ascending: false,
            made_in_part: false,
            batches: Batches::new(),
        }
    }

    /// The same in a circle of several tables.
    pub const fn circular(mut self) -> Self {
        self.is_circular = true;
        self
    }

    /// The same where something may change what is written, or keep it out.
    pub const fn meddled(mut self) -> Self {
        self.is_meddled = true;
        self
    }

    /// The same where the database makes the primary key.
    pub const fn made_key(mut self) -> Self {
        self.made_key = true;
        self
    }

    /// The same where the keys that it makes for rows of one statement are ascending.
    pub const fn ascending(mut self) -> Self {
        self.is_ascending = true;
        self
    }

    /// The same where the database makes one column of several in the primary key.
    pub const fn made_in_part(mut self) -> Self {
        self.made_in_part = true;
        self
    }

    /// The same with columns of constraints of which nothing else is known.
    pub const fn unknown(mut self, columns: &'static [usize]) -> Self {
        self.unknown = columns;
        self
    }
}

impl Reference {
    /// A foreign key; see the fields.
    pub const fn new(
        columns: &'static [usize],
        table: &'static str,
        target: &'static [&'static str],
    ) -> Self {
        Reference { columns, table, target }
    }
}

impl Unique {
    /// A UNIQUE key whose values cannot be parked; see the fields.
    pub const fn new(name: &'static str, columns: &'static [usize]) -> Self {
        Unique { name, columns, nulls_distinct: true, scope: None, deferrable: false, parking: None }
    }

    /// The same in which NULL is a value like others.
    pub const fn nulls_not_distinct(self) -> Self {
        Unique { nulls_distinct: false, ..self }
    }

    /// The same of a partial index, with the columns of its condition.
    pub const fn partial(self, scope: &'static [usize]) -> Self {
        Unique { scope: Some(scope), ..self }
    }

    /// The same that can be deferred.
    pub const fn deferrable(self) -> Self {
        Unique { deferrable: true, ..self }
    }

    /// The same whose values are given up by what is written to one of its columns.
    pub const fn parked(self, position: usize, parking: Parking) -> Self {
        Unique { parking: Some((position, parking)), ..self }
    }
}

impl InsertModel {
    /// How new rows are written; see the fields.
    pub const fn new(
        sql_table: &'static str,
        columns: &'static [&'static ColumnModel],
        computed: &'static [(&'static str, &'static str)],
        select_list: &'static str,
        select_oids: &'static [Oid],
    ) -> Self {
        InsertModel {
            sql_table,
            columns,
            computed,
            select_list,
            select_oids,
            conflict: None,
            made: Made::new(),
        }
    }

    /// The same, and what happens when the row exists.
    pub const fn on_conflict(
        mut self,
        target: &'static str,
        kept: &'static [&'static str],
        touched: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.conflict = Some(Conflict { target, kept, touched });
        self
    }
}
