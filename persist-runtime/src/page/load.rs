//! Reads a page: one round trip, its total and all relations included.

use tokio_postgres::Row as Arrived;

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::load::loader;
use crate::load::loader::Loader;
use crate::load::plan::{Isolation, Plan};
use crate::load::planning::dynamic_plan;
use crate::load::remember::{Reading, remember};
use crate::page::cursor::{Cursor, Fingerprint, Place};
use crate::page::keyset::{after, end_at_key};
use crate::page::request::{Page, PageRequest, Start};
use crate::query::builder::Query;
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::query::rows::Rows;
use crate::query::selection::Item;
use crate::session::link::Session;
use crate::sql::joins::joined;
use crate::sql::roots::{QueryRoots, Roots};
use crate::table::model::Model;
use crate::value::cell::{cell, raw};
use crate::value::form::is_value;
use crate::value::sql_type::{SqlType, pg};
use crate::wire::call::Call;
use crate::wire::receiver::Receiver;

impl<E: Entity, V: View<Of = E>> Query<'_, E, V> {
    /// One page of the rows. One round trip, with the total and all relations.
    ///
    /// The place of a page is the values by which its last or first row is sorted, so no row that is there
    /// all the time is missed or shown twice, whatever comes and goes meanwhile, and the last page costs what
    /// the first one does where an index serves the order. That holds for any order.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// use persist::PageRequest;
    ///
    /// let query = || pipelines.filter(|p| p.is_active.eq(true)).order_by(|p| p.created_at.desc());
    /// let first = query().page(PageRequest::first(20).with_total()).await?;
    /// let second = query().page(PageRequest::first(20).after(first.next)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_invalid_cursor`] for a cursor that is not of this query; [`Error::is_invalid_query`] for a
    /// page of no rows or of a query that has a limit; those of [`all`](Self::all).
    pub async fn page(self, request: PageRequest) -> Result<Page<V>, Error> {
        let (session, rows) = self.into_parts();
        let paging = Paging::new(rows, E::model(), &request, session.cursor_secret())?;
        paging.load(&session, &request).await
    }
}

/// The rows of a page, and how the places around it are found.
struct Paging {
    model: &'static Model,
    /// The query.
    all: Rows,
    /// The page and one row more, which shows whether there are more.
    page: Rows,
    segments: Vec<Predicate>,
    /// What the rows are sorted by.
    sorted_by: Vec<Item>,
    fingerprint: Fingerprint,
    /// The place after which the page begins.
    place: Option<Place>,
}

impl Paging {
    fn new(
        mut all: Rows,
        model: &'static Model,
        request: &PageRequest,
        secret: &[u8],
    ) -> Result<Paging, Error> {
        if request.size == 0 {
            return Err(Error::invalid("a page of no rows was asked for: ask for one row at least"));
        }
        if all.limit.is_some() || all.offset.is_some() {
            return Err(Error::invalid(
                "the query has a limit or an offset, and a page of it has its own: leave them out, or read all rows",
            ));
        }
        end_at_key(&mut all.order, model.key);
        let fingerprint = fingerprint(&all, model);
        let place = match &request.start {
            Start::After(cursor) | Start::Before(cursor) => {
                Some(Place::read(cursor, fingerprint, all.order.len(), secret)?)
            }
            Start::First | Start::Offset(_) => None,
        };
        let values = place.iter().flat_map(|place| all.order.iter().zip(&place.values));
        if values.clone().any(|(order, value)| is_misfit(order, value)) {
            return Err(misfit());
        }
        let order: Vec<Order> = match request.start {
            Start::Before(_) => all.order.iter().cloned().map(Order::reversed).collect(),
            Start::First | Start::After(_) | Start::Offset(_) => all.order.clone(),
        };
        let mut segments = place.as_ref().map_or_else(Vec::new, |place| after(&order, place));
        let mut filter = all.filter.clone();
        if segments.len() == 1 || all.lock.is_some() {
            let following = segments.drain(..).reduce(|one, other| one | other);
            filter = match (filter, following) {
                (Some(filter), Some(following)) => Some(filter & following),
                (filter, following) => filter.or(following),
            };
        }
        let offset = match request.start {
            Start::Offset(offset) if offset > 0 => Some(i64::try_from(offset).unwrap_or(i64::MAX)),
            Start::First | Start::After(_) | Start::Before(_) | Start::Offset(_) => None,
        };
        let sorted_by = order.iter().map(|order| Item::new(order.expression.clone(), order.model)).collect();
        let limit = Some(i64::from(request.size) + 1);
        let page = Rows { filter, order, limit, offset, lock: all.lock, narrowed: Vec::new() };
        Ok(Paging { model, all, page, segments, sorted_by, fingerprint, place })
    }

