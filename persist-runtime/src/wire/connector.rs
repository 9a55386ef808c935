//! Opens connections as the configuration says.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres::config::{LoadBalanceHosts, SslNegotiation, TargetSessionAttrs};

use crate::error::ConnectFailure;
use crate::error::Error;
use crate::value::random;
use crate::wire::config::{Config, PasswordCallback, SslMode};
use crate::wire::connection::{Connection, Settings};
use crate::wire::dial::{Address, Route, Unreached, Way, places};
use crate::wire::driver::Driver;
use crate::wire::line::Line;
use crate::wire::pooler::Pooler;
use crate::wire::session_settings::{SessionSettings, set_counted_on};
use crate::wire::statement_cache::StatementCache;
use crate::wire::tap::{AsItIs, Seen, Tap};
use crate::wire::tls::{Files, Tls};

/// The half of a connection that reads and writes the socket.
pub(crate) type Wire = tokio_postgres::Connection<Tap, Tap>;

pub(crate) struct Connector {
    way: Arc<Way>,
    password: Option<PasswordCallback>,
    limit: Duration,
    settings: Settings,
    session: Arc<SessionSettings>,
    pooler: Arc<Pooler>,
    /// What messages call the server.
    target: String,
}

/// A connection that was opened.
struct Opened {
    client: Client,
    wire: Wire,
    seen: Arc<Seen>,
    address: Address,
}

impl Connector {
    pub(crate) fn new(config: &Config) -> Result<Connector, Error> {
        let mut parameters = config.parameters.clone();
        let address = parameters.get("hostaddr").cloned();
        if address.is_none() {
            parameters.entry("host".to_owned()).or_insert_with(|| "localhost".to_owned());
        }
        let host = parameters.get("host").cloned().or(address.clone()).unwrap_or_default();
        // What has an address is reached by TCP, whatever its host is.
        let on_socket = address.is_none() && host.split(',').all(|host| host.starts_with('/'));
        let mode = match parameters.remove("sslmode") {
            _ if on_socket => SslMode::Disable,
            Some(mode) => ssl_mode(&mode)?,
            None => SslMode::VerifyFull,
        };
        let tls = Tls::new(mode, &Files::take(&mut parameters))?;
        let limit = match parameters.remove("connect_timeout") {
            Some(seconds) => connect_timeout(&seconds)?,
            None => config.connect_timeout,
        };
        let session = SessionSettings::take(&mut parameters, config.statement_timeout)?;
        let target = target(&host, &parameters);
        let settings = Settings {
            mode: config.statement_mode,
            cache_size: config.statement_cache,
            limit: config.statement_timeout,
            cancel_limit: limit,
        };
        let mut driver = driver_config(&parameters)?;
        is_consistent(&driver)?;
        // The driver takes streams as they are: what has to be encrypted is so before it sees it.
        driver.ssl_mode(tokio_postgres::config::SslMode::Require);
        let negotiation = driver.get_ssl_negotiation();
        driver.ssl_negotiation(SslNegotiation::Direct);
        let way = Arc::new(Way { config: driver, tls, negotiation });
        let (session, pooler) = (Arc::new(session), Arc::default());
        Ok(Connector { way, password: config.password.clone(), limit, settings, session, pooler, target })
    }

    pub(crate) async fn connect(&self) -> Result<Connection, Error> {
        let Opened { client, wire, seen, address } = self.hurried().await?;
        self.pooler.look_at_process(seen.process());
        let mut driver = Driver::new(wire, seen);
        if driver.has_other_settings() {
            // Something in between has dropped them, or has kept those of another session.
            let statements = set_counted_on();
            let mut setting = pin!(client.batch_execute(&statements));
            let setting = driver.drive(setting.as_mut());
            let set = tokio::time::timeout(self.limit, setting).await.map_err(|_elapsed| self.timed_out())?;
            match set.map_or_else(|| Err(driver.take_error()), |set| set.map_err(Some)) {
                Ok(()) => {}
                Err(Some(error)) => return Err(Error::connecting(error, &self.target)),
                Err(None) => return Err(Error::connect(ConnectFailure::Unreachable, &self.target)),
            }
            if !driver.is_as_counted_on() {
                return Err(Error::connect(ConnectFailure::OtherSettings, &self.target));
            }
        }
        let Connector { way, settings, session, pooler, .. } = self;
        let route = Route { way: way.clone(), address };
        let line = Line::Driven { client, driver: Box::new(driver), route };
        let cache = StatementCache::new(settings.cache_size);
        Ok(Connection::new(line, cache, *settings, session.clone(), pooler.clone()))
    }

