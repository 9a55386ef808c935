//! Statements on a connection that its owner drives.

use tokio_postgres::Client;

use crate::error::Error;
use crate::wire::bracket::Bracket;
use crate::wire::call::Call;
use crate::wire::connection_state::ConnectionState;
use crate::wire::receiver::Receiver;
use crate::wire::send::Transport;

/// A client whose connection its owner drives, in a transaction that the owner has begun. Nothing is prepared
/// there.
pub(crate) struct BorrowedClient {
    state: ConnectionState,
}

impl Default for BorrowedClient {
    fn default() -> Self {
        BorrowedClient { state: ConnectionState::new(true) }
    }
}

impl BorrowedClient {
    /// Whether a call did not come to an end.
    pub(crate) fn is_busy(&self) -> bool {
        self.state.busy
    }

    /// Runs calls in one write; see [`Transport::send`].
    pub(crate) async fn send(
        &mut self,
        client: &Client,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        let state = &mut self.state;
        let transport = Transport { client, driver: None, cache: None, state, limit: None };
        transport.send(calls, bracket, receiver).await
    }
}
