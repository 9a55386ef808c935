//! The traits that the derive implements for a struct, and the repository that they name.

use std::marker::PhantomData;
use std::ops::Deref;

use crate::error::Error;
use crate::load::shape::Shape;
use crate::session::link::Session;
use crate::table::model::Model;
use crate::value::parameters::{Key, Parameters};
use crate::write::handle::Waiting;
use crate::write::new_row::{Insertable, NewRows, Shown};

/// A struct that a repository of the entity [`Of`](Self::Of) reads: less of a row than the entity, more, or
/// other things.
///
/// `#[derive(View)]` makes one; an entity is a view of itself.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// use persist::View;
///
/// /// Lists pipelines as whatever the caller wants to see of them.
/// async fn listed<V: View<Of = Pipeline>>(
///     pipelines: PipelineRepository<'_>,
/// ) -> Result<Vec<V>, persist::Error> {
///     pipelines.order_by(|p| p.name.asc()).view::<V>().limit(20).all().await
/// }
///
/// let cards: Vec<PipelineCard> = listed(pipelines).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no view",
    label = "add `#[derive(View)]` and `#[persist(of = …)]`"
)]
pub trait View: Shape {
    /// The entity of the same table.
    type Of: Entity;
}

#[diagnostic::do_not_recommend]
impl<E: Entity> View for E {
    type Of = E;
}

/// A struct whose rows are found, written and deleted by a repository: `#[derive(Repository)]`.
///
/// As [`Parameters`] it is what an update sends: the columns that may change, the key, and the version if
/// there is one.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database) -> Result {
/// use persist::{Database, Entity};
///
/// /// Works for every table.
/// async fn is_empty<E: Entity>(db: &Database) -> Result<bool, persist::Error> {
///     Ok(db.repository::<E>().limit(1).count().await? == 0)
/// }
///
/// let nothing_yet = is_empty::<Pipeline>(db).await? && is_empty::<Step>(db).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(message = "`{Self}` maps no table", label = "add `#[derive(Repository)]`")]
pub trait Entity: Shape + Parameters {
    /// The generated repository, such as `PipelineRepository<'_>`.
    type Repository<'a>: From<Session<'a>> + Deref<Target = Repository<'a, Self>> + Send + Sync;

    /// The primary key: one value, or a tuple.
    type Key: Key;

    /// A row that does not exist yet, such as `NewPipeline`.
    type New: New<Entity = Self>;

    /// The SQL that writes it.
    fn model() -> &'static Model;

    /// What the struct itself says of its values, before they are sent.
    ///
    /// # Errors
    /// What `#[persist(validate = …)]` answers.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// A row that does not exist yet. As [`Parameters`] it is the columns that can be given.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database) -> Result {
/// use persist::{Database, Entity, New};
///
/// /// Inserts several rows of any table, one after the other.
/// async fn insert_all<N: New>(db: &Database, rows: Vec<N>) -> Result<Vec<N::Entity>, persist::Error> {
///     let mut stored = Vec::new();
///     for row in rows {
///         stored.push(db.repository::<N::Entity>().insert(row).await?);
///     }
///     Ok(stored)
/// }
///
/// let new = |name: &str| NewPipeline::new(name, BTreeMap::new());
/// let stored = insert_all(db, vec![new("nightly"), new("weekly")]).await?;
/// # Ok(())
/// # }
/// ```
pub trait New: Parameters + Sized + Send + 'static {
    /// What it becomes.
    type Entity: Entity<New = Self>;

    /// Is the column at this index given, or left to its DEFAULT?
    fn is_given(&self, index: usize) -> bool;

    /// What the foreign key column at this index waits for; `None` where its value is known.
    fn waiting(&self, index: usize) -> Option<Waiting>;

    /// Shows the rows that are nested in it.
    fn nested(&self, _: &mut NewRows<'_>) {}

    /// What the row itself says of its values, before they are sent.
    ///
    /// # Errors
    /// What `#[persist(validate_new = …)]` answers.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<N: New> Insertable for N {
    fn new_row(&self, new_rows: &mut NewRows<'_>) {
        let shown = Shown {
            model: N::Entity::model(),
            row: self,
            is_given: &|index| self.is_given(index),
            waiting: &|index| self.waiting(index),
            validate: &|| self.validate(),
        };
        new_rows.enter(&shown, |new_rows| self.nested(new_rows));
    }
}

/// Finds, writes and deletes the rows of one entity.
///
/// The derive makes a type such as `PipelineRepository<'_>` that derefs to this one; domain queries are
/// inherent methods of that type. It is cheap to make: get one wherever it is needed. What it finds are
/// entities, or the [views](View) that [`view`](Self::view) asks for.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database) -> Result {
/// let pipelines: PipelineRepository<'_> = db.repository::<Pipeline>();
/// let active = pipelines.filter(|p| p.is_active.eq(true)).all().await?;
/// # Ok(())
/// # }
/// ```
pub struct Repository<'a, E, V = E> {
    session: Session<'a>,
    found: PhantomData<fn() -> (E, V)>,
}

impl<'a, E: Entity> Repository<'a, E> {
    /// A repository that works in this session.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// use persist::Repository;
    ///
    /// let pipelines = Repository::<Pipeline>::new(db.into());
    /// let total = pipelines.count().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(session: Session<'a>) -> Self {
        Repository { session, found: PhantomData }
    }

    /// The same repository, which finds rows as another struct.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let cards: Vec<PipelineCard> = pipelines.view::<PipelineCard>().all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn view<V: View<Of = E>>(&self) -> Repository<'a, E, V> {
        Repository { session: self.session.clone(), found: PhantomData }
    }
}

impl<'a, E, V> Repository<'a, E, V> {
    /// The session that it works in, for other repositories and raw statements.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// use persist::Sql;
    ///
    /// // Both work where the repository does, be it a database or a unit of work.
    /// let steps = pipelines.session().clone().repository::<Step>().count().await?;
    /// let size = Sql::unchecked("SELECT pg_database_size(current_database())");
    /// let size: i64 = size.one(pipelines.session().clone()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn session(&self) -> &Session<'a> {
        &self.session
    }
}

impl<E, V> Clone for Repository<'_, E, V> {
    fn clone(&self) -> Self {
        Repository { session: self.session.clone(), found: PhantomData }
    }
}

impl<'a> Session<'a> {
    /// The repository of an entity that works in this session.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(session: persist::Session<'_>) -> Result {
    /// let pipelines = session.repository::<Pipeline>().all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn repository<E: Entity>(&self) -> E::Repository<'a> {
        E::Repository::from(self.clone())
    }
}