    /// Opens a connection that the caller drives.
    pub(crate) async fn open(&self) -> Result<(Client, Wire), Error> {
        self.hurried().await.map(|Opened { client, wire, .. }| (client, wire))
    }

    /// What is known of a pooler in between.
    pub(crate) fn pooler(&self) -> &Pooler {
        &self.pooler
    }

    async fn hurried(&self) -> Result<Opened, Error> {
        match tokio::time::timeout(self.limit, self.open_unhurried()).await {
            Ok(result) => result,
            Err(_elapsed) => Err(self.timed_out()),
        }
    }

    fn timed_out(&self) -> Error {
        Error::connect(ConnectFailure::Timeout(self.limit), &self.target)
    }

    /// How long opening a connection may take.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    async fn open_unhurried(&self) -> Result<Opened, Error> {
        let fresh;
        let config = match &self.password {
            Some(callback) => {
                let password = callback().await.map_err(|cause| {
                    Error::connect(ConnectFailure::PasswordCallback, &self.target).because(cause)
                })?;
                let mut config = self.way.config.clone();
                config.password(password);
                fresh = config;
                &fresh
            }
            None => &self.way.config,
        };
        let mut places = places(config);
        let is_random = config.get_load_balance_hosts() == LoadBalanceHosts::Random;
        if is_random {
            random::shuffle(&mut places);
        }
        let mut failure = None;
        for place in places {
            let mut addresses = match place.addresses().await {
                Ok(addresses) => addresses,
                Err(unreached) => {
                    failure = Some(self.unreached(unreached));
                    continue;
                }
            };
            if is_random {
                random::shuffle(&mut addresses);
            }
            for address in addresses {
                // Boxed, because its size would burden whoever waits for a connection.
                match Box::pin(self.open_at(config, address)).await {
                    Ok(opened) => return Ok(opened),
                    Err(error) => failure = Some(error),
                }
            }
        }
        Err(failure.unwrap_or_else(|| Error::connect(ConnectFailure::Unreachable, &self.target)))
    }

    async fn open_at(&self, config: &tokio_postgres::Config, address: Address) -> Result<Opened, Error> {
        loop {
            let socket = self.way.open(&address).await.map_err(|unreached| self.unreached(unreached))?;
            let seen = Arc::<Seen>::default();
            let is_noticed = self.pooler.is_noticed();
            let parameters = self.session.at_startup(is_noticed);
            let tap = Tap::new(socket, parameters, seen.clone());
            match config.connect_raw(tap, AsItIs).await {
                Ok((client, wire)) => {
                    if !has_attributes(config.get_target_session_attrs(), |name| wire.parameter(name)) {
                        return Err(Error::connect(ConnectFailure::OtherAttributes, &self.target));
                    }
                    return Ok(Opened { client, wire, seen, address });
                }
                Err(error) => {
                    let error = Error::connecting(error, &self.target);
                    let is_shown = error.connect_failure() == Some(ConnectFailure::StartupParameter);
                    if is_shown {
                        self.pooler.notice();
                    }
                    // Others may notice it at the same time; each tries again without the settings, once.
                    if !is_shown || is_noticed {
                        return Err(error);
                    }
                }
            }
        }
    }

    fn unreached(&self, (failure, cause): Unreached) -> Error {
        Error::connect(failure, &self.target).because(cause)
    }
}

