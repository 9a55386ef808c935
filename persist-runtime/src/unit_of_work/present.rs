//! Asks which rows are there, where a flush goes by it.

use tokio_postgres::Row as Arrived;

use crate::error::Error;
use crate::sql::batch::Hold;
use crate::table::facts::TableId;
use crate::unit_of_work::grouped::grouped;
use crate::unit_of_work::pending::{Intent, Pending, Saved};
use crate::unit_of_work::relations::{inserts, is_owning};
use crate::unit_of_work::steps::{Step, present};
use crate::unit_of_work::unit::{UnitOfWork, lock};
use crate::value::cell::raw;
use crate::value::row_key::KeySet;
use crate::wire::call::Call;
use crate::wire::receiver::Receiver;
use crate::write::encoded_row::EncodedRow;
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;

/// A row of which it is asked whether it is there.
struct Asked {
    why: Why,
    key: RowKey,
    row: EncodedRow,
}

/// What follows from the answer.
#[derive(Clone, Copy)]
enum Why {
    /// The struct at this place among those that are saved holds it: if it is not there, it is inserted.
    New(usize),
    /// The same, and if it is there, it is only linked.
    Linked(usize),
    /// It was taken out of a struct, and this unit of work may have removed it before: if it is not there, nothing is to be
    /// done for it.
    Lost,
}

impl Why {
    fn hold(self) -> Hold {
        match self {
            Why::New(_) | Why::Lost => Hold::ToWrite,
            Why::Linked(_) => Hold::ToReferTo,
        }
    }
}

impl UnitOfWork<'_> {
    /// Asks which rows are there, and locks them: of structs that are merged, those that links lead to, and those that were
    /// taken out of structs and may be gone.
    pub(super) async fn find_present(&self, pending: &mut Pending) -> Result<(), Error> {
        let asked = asked(&lock(&self.identity_map), pending);
        let mut groups = grouped(asked.into_iter(), |one, other| {
            (one.key.id(), one.why.hold()) == (other.key.id(), other.why.hold())
        });
        groups.sort_by_key(|group| group[0].key.table().rank);
        let mut steps: Vec<Step<'_>> = Vec::new();
        let mut asked = Vec::new();
        for mut group in groups {
            group.sort_by(|one, other| one.key.cells().cmp(&other.key.cells()));
            let table: TableId = group[0].key.id();
            let rows = group.iter().map(|asked| asked.row.clone()).collect();
            present(table, rows, group[0].why.hold(), &mut steps);
            asked.extend(group);
        }
        if steps.is_empty() {
            return Ok(());
        }
        let calls: Vec<Call<'_>> =
            steps.iter().map(|step| Call { statement: &step.statement, params: &step.params }).collect();
        let mut found = Found { first: firsts(&steps), places: Vec::new() };
        self.transaction.flush(&calls, false, &mut found).await?;
        let mut is_there = vec![false; asked.len()];
        for place in found.places {
            is_there[place] = true;
        }
        let mut identity_map = lock(&self.identity_map);
        for (Asked { why, key, row: _ }, is_there) in asked.into_iter().zip(is_there) {
            match (why, is_there) {
                (Why::New(at) | Why::Linked(at), true) => pending.saved[at].note_present(key),
                (Why::Lost, false) => identity_map.bury(key),
                (Why::New(_) | Why::Linked(_), false) | (Why::Lost, true) => {}
            }
        }
        Ok(())
    }
}

fn asked(identity_map: &IdentityMap, pending: &Pending) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (at, saved) in pending.saved.iter().enumerate() {
        for (place, why) in may_be_new(at, saved) {
            let row = &saved.nodes[place];
            let key = RowKey::of(row);
            let is_new = row.model.makes_key() && key.is_blank();
            if !is_new && identity_map.get(&key).is_none() {
                asked.push(Asked { why, key, row: row.encoded.clone() });
            }
        }
        if identity_map.has_lost_any() {
            may_be_lost(identity_map, saved, &mut asked);
        }
    }
    asked
}

/// The places of the rows of a struct that are inserted where they are not there.
fn may_be_new(at: usize, saved: &Saved) -> Vec<(usize, Why)> {
    let linked = saved.nodes.iter().flat_map(|row| &row.relations).filter(|(relation, _)| inserts(*relation));
    let mut rows: Vec<(usize, Why)> =
        linked.flat_map(|(_, places)| places).map(|place| (*place, Why::Linked(at))).collect();
    let mut open: Vec<usize> = if saved.intent == Intent::Merge { vec![0] } else { Vec::new() };
    while let Some(place) = open.pop() {
        let Some(row) = saved.nodes.get(place) else { continue };
        let owned = row.relations.iter().filter(|(relation, _)| is_owning(*relation));
        open.extend(owned.flat_map(|(_, places)| places));
        rows.push((place, Why::New(at)));
    }
    rows
}

/// The rows that a struct showed and does not any more, where some of their table went away since it was read.
fn may_be_lost(identity_map: &IdentityMap, saved: &Saved, asked: &mut Vec<Asked>) {
    for node in &saved.nodes {
        let Some(known) = identity_map.get(&RowKey::of(node)) else { continue };
        let lossy = node
            .relations
            .iter()
            .filter(|(relation, _)| is_owning(*relation) && identity_map.may_have_lost(known, *relation));
        for (relation, places) in lossy {
            let now: KeySet<RowKey> = places.iter().map(|place| RowKey::of(&saved.nodes[*place])).collect();
            let then = known.relation(*relation).into_iter().flatten().filter(|key| !now.contains(*key));
            asked.extend(then.filter_map(|key| {
                let row = identity_map.get(key)?.row();
                Some(Asked { why: Why::Lost, key: key.clone(), row })
            }));
        }
    }
}

/// How many rows come before those of each step.
fn firsts(steps: &[Step<'_>]) -> Vec<usize> {
    let firsts = steps.iter().scan(0, |next, step| {
        let first = *next;
        *next += step.rows;
        Some(first)
    });
    firsts.collect()
}

/// Takes the places of rows that are there, counted through all steps.
struct Found {
    first: Vec<usize>,
    places: Vec<usize>,
}

impl Receiver for Found {
    fn accept(&mut self, call: usize, row: Arrived) -> Result<(), Error> {
        let place = raw(&row, 0)?.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
        let place = place.and_then(|place| usize::try_from(place - 1).ok());
        self.places.extend(place.zip(self.first.get(call)).map(|(place, first)| place + first));
        Ok(())
    }

    fn restart(&mut self) {
        self.places.clear();
    }
}
