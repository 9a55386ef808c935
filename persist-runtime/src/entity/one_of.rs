//! Exclusive arcs: one value of Rust for several foreign keys, of which a row has one.

use crate::error::Error;

/// An enum with `#[derive(OneOf)]`: each variant holds the key of another table.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one of several foreign keys",
    label = "expected an enum with `#[derive(OneOf)]`, or `Option` of one"
)]
pub trait OneOf: Sized + 'static {
    /// The columns, in the order of the alphabet: `team_id, user_id`.
    const COLUMNS: &'static str;

    /// What a row has in them.
    type Keys;

    /// The same of a row that does not exist yet.
    type New;

    /// The one that is there; `None` where none is.
    ///
    /// # Errors
    /// Several are.
    fn of(keys: Self::Keys) -> Result<Option<Self>, Several>;

    /// What is written of it.
    fn into_new(self) -> Self::New;
}

/// Several keys are there where one may be.
#[derive(Debug)]
pub struct Several;

/// A field with the key in the column of this place among those of an arc.
pub trait Arm<const PLACE: usize> {
    /// An `Option` of the key.
    type Key;

    /// The key, where it is this one.
    fn key(&self) -> Self::Key;
}

impl<const PLACE: usize, K, T: OneOf + Arm<PLACE, Key = Option<K>>> Arm<PLACE> for Option<T> {
    type Key = Option<K>;

    fn key(&self) -> Option<K> {
        self.as_ref().and_then(Arm::key)
    }
}

/// A field that is an arc.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not one of several foreign keys",
    label = "expected an enum with `#[derive(OneOf)]`, or `Option` of one"
)]
pub trait OneOfField: Sized {
    /// The enum.
    type Of: OneOf;

    /// The field of the keys that a row has.
    ///
    /// # Errors
    /// There are more, or fewer, than the migrations allow.
    fn of(keys: <Self::Of as OneOf>::Keys, shown: &'static str) -> Result<Self, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: OneOf> OneOfField for T {
    type Of = T;

    fn of(keys: T::Keys, shown: &'static str) -> Result<Self, Error> {
        found(keys, shown)?.ok_or_else(|| broken(shown, "no key"))
    }
}

#[diagnostic::do_not_recommend]
impl<T: OneOf> OneOfField for Option<T> {
    type Of = T;

    fn of(keys: T::Keys, shown: &'static str) -> Result<Self, Error> {
        found(keys, shown)
    }
}

fn found<T: OneOf>(keys: T::Keys, shown: &'static str) -> Result<Option<T>, Error> {
    T::of(keys).map_err(|Several| broken(shown, "several keys"))
}

#[cold]
fn broken(shown: &str, what: &str) -> Error {
    Error::invalid(format!(
        "a row has {what} in {shown}, which the CHECK of the migrations does not allow: apply the migrations or rebuild"
    ))
}

/// Which foreign key a new row has: a key that is known, [`Parent`](crate::Parent), or the handle of a row that the same
/// unit of work inserts. It is made of the enum, or by its functions `new_…`, one for each variant.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(uow: &persist::UnitOfWork<'_>, tools: Uuid) -> Result {
/// let ada = uow.insert(NewUser::new("ada@example.com", "Ada"))?;
/// uow.insert(NewDocument::new("plan", Owner::Team(tools)))?;
/// uow.insert(NewDocument::new("letter", Owner::new_user(ada)))?;
/// uow.flush().await?; // one round trip
/// # Ok(())
/// # }
/// ```
pub struct NewOneOf<T: OneOf>(pub T::New);

impl<T: OneOf> From<T> for NewOneOf<T> {
    fn from(value: T) -> Self {
        NewOneOf(value.into_new())
    }
}

impl<T: OneOf<New: Clone>> Clone for NewOneOf<T> {
    fn clone(&self) -> Self {
        NewOneOf(self.0.clone())
    }
}

impl<T: OneOf> std::fmt::Debug for NewOneOf<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewOneOf(…)")
    }
}
