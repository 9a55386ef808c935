//! Rows in batches, with the rows that belong to them.
//!
//! A cursor of the server holds the place. Each batch is one round trip: it brings what belongs to the rows
//! fetched before, and the next rows. All batches see one snapshot.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::BytesMut;
use tokio_postgres::Row as Arrived;
use tokio_postgres::types::{IsNull, Type};

use crate::error::BoxError;
use crate::error::Error;
use crate::load::group::Loaded;
use crate::load::loader::loaded;
use crate::load::plan::{Plan, Planned};
use crate::load::row::Row;
use crate::load::shape::Shape;
use crate::session::held::Held;
use crate::session::link::Session;
use crate::sql::cursor::{declare, fetch};
use crate::sql::joins::joined;
use crate::sql::roots::{Narrowed, Roots};
use crate::table::column::ColumnModel;
use crate::table::finder::Finder;
use crate::table::model::Model;
use crate::value::cell::raw;
use crate::value::parameters::{Collected, Parameters};
use crate::value::scalar::write_array;
use crate::wire::access::{Access, Effect};
use crate::wire::bracket::{Begin, Bracket, End};
use crate::wire::call::Call;
use crate::wire::receiver::Receiver;
use crate::wire::statement::Statement;

/// Rows that are fetched at a time.
const BATCH: usize = 500;

static OPENED: AtomicUsize = AtomicUsize::new(0);

/// An open cursor. Dropped before its end, it closes its connection.
pub(crate) struct Cursor<'a, V> {
    held: Held<'a>,
    key: &'static [&'static ColumnModel],
    find: &'static Finder,
    sees_changes: bool,
    narrowed: Vec<Narrowed>,
    plan: &'static Plan,
    fetch: Statement,
    /// Rows whose relations were not read yet.
    waiting: Vec<Arrived>,
    is_over: bool,
    found: std::marker::PhantomData<fn() -> V>,
}

impl<'a, V: Shape> Cursor<'a, V> {
    /// Opens a cursor over the rows of a query and reads the first. Two round trips.
    pub(crate) async fn open(
        session: &Session<'a>,
        model: &'static Model,
        roots: &Roots<'_>,
        narrowed: &[Narrowed],
    ) -> Result<(Self, Vec<V>), Error> {
        let (row, key) = (joined(V::shape()), model.key);
        // A unit of work may have several open.
        let name = format!("persist_stream_{}", OPENED.fetch_add(1, Ordering::Relaxed));
        let (tables, text, oids, params) = declare(&name, row, key, roots).into_parts();
        let access = Access::of(Effect::Reads, tables);
        let declare = Statement::passing(access.clone(), text, oids, Vec::new());
        let columns = row.oids.iter().copied().chain(key.iter().map(|column| column.oid)).collect();
        let fetch = Statement::passing(access, fetch(&name, BATCH), Vec::new(), columns);
        let mut cursor = Cursor {
            held: session.hold().await?,
            key,
            find: &model.find,
            sees_changes: session.sees_changes(),
            narrowed: narrowed.to_vec(),
            plan: model.find.many(session, V::shape()),
            fetch,
            waiting: Vec::new(),
            is_over: false,
            found: std::marker::PhantomData,
        };
        let declare = Call { statement: &declare, params: &params };
        let rows = match cursor.start(declare).await {
            // A table was altered since the statements were prepared. Once the transaction has read from all
            // tables none can be, so this happens to the first rows only; and no caller has seen them yet.
            Err(error) if is_outdated(&error) && !session.sees_changes() => {
                let end = Bracket::end(End::RollBack);
                run::<V>(&mut cursor.held, cursor.plan, &[], &end, 0).await?;
                cursor.start(declare).await?
            }
            rows => rows?,
        };
        Ok((cursor, rows))
    }

    async fn start(&mut self, declare: Call<'_>) -> Result<Vec<V>, Error> {
        let calls = [declare, Call { statement: &self.fetch, params: &() }];
        let begin = Bracket::begin(Begin::Snapshot);
        self.waiting = run::<V>(&mut self.held, self.plan, &calls, &begin, 1).await?.next;
        self.next().await
    }

