//! Single values of rows or groups, in place of whole structs.

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::load::from_row::{FromRow, fits};
use crate::query::builder::Query;
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::query::rows::Rows;
use crate::query::selection::{Item, Selection};
use crate::session::link::Session;
use crate::sql::expression::Expression;
use crate::sql::rows::Direction;
use crate::sql::scope::Scope;
use crate::sql::values::{Groups, Values};
use crate::sql::writer::Writer;
use crate::table::model::Model;

/// What `select` reads: values of the rows of a query, or of groups of them.
///
/// Nothing is sent before one of `all`, `first` and `one` is awaited; each of them is one round trip.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let names: Vec<String> = pipelines.filter(|p| p.is_active.eq(true)).select(|p| p.name).all().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a selection does nothing until one of its methods such as `all` is awaited"]
pub struct Selected<'a, T> {
    session: Session<'a>,
    source: Source,
    items: Vec<Item>,
    distinct: bool,
    read: Read<'a, T>,
}

/// The rows or groups whose values are selected.
pub(crate) struct Source {
    pub(crate) model: &'static Model,
    pub(crate) rows: Rows,
    pub(crate) groups: Option<GroupedBy>,
    /// Why this cannot be sent.
    pub(crate) mistake: Option<&'static str>,
}

/// How rows are grouped, and which groups are kept.
pub(crate) struct GroupedBy {
    pub(crate) by: Vec<Expression>,
    pub(crate) having: Option<Predicate>,
}

type Read<'a, T> = Box<dyn FnMut(&tokio_postgres::Row) -> Result<T, Error> + Send + 'a>;

impl<'a, E: Entity, V: View<Of = E>> Query<'a, E, V> {
    /// Reads single values of the rows: a column, or a tuple of up to twelve columns and computed values.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let names: Vec<String> = pipelines.filter(|p| p.is_active.eq(true)).select(|p| p.name).all().await?;
    /// let counts: Vec<(String, i64)> = pipelines.query().select(|p| (p.name, p.steps.count())).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn select<S: Selection>(self, selection: impl FnOnce(E::Columns) -> S) -> Selected<'a, S::Output>
    where
        S::Output: 'a,
    {
        let (session, source) = self.into_source();
        Selected::new(session, source, selection(E::columns(Scope::ROOT)))
    }

    /// Where the values are read, and of which rows.
    pub(crate) fn into_source(self) -> (Session<'a>, Source) {
        let (session, rows) = self.into_parts();
        (session, Source { model: E::model(), rows, groups: None, mistake: None })
    }
}

impl<'a, T: FromRow + 'a> Selected<'a, T> {
    pub(crate) fn new<S: Selection<Output = T>>(session: Session<'a>, source: Source, selection: S) -> Self {
        let mut is_checked = false;
        let read = move |row: &tokio_postgres::Row| {
            if !std::mem::replace(&mut is_checked, true) {
                fits::<T>(row)?;
            }
            T::from_row(row, 0)
        };
        Selected { session, source, items: selection.items(), distinct: false, read: Box::new(read) }
    }
}

