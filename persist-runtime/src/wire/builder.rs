//! The settings of a database, one method each.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::wire::config::{Config, SslMode, StatementMode};
use crate::wire::pool::Pool;
use crate::wire::url;

/// Settings of a [`Database`](crate::Database), by [`Database::builder`](crate::Database::builder). What is
/// said last counts.
///
/// ```no_run
/// # use persist_runtime as persist;
/// use std::time::Duration;
/// use persist::Database;
///
/// # async fn example() -> Result<(), persist::Error> {
/// let db = Database::builder()
///     .url("postgresql://app@db.example.com/shop")
///     .application_name("checkout")
///     .pool_size(20)
///     .statement_timeout(Duration::from_secs(5))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is opened before `connect` is awaited"]
#[derive(Debug, Default)]
pub struct DatabaseBuilder {
    config: Config,
    /// The first setting that could not be read; `connect` reports it.
    mistake: Option<Error>,
}

/// `MAX_BACKENDS` of PostgreSQL.
const MOST_CONNECTIONS: usize = 0x3_FFFF;

/// libpq's variables and the parameters that they stand for.
const ENVIRONMENT: [(&str, &str); 11] = [
    ("PGHOST", "host"),
    ("PGPORT", "port"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGDATABASE", "dbname"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGAPPNAME", "application_name"),
];

/// Where the server is and who asks.
impl DatabaseBuilder {
    /// `postgresql://user:password@host:port/database?parameter=value`; what it does not mention stays as it
    /// was.
    ///
    /// Parameters are those of libpq: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `channel_binding`,
    /// `application_name`, `connect_timeout` (seconds), `options`, `target_session_attrs`, `keepalives_idle`, …. A Unix
    /// socket is written `postgresql:///shop?host=/var/run/postgresql`; what has a `hostaddr` is reached by TCP.
    ///
    /// `options` takes settings: `options=-c%20search_path%3Dapp`. Where there is no pooler they are those of the
    /// session, else they are made at the beginning of each transaction. `TimeZone`, `DateStyle` and `IntervalStyle` are
    /// always `UTC`, `ISO` and `postgres`.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let url = "postgresql://app:secret@db.example.com:5433/shop?connect_timeout=3";
    /// let builder = persist::Database::builder().url(url);
    /// # drop(builder);
    /// ```
    pub fn url(mut self, url: &str) -> Self {
        if let Err(mistake) = url::read(url, &mut self.config.parameters) {
            self.mistake.get_or_insert(mistake);
        }
        self
    }

