//! What one connection has prepared: slots for kept statements, a bounded map for the others.

use std::collections::HashMap;

use tokio_postgres::Statement as Prepared;
use tokio_postgres::types::Oid;

use crate::wire::statement::{Identity, Statement, slot_number};

/// Dropping a [`Prepared`] queues its `Close`. What is replaced is therefore kept until the next statement is
/// sent, so that both travel in one write.
#[derive(Default)]
pub(crate) struct StatementCache {
    slots: Vec<Option<Prepared>>,
    by_text: HashMap<Box<str>, Entry>,
    limit: usize,
    clock: u64,
    retired: Vec<Prepared>,
    /// What ran unnamed in a transaction that was left open, and is to be prepared after its end.
    deferred: Vec<Statement>,
}

/// Statements of one transaction that are prepared after its end, at most.
const MOST_DEFERRED: usize = 64;

struct Entry {
    prepared: Prepared,
    params: Box<[Oid]>,
    used: u64,
}

impl StatementCache {
    /// Keeps up to `limit` statements that are found by their text.
    pub(crate) fn new(limit: usize) -> StatementCache {
        StatementCache { limit, ..StatementCache::default() }
    }

    pub(crate) fn get(&mut self, statement: &Statement) -> Option<Prepared> {
        match statement.identity() {
            Identity::Slot(slot) => self.slots.get(slot_number(slot))?.clone(),
            Identity::Text => {
                let entry = self.by_text.get_mut(statement.sql())?;
                if *entry.params != *statement.params() {
                    return None;
                }
                self.clock += 1;
                entry.used = self.clock;
                Some(entry.prepared.clone())
            }
            Identity::None => None,
        }
    }

    pub(crate) fn put(&mut self, statement: &Statement, prepared: Prepared) {
        let replaced = match statement.identity() {
            Identity::Slot(slot) => {
                let number = slot_number(slot);
                if self.slots.len() <= number {
                    self.slots.resize(number + 1, None);
                }
                self.slots[number].replace(prepared)
            }
            Identity::Text => self.put_by_text(statement, prepared),
            Identity::None => Some(prepared),
        };
        self.retired.extend(replaced);
    }

    /// Has a statement prepared later.
    pub(crate) fn defer(&mut self, statement: &Statement) {
        if self.deferred.len() < MOST_DEFERRED && !self.deferred.iter().any(|other| other.is(statement)) {
            self.deferred.push(statement.copy());
        }
    }

    /// What is to be prepared now.
    pub(crate) fn take_deferred(&mut self) -> Vec<Statement> {
        std::mem::take(&mut self.deferred)
    }

    pub(crate) fn forget(&mut self, statement: &Statement) {
        let forgotten = match statement.identity() {
            Identity::Slot(slot) => self.slots.get_mut(slot_number(slot)).and_then(Option::take),
            Identity::Text => self.by_text.remove(statement.sql()).map(|entry| entry.prepared),
            Identity::None => None,
        };
        self.retired.extend(forgotten);
    }

    /// Queues the `Close` of what was replaced.
    pub(crate) fn close_retired(&mut self) {
        self.retired.clear();
    }

    fn put_by_text(&mut self, statement: &Statement, prepared: Prepared) -> Option<Prepared> {
        if self.limit == 0 {
            return Some(prepared);
        }
        let sql = statement.sql();
        let evicted = match self.by_text.len() >= self.limit && !self.by_text.contains_key(sql) {
            true => self.evict(),
            false => None,
        };
        self.clock += 1;
        let entry = Entry { prepared, params: statement.params().into(), used: self.clock };
        let replaced = self.by_text.insert(sql.into(), entry).map(|entry| entry.prepared);
        evicted.or(replaced)
    }

    /// Only a full cache that meets a new text looks for the entry used longest ago, so looking at all is
    /// cheap enough.
    fn evict(&mut self) -> Option<Prepared> {
        let oldest = self.by_text.iter().min_by_key(|(_, entry)| entry.used)?.0.clone();
        self.by_text.remove(&oldest).map(|entry| entry.prepared)
    }
}