impl<'a, T: 'a> Selected<'a, T> {
    /// Leaves out what was there already. The query may be ordered by what is selected only; its limit counts
    /// what is left.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let statuses = executions.order_by(|e| e.status.asc()).select(|e| e.status).distinct().all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// Makes a value of each row that is made from what was selected.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// struct Listed {
    ///     name: String,
    ///     steps: i64,
    /// }
    ///
    /// impl From<(String, i64)> for Listed {
    ///     fn from((name, steps): (String, i64)) -> Self {
    ///         Listed { name, steps }
    ///     }
    /// }
    ///
    /// let listed = pipelines.query().select(|p| (p.name, p.steps.count())).into::<Listed>().all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn into<U: From<T> + 'a>(self) -> Selected<'a, U> {
        self.map(U::from)
    }

    /// Makes something of each row, such as a struct of the tuple that was selected.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// struct Listed {
    ///     name: String,
    ///     steps: i64,
    /// }
    ///
    /// let query = pipelines.query().select(|p| (p.name, p.steps.count()));
    /// let listed: Vec<Listed> = query.map(|(name, steps)| Listed { name, steps }).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn map<U>(self, mut make: impl FnMut(T) -> U + Send + 'a) -> Selected<'a, U> {
        let Selected { session, source, items, distinct, mut read } = self;
        Selected { session, source, items, distinct, read: Box::new(move |row| read(row).map(&mut make)) }
    }

    /// All of them.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let descriptions: Vec<Option<String>> = pipelines.query().select(|p| p.description).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_invalid_query`] where order, limit or selection do not go together; the statement failed,
    /// or a cell holds what its type cannot.
    pub async fn all(mut self) -> Result<Vec<T>, Error>
    where
        T: Send,
    {
        let (statement, params) =
            write(&self.source, &self.items, self.distinct)?.finish(self.source.rows.effect(), &[]);
        let (mut found, read) = (Vec::new(), &mut self.read);
        let each = &mut |row: &tokio_postgres::Row| {
            found.push(read(row)?);
            Ok(())
        };
        self.session.run(&statement, &params, each).await?;
        Ok(found)
    }

    /// The first, or `None`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let newest: Option<String> =
    ///     pipelines.order_by(|p| p.created_at.desc()).select(|p| p.name).first().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`all`](Self::all).
    pub async fn first(self) -> Result<Option<T>, Error>
    where
        T: Send,
    {
        Ok(self.at_most(1).all().await?.pop())
    }

    /// The only one.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let (runs, last): (i64, Option<i32>) =
    ///     executions.query().select(|e| (e.id.count(), e.execution_number.max())).one().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] where there is none, [`Error::is_too_many_rows`] where there are several, and
    /// those of [`all`](Self::all).
    pub async fn one(self) -> Result<T, Error>
    where
        T: Send,
    {
        let table = self.source.model.table.shown;
        let mut found = self.at_most(2).all().await?.into_iter();
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Error::not_found(format_args!("`{table}`"))),
            (Some(_), Some(_)) => Err(Error::too_many_rows(format_args!("`{table}`"))),
        }
    }

    fn at_most(mut self, rows: i64) -> Self {
        // All rows together are one row anyway, and a limit must not follow them.
        if !is_one_row(&self.source, &self.items) {
            self.source.rows.at_most(rows);
        }
        self
    }
}

impl<T> std::fmt::Debug for Selected<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Selected").field("table", &self.source.model.table.shown).finish_non_exhaustive()
    }
}

/// Are aggregates of all rows selected?
fn is_one_row(source: &Source, items: &[Item]) -> bool {
    source.groups.is_none() && items.iter().any(|item| item.expression.is_aggregate())
}

fn write<'v>(source: &'v Source, items: &'v [Item], distinct: bool) -> Result<Writer<'v>, Error> {
    let Source { model, rows, groups, mistake } = source;
    if let Some(mistake) = mistake {
        return Err(Error::invalid(*mistake));
    }
    let is_one_row = is_one_row(source, items);
    if rows.lock.is_some() && (distinct || groups.is_some() || is_one_row) {
        return Err(Error::invalid(
            "rows that are grouped or distinct cannot be locked: leave `for_update` out",
        ));
    }
    let groups = groups.as_ref().map(|GroupedBy { by, having }| Groups {
        by,
        having: having.as_ref().map(|Predicate(having)| having),
    });
    let values = Values { rows: rows.of(model), groups, read: items.iter().map(Item::read).collect() };
    let is_computed =
        |item: &&Item| item.expression.is_aggregate() && item.expression.as_aggregate().is_none();
    if is_one_row
        && values.rows.is_cut()
        && let Some(computed) = items.iter().find(is_computed)
    {
        return Err(Error::invalid(format!(
            "`{}` is computed from aggregates of rows that are limited: select the aggregates, and compute it of what they are",
            text(&computed.expression),
        )));
    }
    if is_one_row {
        return match items.iter().find(|item| !item.expression.is_aggregate()) {
            Some(other) => Err(Error::invalid(format!(
                "aggregates of all rows are selected, and `{}` is none: group by it, or leave it out",
                text(&other.expression),
            ))),
            None => Ok(values.aggregate()),
        };
    }
    if distinct {
        return Ok(values.distinct(&places(&rows.order, items)?));
    }
    Ok(values.select())
}

/// The places of what rows are sorted by among what is selected.
fn places(order: &[Order], items: &[Item]) -> Result<Vec<(usize, Direction)>, Error> {
    let place = |by: &Order| {
        let place = items.iter().position(|item| is_same(&item.expression, &by.expression));
        Ok((place.ok_or_else(|| not_selected(by))?, by.direction()))
    };
    order.iter().map(place).collect()
}

/// The same text with the same values in it.
fn is_same(one: &Expression, other: &Expression) -> bool {
    let mut sql = Writer::sharing();
    let length = sql.expression(one).text().len();
    let (one, other) = sql.expression(other).text().split_at(length);
    one == other
}

fn text(expression: &Expression) -> String {
    let mut sql = Writer::new();
    sql.expression(expression);
    sql.text().to_owned()
}

fn not_selected(order: &Order) -> Error {
    Error::invalid(format!(
        "what is distinct can be ordered by what is selected only, and `{}` is not: select it, or leave the order out",
        text(&order.expression),
    ))
}
