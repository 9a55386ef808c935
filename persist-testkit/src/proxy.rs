//! A PostgreSQL server seen through a glass that can be made dark.

mod fault;
mod frame;
mod link;
mod server_error;
mod state;
mod traffic;
mod upstream;

pub use fault::Point;
pub use server_error::ServerError;
pub use traffic::Traffic;
pub use upstream::Upstream;

use fault::{Fault, Scope};
use state::{BEGUN, ENDED, State};
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_postgres::{Client, Config};

/// A TCP proxy in front of a PostgreSQL server. It counts round trips, adds latency, and cuts or freezes
/// connections.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
///
/// let database = TestDatabase::new().await;
/// let proxy = Proxy::start(&database).await;
/// let client = proxy.client().await;
/// let rows = assert_round_trips!(proxy, 1, client.simple_query("SELECT 1; SELECT 2").await.unwrap());
/// assert_eq!(rows.len(), 6);
/// # }
/// ```
///
/// # What a round trip is
///
/// On each connection a round trip begins with the first message that the client sends after something of the
/// server reached it (or after the connection was opened). All that the client sends before it is answered
/// belongs to the same trip: a pipeline is one, in however many writes it comes. The startup and each step of
/// the authentication are round trips as well; open the connection first, or [`reset`](Self::reset).
///
/// Two things that the client does not wait for begin no trip: that a statement or portal is closed (`Close`,
/// with the `Sync` after it), and the end (`Terminate`, a request to cancel). The answers to such a `Sync`
/// end no trip either.
///
/// A pipeline of which the client sends the rest only after the first answer has arrived is counted as two.
/// With a [latency](Self::set_latency) the first answer comes late enough for every client that does not wait
/// for it.
///
/// # What runs where
///
/// The proxy has a thread of its own, so it works while the test is busy. All counting happens before the
/// bytes are passed on: what the client has received is counted. It listens on 127.0.0.1 and reaches the
/// server by its socket or address. Encrypted connections pass as they are: only their bytes can be seen.
pub struct Proxy {
    url: String,
    address: SocketAddr,
    state: Arc<State>,
    /// The thread ends when this is dropped, and with it all connections.
    _alive: oneshot::Sender<()>,
}