    /// The next rows; none where there are no more. One round trip.
    pub(crate) async fn next(&mut self) -> Result<Vec<V>, Error> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let rows = std::mem::take(&mut self.waiting);
        let narrowed = match self.narrowed.is_empty() {
            true => None,
            false => Some(self.find.narrowed(self.sees_changes, V::shape(), &self.narrowed)),
        };
        let (plan, more) = match &narrowed {
            Some((plan, more)) => (plan, more.as_slice()),
            None => (self.plan, [].as_slice()),
        };
        let (first, width) = (joined(V::shape()).oids.len(), self.key.len());
        let is_last = rows.len() < BATCH;
        // Without rows there is nothing that could belong to them. The statement of the rows themselves is
        // run again only where it hands their keys over.
        let is_needed = |planned: &Planned| !planned.path.is_empty() || plan.hands_over;
        let relations = plan.statements.iter().enumerate();
        let relations = relations.filter(|(_, planned)| is_needed(planned) && !rows.is_empty());
        let relations: Vec<(&Planned, Keys<'_>)> = relations
            .map(|(index, planned)| (planned, Keys { rows: &rows, first, width, more: more.get(index) }))
            .collect();
        let calls = relations
            .iter()
            .map(|(planned, keys)| Call { statement: &planned.statement, params: keys as &dyn Parameters });
        let fetch = (!is_last).then_some(Call { statement: &self.fetch, params: &() as &dyn Parameters });
        let calls: Vec<Call<'_>> = calls.chain(fetch).collect();
        let end = Bracket::end(if is_last { End::Commit } else { End::None });
        let mut batch = run::<V>(&mut self.held, plan, &calls, &end, relations.len()).await?;
        self.waiting = batch.next;
        self.is_over = is_last;
        rows.iter().map(|row| V::decode(&mut Row::new(row, &mut batch.loaded))).collect()
    }
}

/// One round trip. The calls from the one at `fetch` on answer rows of the cursor.
async fn run<'p, V: Shape>(
    held: &mut Held<'_>,
    plan: &'p Plan,
    calls: &[Call<'_>],
    bracket: &Bracket<'_>,
    fetch: usize,
) -> Result<Batch<'p>, Error> {
    let loaded = loaded(V::shape(), false, plan.hands_over, None);
    let mut batch = Batch { calls: fetch, plan, loaded, next: Vec::new() };
    held.send(calls, bracket, &mut batch).await?;
    Ok(batch)
}

/// Must the statements be prepared again?
fn is_outdated(error: &Error) -> bool {
    matches!(error.code(), Some("0A000" | "26000"))
}

/// One round trip.
struct Batch<'p> {
    /// The calls in front of the one that fetches.
    calls: usize,
    plan: &'p Plan,
    loaded: Loaded,
    next: Vec<Arrived>,
}

impl Receiver for Batch<'_> {
    fn accept(&mut self, call: usize, row: Arrived) -> Result<(), Error> {
        if call >= self.calls {
            self.next.push(row);
            return Ok(());
        }
        match self.plan.statements[call].path.as_slice() {
            [] => Ok(()),
            path => self.loaded.at(path).accept(row),
        }
    }

    /// In a transaction that has failed, nothing runs again.
    fn restart(&mut self) {}
}

/// The keys of rows, as one array for each column, and what follows them.
struct Keys<'r> {
    rows: &'r [Arrived],
    first: usize,
    width: usize,
    more: Option<&'r Collected<'r>>,
}

impl Parameters for Keys<'_> {
    fn count(&self) -> usize {
        self.width + self.more.map_or(0, Collected::count)
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        if let Some(more) = self.more
            && index >= self.width
        {
            return more.write(index - self.width, ty, out);
        }
        let write = |row: &Arrived, _: &Type, out: &mut BytesMut| {
            out.extend_from_slice(raw(row, self.first + index)?.unwrap_or_default());
            Ok(IsNull::No)
        };
        write_array(ty, self.rows, write, out)?;
        Ok(IsNull::No)
    }
}
