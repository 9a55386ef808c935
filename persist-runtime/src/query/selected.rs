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
use crate::sql::rows::{self, write_lock};
use crate::sql::scope::Scope;
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
    /// Reads single values of the rows: a column, or a tuple of up to eight columns and computed values.
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
            T::from_row(row)
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
            write(&self.source, &self.items, self.distinct)?.finish(self.source.rows.access(), &[]);
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
    let rows = &rows.of(model);
    if let Some(mistake) = mistake {
        return Err(Error::invalid(*mistake));
    }
    let is_one_row = is_one_row(source, items);
    if rows.lock.is_some() && (distinct || groups.is_some() || is_one_row) {
        return Err(Error::invalid(
            "rows that are grouped or distinct cannot be locked: leave `for_update` out",
        ));
    }
    let mut sql = Writer::new();
    if is_one_row {
        write_one_row(source, rows, items, &mut sql)?;
        return Ok(sql);
    }
    if distinct {
        write_distinct(source, rows, items, &mut sql)?;
        return Ok(sql);
    }
    sql.push("SELECT ");
    for (index, item) in items.iter().enumerate() {
        item.write(sql.push(if index > 0 { ", " } else { "" }));
    }
    write_from(source, rows, &mut sql);
    if groups.is_some() {
        rows.write_own_order(&mut sql);
        rows.write_limit(&mut sql);
    } else {
        rows.write_order(&mut sql);
        rows.write_limit(&mut sql);
        write_lock(rows.lock, &mut sql);
    }
    Ok(sql)
}

fn write_from<'v>(source: &'v Source, rows: &rows::Rows<'v>, sql: &mut Writer<'v>) {
    rows.write_filtered(sql);
    let Some(GroupedBy { by, having }) = &source.groups else { return };
    for (index, expression) in by.iter().enumerate() {
        sql.push(if index == 0 { " GROUP BY " } else { ", " }).expression(expression);
    }
    if let Some(having) = having {
        sql.push(" HAVING ").condition(&having.0);
    }
}

/// Aggregates of all rows, or of those that the limit leaves.
fn write_one_row<'v>(
    source: &'v Source,
    rows: &rows::Rows<'v>,
    items: &'v [Item],
    sql: &mut Writer<'v>,
) -> Result<(), Error> {
    let aggregates = items.iter().map(|item| match &item.expression {
        Expression::Aggregate(open, argument) => Ok((*open, argument.as_deref(), item.read_cast())),
        other => Err(Error::invalid(format!(
            "aggregates of all rows are selected, and `{}` is none: group by it, or leave it out",
            text(other),
        ))),
    });
    let aggregates: Vec<_> = aggregates.collect::<Result<_, _>>()?;
    let is_cut = rows.is_cut();
    sql.push("SELECT ");
    for (index, (open, argument, cast)) in aggregates.iter().enumerate() {
        sql.push(if index > 0 { ", " } else { "" }).push(open);
        match argument {
            Some(_) if is_cut => sql.push("c").number(index),
            Some(argument) => sql.expression(argument),
            None => sql,
        };
        sql.push(")").push(cast);
    }
    if !is_cut {
        write_from(source, rows, sql);
        return Ok(());
    }
    sql.push(" FROM (SELECT ");
    let arguments =
        aggregates.iter().enumerate().filter_map(|(index, (_, argument, _))| Some((index, (*argument)?)));
    for (position, (index, argument)) in arguments.enumerate() {
        sql.push(if position > 0 { ", " } else { "" }).expression(argument).push(" AS c").number(index);
    }
    write_from(source, rows, sql);
    rows.write_order(sql);
    rows.write_limit(sql);
    sql.push(") AS d");
    Ok(())
}

/// Compares and sorts values in their own type, and casts what is left: labels of an enum sort as the enum does.
fn write_distinct<'v>(
    source: &'v Source,
    rows: &rows::Rows<'v>,
    items: &'v [Item],
    sql: &mut Writer<'v>,
) -> Result<(), Error> {
    let mut order = Vec::new();
    for by in &source.rows.order {
        let position = items.iter().position(|item| text(&item.expression) == text(&by.expression));
        order.push((position.ok_or_else(|| not_selected(by))?, by));
    }
    sql.push("SELECT ");
    for (index, item) in items.iter().enumerate() {
        sql.push(if index > 0 { ", c" } else { "c" }).number(index).push(item.read_cast());
    }
    sql.push(" FROM (SELECT DISTINCT ");
    for (index, item) in items.iter().enumerate() {
        sql.push(if index > 0 { ", " } else { "" }).expression(&item.expression).push(" AS c").number(index);
    }
    write_from(source, rows, sql);
    sql.push(") AS d");
    for (index, (position, by)) in order.iter().enumerate() {
        // Qualified, because `c0` alone would be the label that is selected.
        sql.push(if index == 0 { " ORDER BY d.c" } else { ", d.c" }).number(*position);
        sql.direction(by.direction());
    }
    rows.write_limit(sql);
    Ok(())
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
