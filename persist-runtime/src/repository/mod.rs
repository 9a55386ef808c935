//! How the rows of an entity are found, written and deleted one by one.

mod get_or_insert;
mod new_row;
mod upsert;

pub use upsert::{Upsert, UpsertAnswer};

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use self::new_row::{OfTable, Picked, write};
use crate::entity::traits::{Entity, New as _, Repository, View};
use crate::error::BoxError;
use crate::error::Error;
use crate::load::loader::load;
use crate::load::read_back::read_back;
use crate::load::remember::Reading;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::sql::one_row;
use crate::sql::scope::Scope;
use crate::table::column::ColumnModel;
use crate::table::finder::Finder;
use crate::table::model::InsertModel;
use crate::unit_of_work::whole::insert_whole;
use crate::value::parameters::{Columnwise, Parameters};
use crate::value::scalar::Parameter;
use crate::wire::call::Call;
use crate::wire::compact::compact;
use crate::write::identity_map::IdentityMap;
use crate::write::new_row::has_nested;

impl<'a, E: Entity, V: View<Of = E>> Repository<'a, E, V> {
    /// The row with this key, or `None`. One round trip.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, id: Uuid) -> Result {
    /// if let Some(pipeline) = pipelines.find(id).await? {
    ///     println!("{}", pipeline.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or a cell holds what its field cannot.
    pub async fn find(&self, key: E::Key) -> Result<Option<V>, Error> {
        self.find_with(&E::model().find, &key).await
    }

    /// The row with this key. One round trip.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, id: Uuid) -> Result {
    /// match pipelines.get(id).await {
    ///     Ok(pipeline) => println!("{}", pipeline.name),
    ///     Err(error) if error.is_not_found() => println!("there is none"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] where there is none, and those of [`find`](Self::find).
    pub async fn get(&self, key: E::Key) -> Result<V, Error> {
        self.find(key).await?.ok_or_else(|| Error::not_found(format_args!("`{}`", E::model().table.shown)))
    }

    /// The rows with these keys, in the order of the keys, repeats included; missing ones are left out. One
    /// round trip whatever their number.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, ids: Vec<Uuid>) -> Result {
    /// let found = pipelines.find_many(&ids).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`find`](Self::find).
    pub async fn find_many(&self, keys: &[E::Key]) -> Result<Vec<V>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let model = E::model();
        let keys = Columnwise { rows: keys, width: model.key.len() };
        load(self.session(), model.find.many(self.session(), V::shape()), |_| &keys).await
    }

    /// The one row that these columns find, or `None`.
    #[doc(hidden)]
    pub async fn find_with(&self, finder: &Finder, key: &dyn Parameters) -> Result<Option<V>, Error> {
        Ok(load(self.session(), finder.one(self.session(), V::shape()), |_| key).await?.pop())
    }

    /// Writes a new row with all that is nested in it, and answers it as stored: defaults, keys and
    /// timestamps included. One round trip, or two where the struct has relations and the database makes the
    /// key.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// use persist::Parent;
    ///
    /// let steps = [NewStep::new(Parent, "extract").position(1), NewStep::new(Parent, "load").position(2)];
    /// let stored = pipelines.insert(NewPipeline::new("nightly", BTreeMap::new()).steps(steps)).await?;
    /// println!("{} was created at {}", stored.id, stored.created_at);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Of a struct with relations all of them are read. Who wants less, inserts by a [`view`](Self::view), which is what is
    /// read then:
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let card: PipelineCard =
    ///     pipelines.view::<PipelineCard>().insert(NewPipeline::new("hourly", BTreeMap::new())).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_unique_violation`] and the other violations of constraints; [`Error::is_kept_out`]; a foreign key
    /// that is `Parent`. Outside of a unit of work the relations of a row in which nothing is nested are read after
    /// it was committed, and with rows nested in it, all is written and read in one transaction:
    /// [`Error::is_committed`] where something fails after that, such as making a struct of what was read.
    pub async fn insert(&self, new: E::New) -> Result<V, Error> {
        if has_nested(|new_rows| new.nested(new_rows)) {
            return compact(insert_whole::<E, V>(self.session(), &new)).await;
        }
        write::<E, V>(self.session(), &E::model().insert, &new).await
    }
}

