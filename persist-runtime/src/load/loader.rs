//! Takes the answers of a plan and makes structs of them.

use tokio_postgres::Row as Arrived;

use crate::error::Error;
use crate::load::constructors::group;
use crate::load::group::{Decoding, Grouping, Loaded};
use crate::load::plan;
use crate::load::plan::{Plan, Planned};
use crate::load::planning::repeats;
use crate::load::remember::{Reading, remember};
use crate::load::row::Row;
use crate::load::shape::Shape;
use crate::session::link::Session;
use crate::sql::joins::joined;
use crate::sql::scope::Alias;
use crate::table::shape::{ShapeModel, ToMany};
use crate::value::parameters::Parameters;
use crate::wire::bracket::Bracket;
use crate::wire::call::Call;
use crate::wire::receiver::Receiver;

/// Runs a plan: one round trip. `params` are those of the statement at an index.
pub(crate) async fn load<'p, V: Shape>(
    session: &Session<'_>,
    plan: &'p Plan,
    params: impl Fn(usize) -> &'p dyn Parameters,
) -> Result<Vec<V>, Error> {
    let reading = if plan.locks { Reading::Anew } else { Reading::Again };
    let (found, _) = read_after(session, None, plan, params, |_| reading).await?;
    Ok(found)
}

/// Runs a plan after a write; answers how many rows that affected, too, which says what the reading is for.
pub(crate) async fn read_after<'p, V: Shape>(
    session: &Session<'_>,
    write: Option<Call<'_>>,
    plan: &'p Plan,
    params: impl Fn(usize) -> &'p dyn Parameters,
    reading: impl FnOnce(u64) -> Reading,
) -> Result<(Vec<V>, u64), Error> {
    let mut loader = Loader::new(plan);
    let is_after_write = write.is_some() || plan.writes;
    let affected = match (plan.statements.as_slice(), write) {
        // Without a list, which most loads do not need.
        ([only], None) => {
            let call = Call { statement: &only.statement, params: params(0) };
            session.send(&[call], &bracket(plan.isolation), &mut loader).await?
        }
        (statements, write) => {
            let call = |(index, planned): (usize, &'p Planned)| Call {
                statement: &planned.statement,
                params: params(index),
            };
            let ahead = usize::from(write.is_some());
            let calls: Vec<Call<'_>> =
                write.into_iter().chain(statements.iter().enumerate().map(call)).collect();
            session.send(&calls, &Bracket { ahead, ..bracket(plan.isolation) }, &mut loader).await?
        }
    };
    let finished = loader.finish().and_then(|mut found| {
        remember(session, &mut found, reading(affected))?;
        Ok(found)
    });
    match finished {
        Ok(found) => Ok((found, affected)),
        Err(error) if is_after_write => Err(after_write(session, error).await),
        Err(error) => Err(error),
    }
}

/// What goes wrong after a row was written: outside of a transaction it stays written, and in one nothing is committed any
/// more.
pub(crate) async fn after_write(session: &Session<'_>, error: Error) -> Error {
    match session.transaction() {
        Some(transaction) => {
            transaction.fail(&error).await;
            error
        }
        None => Error::committed(error),
    }
}

/// The transaction of a load, as it is sent.
pub(crate) fn bracket(isolation: plan::Isolation) -> Bracket<'static> {
    match isolation {
        plan::Isolation::None => Bracket::NONE,
        plan::Isolation::Snapshot => Bracket::SNAPSHOT,
        plan::Isolation::Locking => Bracket::LOCKING,
    }
}

/// The rows of a load, on their way to be structs.
pub(crate) struct Loader<'p, V> {
    plan: &'p Plan,
    loaded: Loaded,
    /// Rows that came before the rows that belong to them.
    waiting: Vec<Arrived>,
    found: Vec<V>,
}

impl<'p, V: Shape> Loader<'p, V> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        Loader { plan, loaded: nothing_loaded::<V>(plan), waiting: Vec::new(), found: Vec::new() }
    }

    /// The structs, once all answers are there.
    pub(crate) fn finish(mut self) -> Result<Vec<V>, Error> {
        for row in std::mem::take(&mut self.waiting) {
            self.decode(&row)?;
        }
        Ok(self.found)
    }

    fn decode(&mut self, row: &Arrived) -> Result<(), Error> {
        self.found.push(V::decode(&mut Row::new(row, &mut self.loaded))?);
        Ok(())
    }
}

impl<V: Shape> Receiver for Loader<'_, V> {
    fn accept(&mut self, call: usize, row: Arrived) -> Result<(), Error> {
        let path = &self.plan.statements[call].path;
        if !path.is_empty() {
            return self.loaded.at(path).accept(row);
        }
        if self.plan.hands_over {
            self.waiting.push(row);
            return Ok(());
        }
        self.decode(&row)
    }

    fn restart(&mut self) {
        self.loaded = nothing_loaded::<V>(self.plan);
        self.waiting.clear();
        self.found.clear();
    }
}

/// Places for the rows of all relations of a plan.
fn nothing_loaded<V: Shape>(plan: &Plan) -> Loaded {
    loaded(V::shape(), plan.repeats, plan.hands_over, None)
}

/// Places for the rows of all relations of a struct.
pub(crate) fn loaded(
    shape: &'static ShapeModel,
    parents_repeat: bool,
    hands_over: bool,
    tree: Option<&'static ToMany>,
) -> Loaded {
    let many = &joined(shape).many;
    // Most structs have none.
    if many.is_empty() {
        return Loaded::default();
    }
    let groups = many.iter().map(|placed| {
        let relation = placed.relation;
        let far = relation.other.shape();
        let is_inner = tree.is_some_and(|tree| std::ptr::eq(tree, relation));
        let parents_repeat = parents_repeat || placed.alias != Alias::ROOT;
        let inner = || joined(far).many.iter().position(|placed| std::ptr::eq(placed.relation, relation));
        // Where keys are handed over, rows come before those that belong to them.
        let comes_first = hands_over && !joined(far).many.is_empty();
        let decoding = match (is_inner, relation.tree.and_then(|_| inner())) {
            (true, _) => Decoding::AtOnce,
            (false, Some(inner)) => Decoding::Tree(inner),
            (false, None) if parents_repeat || comes_first => Decoding::OnDemand,
            (false, None) => Decoding::AtOnce,
        };
        let below = match is_inner {
            true => Loaded::default(),
            false => {
                let tree = relation.tree.map(|_| relation);
                loaded(far, repeats(parents_repeat, relation), hands_over, tree)
            }
        };
        group(
            relation,
            Grouping {
                link_at: placed.own_link.unwrap_or(joined(far).oids.len()),
                link_width: relation.key.len(),
                decoding,
                below,
            },
        )
    });
    Loaded { groups: groups.collect() }
}
