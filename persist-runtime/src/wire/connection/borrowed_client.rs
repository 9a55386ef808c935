//! Statements on a connection that somebody else looks after.

use tokio_postgres::Client;

use crate::error::Error;
use crate::value::parameters::Parameters;
use crate::wire::config::StatementMode;
use crate::wire::connection::pipeline::{Flight, Pipeline, Receiver};
use crate::wire::connection::{Delivery, Each, Failure, run_typed, wrong_number_of_params};
use crate::wire::statement::Statement;

/// Runs statements on a client whose connection is driven by its owner. Nothing is prepared there.
#[derive(Default)]
pub(crate) struct Guest {
    /// A call is under way, or was dropped before its answer had been read.
    busy: bool,
}

impl Guest {
    /// Whether a call did not come to an end.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Runs one statement, hands every row to `each` and answers the number of rows affected.
    pub(crate) async fn run(
        &mut self,
        client: &Client,
        statement: &Statement,
        params: &dyn Parameters,
        each: Each<'_>,
    ) -> Result<u64, Error> {
        if params.count() != statement.params().len() {
            return Err(wrong_number_of_params(statement, statement.params().len(), params.count()));
        }
        let types = statement.param_types()?;
        self.busy = true;
        let mut delivery = Delivery { statement, each, rows: 0, checked: false };
        let outcome = run_typed(client, &types, params, &mut delivery).await;
        self.busy = outcome.as_ref().is_err_and(Failure::leaves_connection_unusable);
        outcome.map_err(|failure| failure.into_error(None))
    }

    /// Runs several statements and hands their rows on, one statement after another.
    pub(crate) async fn run_all(
        &mut self,
        client: &Client,
        pipeline: Pipeline<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        pipeline.check()?;
        let calls = pipeline.write.iter().chain(pipeline.calls);
        let types: Vec<_> = calls.map(|call| call.statement.param_types()).collect::<Result<_, _>>()?;
        let prepared = vec![None; types.len()];
        let mode = StatementMode::Unnamed;
        self.busy = true;
        let flight = Flight { pipeline: &pipeline, types: &types, prepared: &prepared, mode };
        let (outcome, _) = flight.work(client, receiver).await;
        self.busy = outcome.is_unusable;
        if let Some(call) = outcome.failed_call {
            receiver.failed(call);
        }
        outcome.result.map_err(|failure| failure.into_error(None))?;
        Ok(outcome.written.unwrap_or(0))
    }
}
