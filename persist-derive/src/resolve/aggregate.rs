//! Fields of views that hold no column: values of the rows on the other side of a foreign key, and expressions.

use persist_schema::Catalog;
use persist_schema::catalog::Table;

use crate::context::Context;
use crate::model::{BoundColumn, Entity};

/// What these fields read, in the order of the struct.
pub(super) fn columns(
    _ctx: &Context,
    _entity: &Entity,
    _table: &Table,
    _catalog: &Catalog,
) -> Vec<Option<BoundColumn>> {
    Vec::new()
}
