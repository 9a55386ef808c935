//! Several foreign keys of which a row has one, in conditions.

use std::marker::PhantomData;

use crate::entity::one_of::OneOf;
use crate::query::predicate::Predicate;
use crate::sql::scope::Scope;
use crate::table::column::ColumnModel;

/// An enum with `#[derive(OneOf)]`, in conditions.
pub trait OneOfKey: OneOf {
    /// The condition that a row has this one.
    fn is(self, scope: Scope, columns: &'static [&'static ColumnModel]) -> Predicate;
}

/// The columns of an enum with `#[derive(OneOf)]`. Each of them is a column of its own, too.
///
/// ```
/// # use persist_sample::*;
/// # fn example(documents: DocumentRepository<'_>, ada: Uuid) {
/// let of_ada = documents.filter(|d| d.owner.eq(Owner::User(ada)));
/// let of_teams = documents.filter(|d| d.team_id.is_not_null());
/// # }
/// ```
pub struct OneOfColumns<T> {
    scope: Scope,
    columns: &'static [&'static ColumnModel],
    field: PhantomData<fn() -> T>,
}

impl<T> OneOfColumns<T> {
    /// The columns of the table at `scope`; for generated code.
    #[doc(hidden)]
    pub const fn new(scope: Scope, columns: &'static [&'static ColumnModel]) -> Self {
        OneOfColumns { scope, columns, field: PhantomData }
    }
}

impl<T: OneOfKey> OneOfColumns<T> {
    /// Does the row have this one?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(documents: DocumentRepository<'_>, ada: Uuid, tools: Uuid) {
    /// let of_ada = documents.filter(|d| d.owner.eq(Owner::User(ada)));
    /// # }
    /// ```
    pub fn eq(self, value: T) -> Predicate {
        value.is(self.scope, self.columns)
    }

    /// Does the row have another one, or none?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(documents: DocumentRepository<'_>, ada: Uuid, tools: Uuid) {
    /// let of_others = documents.filter(|d| d.owner.ne(Owner::User(ada)));
    /// # }
    /// ```
    pub fn ne(self, value: T) -> Predicate {
        let Predicate(condition) = self.eq(value);
        Predicate(condition.not_true())
    }

    /// Does the row have one of these?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(documents: DocumentRepository<'_>, ada: Uuid, tools: Uuid) {
    /// let listed = documents.filter(|d| d.owner.in_([Owner::User(ada), Owner::Team(tools)]));
    /// # }
    /// ```
    pub fn in_(self, values: impl IntoIterator<Item = T>) -> Predicate {
        Predicate::any(values.into_iter().map(|value| self.eq(value)))
    }
}

impl<T> Clone for OneOfColumns<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for OneOfColumns<T> {}

impl<T> std::fmt::Debug for OneOfColumns<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.columns.iter().map(|column| column.name)).finish()
    }
}
