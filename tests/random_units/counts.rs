//! What became of units, in numbers.

use std::collections::BTreeMap;

use crate::model::Outcome;
use crate::refusal::Refusal;
use crate::tables::{MAIL, NAME, STATUS, Tables};

#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) committed: usize,
    refused: BTreeMap<Refusal, usize>,
    pub(crate) flushes: usize,
    pub(crate) beside_another: usize,
    deleted: usize,
    released: usize,
    moved: usize,
    renamed: usize,
    words: usize,
}

impl Counts {
    /// Most units can be done, where it is many.
    pub(crate) fn check(&self) {
        let refused: usize = self.refused.values().sum();
        assert!(self.committed > refused || self.committed + refused < 100, "{self:?}");
    }

    pub(crate) fn refused(&mut self, error: &persist::Error, expected: Outcome) {
        let mut refusals = expected.refusals.into_iter().chain(expected.allowed);
        let found = refusals.find(|refusal| refusal.is(error));
        *self.refused.entry(found.expect("it was expected")).or_default() += 1;
    }

    pub(crate) fn count(&mut self, before: &Tables, after: &Tables) {
        self.deleted += before.cards.keys().filter(|id| !after.cards.contains_key(id)).count();
        let code = |area: &i32, tables: &Tables| tables.codes.get(area).copied();
        let renamed = before.codes.keys().filter(|area| code(area, before) != code(area, after));
        self.renamed += renamed.filter(|area| after.codes.contains_key(area)).count();
        for (id, then) in &before.cards {
            let Some(now) = after.cards.get(id) else { continue };
            self.released += (0..STATUS).filter(|at| then[*at].is_some() && now[*at].is_none()).count();
            self.moved += (0..STATUS).filter(|at| now[*at].is_some() && then[*at] != now[*at]).count();
            self.words += [NAME, MAIL].into_iter().filter(|at| then[*at] != now[*at]).count();
        }
    }
}
