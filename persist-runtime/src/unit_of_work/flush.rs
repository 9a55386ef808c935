//! A flush: what waits is compared, ordered, sent in one write, and remembered.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio_postgres::Row as Arrived;
use tokio_postgres::types::Oid;

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::error::Raised;
use crate::outbox::event::{OUTBOX, insertion};
use crate::sql::batch::remove;
use crate::table::facts::Table;
use crate::unit_of_work::changes::Changes;
use crate::unit_of_work::diff::diff;
use crate::unit_of_work::order::order;
use crate::unit_of_work::pending::{Pending, Removal, Saved};
use crate::unit_of_work::steps::{Sort, Step, StepParams};
use crate::unit_of_work::stirring::stir;
use crate::unit_of_work::unit::{UnitOfWork, lock};
use crate::value::cell::raw;
use crate::value::parameters::Key as _;
use crate::wire::access::Effect;
use crate::wire::call::Call;
use crate::wire::receiver::Receiver;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity_map::IdentityMap;
use crate::write::new_row::SlotKey;
use crate::write::queued::{Queued, QueuedEffect};

impl UnitOfWork<'_> {
    /// Sends what waits, and COMMIT after it if this is the end.
    pub(super) async fn send(&self, commits: bool) -> Result<(), Error> {
        let _alone = self.sending.lock().await;
        let mut taken = Taken { pending: lock(&self.pending).take(), home: Some(&self.pending) };
        if taken.pending.is_empty() {
            return if commits { self.transaction.commit().await } else { Ok(()) };
        }
        self.read_before(&mut taken.pending).await?;
        let saved: Vec<&Saved> = taken.pending.saved.iter().collect();
        let outcome = match self.prepared(&taken.pending, &saved, !commits) {
            Ok((changes, steps)) => self.send_steps(&taken.pending, changes, &steps, commits).await,
            Err(error) if commits => {
                // What cannot be rolled back here ends with its connection or by its owner; why it has to is
                // what counts.
                let _ = self.transaction.roll_back().await;
                Err(error)
            }
            Err(error) => {
                self.transaction.fail(&error).await;
                Err(error)
            }
        };
        taken.home = None;
        outcome
    }

    /// What a flush would do now.
    pub(super) fn prepared<'p>(
        &self,
        pending: &'p Pending,
        saved: &[&Saved],
        keeps_snapshots: bool,
    ) -> Result<(Changes, Vec<Step<'p>>), Error> {
        let identity_map = lock(&self.identity_map);
        let mut changes = diff(pending, saved, &identity_map, keeps_snapshots)?;
        let removals = pending.removed.iter().map(|removal| (removal.table, removal_step(removal))).collect();
        let mut steps = order(&mut changes, removals, &identity_map)?;
        for queued in &pending.queued {
            steps.push(queued_step(queued)?);
        }
        if self.transaction.is_read_only() && !(steps.is_empty() && pending.published.is_empty()) {
            return Err(Error::invalid("this unit of work is read only, but has something to write"));
        }
        Ok((changes, steps))
    }

    async fn send_steps(
        &self,
        pending: &Pending,
        changes: Changes,
        steps: &[Step<'_>],
        commits: bool,
    ) -> Result<(), Error> {
        let events = insertion(&pending.published);
        let mut calls: Vec<Call<'_>> =
            steps.iter().map(|step| Call { statement: &step.statement, params: &step.params }).collect();
        if !pending.published.is_empty() {
            calls.push(Call { statement: events.0, params: &events.1 });
        }
        if calls.is_empty() && !commits {
            learn(&mut lock(&self.identity_map), changes);
            return Ok(());
        }
        let mut answers = Answers::new(steps, &changes.assumed_new);
        self.transaction.flush(&calls, commits, &mut answers).await?;
        match keys_made(&answers) {
            Ok(made) => {
                self.know(made);
                if !commits {
                    let mut identity_map = lock(&self.identity_map);
                    identity_map.drop_copies();
                    stir(&mut identity_map, &changes, pending);
                    learn(&mut identity_map, changes);
                }
            }
            // It cannot be undone any more.
            Err(error) if commits => return Err(Error::committed(error)),
            Err(error) => {
                self.transaction.fail(&error).await;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Keeps the keys that the database has made.
    fn know(&self, made: Vec<(u32, EncodedRow)>) {
        let mut pending = lock(&self.pending);
        for (number, key) in made {
            if let Some(slot) = pending.inserted.keys.get_mut(number as usize) {
                *slot = SlotKey::Known(key);
            }
        }
    }
}

/// Remembers what was written, and what structs show no longer, which may have been gone before.
fn learn(identity_map: &mut IdentityMap, changes: Changes) {
    changes.snapshots.into_iter().for_each(|(key, row)| identity_map.put(key, row));
    changes.forgotten.iter().for_each(|key| identity_map.forget(key));
    changes.cascaded.iter().for_each(|key| identity_map.forget(key));
    changes.buried.into_iter().for_each(|key| identity_map.bury(key));
}

/// The key of a row.
pub(super) fn read_key<E: Entity>(key: &EncodedRow) -> Option<E::Key> {
    let cells: Option<Vec<(Oid, &[u8])>> = E::model()
        .key
        .iter()
        .enumerate()
        .map(|(index, column)| match key.cell(index) {
            Cell::Value(value) => Some((column.oid, value)),
            Cell::Absent | Cell::Null => None,
        })
        .collect();
    E::Key::read(&cells?).ok()
}

/// DELETE … WHERE the condition holds.
fn removal_step(removal: &Removal) -> Step<'_> {
    let (statement, params) = remove(removal.table, &removal.condition.0).finish(Effect::Writes, &[]);
    Step {
        statement: statement.into(),
        params: StepParams::Own(Box::new(params)),
        sort: Sort::Remove,
        table: removal.table.shown,
        others: Vec::new(),
        rows: 0,
        makes: Vec::new(),
        checked: None,
    }
}

/// A change that was kept as it is.
fn queued_step(Queued(queued): &Queued) -> Result<Step<'_>, Error> {
    let (statement, params) = queued.statement()?;
    Ok(Step {
        statement: statement.into(),
        params: StepParams::Own(params),
        sort: match queued.effect() {
            QueuedEffect::Update => Sort::Update,
            QueuedEffect::Delete => Sort::Remove,
            QueuedEffect::Upsert => Sort::Upsert,
        },
        table: queued.table().shown,
        others: Vec::new(),
        rows: usize::from(queued.effect() == QueuedEffect::Upsert),
        makes: Vec::new(),
        checked: None,
    })
}

/// What was taken to be sent. Unless it was, it goes back.
struct Taken<'h> {
    pending: Pending,
    home: Option<&'h Mutex<Pending>>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(home) = self.home {
            lock(home).put_back(std::mem::take(&mut self.pending));
        }
    }
}

