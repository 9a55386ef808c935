//! New rows that are added to the relation of a row, be it there or new.

use crate::entity::nested::FreshOf;
use crate::entity::traits::{Entity, New};
use crate::error::Error;
use crate::load::shape::Shape;
use crate::query::relation::{RelationKind, RelationTo};
use crate::sql::scope::Scope;
use crate::unit_of_work::relations::{is_named, is_owning};
use crate::unit_of_work::unit::{UnitOfWork, lock};
use crate::write::handle::{Handle, Slot};

/// A row that new ones can be added to: a struct that was read, or the handle of a row that the same unit of work inserts.
pub trait ParentRow {
    /// Its struct.
    type Entity: Entity;

    /// The struct, or what stands for it.
    #[doc(hidden)]
    fn parent(&self) -> ParentOr<'_, Self::Entity>;
}

/// A struct, or the place of a new row; opaque to users.
#[doc(hidden)]
pub enum ParentOr<'p, E> {
    Struct(&'p E),
    New(Slot),
}

#[diagnostic::do_not_recommend]
impl<E: Entity> ParentRow for E {
    type Entity = E;

    fn parent(&self) -> ParentOr<'_, E> {
        ParentOr::Struct(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> ParentRow for Handle<E> {
    type Entity = E;

    fn parent(&self) -> ParentOr<'_, E> {
        ParentOr::New(self.slot())
    }
}

impl UnitOfWork<'_> {
    /// Keeps a new row of a relation for the next flush, with all that is nested in it. It refers to the row that it is
    /// added to, whatever is given for that (`Parent`, mostly), which is a struct or the handle of a new row. The struct does
    /// not show it: [`refresh`](Self::refresh) it, if it is to be seen there.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, id: Uuid) -> Result {
    /// use persist::Parent;
    ///
    /// let pipeline = uow.repository::<Pipeline>().get(id).await?;
    /// uow.add(&pipeline, |p| p.steps, NewStep::new(Parent, "publish").position(9))?;
    ///
    /// let weekly = uow.insert(NewPipeline::new("weekly", BTreeMap::new()))?;
    /// uow.add(&weekly, |p| p.steps, NewStep::new(Parent, "extract"))?;
    /// uow.flush().await?; // one round trip
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`insert`](Self::insert); the relation leads by a link table, or is one of `belongs_to`, whose rows belong
    /// to no other; the new row would refer to a struct by another column than its primary key. What the `filter` of the
    /// relation says is not looked at.
    pub fn add<P: ParentRow, R: RelationTo, N: New + FreshOf<R::Other>>(
        &self,
        parent: &P,
        relation: impl FnOnce(<P::Entity as Shape>::Columns) -> R,
        new: N,
    ) -> Result<Handle<N::Entity>, Error> {
        let RelationKind(relation) = relation(P::Entity::columns(Scope::ROOT)).relation();
        let table = P::Entity::model().table;
        if !is_owning(relation) {
            return Err(Error::invalid(format!(
                "a new row cannot be added to a row of `{}` by this relation, by which it would not belong to that: `insert` it, and refer to \
                 it by its handle, or put it into a list with `insert = true`",
                table.shown
            )));
        }
        let is_there = matches!(parent.parent(), ParentOr::Struct(_));
        if is_there && is_named(relation, table) {
            return Err(Error::invalid(format!(
                "a new row refers to a row of `{}` by another column than its primary key, which may have another value by now: put it into \
                 the struct, and `save` that",
                table.shown
            )));
        }
        let slot = match parent.parent() {
            ParentOr::New(slot) => {
                lock(&self.pending).inserted.add_to_new(slot, relation, |new_rows| new.new_row(new_rows))
            }
            ParentOr::Struct(parent) => {
                let mut nodes = self.walked(|walker| walker.walk(|walker| parent.walk(walker)))?;
                nodes.truncate(1);
                let root = nodes.pop().ok_or_else(|| Error::invalid("the struct shows no row"))?;
                let row = (table, root.encoded);
                lock(&self.pending).inserted.add_to(row, relation, |new_rows| new.new_row(new_rows))
            }
        };
        Ok(Handle::new(slot?))
    }
}
