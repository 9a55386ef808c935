//! Which rows a query is about, as what was said of them.

use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::sql::roots::{Narrowed, QueryRoots, Roots};
use crate::sql::rows::{self, Lock};
use crate::table::model::Model;
use crate::wire::access::Effect;

/// Which rows, and in which order.
#[derive(Default, Clone)]
pub(crate) struct Rows {
    pub(crate) filter: Option<Predicate>,
    pub(crate) order: Vec<Order>,
    pub(crate) limit: Option<i64>,
    pub(crate) offset: Option<i64>,
    pub(crate) lock: Option<Lock>,
    /// What must hold of the rows of relations.
    pub(crate) narrowed: Vec<Narrowed>,
}

impl Rows {
    /// What a statement that reads the rows does.
    pub(crate) fn effect(&self) -> Effect {
        if self.lock.is_some() { Effect::Locks } else { Effect::Reads }
    }

    /// The same of a table, for statements over them.
    pub(crate) fn of(&self, model: &Model) -> rows::Rows<'_> {
        rows::Rows {
            table: model.into(),
            key: model.key,
            filter: self.filter.as_ref().map(|filter| &filter.0),
            order: self.order.iter().map(Order::sort_key).collect(),
            limit: self.limit.as_ref(),
            offset: self.offset.as_ref(),
            lock: self.lock,
        }
    }

    /// The same as those that a load begins with.
    pub(crate) fn roots(&self, model: &Model) -> Roots<'_> {
        Roots::Query(QueryRoots { narrowed: &self.narrowed, ..QueryRoots::new(self.of(model)) })
    }

    /// Leaves at most this many rows.
    pub(crate) fn at_most(&mut self, rows: i64) {
        self.limit = Some(self.limit.map_or(rows, |limit| limit.min(rows)));
    }
}