    /// `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGSSLMODE`, `PGSSLROOTCERT`, `PGSSLCERT`,
    /// `PGSSLKEY`, `PGCHANNELBINDING`, `PGAPPNAME`, and over them `DATABASE_URL`.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn example() -> Result<(), persist::Error> {
    /// // What the environment says, but never more than four connections.
    /// let db = persist::Database::builder().from_env().pool_size(4).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_env(self) -> Self {
        self.read_variables(|name| std::env::var(name).ok())
    }

    fn read_variables(mut self, variable: impl Fn(&str) -> Option<String>) -> Self {
        for (name, parameter) in ENVIRONMENT {
            if let Some(value) = variable(name) {
                self = self.parameter(parameter, value);
            }
        }
        match variable("DATABASE_URL") {
            Some(url) => self.url(&url),
            None => self,
        }
    }

    /// A host name, an address, or the folder of a Unix socket (starting with `/`). Default: `localhost`.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().host("/var/run/postgresql").database("shop");
    /// # drop(builder);
    /// ```
    pub fn host(self, host: impl Into<String>) -> Self {
        self.parameter("host", host)
    }

    /// Default: 5432.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().host("localhost").port(5433);
    /// # drop(builder);
    /// ```
    pub fn port(self, port: u16) -> Self {
        self.parameter("port", port.to_string())
    }

    /// Default: the user that runs the program.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().user("app");
    /// # drop(builder);
    /// ```
    pub fn user(self, user: impl Into<String>) -> Self {
        self.parameter("user", user)
    }

    /// The password; it never shows in a message.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().user("app").password("secret");
    /// assert!(!format!("{builder:?}").contains("secret"));
    /// ```
    pub fn password(self, password: impl Into<String>) -> Self {
        self.parameter("password", password)
    }

    /// Asks for the password whenever a connection is opened: for passwords that expire.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn token() -> Result<String, std::io::Error> { Ok(String::new()) }
    /// # async fn example() -> Result<(), persist::Error> {
    /// let db = persist::Database::builder().host("localhost").password_from(|| token()).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn password_from<F, Fut, E>(mut self, callback: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.config.password = Some(Arc::new(move || {
            let password = callback();
            Box::pin(async move { password.await.map_err(Into::into) })
        }));
        self
    }

    /// The name of the database. Default: the user's name.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().database("shop");
    /// # drop(builder);
    /// ```
    pub fn database(self, name: impl Into<String>) -> Self {
        self.parameter("dbname", name)
    }

    /// What `pg_stat_activity` shows for these connections.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().application_name("checkout");
    /// # drop(builder);
    /// ```
    pub fn application_name(self, name: impl Into<String>) -> Self {
        self.parameter("application_name", name)
    }

    /// What is asked of TLS. Default: [`SslMode::VerifyFull`]; on a Unix socket there is no TLS.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// use persist::SslMode;
    ///
    /// let builder = persist::Database::builder().host("localhost").ssl_mode(SslMode::Disable);
    /// # drop(builder);
    /// ```
    pub fn ssl_mode(self, mode: SslMode) -> Self {
        self.parameter("sslmode", mode.as_str())
    }

    /// The certificates (PEM) of the authorities to trust. Default: those of the system.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().ssl_root_cert("certificates/ca.pem");
    /// # drop(builder);
    /// ```
    pub fn ssl_root_cert(self, file: impl AsRef<Path>) -> Self {
        self.parameter("sslrootcert", file.as_ref().to_string_lossy())
    }

    /// The certificate (PEM, with those between it and its authority) by which this program is known to the server, and
    /// its key (PEM, without a password). Default: none.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().ssl_client_cert("certificates/app.pem", "certificates/app.key");
    /// # drop(builder);
    /// ```
    pub fn ssl_client_cert(self, certificate: impl AsRef<Path>, key: impl AsRef<Path>) -> Self {
        let key = key.as_ref().to_string_lossy();
        self.parameter("sslcert", certificate.as_ref().to_string_lossy()).parameter("sslkey", key)
    }

    fn parameter(mut self, name: &str, value: impl Into<String>) -> Self {
        self.config.parameters.insert(name.to_owned(), value.into());
        self
    }
}

