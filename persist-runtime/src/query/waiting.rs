//! A change or deletion of many rows that waits to be sent.

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::query::assignment::Assignment;
use crate::query::rows::Rows;
use crate::session::link::Session;
use crate::sql::written::{RowChange, WrittenRows};
use crate::wire::access::Effect;
use crate::write::identity_map::IdentityMap;

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
        let (statement, params) = written.write().finish(Effect::Writes, &[]);
        let answer = self.session.run(&statement, &params, &mut |_| Ok(())).await;
        // What waited was flushed ahead of it, and may have read structs.
        self.stir::<E>();
        answer
    }

    /// Rows are written without naming their keys.
    pub(crate) fn stir<E: Entity>(&self) {
        IdentityMap::wrote_unknown_rows(&self.session, Some(E::model().table));
    }

    /// The same for statements.
    pub(crate) fn written<E: Entity>(&self) -> Result<WrittenRows<'_>, Error> {
        let model = E::model();
        let change = match &self.what {
            What::Delete => RowChange::Delete,
            What::Update(changes) if changes.is_empty() => {
                return Err(Error::invalid(
                    "an update of many rows sets nothing: return at least one `column.set(value)`",
                ));
            }
            What::Update(changes) => RowChange::Update {
                set: changes.iter().map(|change| (change.column, &change.value)).collect(),
                touched: model.touches().collect(),
            },
        };
        Ok(WrittenRows { rows: self.rows.of(model), change })
    }
}

pub(crate) fn awaited_again() -> Error {
    Error::invalid("a change that was answered is awaited again")
}
