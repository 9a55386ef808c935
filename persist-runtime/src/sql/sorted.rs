//! Rows that are sorted by a column of another row: that is joined, and not looked up for each of them.

use crate::sql::expression::{Expression, Related};
use crate::sql::far_side::{FarSide, Near};
use crate::sql::hop::Hop;
use crate::sql::scope::{Alias, Scope};
use crate::sql::writer::Writer;
use crate::table::shape::Relation;

impl<'v> Writer<'v> {
    /// Joins the row of whose column this is, if it is such a column. Until [`leave_sorted`](Self::leave_sorted) it is
    /// named where the expression stands. What is computed of the row stays a sub-select, which is NULL where there
    /// is no row; and so do values of several rows.
    pub(crate) fn join_sorted(&mut self, expression: &'v Expression) {
        let Some(mut related) = joinable(expression, Scope::ROOT) else { return };
        loop {
            // Two keys of an order may be the same value.
            if !self.is_sorted(related.hop.to) {
                self.join_row(&related.hop);
            }
            let Expression::Related(next) = &related.value else { return };
            related = next;
        }
    }

    /// `LEFT JOIN`, because a foreign key does not say that the other row can be seen.
    fn join_row(&mut self, hop: &Hop) {
        self.sort_by(hop.to);
        let far = FarSide::new(hop.relation, Alias::Scope(hop.to));
        let near = |Near { column, .. }: Near, sql: &mut Writer<'v>| {
            sql.alias(Alias::Scope(hop.from)).push(".").push(column);
        };
        let mut on = far.join(" LEFT JOIN ", near, self);
        far.filter(&mut on, self);
        on.finish(self);
    }
}

/// The way from a row to a column of one other row.
fn joinable(expression: &Expression, from: Scope) -> Option<&Related> {
    let Expression::Related(related) = expression else { return None };
    let Related { hop: Hop { relation: Relation::One(_), .. }, value, filter: None, .. } = related.as_ref()
    else {
        return None;
    };
    let to = related.hop.to;
    let is_plain =
        matches!(value, Expression::Column(scope, column) if *scope == to && column.derived.is_none());
    (related.hop.from == from && (is_plain || joinable(value, to).is_some())).then_some(related)
}
