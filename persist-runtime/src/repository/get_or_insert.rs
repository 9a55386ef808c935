//! New rows that may be there already, and stay as they are then.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use super::new_row::{OfTable, Picked, given, refuse_nested};
use crate::entity::traits::{Entity, New, Repository};
use crate::error::{BoxError, Error};
use crate::load::loader::{after_write, read_after};
use crate::load::read_back::read_back;
use crate::load::remember::Reading;
use crate::sql::one_row;
use crate::table::finder::Finder;
use crate::table::model::InsertModel;
use crate::value::parameters::Parameters;
use crate::wire::call::Call;
use crate::wire::statement::Statement;

impl<E: Entity> Repository<'_, E> {
    /// Writes a new row; `None` where one with any of its UNIQUE values is there, which stays as it is. One round trip, or
    /// two where the struct has relations.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// match pipelines.insert_or_ignore(NewPipeline::new("nightly", BTreeMap::new())).await? {
    ///     Some(pipeline) => println!("{} is new", pipeline.id),
    ///     None => println!("the name is taken"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`insert`](Self::insert) but for UNIQUE violations; a row that a trigger or a policy keeps out, or that an
    /// EXCLUDE constraint refuses, is `None` as well. PostgreSQL refuses it (`55000`) where a UNIQUE key of the table is
    /// DEFERRABLE. Rows cannot be nested in it.
    pub async fn insert_or_ignore(&self, new: E::New) -> Result<Option<E>, Error> {
        let model = &E::model().insert;
        refuse_nested(model, &new)?;
        let given = given(model, &new)?;
        let (text, parameters, answered) = one_row::insert_or_ignore(model, &given, None);
        let statement = Statement::dynamic(model.table.writes(), text, parameters, answered);
        let params = Picked { row: OfTable::new(&new, model), columns: given };
        read_back(
            self.session(),
            E::model(),
            Call { statement: &statement, params: &params },
            None,
            Reading::ReadBack,
        )
        .await
    }

    /// The row with the UNIQUE key of a new one, which is inserted if there is none: which of the two it was. For
    /// generated code.
    #[doc(hidden)]
    pub async fn get_or_insert(
        &self,
        model: &'static InsertModel,
        finder: &'static Finder,
        new: E::New,
    ) -> Result<(E, bool), Error> {
        let table = E::model().table;
        let conflict = model.conflict.as_ref();
        let (target, nulls) =
            conflict.map_or((&[][..], &[][..]), |conflict| (conflict.target, conflict.nulls));
        refuse_nested(model, &new)?;
        let given = given(model, &new)?;
        // What is not given is NULL, or a DEFAULT that is not known here.
        let parameter = |place: &usize| {
            let parameter = model.places.iter().position(|other| other == place)?;
            (given.contains(&parameter) || nulls.contains(place)).then_some(parameter)
        };
        let Some(key) = target.iter().map(parameter).collect::<Option<Vec<usize>>>() else {
            return Err(Error::invalid(format!(
                "a row of `{}` is to be found by a key of which a part was not given",
                table.shown
            )));
        };
        let plain: Vec<usize> =
            key.iter().copied().filter(|parameter| !nulls.contains(&model.places[*parameter])).collect();
        if is_null_in_part(&new, &plain, model)? {
            return Err(Error::invalid(format!(
                "a row of `{}` is to be found by a key of which a part is NULL, which is equal to nothing: `insert` it",
                table.shown
            )));
        }
        let key = NullWhereMissing(Picked { row: OfTable::new(&new, model), columns: key });
        let (text, parameters, answered) = one_row::insert_or_ignore(model, &given, conflict);
        let statement = Statement::dynamic(model.table.writes(), text, parameters, answered);
        let params = Picked { row: OfTable::new(&new, model), columns: given.clone() };
        // What another transaction deletes between the two statements can be inserted.
        for _ in 0..ATTEMPTS {
            let call = Call { statement: &statement, params: &params };
            let plan = finder.one(self.session(), E::shape());
            let (mut found, inserted) = read_after(
                self.session(),
                Some(call),
                plan,
                |_| &key,
                |inserted| match inserted {
                    0 => Reading::Again,
                    _ => Reading::ReadBack,
                },
            )
            .await?;
            if let Some(row) = found.pop() {
                return Ok((row, inserted > 0));
            }
            if inserted > 0 {
                let gone = format!(
                    "`{}`: it was inserted, but is not among the rows with this key: it was deleted, has another key now, or the index is about other rows",
                    table.shown
                );
                return Err(after_write(self.session(), Error::not_found(gone)).await);
            }
        }
        Err(Error::not_found(format_args!(
            "`{}`: nothing could be inserted, and there is no row with the key that was given: a trigger changes it, or keeps the row out",
            table.shown
        )))
    }
}

/// The values of a key, of which some need not be given.
struct NullWhereMissing<'r, N>(Picked<'r, N>);

impl<N: New> Parameters for NullWhereMissing<'_, N> {
    fn count(&self) -> usize {
        self.0.count()
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        let Picked { row, columns } = &self.0;
        if row.row.is_given(columns[index]) { self.0.write(index, ty, out) } else { Ok(IsNull::Yes) }
    }
}

/// Is a parameter of a new row NULL?
fn is_null_in_part<N: New>(new: &N, parameters: &[usize], model: &InsertModel) -> Result<bool, Error> {
    for parameter in parameters {
        let column = model.column(*parameter);
        let ty = Type::from_oid(column.oid).unwrap_or(Type::UNKNOWN);
        let written = new.write(*parameter, &ty, &mut BytesMut::new());
        if let IsNull::Yes = written.map_err(|source| Error::encode(column.name, source))? {
            return Ok(true);
        }
    }
    Ok(false)
}

const ATTEMPTS: usize = 3;
