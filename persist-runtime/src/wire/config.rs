//! The settings of a database, as data.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::error::BoxError;

/// How statements are sent.
///
/// ```
/// use persist::{Database, StatementMode};
///
/// let builder = Database::builder().port(6432).statement_mode(StatementMode::Unnamed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatementMode {
    /// [`Named`](Self::Named), until a pooler is noticed between this program and the server; then
    /// [`Unnamed`](Self::Unnamed). [`PoolStatus`](crate::PoolStatus) tells which it is.
    #[default]
    Auto,
    /// Each connection prepares a statement at its first use and keeps it. For poolers that follow statements:
    /// PgBouncer in session mode, or in transaction mode from version 1.21 on with `max_prepared_statements` above 0.
    /// Behind others a statement is sent again where its connection does not know it, and fails in a transaction of
    /// several round trips.
    Named,
    /// Nothing is kept on the server; every call is planned anew.
    Unnamed,
}

/// What is asked of TLS.
///
/// ```
/// use persist::{Database, SslMode};
///
/// let builder = Database::builder().host("db.example.com").ssl_mode(SslMode::VerifyFull);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// No TLS.
    Disable,
    /// TLS with any certificate; with a root certificate like [`VerifyCa`](SslMode::VerifyCa).
    Require,
    /// TLS with a certificate of a trusted authority, for whatever host.
    VerifyCa,
    /// TLS with a certificate of a trusted authority for this host.
    VerifyFull,
}

impl SslMode {
    pub(crate) const ALL: [SslMode; 4] =
        [SslMode::Disable, SslMode::Require, SslMode::VerifyCa, SslMode::VerifyFull];

    /// The name that libpq gives it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }
}

pub(crate) type PasswordFuture = Pin<Box<dyn Future<Output = Result<String, BoxError>> + Send>>;
pub(crate) type PasswordCallback = Arc<dyn Fn() -> PasswordFuture + Send + Sync>;

pub(crate) struct Config {
    /// Host, port, user, … by the names that libpq gives them.
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) password: Option<PasswordCallback>,
    pub(crate) pool_size: usize,
    pub(crate) acquire_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) max_lifetime: Duration,
    pub(crate) idle_check: Duration,
    pub(crate) statement_cache: usize,
    pub(crate) statement_mode: StatementMode,
    pub(crate) cursor_secret: Arc<[u8]>,
}

/// Signs cursors where no secret was configured. Everybody can read it here, so it shows accidents, not
/// malice.
pub(crate) const DEFAULT_CURSOR_SECRET: &[u8] = b"persist: no cursor secret was configured";

impl Default for Config {
    fn default() -> Config {
        Config {
            parameters: BTreeMap::new(),
            password: None,
            pool_size: 10,
            acquire_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            statement_timeout: None,
            max_lifetime: Duration::from_secs(30 * 60),
            idle_check: Duration::from_secs(30),
            statement_cache: 256,
            statement_mode: StatementMode::Auto,
            cursor_secret: DEFAULT_CURSOR_SECRET.into(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |(name, value): (&String, &String)| {
            // Settings of the session may hold what is nobody else's business, as passwords do.
            let is_secret = matches!(name.as_str(), "password" | "options");
            let value = if is_secret { "…".to_owned() } else { value.clone() };
            (name.clone(), value)
        };
        f.debug_struct("Config")
            .field("parameters", &self.parameters.iter().map(shown).collect::<BTreeMap<_, _>>())
            .field("pool_size", &self.pool_size)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("max_lifetime", &self.max_lifetime)
            .field("idle_check", &self.idle_check)
            .field("statement_cache", &self.statement_cache)
            .field("statement_mode", &self.statement_mode)
            .finish_non_exhaustive()
    }
}
