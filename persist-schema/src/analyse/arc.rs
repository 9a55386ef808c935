//! Exclusive arcs: several foreign keys of which a row has one, as its CHECK constraints say.

use crate::analyse::nullness::is_false;
use crate::catalog::{Check, Table};

/// Columns that could be in one arc at most: each way in which they can be NULL is looked at.
const MOST: usize = 12;

/// Foreign keys of one column each, of which a row has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arc<'t> {
    /// The columns, in the order of the alphabet.
    pub columns: Vec<&'t str>,
    /// Has every row one of them? Else it may have none.
    pub is_required: bool,
    /// The constraint that names them.
    pub check: &'t Check,
}

impl Table {
    /// The exclusive arcs of the table. What a constraint that is NOT VALID says need not be true of all rows.
    pub fn arcs(&self) -> Vec<Arc<'_>> {
        let mut arcs: Vec<Arc<'_>> = Vec::new();
        for check in self.checks.iter().filter(|check| check.validated) {
            let arc = self.arc(check);
            arcs.extend(arc.filter(|arc| arcs.iter().all(|known| known.columns != arc.columns)));
        }
        arcs
    }

    fn arc<'t>(&'t self, check: &'t Check) -> Option<Arc<'t>> {
        let is_key = |column: &&String| self.foreign_keys.iter().any(|key| key.columns == [column.as_str()]);
        let mut columns: Vec<&str> =
            check.expression.columns.iter().filter(is_key).map(String::as_str).collect();
        columns.sort_unstable();
        if !(2..=MOST).contains(&columns.len()) {
            return None;
        }
        // NOT NULL may stand beside the CHECK, and other constraints may rule more out.
        let is_possible = |bits: usize| {
            let is_given = |index: usize| bits >> index & 1 == 1;
            let is_null_where_it_cannot_be = columns.iter().enumerate().any(|(index, name)| {
                !is_given(index) && self.column(name).is_some_and(|column| column.not_null)
            });
            let mut checks = self.checks.iter().filter(|check| check.validated);
            !is_null_where_it_cannot_be
                && !checks.any(|check| is_false(&check.expression.text, &columns, is_given))
        };
        let left: Vec<usize> = (0..1_usize << columns.len()).filter(|bits| is_possible(*bits)).collect();
        let each_may_be = (0..columns.len()).all(|index| left.contains(&(1 << index)));
        let is_exclusive = left.iter().all(|bits| bits.count_ones() <= 1);
        (each_may_be && is_exclusive).then(|| Arc { columns, is_required: !left.contains(&0), check })
    }
}
