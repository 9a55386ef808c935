//! What is stored afterwards.

use std::collections::BTreeSet;

use super::known::Known;
use super::let_go::LetGo;
use super::written::Written;
use super::{Refusal, Refusals};
use crate::asked::Asked;
use crate::owner::{Key, Kind, Owner, RELATIONS, keys, reference};
use crate::tables::{Columns, MAIL, NAME, Tables, folded};

pub(super) fn tables(
    asked: &Asked,
    known: &Known<'_>,
    written: Written,
    gone: LetGo,
    refusals: &mut Refusals,
) -> Tables {
    let mut after = known.now.clone();
    rename(asked, known, &mut after);
    write(written, gone, &mut after, refusals);
    refuse_missing(asked, &after, refusals);
    refuse_taken(&after, refusals);
    after
}

/// Areas get other codes, which their cards follow; others go.
fn rename(asked: &Asked, known: &Known<'_>, after: &mut Tables) {
    after.rename(&renamed(asked, known).map(|owner| (owner.id(), owner.refers[0])).collect());
    after.codes.retain(|area, _| deleted(asked).all(|owner| owner.id() != *area));
    after.codes.extend(&asked.new_areas);
}

/// Does a code pass from one area to another? Whether its cards go along cannot be told.
pub(super) fn passes_on(asked: &Asked, known: &Known<'_>) -> bool {
    let given_up = renamed(asked, known).chain(deleted(asked)).map(|owner| known.reference(owner));
    let given_up: BTreeSet<Vec<i32>> = given_up.collect();
    let mut taken = renamed(asked, known).map(|owner| owner.refers.clone());
    taken.any(|code| given_up.contains(&code))
        || asked.new_areas.values().any(|code| given_up.contains([*code].as_slice()))
}

fn renamed<'a>(asked: &'a Asked, known: &Known<'_>) -> impl Iterator<Item = &'a Owner> {
    asked.saved.iter().filter(|owner| owner.refers != known.reference(owner))
}

/// The areas that are deleted.
fn deleted(asked: &Asked) -> impl Iterator<Item = &Owner> {
    asked.deleted.iter().filter(|owner| owner.key.0 == Kind::Area)
}

fn write(written: Written, gone: LetGo, after: &mut Tables, refusals: &mut Refusals) {
    let mut change = |id: &i32, write: &dyn Fn(&mut Columns)| match after.cards.get_mut(id) {
        _ if gone.deleted.contains(id) => {}
        Some(row) => write(row),
        None => drop(refusals.insert(Refusal::Stale)),
    };
    for (id, changed) in &written.changed {
        change(id, &|row| changed.iter().for_each(|(column, value)| row[*column] = *value));
    }
    for (id, relation) in &gone.released {
        change(id, &|row| relation.null.iter().for_each(|column| row[*column] = None));
    }
    for id in &gone.deleted {
        if after.cards.remove(id).is_none() {
            refusals.insert(Refusal::Stale);
        }
    }
    for (id, columns) in written.new {
        if after.cards.insert(id, columns).is_some() {
            refusals.insert(Refusal::There);
        }
    }
}

/// Cards refer to what is there.
fn refuse_missing(asked: &Asked, after: &Tables, refusals: &mut Refusals) {
    let stays = |key: &Key| asked.deleted.iter().all(|owner| owner.key != *key);
    let there = keys().into_iter().filter(stays).map(|key| (key.0, reference(&key, after)));
    let codes = after.codes.values().map(|code| (Kind::Area, vec![*code]));
    let there: BTreeSet<Key> = there.chain(codes).collect();
    for columns in after.cards.values() {
        for relation in &RELATIONS {
            let key: Option<Vec<i32>> = relation.columns.iter().map(|column| columns[*column]).collect();
            if key.is_some_and(|key| !there.contains(&(relation.owner, key))) {
                refusals.insert(Refusal::Missing);
            }
        }
    }
}

/// No two rows have the same code, the same name or the same mail.
fn refuse_taken(after: &Tables, refusals: &mut Refusals) {
    let codes: BTreeSet<i32> = after.codes.values().copied().collect();
    let words = |column: usize| -> BTreeSet<Option<i32>> {
        after.cards.values().map(|columns| columns[column].map(folded)).collect()
    };
    let is_unique = |column: usize| words(column).len() == after.cards.len();
    if codes.len() < after.codes.len() || !is_unique(NAME) || !is_unique(MAIL) {
        refusals.insert(Refusal::Taken);
    }
}
