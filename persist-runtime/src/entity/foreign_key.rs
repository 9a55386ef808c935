//! Values for foreign key columns of rows that do not exist yet.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use crate::entity::traits::Entity;
use crate::error::BoxError;
use crate::value::scalar::{Parameter, Scalar};
use crate::write::handle::{Handle, Slot, Waiting};
use crate::write::new_row::LinkKeys;

/// Stands for the key of the row that this one is nested in.
///
/// ```
/// use persist::{IntoForeignKey, Parent};
///
/// fn step_of(pipeline: impl IntoForeignKey<i64>) { /* … */ }
/// step_of(7);
/// step_of(Parent);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent;

/// What a foreign key column of a new row is set to.
///
/// ```
/// use persist::{ForeignKey, IntoForeignKey, Parent};
///
/// let known: ForeignKey<i64> = 7.into_key();
/// let nested: ForeignKey<i64> = Parent.into_key();
/// assert!(known == ForeignKey::Value(7) && nested == ForeignKey::Parent);
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ForeignKey<T> {
    /// A key that is known.
    Value(T),
    /// The key of the row that this one is nested in.
    Parent,
    /// The key of a row that the same unit of work inserts.
    Handle(Slot),
}

/// A value for a foreign key of the type `T`.
///
/// ```
/// # use persist_sample::*;
/// use persist::IntoForeignKey;
///
/// /// Of a pipeline that exists, or of one that the same unit of work inserts.
/// fn first_run(pipeline: impl IntoForeignKey<Uuid>) -> NewExecution {
///     NewExecution::new(pipeline, 1)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of type `{T}`",
    label = "expected `{T}`, `Parent`, or a handle"
)]
pub trait IntoForeignKey<T> {
    /// The key, or what stands for it.
    fn into_key(self) -> ForeignKey<T>;
}

/// A value for a foreign key of the type `T` that may be NULL.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
/// let ada = uow.insert(NewUser::new("ada@example.com", "Ada"))?;
/// uow.insert(NewPipeline::new("hourly", BTreeMap::new()).owner_id(ada))?;
/// uow.insert(NewPipeline::new("nightly", BTreeMap::new()).owner_id(None))?;
/// uow.flush().await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of type `{T}`",
    label = "expected `{T}`, `Option<{T}>`, `Parent`, or a handle"
)]
pub trait IntoOptionalForeignKey<T> {
    /// The key, or what stands for it; `None` is NULL.
    fn into_key(self) -> Option<ForeignKey<T>>;
}

macro_rules! keys {
    ($([$($generics:tt)*] $from:ty => $to:ty, $value:ident $body:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> IntoForeignKey<$to> for $from {
            fn into_key(self) -> ForeignKey<$to> {
                let $value = self;
                $body
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*> IntoOptionalForeignKey<$to> for $from {
            fn into_key(self) -> Option<ForeignKey<$to>> {
                Some(IntoForeignKey::into_key(self))
            }
        }
    )* };
}

keys! {
    [T: Scalar] T => T, value ForeignKey::Value(value);
    [T] Parent => T, _value ForeignKey::Parent;
    [T: Scalar + for<'s> From<&'s str>] &str => T, value ForeignKey::Value(T::from(value));
    [T] ForeignKey<T> => T, key key;
}

/// What a foreign key can be made of where the type of the key is known: in `…Fields { pipeline_id: id.into() }`.
macro_rules! conversions {
    ($([$($generics:tt)*] $from:ty => $to:ty, $value:ident $body:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> From<$from> for ForeignKey<$to> {
            fn from($value: $from) -> Self {
                $body
            }
        }
    )* };
}

conversions! {
    [T: Scalar] T => T, value ForeignKey::Value(value);
    [T] Parent => T, _value ForeignKey::Parent;
    [E: Entity] Handle<E> => E::Key, handle ForeignKey::Handle(handle.slot());
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> IntoOptionalForeignKey<T> for Option<T> {
    fn into_key(self) -> Option<ForeignKey<T>> {
        self.map(ForeignKey::Value)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoForeignKey<E::Key> for Handle<E> {
    fn into_key(self) -> ForeignKey<E::Key> {
        ForeignKey::Handle(self.slot())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoOptionalForeignKey<E::Key> for Handle<E> {
    fn into_key(self) -> Option<ForeignKey<E::Key>> {
        Some(ForeignKey::Handle(self.slot()))
    }
}

impl<T> ForeignKey<T> {
    /// What it waits for; `None` where it is known.
    pub fn waiting(&self) -> Option<Waiting> {
        match self {
            ForeignKey::Value(_) => None,
            ForeignKey::Parent => Some(Waiting::Parent),
            ForeignKey::Handle(slot) => Some(Waiting::Row(*slot)),
        }
    }
}

impl<T: Scalar> LinkKeys for Vec<ForeignKey<T>> {
    fn each(&self, take: &mut dyn FnMut(Option<Waiting>, &dyn Parameter)) {
        self.iter().for_each(|key| take(key.waiting(), key));
    }
}

impl<T> std::fmt::Debug for ForeignKey<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ForeignKey::Value(_) => "Value(…)",
            ForeignKey::Parent => "Parent",
            ForeignKey::Handle(_) => "Handle(…)",
        })
    }
}

impl<T: Parameter> Parameter for ForeignKey<T> {
    fn write(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match self {
            ForeignKey::Value(value) => value.write(ty, out),
            ForeignKey::Parent => Err("`Parent` stands for no row here".into()),
            ForeignKey::Handle(_) => Err("a handle stands for no row outside of its unit of work".into()),
        }
    }
}
