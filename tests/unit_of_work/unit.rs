//! A unit of work beside the model of what it should leave.

use persist_testkit::Random;
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;

use persist::prelude::*;
use persist::{Entity, New};
use uuid::Uuid;

use crate::Result;
use crate::operations::OPERATIONS;
use crate::shapes::{Category, Pipeline, Plugin, Runbook, Tag, Team, User};
use crate::world::{Normal, World};

/// An aggregate of the model.
pub(crate) trait Kept: Entity<Key = Uuid> + Normal + Clone + PartialEq + Debug + Sync {
    fn id(&self) -> Uuid;
    fn all(world: &World) -> &BTreeMap<Uuid, Self>;
    fn all_mut(world: &mut World) -> &mut BTreeMap<Uuid, Self>;
}

macro_rules! kept {
    ($($entity:ident in $field:ident),*) => {$(
        impl Kept for $entity {
            fn id(&self) -> Uuid {
                self.id
            }
            fn all(world: &World) -> &BTreeMap<Uuid, Self> {
                &world.$field
            }
            fn all_mut(world: &mut World) -> &mut BTreeMap<Uuid, Self> {
                &mut world.$field
            }
        }
    )*};
}

kept!(
    Pipeline in pipelines, User in users, Tag in tags, Plugin in plugins, Category in categories,
    Team in teams, Runbook in runbooks
);

pub(crate) struct Unit<'u> {
    pub(crate) uow: &'u UnitOfWork<'static>,
    pub(crate) world: World,
    pub(crate) random: Random,
    /// What makes names that nothing else has.
    pub(crate) names: usize,
    /// What was done, for whoever has to find out what went wrong.
    pub(crate) said: Vec<String>,
    /// The keys of what was saved.
    pub(crate) saved: BTreeSet<Uuid>,
    /// Structs that were saved and are still held, so that they need not be read again.
    held: HashMap<Uuid, Box<dyn Any + Send>>,
    /// Structs that were read before the unit of work began, by whom it does not know.
    pub(crate) read_elsewhere: BTreeMap<Uuid, Pipeline>,
}

impl<'u> Unit<'u> {
    pub(crate) fn new(uow: &'u UnitOfWork<'static>, world: World, random: Random, names: usize) -> Self {
        Unit {
            uow,
            world,
            random,
            names,
            said: Vec::new(),
            saved: BTreeSet::new(),
            held: HashMap::new(),
            read_elsewhere: BTreeMap::new(),
        }
    }

    /// Does some things, one after another.
    pub(crate) async fn act(&mut self, operations: usize) -> Result {
        for _ in 0..operations {
            match self.random.below(12) {
                0 => self.flush().await?,
                1 => Box::pin(self.in_a_savepoint()).await?,
                _ => {
                    let (name, operation) = *self.random.of(OPERATIONS);
                    self.said.push(name.to_owned());
                    operation(self).await?;
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn flush(&mut self) -> Result {
        self.said.push("flush".into());
        Ok(self.uow.flush().await?)
    }

    async fn in_a_savepoint(&mut self) -> Result {
        self.said.push("savepoint {".into());
        let before = self.world.clone();
        let savepoint = self.uow.savepoint().await?;
        let operations = self.random.below(4);
        self.act(operations).await?;
        match self.random.below(3) {
            0 => {
                self.said.push("} released".into());
                return Ok(savepoint.release().await?);
            }
            1 => {
                self.said.push("} rolled back".into());
                savepoint.rollback().await?;
            }
            _ => {
                self.said.push("} dropped".into());
                drop(savepoint);
            }
        }
        self.world = before;
        self.held.clear();
        // What was read elsewhere may have been saved in between.
        self.read_elsewhere.clear();
        Ok(())
    }

    /// The key of some row, if there is one.
    pub(crate) fn some<E: Kept>(&mut self) -> Option<Uuid> {
        let keys: Vec<Uuid> = E::all(&self.world).keys().copied().collect();
        if keys.is_empty() { None } else { Some(*self.random.of(&keys)) }
    }

    /// The keys of two different rows.
    pub(crate) fn two<E: Kept>(&mut self) -> Option<[Uuid; 2]> {
        let mut keys: Vec<Uuid> = E::all(&self.world).keys().copied().collect();
        if keys.len() < 2 {
            return None;
        }
        let one = keys.swap_remove(self.random.below(keys.len()));
        Some([one, *self.random.of(&keys)])
    }

    /// The row with this key: as it is held, or read, which must find what the model says.
    pub(crate) async fn take<E: Kept>(&mut self, id: Uuid) -> Result<E> {
        self.read_elsewhere.remove(&id);
        if let Some(held) = self.held.remove(&id)
            && self.random.once_in(2)
            && let Ok(held) = held.downcast::<E>()
        {
            self.said.push(format!("  held {id}"));
            return Ok(*held);
        }
        self.said.push(format!("  read {id}"));
        let found: E = self.uow.repository::<E>().get(id).await?;
        let expected = E::all(&self.world)[&id].clone().normal(&self.world);
        let normal = found.clone().normal(&self.world);
        if normal != expected {
            return Err(format!("read {normal:#?}\nand not {expected:#?}").into());
        }
        Ok(found)
    }

    /// Saves a row, in the unit of work and in the model.
    pub(crate) fn save<E: Kept>(&mut self, row: E) -> Result {
        self.said.push(format!("  save {}", row.id()));
        self.uow.save(&row)?;
        self.keep(row)
    }

    /// Has a row, which may have been read elsewhere, replace what is stored.
    pub(crate) fn replace<E: Kept>(&mut self, row: E) -> Result {
        self.said.push(format!("  replace by {}", row.id()));
        self.uow.replace(&row)?;
        self.keep(row)
    }

    fn keep<E: Kept>(&mut self, row: E) -> Result {
        self.saved.insert(row.id());
        let normal = row.clone().normal(&self.world);
        E::all_mut(&mut self.world).insert(row.id(), normal);
        let is_known =
            |pipeline: &Pipeline| pipeline.executions.iter().all(|it| it.logs.iter().all(|log| log.id != 0));
        // What the database makes keys for has to be read before it is saved again.
        if (&row as &dyn Any).downcast_ref::<Pipeline>().is_none_or(is_known) {
            self.held.insert(row.id(), Box::new(row));
        }
        Ok(())
    }

    /// Inserts a row, in the unit of work; the model notes what it shall be.
    pub(crate) fn insert<N: New<Entity: Kept>>(&mut self, new: N, row: N::Entity) -> Result {
        self.said.push(format!("  insert {}", row.id()));
        let handle = self.uow.insert(new)?;
        assert_eq!(self.uow.key(handle), Some(row.id()), "the key was given");
        let row = row.normal(&self.world);
        N::Entity::all_mut(&mut self.world).insert(row.id(), row);
        Ok(())
    }

    /// Deletes a row with all that is in it, in the unit of work and in the model.
    pub(crate) fn delete<E: Kept>(&mut self, row: &E) -> Result {
        self.said.push(format!("  delete {}", row.id()));
        self.uow.delete(row)?;
        E::all_mut(&mut self.world).remove(&row.id());
        self.forget(row.id());
        Ok(())
    }

    /// What is held of a row is not what it is any more.
    pub(crate) fn forget(&mut self, id: Uuid) {
        self.held.remove(&id);
        self.read_elsewhere.remove(&id);
    }

    /// A name that nothing else has.
    pub(crate) fn name(&mut self) -> String {
        self.names += 1;
        format!("n{}", self.names)
    }

    /// A new key.
    pub(crate) fn key(&mut self) -> Uuid {
        self.random.uuid()
    }
}
