//! The tables in which a flush brings rows, and from which it takes some: structs may not show them.

use crate::table::facts::TableId;
use crate::unit_of_work::changes::Changes;
use crate::unit_of_work::grouped::distinct;
use crate::unit_of_work::pending::Pending;
use crate::write::identity_map::{IdentityMap, Stir};
use crate::write::queued::{Queued, QueuedEffect};

/// Notes the tables in which rows came and went.
pub(super) fn stir(identity_map: &mut IdentityMap, changes: &Changes, pending: &Pending) {
    for insertion in &changes.inserts {
        identity_map.stir(insertion.table(), if insertion.is_upsert { Stir::Moved } else { Stir::Came });
    }
    for update in changes.updates.iter().filter(|update| update.dirty.touches_reference) {
        identity_map.stir(update.table(), Stir::Came);
    }
    // Foreign keys refer to UNIQUE keys, or to primary keys, which are not changed.
    for update in changes.updates.iter().filter(|update| update.dirty.touches_unique) {
        let refers = |table: &&TableId| {
            let mut references = table.facts().references.iter();
            references.any(|to| to.is_to(update.table()) && update.changes_any(to.target))
        };
        let referring: Vec<TableId> = identity_map.tables().iter().filter(refers).copied().collect();
        referring.iter().for_each(|table| identity_map.stir(table.facts(), Stir::Came));
    }
    for link in changes.links.iter().chain(&changes.unlinks) {
        identity_map.stir(link.near.table, Stir::Moved);
        identity_map.stir(link.far.table, Stir::Moved);
    }
    let deleted = changes.deletes.iter().map(|deletion| deletion.table);
    let deleted = deleted.chain(changes.carried.iter().map(|row| row.key.id()));
    let mut gone = distinct(deleted.chain(pending.removed.iter().map(|removal| removal.table.id())));
    pending.removed.iter().for_each(|removal| identity_map.stir(removal.table, Stir::Went));
    for Queued(queued) in &pending.queued {
        identity_map.stir(queued.table(), Stir::Moved);
        gone.extend((queued.effect() == QueuedEffect::Delete).then(|| queued.table().id()));
    }
    identity_map.stir_below(gone);
}