/// Connections and statements.
impl DatabaseBuilder {
    /// Connections that may be open at once. Default: 10.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().url("postgresql://localhost/shop").pool_size(20);
    /// # drop(builder);
    /// ```
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.config.pool_size = connections;
        self
    }

    /// How long a caller waits for a connection to become free. Default: 30 s.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    ///
    /// let builder = persist::Database::builder().acquire_timeout(Duration::from_secs(2));
    /// # drop(builder);
    /// ```
    pub fn acquire_timeout(mut self, limit: Duration) -> Self {
        self.config.acquire_timeout = limit;
        self
    }

    /// How long opening a connection may take, TLS and authentication included. Default: 10 s.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    ///
    /// let builder = persist::Database::builder().connect_timeout(Duration::from_secs(3));
    /// # drop(builder);
    /// ```
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.config.parameters.remove("connect_timeout");
        self.config.connect_timeout = limit;
        self
    }

    /// How long a statement may run; the server ends it then. Behind a pooler this is set in each transaction, and a call by
    /// itself is one, except the statement by which a repository writes a struct with relations, which the server does not
    /// end there. A call whose server does not answer within two seconds more than its statements may take together gives
    /// its connection up. Default, and zero: no limit.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    ///
    /// let builder = persist::Database::builder().statement_timeout(Duration::from_secs(5));
    /// # drop(builder);
    /// ```
    pub fn statement_timeout(mut self, limit: Duration) -> Self {
        // PostgreSQL counts milliseconds by 32 bits.
        const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);
        self.config.statement_timeout = (!limit.is_zero()).then_some(limit.min(LONGEST));
        self
    }

    /// How old a connection may become; up to 2.5 % less, so that they are not all replaced at once. Default:
    /// 30 min.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    ///
    /// let builder = persist::Database::builder().max_lifetime(Duration::from_secs(10 * 60));
    /// # drop(builder);
    /// ```
    pub fn max_lifetime(mut self, limit: Duration) -> Self {
        self.config.max_lifetime = limit;
        self
    }

    /// After how much idling a connection is tried out, by one round trip, before it is used. Default: 30 s.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    ///
    /// let builder = persist::Database::builder().idle_check(Duration::from_secs(5));
    /// # drop(builder);
    /// ```
    pub fn idle_check(mut self, after: Duration) -> Self {
        self.config.idle_check = after;
        self
    }

    /// How many statements that were built at run time each connection keeps prepared. Default: 256.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().statement_cache(1_000);
    /// # drop(builder);
    /// ```
    pub fn statement_cache(mut self, statements: usize) -> Self {
        self.config.statement_cache = statements;
        self
    }

    /// Whether connections keep prepared statements. Default: [`StatementMode::Auto`].
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// use persist::StatementMode;
    ///
    /// let builder = persist::Database::builder().statement_mode(StatementMode::Unnamed);
    /// # drop(builder);
    /// ```
    pub fn statement_mode(mut self, mode: StatementMode) -> Self {
        self.config.statement_mode = mode;
        self
    }

    /// Signs the cursors of pages with this secret: 32 random bytes, the same in all programs that hand
    /// cursors to each other. Default: a secret that stands in this library's source; then a
    /// cursor that was changed by accident is noticed, one that was made on purpose is not. The values in a
    /// cursor can be read by anyone.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// let builder = persist::Database::builder().cursor_secret([7; 32]);
    /// # drop(builder);
    /// ```
    pub fn cursor_secret(mut self, secret: impl AsRef<[u8]>) -> Self {
        self.config.cursor_secret = secret.as_ref().into();
        self
    }

    /// What is left to say where the program has a pool.
    #[cfg(feature = "deadpool-postgres")]
    pub(crate) fn lent(self, pool: deadpool_postgres::Pool) -> Result<Pool, Error> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let (config, usual) = (&self.config, Config::default());
        let of_connections = [
            (!config.parameters.is_empty(), "the server, the user and the like"),
            (config.password.is_some(), "`password_from`"),
            (config.pool_size != usual.pool_size, "`pool_size`"),
            (config.connect_timeout != usual.connect_timeout, "`connect_timeout`"),
            (config.max_lifetime != usual.max_lifetime, "`max_lifetime`"),
            (config.idle_check != usual.idle_check, "`idle_check`"),
        ];
        match of_connections.into_iter().find(|(is_said, _)| *is_said) {
            Some((_, setting)) => Err(Error::configuration(format!(
                "{setting} is a matter of the pool that was given: say it there"
            ))),
            None => Ok(Pool::lent(pool, config)),
        }
    }

    /// The pool that these settings describe; nothing is connected yet.
    pub(crate) fn pool(self) -> Result<Pool, Error> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        if self.config.pool_size == 0 {
            return Err(Error::configuration("`pool_size` must be at least 1"));
        }
        if self.config.pool_size > MOST_CONNECTIONS {
            return Err(Error::configuration(format!(
                "`pool_size` is {}, but a PostgreSQL server has at most {MOST_CONNECTIONS} connections",
                self.config.pool_size
            )));
        }
        if self.config.connect_timeout.is_zero() {
            return Err(Error::configuration("`connect_timeout` must be above 0"));
        }
        Pool::new(&self.config)
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseBuilder;

    fn parameters(environment: &[(&str, &str)]) -> String {
        let variable = |wanted: &str| {
            environment.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
        };
        let builder = DatabaseBuilder::default().read_variables(variable);
        assert!(builder.mistake.is_none());
        let parameters = builder.config.parameters.iter();
        parameters.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_url_of_the_environment_stands_over_its_variables() {
        let variables = [
            ("PGHOST", "a"),
            ("PGPORT", "1"),
            ("PGUSER", "me"),
            ("PGPASSWORD", "word"),
            ("PGDATABASE", "shop"),
            ("PGSSLMODE", "require"),
            ("PGSSLROOTCERT", "ca.pem"),
            ("PGAPPNAME", "test"),
        ];
        assert_eq!(
            parameters(&variables),
            "application_name=test dbname=shop host=a password=word port=1 sslmode=require sslrootcert=ca.pem user=me"
        );
        let with_url = [variables[0], variables[2], ("DATABASE_URL", "postgres://b/other")];
        assert_eq!(parameters(&with_url), "dbname=other host=b user=me");
        assert_eq!(parameters(&[]), "");
    }
}
