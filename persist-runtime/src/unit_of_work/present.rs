//! Asks which rows are there and what they have, where a flush goes by it.

use tokio_postgres::Row as Arrived;

use crate::error::Error;
use crate::unit_of_work::grouped::grouped;
use crate::unit_of_work::let_go::no_more_held;
use crate::unit_of_work::pending::Pending;
use crate::unit_of_work::steps::{Made, Sort, Step, links, moved, named, present};
use crate::unit_of_work::to_be_asked::{Asked, Question, Why, to_be_asked};
use crate::unit_of_work::unit::{UnitOfWork, lock};
use crate::value::cell::raw;
use crate::wire::call::Call;
use crate::wire::receiver::Receiver;
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;

impl UnitOfWork<'_> {
    /// Asks which rows are there, and locks them: of structs that are merged, those that links lead to, those that were
    /// taken out of structs and may be gone, those below rows that are not written, and what rows are called to which others
    /// come.
    pub(super) async fn find_present(&self, pending: &mut Pending) -> Result<(), Error> {
        let asked = to_be_asked(&lock(&self.identity_map), pending)?;
        pending.named.clear();
        let mut groups = grouped(asked.into_iter(), |one, other| {
            one.key.id() == other.key.id() && one.question.is_like(&other.question)
        });
        groups.sort_by_key(|group| group[0].key.table().rank);
        let mut steps: Vec<Step<'_>> = Vec::new();
        let mut asked = Vec::new();
        for mut group in groups {
            group.sort_by(|one, other| one.key.cells().cmp(&other.key.cells()));
            ask(&group, &mut steps)?;
            asked.extend(group);
        }
        if steps.is_empty() {
            return Ok(());
        }
        let calls: Vec<Call<'_>> =
            steps.iter().map(|step| Call { statement: &step.statement, params: &step.params }).collect();
        let mut found = Found { first: firsts(&steps), rows: Vec::new() };
        self.transaction.flush(&calls, false, &mut found).await?;
        let mut answers = vec![None; asked.len()];
        for (place, cells) in found.rows {
            answers[place] = Some(cells);
        }
        let mut identity_map = lock(&self.identity_map);
        let mut gone_elsewhere = Vec::new();
        for (Asked { why, key, question }, answer) in asked.into_iter().zip(answers) {
            match (why, answer) {
                (Why::New(at), Some(_)) => pending.saved[at].note_present(key),
                (Why::Shown(at, place), Some(_)) => pending.saved[at].note_stored(place),
                (Why::Owner, answer) => name(pending, key, &question, answer),
                (Why::Lost, None) => identity_map.bury(key),
                (Why::Moved(at), Some(_)) => gone_elsewhere.push((at, question)),
                (Why::New(_) | Why::Shown(..) | Why::Moved(_), None) | (Why::Lost, Some(_)) => {}
            }
        }
        for (at, question) in gone_elsewhere {
            let Question::Moved(moved) = question else { continue };
            no_more_held(&identity_map, &mut pending.saved[at], &moved);
            identity_map.disown(&moved.owner, &moved.key, moved.by);
            // What is known of it is not what it is now, unless a struct goes by it.
            let deleted = pending.deleted.iter().flat_map(|deleted| &deleted.nodes);
            let mut others = pending.saved.iter().flat_map(|saved| &saved.nodes).chain(deleted);
            if !others.any(|row| moved.key.is_of(row)) {
                identity_map.forget(&moved.key);
            }
        }
        Ok(())
    }
}

/// The statements that ask one question of several rows.
fn ask(group: &[Asked], steps: &mut Vec<Step<'_>>) -> Result<(), Error> {
    let Some(first) = group.first() else { return Ok(()) };
    let table = first.key.id();
    let rows = group.iter().filter_map(|asked| match &asked.question {
        Question::Row(row, ..) | Question::Names(row, _) => Some(row.clone()),
        Question::Moved(moved) => Some(moved.row.clone()),
        Question::Link(_) => None,
    });
    match &first.question {
        Question::Row(_, hold, by) => present(table, rows.collect(), *hold, by, steps),
        Question::Names(_, columns) => named(table, rows.collect(), columns, steps),
        Question::Moved(first) => moved(table, first.by, rows.collect(), steps),
        Question::Link(_) => {
            let asked = group.iter().filter_map(|asked| match &asked.question {
                Question::Link(link) => Some(link),
                Question::Row(..) | Question::Names(..) | Question::Moved(_) => None,
            });
            steps.extend(links(Sort::Lock, &asked.collect::<Vec<_>>(), &Made::new())?);
        }
    }
    Ok(())
}

/// Notes what a row has in the columns that were asked, among all of its table.
fn name(pending: &mut Pending, key: RowKey, question: &Question, answer: Option<Vec<Option<Vec<u8>>>>) {
    let Question::Names(_, columns) = question else { return };
    let columns_of_table = key.table().columns.len();
    let row = answer.map(|cells| {
        let cell =
            |at| match columns.iter().position(|column| *column == at).and_then(|index| cells.get(index)) {
                None => Cell::Absent,
                Some(None) => Cell::Null,
                Some(Some(value)) => Cell::Value(value),
            };
        EncodedRow::of_cells((0..columns_of_table).map(cell))
    });
    let known = pending.named.remove(&key).flatten();
    let row = match (row, known) {
        (Some(row), Some(known)) => Some(row.over(&known)),
        (row, _) => row,
    };
    pending.named.insert(key, row);
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

/// Takes the places of rows that are there, counted through all steps, and what they have.
struct Found {
    first: Vec<usize>,
    rows: Vec<(usize, Vec<Option<Vec<u8>>>)>,
}

impl Receiver for Found {
    fn accept(&mut self, call: usize, row: Arrived) -> Result<(), Error> {
        let place = raw(&row, 0)?.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
        let place = place.and_then(|place| usize::try_from(place - 1).ok());
        let cells: Result<Vec<_>, Error> =
            (1..row.len()).map(|index| Ok(raw(&row, index)?.map(<[u8]>::to_vec))).collect();
        if let Some((place, first)) = place.zip(self.first.get(call)) {
            self.rows.push((place + first, cells?));
        }
        Ok(())
    }

    fn restart(&mut self) {
        self.rows.clear();
    }
}