impl<'a, E: Entity> Repository<'a, E> {
    /// Writes a new row, or changes the one with its primary key to what is given. One round trip, or two
    /// where the struct has relations.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, id: Uuid) -> Result {
    /// let stored = pipelines.upsert(NewPipeline::new("nightly", BTreeMap::new()).id(id)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_invalid_query`] where the primary key is DEFERRABLE or GENERATED ALWAYS; those of
    /// [`insert`](Self::insert).
    pub fn upsert(&self, new: E::New) -> Upsert<'a, E> {
        let model = E::model().upsert.as_ref().ok_or_else(|| {
            Error::invalid(format!(
                "`{}` has no upsert: its primary key is DEFERRABLE, or always made by the database; upsert by a UNIQUE key",
                E::model().table.shown,
            ))
        });
        Upsert::new(self.session().clone(), model, new)
    }

    /// Writes all columns of a row that was read before and answers it as stored, with its new version. One
    /// round trip.
    ///
    /// It writes the row only: what changed in its relations is neither written nor looked at. `save` of a
    /// [unit of work](crate::UnitOfWork::save) writes that as well.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, id: Uuid) -> Result {
    /// let mut pipeline = pipelines.get(id).await?;
    /// pipeline.description = Some("every night at three".to_owned());
    /// match pipelines.update(&pipeline).await {
    ///     Ok(pipeline) => println!("now in version {}", pipeline.version),
    ///     Err(error) if error.is_stale() => println!("it was changed meanwhile"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_stale`] where the version moved or the row is gone; without a version column the last
    /// write wins and a row that is gone is [`Error::is_not_found`]. [`Error::is_kept_out`]. Violations of
    /// constraints.
    pub async fn update(&self, entity: &E) -> Result<E, Error> {
        entity.validate()?;
        let model = E::model();
        let Some(statement) = one_row::update(model) else {
            return Err(Error::invalid(format!("`{}` has no column that could change", model.table.shown)));
        };
        let key = model.changeable..model.changeable + model.key.len();
        let key = Picked { row: OfTable::stored(entity, model), columns: key.collect() };
        let call = Call { statement, params: &key.row };
        let reading = if model.version.is_some() { Reading::Checked } else { Reading::ReadBack };
        match read_back(self.session(), model, call, Some(&key), reading).await? {
            Some(updated) => Ok(updated),
            None => Err(self.not_updated(entity).await?),
        }
    }

    /// An upsert by one of the entity's UNIQUE keys.
    #[doc(hidden)]
    pub fn upsert_by(&self, model: &'static InsertModel, new: E::New) -> Upsert<'a, E> {
        Upsert::new(self.session().clone(), Ok(model), new)
    }

    /// Why an update of a row wrote nothing: it was kept as it is, or is gone, or has another version.
    async fn not_updated(&self, entity: &E) -> Result<Error, Error> {
        let model = E::model();
        let mut found: Option<Predicate> = None;
        for (index, place) in model.places.iter().enumerate().skip(model.changeable) {
            let column = &model.table.columns[*place];
            let left = Expression::Column(Scope::ROOT, column);
            let right = Expression::value(Encoded::of(entity, index, column)?, column);
            let part = Predicate(Condition::Infix { left, operator: "=", right });
            found = Some(match found {
                Some(found) => found & part,
                None => part,
            });
        }
        let table = model.table.shown;
        let is_there = match found {
            Some(found) => self.filter(|_| found).exists().await?,
            None => false,
        };
        Ok(match model.version {
            _ if is_there => Error::kept_out(table),
            Some(_) => Error::stale(table),
            None => Error::not_found(format_args!("`{table}`")),
        })
    }

    /// Deletes the row with this key; `false` where none was deleted: there was none, or a trigger, a rule or a
    /// policy kept it. One round trip.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, id: Uuid) -> Result {
    /// let was_there = pipelines.delete(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_foreign_key_violation`] where other rows still point to it.
    pub async fn delete(&self, key: E::Key) -> Result<bool, Error> {
        IdentityMap::deleted_unknown_rows(self.session(), E::model().table);
        let deleted = self.session().run(one_row::delete(E::model()), &key, &mut |_| Ok(())).await;
        // What waited was flushed ahead of it, and may have read structs.
        IdentityMap::deleted_unknown_rows(self.session(), E::model().table);
        Ok(deleted? > 0)
    }
}

/// A value of a row as it travels.
struct Encoded(BytesMut);

impl Encoded {
    fn of(row: &dyn Parameters, index: usize, column: &ColumnModel) -> Result<Encoded, Error> {
        let mut bytes = BytesMut::new();
        let ty = Type::from_oid(column.oid).unwrap_or(Type::UNKNOWN);
        row.write(index, &ty, &mut bytes).map_err(|source| Error::encode(column.name, source))?;
        Ok(Encoded(bytes))
    }
}

impl Parameter for Encoded {
    fn write(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }
}
