//! What a new row keeps of the rows that are nested in it, until they are written with it.

use crate::draft::{Draftable, Drafts};
use crate::entity::{Entity, View};
use crate::foreign_key::{ForeignKey, IntoForeignKey};
use crate::model::Model;
use crate::relation::Related;
use crate::scalar::Scalar;
use crate::shape::{ToMany, ToOne};

/// The rows of a relation, or the keys of those that it links to. Their types are left out, so that a new row has no more
/// type parameters and mistakes than its struct.
#[derive(Default)]
pub struct Nested(Option<Shown>);

type Shown = Box<dyn Fn(&mut Drafts<'_>) + Send + Sync>;

/// A field for rows that a link table leads to by their primary key of one column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the rows of a relation",
    label = "expected `Vec` of a struct with `#[derive(Repository)]` or `#[derive(View)]`"
)]
pub trait LinkField: Related {
    /// The primary key of the other side.
    type Key: Scalar;

    /// How the other side is written.
    fn model() -> &'static Model;
}

#[diagnostic::do_not_recommend]
impl<F: Related> LinkField for F
where
    F::Shape: View,
    <<F::Shape as View>::Of as Entity>::Key: Scalar,
{
    type Key = <<F::Shape as View>::Of as Entity>::Key;

    fn model() -> &'static Model {
        <<F::Shape as View>::Of as Entity>::model()
    }
}

impl Nested {
    /// The rows of a relation that has a statement of its own.
    pub fn rows<D: Draftable>(relation: &'static ToMany, rows: impl IntoIterator<Item = D>) -> Self {
        let rows: Vec<D> = rows.into_iter().collect();
        Nested(Some(Box::new(move |drafts| drafts.nest(relation, &rows))))
    }

    /// The row of a relation that is joined.
    pub fn row<D: Draftable>(relation: &'static ToOne, row: D) -> Self {
        Nested(Some(Box::new(move |drafts| drafts.nest_one(relation, std::slice::from_ref(&row)))))
    }

    /// The keys of rows that a link table leads to.
    pub fn keys<K: Scalar>(
        relation: &'static ToMany,
        other: fn() -> &'static Model,
        keys: impl IntoIterator<Item: IntoForeignKey<K>>,
    ) -> Self {
        let keys: Vec<ForeignKey<K>> = keys.into_iter().map(IntoForeignKey::into_key).collect();
        Nested(Some(Box::new(move |drafts| drafts.link(relation, other(), &keys))))
    }

    /// Shows what is kept.
    pub fn show(&self, drafts: &mut Drafts<'_>) {
        if let Some(shown) = &self.0 {
            shown(drafts);
        }
    }
}