/// Are there as many of each as there are servers?
fn is_consistent(config: &tokio_postgres::Config) -> Result<(), Error> {
    let (hosts, addresses) = (config.get_hosts().len(), config.get_hostaddrs().len());
    if hosts > 0 && addresses > 0 && hosts != addresses {
        return Err(Error::configuration(format!(
            "there are {hosts} of `host` and {addresses} of `hostaddr`"
        )));
    }
    let ports = config.get_ports().len();
    if ports > 1 && ports != hosts.max(addresses) {
        let servers = hosts.max(addresses);
        return Err(Error::configuration(format!(
            "there are {ports} of `port` for {servers} servers; give one for all, or one for each"
        )));
    }
    Ok(())
}

/// Is the server one of those that are wanted? It says so when a connection is opened.
fn has_attributes<'p>(wanted: TargetSessionAttrs, parameter: impl Fn(&str) -> Option<&'p str>) -> bool {
    let found = ["in_hot_standby", "default_transaction_read_only"].map(parameter);
    match wanted {
        TargetSessionAttrs::ReadWrite => found == [Some("off"), Some("off")],
        TargetSessionAttrs::ReadOnly => found.contains(&Some("on")),
        _ => true,
    }
}

fn ssl_mode(text: &str) -> Result<SslMode, Error> {
    SslMode::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or_else(|| {
        let problem = match text {
            "allow" | "prefer" => "would fall back to an unencrypted connection unnoticed",
            _ => "is unknown",
        };
        Error::configuration(format!(
            "`sslmode={text}` {problem}; say `disable`, `require`, `verify-ca` or `verify-full`"
        ))
    })
}

fn connect_timeout(seconds: &str) -> Result<Duration, Error> {
    match seconds.parse() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        _ => Err(Error::configuration("`connect_timeout` must be a number of seconds above 0")),
    }
}

/// Hands the parameters to the driver in the only form that it takes them all: `name='value'`.
fn driver_config(parameters: &BTreeMap<String, String>) -> Result<tokio_postgres::Config, Error> {
    let mut text = String::new();
    for (name, value) in parameters {
        let value = value.replace('\\', "\\\\").replace('\'', "\\'");
        let _infallible = write!(text, "{name}='{value}' ");
    }
    let mut config: tokio_postgres::Config = text.parse().map_err(|error: tokio_postgres::Error| {
        let cause = error.into_source().map(|cause| cause.to_string()).unwrap_or_default();
        Error::configuration(format!("the database settings cannot be used: {cause}"))
    })?;
    if !parameters.contains_key("keepalives_idle") {
        config.keepalives_idle(Duration::from_secs(60));
    }
    Ok(config)
}

fn target(host: &str, parameters: &BTreeMap<String, String>) -> String {
    let port = parameters.get("port").map_or("5432", String::as_str);
    let mut target = format!("`{host}` port {port}");
    for (name, said) in [("dbname", "database"), ("user", "user")] {
        if let Some(value) = parameters.get(name) {
            let _infallible = write!(target, ", {said} `{value}`");
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::TargetSessionAttrs;

    use super::has_attributes;

    #[test]
    fn a_server_that_does_not_say_which_it_is_is_neither() {
        let is = |wanted, standby: Option<&'static str>, read_only: Option<&'static str>| {
            has_attributes(wanted, |name| if name == "in_hot_standby" { standby } else { read_only })
        };
        use TargetSessionAttrs::{Any, ReadOnly, ReadWrite};
        let (on, off) = (Some("on"), Some("off"));
        for (standby, read_only, is_writable, is_read_only) in [
            (off, off, true, false),
            (on, off, false, true),
            (off, on, false, true),
            (on, None, false, true),
            (off, None, false, false),
            (None, None, false, false),
        ] {
            let found = [Any, ReadWrite, ReadOnly].map(|wanted| is(wanted, standby, read_only));
            assert_eq!(found, [true, is_writable, is_read_only], "{standby:?} {read_only:?}");
        }
    }
}