/// Takes the keys that the database made, and says what an error of the server means.
pub(super) struct Answers<'s, 'p> {
    steps: &'s [Step<'p>],
    /// The tables of rows that may be there already: see [`Changes::assumed_new`].
    assumed_new: &'s [&'static Table],
    keys: Vec<(usize, Vec<u8>)>,
    failed: Option<usize>,
}

impl<'s, 'p> Answers<'s, 'p> {
    pub(super) fn new(steps: &'s [Step<'p>], assumed_new: &'s [&'static Table]) -> Self {
        Answers { steps, assumed_new, keys: Vec::new(), failed: None }
    }

    /// Is a row there already that a struct holds which was read elsewhere, and does it belong to another?
    fn is_elsewhere(&self, step: &Step<'p>, error: &Error) -> bool {
        let mut tables = self.assumed_new.iter().filter(|table| table.shown == step.table);
        let is_primary = |table: &Table| {
            let is_unique = table.uniques.iter().any(|unique| Some(unique.name) == error.constraint());
            table.unknown.is_empty() && !is_unique
        };
        step.sort == Sort::Insert && error.is_unique_violation() && tables.any(|table| is_primary(table))
    }

    /// Were rows removed by a condition before this step, which was going to change some of them? All that it
    /// changes were there at first.
    fn has_removed(&self, step: &Step<'p>) -> bool {
        let mut before = self.steps.iter().take_while(|other| !std::ptr::eq(*other, step));
        // A trigger may have kept the change out.
        let is_meddled = step.checked.is_none_or(|table| table.is_meddled);
        step.sort == Sort::Update && !is_meddled && before.any(|other| other.sort == Sort::Remove)
    }
}

