//! The relations of a struct in a query.

use std::fmt;
use std::marker::PhantomData;

use crate::scope::Scope;
use crate::shape::{ToMany, ToOne};

/// A relation to any number of rows, read into structs `C`.
pub struct Many<C> {
    pub(crate) scope: Scope,
    pub(crate) relation: &'static ToMany,
    other: PhantomData<fn() -> C>,
}

/// A relation to at most one row, read into a struct `C`.
pub struct One<C> {
    pub(crate) scope: Scope,
    pub(crate) relation: &'static ToOne,
    other: PhantomData<fn() -> C>,
}

macro_rules! relations {
    ($($name:ident $model:ident)*) => { $(
        impl<C> $name<C> {
            /// The relation of the table at `scope`; for generated code.
            #[doc(hidden)]
            pub const fn new(scope: Scope, relation: &'static $model) -> Self {
                $name { scope, relation, other: PhantomData }
            }
        }

        impl<C> Clone for $name<C> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<C> Copy for $name<C> {}

        impl<C> fmt::Debug for $name<C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("scope", &self.scope).field("relation", self.relation).finish()
            }
        }
    )* };
}
relations! { Many ToMany  One ToOne }
