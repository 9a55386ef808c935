//! Reads structs before they are written, or again.

use std::any::Any;

use futures_util::future::BoxFuture;
use tokio_postgres::Row as Arrived;

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::load::loader::read_after;
use crate::load::remember::Reading;
use crate::session::around::Around;
use crate::session::link::Session;
use crate::sql::source::Source;
use crate::table::facts::TableId;
use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::unit_of_work::grouped::grouped;
use crate::unit_of_work::pending::{Intent, Pending, Reload, Saved};
use crate::unit_of_work::relations::{inserts, is_owning};
use crate::unit_of_work::steps::{Step, present};
use crate::unit_of_work::to_be_read::to_be_read;
use crate::unit_of_work::unit::{UnitOfWork, lock};
use crate::value::cell::raw;
use crate::wire::call::Call;
use crate::wire::receiver::Receiver;
use crate::write::batch::Batch;
use crate::write::encoded_row::EncodedRow;
use crate::write::identity::RowKey;
use crate::write::saved_row::{SavedRow, SavedRows};

impl UnitOfWork<'_> {
    /// Reads the structs that were read elsewhere, and those of which the database made something.
    pub(super) async fn read_before(&self, pending: &mut Pending) -> Result<(), Error> {
        let mut groups: Vec<(&'static Model, Reload, Vec<EncodedRow>)> = Vec::new();
        let mut add = |root: &SavedRow, reload: Reload| {
            let key = key_image(root);
            match groups.iter_mut().find(|(model, _, _)| std::ptr::eq(*model, root.model)) {
                Some((_, _, keys)) => keys.push(key),
                None => groups.push((root.model, reload, vec![key])),
            }
        };
        {
            let identity_map = lock(&self.identity_map);
            let to_be_read = to_be_read(&identity_map, pending);
            for place in to_be_read.saved {
                let saved = &mut pending.saved[place];
                let Some(root) = saved.nodes.first() else { continue };
                saved.is_detached = !identity_map.knows(root);
                add(root, saved.reload);
            }
            for deleted in to_be_read.deleted.into_iter().map(|place| &pending.deleted[place]) {
                deleted.nodes.first().into_iter().for_each(|root| add(root, deleted.reload));
            }
        }
        for (_, reload, keys) in groups {
            reload(Session::of_transaction(&self.transaction, Some(&Inside(self))), keys).await?;
        }
        self.find_present(pending).await
    }

    /// Asks which rows are there of structs that are merged, and of those that links lead to which may be new; locks them.
    async fn find_present(&self, pending: &mut Pending) -> Result<(), Error> {
        let mut unread: Vec<(usize, RowKey, EncodedRow)> = Vec::new();
        {
            let identity_map = lock(&self.identity_map);
            for (at, saved) in pending.saved.iter().enumerate() {
                for row in may_be_new(saved) {
                    let key = RowKey::of(row);
                    let is_new = row.model.makes_key() && key.is_blank();
                    if !is_new && identity_map.get(&key).is_none() {
                        unread.push((at, key, row.encoded.clone()));
                    }
                }
            }
        }
        let groups = grouped(unread.into_iter(), |one, other| one.1.id() == other.1.id());
        let mut steps: Vec<Step<'_>> = Vec::new();
        let mut asked = Vec::new();
        for mut group in groups {
            group.sort_by(|one, other| one.1.cells().cmp(&other.1.cells()));
            let table: TableId = group[0].1.id();
            present(table, group.iter().map(|(_, _, row)| row.clone()).collect(), &mut steps);
            asked.extend(group);
        }
        if steps.is_empty() {
            return Ok(());
        }
        let calls: Vec<Call<'_>> =
            steps.iter().map(|step| Call { statement: &step.statement, params: &step.params }).collect();
        let mut found = Found { first: firsts(&steps), places: Vec::new() };
        self.transaction.flush(&calls, false, &mut found).await?;
        for place in found.places {
            if let Some((at, key, _)) = asked.get(place) {
                pending.saved[*at].note_present(key.clone());
            }
        }
        Ok(())
    }
}

/// The rows of a struct that are inserted where they are not there.
fn may_be_new(saved: &Saved) -> Vec<&SavedRow> {
    let below = |row: &'_ SavedRow, is_followed: fn(Relation) -> bool| {
        let followed = row.relations.iter().filter(move |(relation, _)| is_followed(*relation));
        followed.flat_map(|(_, places)| places.clone()).collect::<Vec<usize>>()
    };
    let mut places: Vec<usize> = saved.nodes.iter().flat_map(|row| below(row, inserts)).collect();
    let mut open: Vec<usize> = if saved.intent == Intent::Merge { vec![0] } else { Vec::new() };
    while let Some(place) = open.pop() {
        let Some(row) = saved.nodes.get(place) else { continue };
        open.extend(below(row, is_owning));
        places.push(place);
    }
    places.into_iter().filter_map(|place| saved.nodes.get(place)).collect()
}

/// Reads structs of one type by their keys, so that they are remembered.
pub(super) fn reload<E: Entity>(
    session: Session<'_>,
    keys: Vec<EncodedRow>,
) -> BoxFuture<'_, Result<(), Error>> {
    Box::pin(async move {
        let model = E::model();
        let sources = (0..model.key.len()).map(Source::Column).collect();
        let keys = Batch { rows: keys, sources, ..Batch::default() };
        let plan = model.find.many(&session, E::shape());
        read_after::<E>(&session, None, plan, |_| &keys, Reading::Anew).await?;
        Ok(())
    })
}

/// A struct as the database has it now.
pub(super) async fn read_anew<E: Entity>(session: &Session<'_>, entity: &E) -> Result<E, Error> {
    let nodes = SavedRows::default().walk(|walker| entity.walk(walker))?;
    let model = E::model();
    let gone = || Error::not_found(format_args!("`{}`", model.table.shown));
    let key = key_image(nodes.first().ok_or_else(gone)?);
    let sources = (0..model.key.len()).map(Source::Cell).collect();
    let key = Batch { rows: vec![key], sources, ..Batch::default() };
    let plan = model.find.one(session, E::shape());
    let (mut found, _) = read_after::<E>(session, None, plan, |_| &key, Reading::Anew).await?;
    found.pop().ok_or_else(gone)
}

fn key_image(node: &SavedRow) -> EncodedRow {
    EncodedRow::of_cells(node.model.table.key.iter().map(|place| node.encoded.cell(*place)))
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

/// The unit of work as its own flush sees it: nothing is sent ahead.
struct Inside<'u, 't>(&'u UnitOfWork<'t>);

impl Around for Inside<'_, '_> {
    fn ahead(&self) -> Option<BoxFuture<'_, Result<(), Error>>> {
        None
    }

    fn kept(&self) -> &(dyn Any + Send + Sync) {
        self.0.kept()
    }
}