/// The keys that the database made, by the numbers of the rows.
fn keys_made(answers: &Answers<'_, '_>) -> Result<Vec<(u32, EncodedRow)>, Error> {
    let mut found: HashMap<usize, Vec<&[u8]>> = HashMap::new();
    for (call, key) in &answers.keys {
        found.entry(*call).or_default().push(key);
    }
    let mut made = Vec::new();
    for (index, step) in answers.steps.iter().enumerate().filter(|(_, step)| !step.makes.is_empty()) {
        let keys = found.remove(&index).unwrap_or_default();
        if keys.len() != step.makes.len() {
            return Err(Error::kept_out(step.table));
        }
        let keys = keys.into_iter().map(|key| EncodedRow::of_cells([Cell::Value(key)].into_iter()));
        made.extend(step.makes.iter().copied().zip(keys));
    }
    Ok(made)
}

/// The key that the database made for one row.
pub(super) fn key_made(answers: &Answers<'_, '_>, number: u32) -> Result<EncodedRow, Error> {
    let made = keys_made(answers)?.into_iter().find(|(made, _)| *made == number);
    made.map(|(_, key)| key).ok_or_else(|| Error::invalid("the key of a row was not answered"))
}

impl Receiver for Answers<'_, '_> {
    fn accept(&mut self, call: usize, row: Arrived) -> Result<(), Error> {
        if self.steps.get(call).is_some_and(|step| !step.makes.is_empty()) {
            self.keys.push((call, raw(&row, 0)?.unwrap_or_default().to_vec()));
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.keys.clear();
        self.failed = None;
    }

    fn failed(&mut self, call: usize) {
        self.failed = Some(call);
    }

    fn explained(&self, error: Error) -> Error {
        let step = self.failed.and_then(|call| self.steps.get(call));
        match (error.raised(), step) {
            (Some(Raised::Stale(_)), Some(step)) if self.has_removed(step) => Error::invalid(format!(
                "a row of `{}` is saved and deleted by a `delete_where`, both before a flush: flush in between, or do not save it",
                step.table
            )),
            (Some(Raised::Stale(places)), Some(step)) => step.stale(places),
            (Some(Raised::Kept), Some(step)) => Error::kept_out(step.table),
            (Some(Raised::Kept), None) if self.failed == Some(self.steps.len()) => Error::kept_out(OUTBOX),
            (None, Some(step)) if step.sort == Sort::Park && error.is_foreign_key_violation() => {
                Error::invalid(format!(
                    "a row of `{}` gives up a value to which other rows refer, and another row takes it over: do that in two flushes, or \
                     declare the foreign keys of the others ON UPDATE CASCADE",
                    step.table
                ))
                .because(error.into())
            }
            (None, Some(step)) if step.sort == Sort::Link && error.is_foreign_key_violation() => {
                error.hinted("a row that was put into a relation by a link table is not stored, or was deleted meanwhile: insert it first; where the relation says \
                     `insert = true`, rows that this unit of work has not read are inserted with the struct")
            }
            (None, Some(step)) if self.is_elsewhere(step, &error) => {
                Error::stale(step.table).because(error.into())
            }
            _ => error,
        }
    }
}