    async fn load<V: View>(self, session: &Session<'_>, request: &PageRequest) -> Result<Page<V>, Error> {
        let Paging { model, page, segments, sorted_by, all, .. } = &self;
        let more = sorted_by.iter().map(Item::read);
        let segments = segments.iter().map(|Predicate(segment)| segment).collect();
        let roots = Roots::Query(QueryRoots {
            rows: page.of(model),
            more: more.collect(),
            segments,
            narrowed: &all.narrowed,
        });
        let (plan, params) = dynamic_plan(session, V::shape(), &roots);
        let (count, count_params) = all.of(model).count().finish(all.effect(), &[pg::Int8::OID]);
        let mut calls: Vec<Call<'_>> = plan
            .statements
            .iter()
            .zip(&params)
            .map(|(planned, params)| Call { statement: &planned.statement, params })
            .collect();
        if request.with_total {
            calls.push(Call { statement: &count, params: &count_params });
        }
        let isolation = match plan.isolation {
            Isolation::None if calls.len() == 1 => Isolation::None,
            Isolation::None if all.lock.is_some() => Isolation::Locking,
            Isolation::None => Isolation::Snapshot,
            isolation => isolation,
        };
        let mut arriving = Arriving {
            plan: &plan,
            loader: Loader::<V>::new(&plan),
            size: request.size,
            sorted_by: joined(V::shape()).oids.len()..joined(V::shape()).oids.len() + sorted_by.len(),
            found: Found::default(),
        };
        let sent = session.send(&calls, &loader::bracket(isolation), &mut arriving).await;
        sent.map_err(|error| if self.place.is_some() { explained(error) } else { error })?;
        let Arriving { loader, found, .. } = arriving;
        let mut items = loader.finish()?;
        let reading = if all.lock.is_some() { Reading::Anew } else { Reading::Again };
        remember(session, &mut items, reading)?;
        Ok(self.page(items, found, &request.start, session.cursor_secret()))
    }

    fn page<V>(self, mut items: Vec<V>, found: Found, start: &Start, secret: &[u8]) -> Page<V> {
        let Found { rows, first, last, total } = found;
        let cursor = |values: Vec<Option<Vec<u8>>>| {
            Place { values, inclusive: false }.cursor(self.fingerprint, secret)
        };
        let has_more = rows > items.len();
        let onward = last.filter(|_| has_more).map(&cursor);
        // Where no row is left, the way back begins at the place that led here, which was on the other side
        // of it.
        let turned = || {
            let place = self.place.as_ref()?;
            let turned = Place { values: place.values.clone(), inclusive: !place.inclusive };
            Some(turned.cursor(self.fingerprint, secret))
        };
        let back = || first.map(&cursor).or_else(turned);
        let (next, previous): (Option<Cursor>, Option<Cursor>) = match start {
            Start::First | Start::Offset(0) => (onward, None),
            Start::After(_) | Start::Offset(_) => (onward, back()),
            Start::Before(_) => {
                items.reverse();
                (back(), onward)
            }
        };
        Page { items, next, previous, total }
    }
}

/// Is it no value of the column that the rows are sorted by, as far as this side knows?
fn is_misfit(order: &Order, value: &Option<Vec<u8>>) -> bool {
    value.as_ref().is_some_and(|value| is_value(order.model.oid, value) == Some(false))
}

/// An error of a page at a place. Whoever knows the secret can sign any bytes, and of some types only the server
/// knows which of them are a value: it says so by one of these.
fn explained(error: Error) -> Error {
    const NO_VALUE: [&str; 6] = ["08P01", "22003", "22008", "22021", "22P02", "22P03"];
    match error.code().is_some_and(|code| NO_VALUE.contains(&code)) {
        true => misfit().because(error.into()),
        false => error,
    }
}

fn misfit() -> Error {
    Error::invalid_cursor(
        "the cursor is signed as it has to be, but holds what is no value of a column of the order; begin with the first page, and \
         set a `cursor_secret` that nobody knows",
    )
}

fn fingerprint(rows: &Rows, model: &Model) -> Fingerprint {
    let (order, filter) = rows.of(model).texts();
    Fingerprint::new(model.table.sql, &order, &filter)
}

/// The answers of a page.
struct Arriving<'p, V> {
    plan: &'p Plan,
    loader: Loader<'p, V>,
    size: u32,
    /// The cells that hold what a row is sorted by.
    sorted_by: std::ops::Range<usize>,
    found: Found,
}

/// What is known of the rows of a page besides.
#[derive(Default)]
struct Found {
    /// How many there are, the one more included.
    rows: usize,
    /// What the first and the last are sorted by.
    first: Option<Vec<Option<Vec<u8>>>>,
    last: Option<Vec<Option<Vec<u8>>>>,
    total: Option<i64>,
}

impl<V: View> Receiver for Arriving<'_, V> {
    fn accept(&mut self, call: usize, row: Arrived) -> Result<(), Error> {
        let Some(planned) = self.plan.statements.get(call) else {
            self.found.total = Some(cell(&row, 0)?);
            return Ok(());
        };
        if planned.path.is_empty() {
            self.found.rows += 1;
            if self.found.rows > self.size as usize {
                return Ok(());
            }
            let is_edge = self.found.rows == 1 || self.found.rows == self.size as usize;
            if is_edge {
                self.keep(&row)?;
            }
        }
        self.loader.accept(call, row)
    }

    fn restart(&mut self) {
        self.found = Found::default();
        self.loader.restart();
    }
}

impl<V> Arriving<'_, V> {
    fn keep(&mut self, row: &Arrived) -> Result<(), Error> {
        let cells = self.sorted_by.clone().map(|index| Ok(raw(row, index)?.map(<[u8]>::to_vec)));
        let cells: Vec<Option<Vec<u8>>> = cells.collect::<Result<_, Error>>()?;
        self.found.first.get_or_insert_with(|| cells.clone());
        self.found.last = Some(cells);
        Ok(())
    }
}