impl Proxy {
    /// Starts a proxy in front of a [`TestDatabase`](crate::TestDatabase), a [`Cluster`](crate::Cluster), or
    /// what a `postgresql://…` URL names.
    ///
    /// # Panics
    ///
    /// If the URL cannot be read or 127.0.0.1 has no free port.
    pub async fn start(upstream: impl Into<Upstream>) -> Self {
        let upstream = upstream.into();
        let state = Arc::new(State::default());
        let (alive, dropped) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let shared = Arc::clone(&state);
        let target = upstream.clone();
        let serve = move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on 127.0.0.1");
                // The one who asks waits for this.
                let _ = ready.send(listener.local_addr().expect("the address of a listening socket"));
                tokio::select! {
                    () = accept(listener, target, shared) => {}
                    _ = dropped => {}
                }
            });
        };
        std::thread::Builder::new().name("persist-testkit proxy".to_owned()).spawn(serve).expect("a thread");
        let address = is_ready.await.expect("the proxy is listening");
        Self { url: upstream.url_at(address), address, state, _alive: alive }
    }

    /// The same database as that of the server, reached through the proxy. Without encryption.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as [`url`](Self::url), for the driver.
    pub fn config(&self) -> Config {
        crate::cluster::config(&self.url).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A plain connection through the proxy.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    pub async fn client(&self) -> Client {
        crate::cluster::connect(&self.config()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// What has passed since the start or the last [`reset`](Self::reset).
    pub fn traffic(&self) -> Traffic {
        self.state.traffic()
    }

    /// The round trips since the start or the last [`reset`](Self::reset).
    pub fn round_trips(&self) -> usize {
        self.state.traffic().round_trips
    }

    /// Counts from 0 again.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Connections that are open now.
    pub fn open_connections(&self) -> usize {
        self.state.open_connections()
    }

    /// From now on every answer of the server comes later by this: it is the time of a round trip. Nothing is
    /// slowed down beyond that: many answers in a row are late by the same time, not by its sum.
    pub fn set_latency(&self, latency: Duration) {
        self.state.set_latency(latency);
    }

    /// Ends the first connection that reaches this point, for both sides; what was passed on before arrives.
    pub fn cut(&self, point: Point) {
        self.state.arm(Fault::Cut, point, Scope::All);
    }

    /// Passes nothing on any more on the first connection that reaches this point, in either direction, as
    /// when a cable is pulled; until [`heal`](Self::heal).
    pub fn freeze(&self, point: Point) {
        self.state.arm(Fault::Freeze, point, Scope::All);
    }

    /// Ends all connections that are open.
    pub fn cut_now(&self) {
        self.state.strike_all(Fault::Cut);
    }

    /// Passes nothing on any more on all connections that are open; until [`heal`](Self::heal).
    pub fn freeze_now(&self) {
        self.state.strike_all(Fault::Freeze);
    }

    /// In the place of the next answer to a COMMIT the client gets this message of the server, as some
    /// poolers do when they lose a server at that moment. An answer that arrives in two pieces is not noticed.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use persist_testkit::{Proxy, ServerError, TestDatabase};
    /// # let database = TestDatabase::new().await;
    /// # let proxy = Proxy::start(&database).await;
    /// let client = proxy.client().await;
    /// proxy.answer_commit(ServerError::new("FATAL", "57P01").without_severity());
    /// let error = client.batch_execute("BEGIN; CREATE TABLE t (); COMMIT").await.unwrap_err();
    /// assert_eq!(error.code().map(|code| code.code()), Some("57P01"));
    /// database.client().await.batch_execute("TABLE t").await.unwrap();
    /// # }
    /// ```
    pub fn answer_commit(&self, error: ServerError) {
        self.state.answer(ENDED, error.message());
    }

    /// The same for the next answer to a BEGIN: all that follows it is done as if nothing was.
    pub fn answer_begin(&self, error: ServerError) {
        self.state.answer(BEGUN, error.message());
    }

    /// The server gets ROLLBACK in the place of the next COMMIT, and says so in its answer: as where a transaction has
    /// failed unnoticed, or a COMMIT was lost on its way. A COMMIT that arrives in two pieces is not noticed.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use persist_testkit::{Proxy, TestDatabase};
    /// # let database = TestDatabase::new().await;
    /// # let proxy = Proxy::start(&database).await;
    /// let client = proxy.client().await;
    /// proxy.lose_commit();
    /// client.batch_execute("BEGIN; CREATE TABLE t (); COMMIT").await.unwrap();
    /// assert!(database.client().await.batch_execute("TABLE t").await.is_err());
    /// # }
    /// ```
    pub fn lose_commit(&self) {
        self.state.lose_commit();
    }

    /// For faults of the connection that is opened next, counted from its beginning.
    pub fn next_connection(&self) -> NextConnection<'_> {
        NextConnection { proxy: self }
    }

    /// Ends every new connection at once, until [`heal`](Self::heal). Those that are open stay.
    pub fn refuse(&self) {
        self.state.refuse();
    }

    /// Forgets the faults that did not happen yet, passes on what frozen connections held back, and accepts
    /// new connections. What was cut stays cut.
    pub fn heal(&self) {
        self.state.heal();
    }

    /// How many faults have happened: for tests that try one point after another until it is not reached any
    /// more.
    pub fn faults_happened(&self) -> usize {
        self.state.faults_happened()
    }
}

/// Arms faults for the connection that is opened next.
#[derive(Debug)]
#[must_use]
pub struct NextConnection<'a> {
    proxy: &'a Proxy,
}

impl NextConnection<'_> {
    /// As [`Proxy::cut`].
    pub fn cut(self, point: Point) {
        self.proxy.state.arm(Fault::Cut, point, Scope::Next);
    }

    /// As [`Proxy::freeze`].
    pub fn freeze(self, point: Point) {
        self.proxy.state.arm(Fault::Freeze, point, Scope::Next);
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, upstream: Upstream, state: Arc<State>) {
    // Accepting fails only while the process has too many files open; the next client may have more luck.
    loop {
        if let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, upstream.clone(), Arc::clone(&state)));
        }
    }
}

async fn serve(client: TcpStream, upstream: Upstream, state: Arc<State>) {
    let Some((number, valve)) = state.open() else {
        return;
    };
    // Otherwise the kernel waits for more before it sends a small message.
    let _ = client.set_nodelay(true);
    match upstream.connect().await {
        Ok(server) => link::run(number, client, server, state, valve).await,
        // A server that cannot be reached is seen as a connection that ends at once.
        Err(_) => state.close(number),
    }
}
