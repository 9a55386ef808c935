//! Reads structs before they are written, or again.

use std::any::Any;

use futures_util::future::BoxFuture;

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::load::loader::read_after;
use crate::load::remember::Reading;
use crate::session::around::Around;
use crate::session::link::Session;
use crate::sql::source::Source;
use crate::table::model::Model;
use crate::unit_of_work::grouped::grouped;
use crate::unit_of_work::let_go::{LetGo, let_go};
use crate::unit_of_work::pending::{Pending, Reload, Saved};
use crate::unit_of_work::to_be_read::to_be_read;
use crate::unit_of_work::unit::{UnitOfWork, lock};
use crate::value::row_key::{KeyMap, KeySet};
use crate::write::batch::Batch;
use crate::write::encoded_row::EncodedRow;
use crate::write::identity::RowKey;
use crate::write::saved_row::{SavedRow, SavedRows};

impl UnitOfWork<'_> {
    async fn read_groups(&self, groups: Vec<(&'static Model, Reload, Vec<EncodedRow>)>) -> Result<(), Error> {
        for (_, reload, keys) in groups {
            reload(Session::of_transaction(&self.transaction, Some(&Inside(self))), keys).await?;
        }
        Ok(())
    }

    /// Reads the structs that were read elsewhere, and those of which the database made something.
    pub(super) async fn read_before(&self, pending: &mut Pending) -> Result<(), Error> {
        self.look_below(pending).await?;
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
        if !groups.is_empty() {
            let saved = pending.saved.iter().flat_map(|saved| &saved.nodes).map(RowKey::of);
            lock(&self.identity_map).hold_still(saved.collect());
            let read = self.read_groups(groups).await;
            lock(&self.identity_map).hold_still(KeySet::default());
            read?;
        }
        self.find_present(pending).await
    }

    /// Reads what is below rows that structs have let go of, where this unit of work has brought or moved rows since.
    async fn look_below(&self, pending: &Pending) -> Result<(), Error> {
        let LetGo { rows, roots } = let_go(&lock(&self.identity_map), pending);
        if rows.is_empty() {
            return Ok(());
        }
        let groups = grouped(roots.into_iter().map(|place| &pending.saved[place]), |one, other| {
            std::ptr::eq(one.nodes[0].model, other.nodes[0].model)
        });
        let keys = |group: &[&Saved]| group.iter().map(|saved| key_image(&saved.nodes[0])).collect();
        let groups =
            groups.iter().map(|group| (group[0].nodes[0].model, group[0].reload, keys(group))).collect();
        {
            let mut identity_map = lock(&self.identity_map);
            let saved = pending.saved.iter().flat_map(|saved| &saved.nodes).map(RowKey::of);
            identity_map.hold_still(saved.collect());
            identity_map.look_below(rows);
        }
        let read = self.read_groups(groups).await;
        let mut identity_map = lock(&self.identity_map);
        identity_map.hold_still(KeySet::default());
        identity_map.look_below(KeyMap::default());
        read
    }
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
        read_after::<E>(&session, None, plan, |_| &keys, |_| Reading::Anew).await?;
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
    let (mut found, _) = read_after::<E>(session, None, plan, |_| &key, |_| Reading::Anew).await?;
    found.pop().ok_or_else(gone)
}

fn key_image(node: &SavedRow) -> EncodedRow {
    EncodedRow::of_cells(node.model.table.key.iter().map(|place| node.encoded.cell(*place)))
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
