//! What should become of rows, by the rule: each foreign key of each row is decided for itself.

mod after;
mod known;
mod let_go;
mod written;

use crate::asked::Asked;
use crate::owner::Owner;
use crate::refusal::{Refusal, Refusals};
use crate::tables::Tables;
use known::Known;
use let_go::LetGo;
use written::{Holders, Written};

/// What a flush comes to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What is stored afterwards.
    pub(crate) after: Tables,
    /// Why it has to fail.
    pub(crate) refusals: Refusals,
    /// Why it may.
    pub(crate) allowed: Refusals,
}

/// `before` is what was read, `now` what another session has made of it, `read` the owners that the unit of work has
/// read.
pub(crate) fn outcome(asked: &Asked, before: &Tables, now: &Tables, read: &[Owner]) -> Outcome {
    let mut refusals = Refusals::new();
    let known = Known::new(asked, before, now, read, &mut refusals);
    let holders = Holders::new(asked, &mut refusals);
    let written = Written::new(asked, &known, &mut refusals);
    let gone = LetGo::new(asked, &known, &holders, &written);
    let [has_moved, may_have_moved] = gone.moved(asked, &known);
    refusals.extend(has_moved);
    let missing = let_go::moved_to_deleted(asked, &known).then_some(Refusal::Missing);
    let passed_on = after::passes_on(asked, &known).then_some(Refusal::PassedOn);
    let allowed = [may_have_moved, missing, passed_on].into_iter().flatten().collect();
    let after = after::tables(asked, &known, written, gone, &mut refusals);
    Outcome { after, refusals, allowed }
}
