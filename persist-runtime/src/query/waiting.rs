//! A change or deletion of many rows that waits to be sent.

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::query::assignment::Assignment;
use crate::query::rows::Rows;
use crate::session::link::Session;
use crate::sql::written::{RowChange, WrittenRows};
use crate::table::facts::Table;
use crate::table::model::Model;
use crate::value::parameters::Parameters;
use crate::wire::statement::Statement;
use crate::write::identity_map::IdentityMap;
use crate::write::queued::{Queued, QueuedChange, QueuedEffect};

/// What is sent.
pub(crate) struct Waiting<'a> {
    pub(crate) session: Session<'a>,
    pub(crate) rows: Rows,
    pub(crate) what: What,
}

/// What is done to rows.
pub(crate) enum What {
    Update(Vec<Assignment>),
    Delete,
}

impl<'a> Waiting<'a> {
    pub(crate) async fn send<E: Entity>(self) -> Result<u64, Error> {
        let written = self.written::<E>()?;
        self.stir::<E>();
        let (statement, params) = written.write().finish(written.effect(), &[]);
        let answer = self.session.run(&statement, &params, &mut |_| Ok(())).await;
        // What waited was flushed ahead of it, and may have read structs.
        self.stir::<E>();
        answer
    }

    /// Rows are written without naming their keys.
    pub(crate) fn stir<E: Entity>(&self) {
        let table = E::model().table;
        match self.what {
            What::Update(_) => IdentityMap::wrote_unknown_rows(&self.session, Some(table)),
            What::Delete => IdentityMap::deleted_unknown_rows(&self.session, table),
        }
    }

    /// The same for statements.
    pub(crate) fn written<E: Entity>(&self) -> Result<WrittenRows<'_>, Error> {
        self.what.refuse_nothing()?;
        // What is an error outside of its transaction leaves together with BEGIN.
        let is_guarded = self.session.transaction().is_some();
        Ok(self.what.of(E::model(), &self.rows, is_guarded))
    }

    /// The same for a flush.
    pub(crate) fn queued<E: Entity>(self) -> Result<Queued, Error> {
        self.what.refuse_nothing()?;
        Ok(Queued(Box::new(Kept { model: E::model(), rows: self.rows, what: self.what })))
    }
}

/// A change that a unit of work keeps.
struct Kept {
    model: &'static Model,
    rows: Rows,
    what: What,
}

impl QueuedChange for Kept {
    fn table(&self) -> &'static Table {
        self.model.table
    }

    fn effect(&self) -> QueuedEffect {
        match self.what {
            What::Update(_) => QueuedEffect::Update,
            What::Delete => QueuedEffect::Delete,
        }
    }

    fn statement(&self) -> Result<(Statement, Box<dyn Parameters + '_>), Error> {
        let written = self.what.of(self.model, &self.rows, true);
        let (statement, params) = written.write().finish(written.effect(), &[]);
        Ok((statement, Box::new(params)))
    }
}

impl What {
    fn refuse_nothing(&self) -> Result<(), Error> {
        match self {
            What::Update(changes) if changes.is_empty() => Err(Error::invalid(
                "an update of many rows sets nothing: return at least one `column.set(value)`",
            )),
            What::Update(_) | What::Delete => Ok(()),
        }
    }

    fn of<'v>(&'v self, model: &'static Model, rows: &'v Rows, is_guarded: bool) -> WrittenRows<'v> {
        let change = match self {
            What::Delete => RowChange::Delete,
            What::Update(changes) => RowChange::Update {
                set: changes.iter().map(|change| (change.column, &change.value)).collect(),
                touched: model.touches().collect(),
            },
        };
        WrittenRows { rows: rows.of(model), change, is_guarded }
    }
}
