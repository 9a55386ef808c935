//! What can be asked of a unit of work, and when it is written.

use std::any::Any;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::entity::traits::{Entity, New};
use crate::error::Error;
#[cfg(feature = "json")]
use crate::outbox::event::{Event, Published};
use crate::query::assignment::Changes;
use crate::query::builder::Query;
use crate::query::predicate::Predicate;
use crate::session::around::Around;
use crate::session::link::Session;
use crate::sql::scope::Scope;
use crate::unit_of_work::commit::Committed;
use crate::unit_of_work::flush::read_key;
use crate::unit_of_work::pending::{Intent, Removal};
use crate::unit_of_work::plan::{self, Plan};
use crate::unit_of_work::reading;
use crate::unit_of_work::unit::{UnitOfWork, lock};
use crate::wire::compact::compact;
use crate::write::handle::Handle;
use crate::write::new_row::Insertable as _;
use crate::write::queued::Queueable;
use crate::write::saved_row::{SavedRow, SavedRows};

impl UnitOfWork<'_> {
    /// The repository of an entity in this transaction.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// let active = uow.repository::<Pipeline>().filter(|p| p.is_active.eq(true)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn repository<E: Entity>(&self) -> E::Repository<'_> {
        Session::from(self).repository::<E>()
    }

    /// Keeps the changes of a struct, with all that belongs to it, for the next flush.
    ///
    /// Of what this unit of work has read, the difference is written: columns that changed, rows of relations
    /// that were added, changed, taken out or moved here. What was read elsewhere is compared with the
    /// database when it is flushed, one round trip more: its columns are written, and rows are added, changed and
    /// moved to it, but none is taken out, since it may have been added meanwhile; [`replace`](Self::replace) does
    /// that, too. A struct that has a version and no rows of its own is written as a whole instead, unless others
    /// of its table take part in the flush. A row that belongs to a struct refers to it whatever its own columns say. What a struct holds
    /// by `belongs_to` or a link table is another aggregate: its columns are written if this unit of work has
    /// read the struct, but no row of it is inserted, unless the relation says `insert = true`, or deleted. Where it was not
    /// read here, a row below it that is not stored there is refused when that is flushed.
    ///
    /// The difference is that to what was read last. Of two copies of one row the one that is saved last
    /// counts, in all its columns.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, id: Uuid) -> Result {
    /// let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    /// pipeline.description = None;
    /// pipeline.steps.retain(|step| step.enabled);
    /// uow.save(&pipeline)?; // one column of the pipeline, and the steps that were taken out
    /// uow.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The struct, or a row that belongs to it, does not pass its validation, or a value cannot be encoded.
    pub fn save<E: Entity>(&self, entity: &E) -> Result<(), Error> {
        let nodes = self.walked(|walker| walker.collect_to_write(|walker| entity.walk(walker)))?;
        lock(&self.pending).save(nodes, reading::reload::<E>, Intent::Save);
        Ok(())
    }

    /// Keeps a struct for the next flush, which makes what is stored equal to it.
    ///
    /// For what this unit of work has read that is the same as [`save`](Self::save). Of a struct that was read
    /// elsewhere, rows of its relations that are stored and not in it are taken out as well, and links to rows that
    /// it does not hold, also those that another transaction has added since it was read. Where it has a version,
    /// that must still be the same; but a row that is inserted by itself does not count up the version of the one
    /// that it refers to.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, received: Pipeline) -> Result {
    /// uow.replace(&received)?; // steps that it does not hold are deleted
    /// uow.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`save`](Self::save).
    pub fn replace<E: Entity>(&self, entity: &E) -> Result<(), Error> {
        let nodes = self.walked(|walker| walker.collect_to_write(|walker| entity.walk(walker)))?;
        lock(&self.pending).save(nodes, reading::reload::<E>, Intent::Replace);
        Ok(())
    }

    /// Keeps a struct for the next flush, which inserts it, or changes the one with its key if there is one; so with each
    /// row that belongs to it.
    ///
    /// It is [`save`](Self::save) for a struct of which it is not known whether it is stored. Rows are moved here from
    /// wherever they are, and none is taken out. A key that the database makes and that is 0, nil or empty is one of
    /// a new row; [`insert`](Self::insert) is the way to learn it. Up to two round trips more, to read the struct and
    /// which rows of it are there.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, received: Pipeline) -> Result {
    /// uow.merge(&received)?;
    /// uow.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`save`](Self::save). The flush answers [`Error::is_stale`] where a row is there with another version.
    pub fn merge<E: Entity>(&self, entity: &E) -> Result<(), Error> {
        let nodes = self.walked(|walker| walker.collect_to_write(|walker| entity.walk(walker)))?;
        lock(&self.pending).save(nodes, reading::reload::<E>, Intent::Merge);
        Ok(())
    }

    /// Keeps a new row, with all that is nested in it, for the next flush. The handle stands for its key in
    /// foreign keys of other new rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// use persist::Parent;
    ///
    /// let steps = [NewStep::new(Parent, "extract"), NewStep::new(Parent, "load").position(2)];
    /// let pipeline = uow.insert(NewPipeline::new("hourly", BTreeMap::new()).steps(steps))?;
    /// uow.insert(NewExecution::new(pipeline, 1))?; // the handle stands for the key
    /// uow.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A row does not pass its validation, a value cannot be encoded, `Parent` stands where nothing is
    /// nested, or a handle is one of another unit of work.
    pub fn insert<N: New>(&self, new: N) -> Result<Handle<N::Entity>, Error> {
        let mut pending = lock(&self.pending);
        let slot = pending.inserted.add(|new_rows| new.new_row(new_rows))?;
        Ok(Handle::new(slot))
    }

    /// Keeps a new row for the next flush, which changes the one with its primary key if there is one. Of
    /// several with one key the last one counts.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, id: Uuid) -> Result {
    /// uow.upsert(NewUser::new("ada@example.com", "Ada").id(id))?; // inserted, or renamed
    /// uow.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`insert`](Self::insert); the primary key is DEFERRABLE or always made by the database, or
    /// rows are nested in it.
    pub fn upsert<N: New>(&self, new: N) -> Result<(), Error> {
        lock(&self.pending).upsert(|new_rows| new.new_row(new_rows))
    }

    /// Keeps the deletion of a row for the next flush. With it goes what belongs to it, by ON DELETE CASCADE
    /// or one by one: where a struct was read elsewhere and rows of it go one by one, they are read before, one round trip
    /// more.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, id: Uuid) -> Result {
    /// let pipeline = uow.repository::<Pipeline>().get(id).await?;
    /// uow.delete(&pipeline)?; // its steps as well
    /// uow.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A value cannot be encoded. The flush answers [`Error::is_stale`] where the row is gone or has another
    /// version, and another error where the row is one that it would insert itself.
    pub fn delete<E: Entity>(&self, entity: &E) -> Result<(), Error> {
        let nodes = self.walked(|walker| walker.walk(|walker| entity.walk(walker)))?;
        lock(&self.pending).delete(nodes, reading::reload::<E>);
        Ok(())
    }

    /// Keeps the deletion of all rows for which a condition holds, for the next flush: with other deletions,
    /// before anything is inserted or changed. The flush fails if one of them was to be changed.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// uow.delete_where::<Execution>(|e| e.status.eq(Status::Cancelled));
    /// uow.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_where<E: Entity>(&self, condition: impl FnOnce(E::Columns) -> Predicate) {
        let condition = condition(E::columns(Scope::ROOT));
        lock(&self.pending).removed.push(Removal { table: E::model().table, condition });
    }

    /// Keeps a change of all rows for which a condition holds, for the next flush: after all else that it writes, so that
    /// the condition is asked of rows as they are then. Its rows are not counted, and what structs show of them may be old
    /// afterwards: [`refresh`](Self::refresh) those that are saved again.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, mut user: User) -> Result {
    /// user.display_name = "gone".into();
    /// uow.save(&user)?;
    /// uow.update_where::<Pipeline>(|p| p.owner_id.eq(user.id), |p| p.is_active.set(false))?;
    /// uow.flush().await?; // one round trip
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Nothing is set.
    pub fn update_where<E: Entity>(
        &self,
        condition: impl FnOnce(E::Columns) -> Predicate,
        changes: impl Changes<E::Columns>,
    ) -> Result<(), Error> {
        self.queue(Query::<E>::new(Session::from(self)).filter(condition).update(changes))
    }

    /// Keeps an update, a deletion or an upsert for the next flush, in place of sending it at once: after all else that
    /// the flush writes, and in the order in which they were kept, deletions too. Whichever session it was made with, it is
    /// written by this unit of work. What is said of [`update_where`](Self::update_where) holds of it as well.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// let pipelines = uow.repository::<Pipeline>();
    /// let nightly = NewPipeline::new("nightly", BTreeMap::new());
    /// uow.queue(pipelines.upsert_by_name(nightly).set(|old, _| old.version.set(old.version + 1)))?;
    /// uow.queue(uow.repository::<Execution>().filter(|e| e.status.eq(Status::Failed)).delete())?;
    /// uow.flush().await?; // one round trip
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// It could not be sent, whatever is stored: nothing is set, or the new row is not complete.
    pub fn queue(&self, change: impl Queueable) -> Result<(), Error> {
        let queued = change.queued()?;
        lock(&self.pending).queued.push(queued);
        Ok(())
    }

    /// Keeps an event for the next flush, which writes it into the outbox.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # #[derive(serde::Serialize)]
    /// # struct PipelineStopped {
    /// #     name: String,
    /// # }
    /// # impl persist::outbox::Event for PipelineStopped {
    /// #     const TOPIC: &'static str = "pipeline stopped";
    /// #     fn key(&self) -> String {
    /// #         self.name.clone()
    /// #     }
    /// # }
    /// # async fn example(uow: &persist::UnitOfWork<'_>, mut pipeline: Pipeline) -> Result {
    /// pipeline.is_active = false;
    /// uow.save(&pipeline)?;
    /// uow.publish(&PipelineStopped { name: pipeline.name })?;
    /// uow.flush().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The event cannot be written as JSON.
    #[cfg(feature = "json")]
    pub fn publish<T: Event>(&self, event: &T) -> Result<(), Error> {
        let published = Published::of(event)?;
        lock(&self.pending).published.push(published);
        Ok(())
    }

    /// What the next flush will send. Rows of which it will ask whether they are there (those that are merged, or linked with
    /// `insert = true`) are shown as if they were not.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// assert_eq!(uow.plan()?.to_string(), "insert pipelines (1 row)\n");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the flush would answer before it sends anything.
    pub fn plan(&self) -> Result<Plan, Error> {
        plan::plan(self)
    }

    /// The key of a row that was inserted; `None` as long as the database has not made it. A row that a
    /// [`Savepoint`](crate::Savepoint) has taken back still has it, although no such row exists.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// let pipeline = uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// uow.flush().await?;
    /// let id = uow.key(pipeline).expect("the row is inserted");
    /// # Ok(())
    /// # }
    /// ```
    pub fn key<E: Entity>(&self, handle: Handle<E>) -> Option<E::Key> {
        read_key::<E>(&lock(&self.pending).inserted.key(handle.slot())?)
    }

    /// Reads a struct again, with what the database has made of it: defaults, generated columns, versions,
    /// what triggers wrote, and the keys of rows that were added. What waits is flushed before.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>, mut pipeline: Pipeline) -> Result {
    /// pipeline.is_active = false;
    /// uow.save(&pipeline)?;
    /// uow.refresh(&mut pipeline).await?; // writes it, and reads its new version
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] where the row is gone; those of a flush and of
    /// [`Repository::find`](crate::Repository::find).
    pub async fn refresh<E: Entity>(&self, entity: &mut E) -> Result<(), Error> {
        *entity = reading::read_anew(&Session::from(self), entity).await?;
        Ok(())
    }

    /// Sends what waits to be written. One round trip, or none where nothing waits; one more where something is read before:
    /// what was saved and read elsewhere, or is deleted and may have more rows by now; one more where a struct lets go of rows
    /// after this unit of work has brought or moved rows of their tables, or of those below, by other means; and one more where
    /// it is asked which rows are there: of what is merged or `insert = true`, of what was let go after rows of its table were
    /// removed or moved, of what stands below a row that is only linked and was not read here; and what a row is called now to
    /// which others come that refer to it by other columns than its primary key.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// match uow.flush().await {
    ///     Err(error) if error.violates(Pipeline::UNIQUE_NAME) => println!("the name is taken"),
    ///     outcome => outcome?,
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_stale`], violations of constraints; the connection was lost. Two calls for one row
    /// contradict each other, such as its insertion and then its deletion: nothing is sent.
    pub async fn flush(&self) -> Result<(), Error> {
        compact(self.send(false)).await
    }

    /// Commits. One round trip, or none where nothing was sent.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database, id: Uuid) -> Result {
    /// let uow = db.unit_of_work();
    /// let execution = uow.insert(NewExecution::new(id, 1))?;
    /// let committed = uow.commit().await?; // BEGIN, INSERT and COMMIT in one round trip
    /// println!("execution {:?} waits", committed.key(execution));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Nothing was committed: [`Error::is_rolled_back`] where one of its calls had failed (its source is the
    /// first error), any error of [`flush`](Self::flush), a deferred constraint that was violated,
    /// [`Error::is_serialization_failure`], [`Error::is_fenced`].
    ///
    /// [`Error::is_commit_unknown`]: the connection was lost after COMMIT had left, so it may be committed or not;
    /// [`with_token`](crate::UnitOfWorkBuilder::with_token) finds out. [`Error::is_committed`]: it is
    /// committed, and something else failed.
    pub async fn commit(self) -> Result<Committed, Error> {
        let outcome = compact(self.send(true)).await;
        compact(self.conclude(outcome)).await
    }

    /// Keeps something to be done once this unit of work is committed, and only if it is; in the order in
    /// which it was given.
    ///
    /// If it panics, the others run all the same, and [`commit`](Self::commit) answers an error that
    /// [says](Error::is_committed) that all is committed; `transact` answers that error, too, and does not
    /// run its closure again.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: persist::UnitOfWork<'_>, id: Uuid) -> Result {
    /// uow.insert(NewExecution::new(id, 1))?;
    /// uow.after_commit(|| println!("an execution waits"));
    /// uow.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn after_commit(&self, hook: impl FnOnce() + Send + 'static) {
        self.hooks.add(hook);
    }

    /// Rolls back. One round trip, or none where nothing was sent.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// let uow = db.unit_of_work();
    /// uow.delete_where::<Execution>(|e| e.status.eq(Status::Failed));
    /// let left = uow.repository::<Execution>().count().await?; // of those that did not fail
    /// uow.rollback().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The connection was lost: the server rolls back by itself.
    pub async fn rollback(self) -> Result<(), Error> {
        compact(self.transaction.roll_back()).await
    }

    /// The rows of a struct. The user's code shows them, so the walker is taken out of the lock meanwhile.
    pub(super) fn walked(
        &self,
        walk: impl FnOnce(&mut SavedRows) -> Result<Vec<SavedRow>, Error>,
    ) -> Result<Vec<SavedRow>, Error> {
        let mut walker = std::mem::take(&mut lock(&self.pending).walker);
        let nodes = walk(&mut walker);
        lock(&self.pending).walker = walker;
        nodes
    }
}

impl Around for UnitOfWork<'_> {
    fn ahead(&self) -> Option<BoxFuture<'_, Result<(), Error>>> {
        let is_idle = lock(&self.pending).is_empty() && self.sending.try_lock().is_ok();
        (!is_idle).then(|| self.flush().boxed())
    }

    fn kept(&self) -> &(dyn Any + Send + Sync) {
        &self.identity_map
    }
}

impl<'a> From<&'a UnitOfWork<'_>> for Session<'a> {
    fn from(work: &'a UnitOfWork<'_>) -> Session<'a> {
        Session::of_transaction(&work.transaction, Some(work))
    }
}
