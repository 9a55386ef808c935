//! What a new row keeps of the rows that are nested in it, until they are written with it.

use std::sync::Arc;

use crate::entity::foreign_key::{ForeignKey, IntoForeignKey};
use crate::entity::traits::{Entity, View};
use crate::load::shape::Shape;
use crate::table::model::Model;
use crate::table::shape::{ToMany, ToOne};
use crate::value::scalar::Scalar;
use crate::write::new_row::{Insertable, NewRows};

/// The rows of a relation, or the keys of those that it links to. Their types are left out, so that a new row
/// has no more type parameters and mistakes than its struct.
#[derive(Default, Clone)]
pub struct Nested(Option<Shown>);

type Shown = Arc<dyn Fn(&mut NewRows<'_>) + Send + Sync>;

/// A row that does not exist yet of the struct `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no new row of `{S}`",
    label = "expected what `{S}` is made of: `New…::new(…)`"
)]
pub trait FreshOf<S>: Insertable {}

#[diagnostic::do_not_recommend]
impl<S: Shape<Fresh = D>, D: Insertable> FreshOf<S> for D {}

/// The primary key of a row of the struct `S`, or what stands for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no primary key of `{S}`",
    label = "expected the key of a row, or the handle of one that is inserted"
)]
pub trait KeyOf<S> {
    /// The type of the key.
    type Key: Scalar;

    /// The key, or what stands for it.
    fn into_key(self) -> ForeignKey<Self::Key>;

    /// How rows of the struct are written.
    fn model() -> &'static Model;
}

#[diagnostic::do_not_recommend]
impl<S: View, K: IntoForeignKey<<S::Of as Entity>::Key>> KeyOf<S> for K
where
    <S::Of as Entity>::Key: Scalar,
{
    type Key = <S::Of as Entity>::Key;

    fn into_key(self) -> ForeignKey<Self::Key> {
        IntoForeignKey::into_key(self)
    }

    fn model() -> &'static Model {
        S::Of::model()
    }
}

impl Nested {
    /// The rows of a relation that has a statement of its own.
    pub fn rows<D: Insertable>(relation: &'static ToMany, rows: impl IntoIterator<Item = D>) -> Self {
        let rows: Vec<D> = rows.into_iter().collect();
        Nested(Some(Arc::new(move |new_rows| new_rows.nest(relation, &rows))))
    }

    /// The row of a relation that is joined.
    pub fn row<D: Insertable>(relation: &'static ToOne, row: D) -> Self {
        Nested(Some(Arc::new(move |new_rows| new_rows.nest_one(relation, std::slice::from_ref(&row)))))
    }

    /// The keys of rows that a link table leads to.
    pub fn keys<S, K: KeyOf<S>>(relation: &'static ToMany, keys: impl IntoIterator<Item = K>) -> Self {
        let keys: Vec<ForeignKey<K::Key>> = keys.into_iter().map(K::into_key).collect();
        Nested(Some(Arc::new(move |new_rows| new_rows.link(relation, K::model(), &keys))))
    }

    /// Shows what is kept.
    pub fn show(&self, new_rows: &mut NewRows<'_>) {
        if let Some(shown) = &self.0 {
            shown(new_rows);
        }
    }
}

impl std::fmt::Debug for Nested {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Some(…)" } else { "None" })
    }
}
