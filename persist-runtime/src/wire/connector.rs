//! Opens connections as the configuration says.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::pin::pin;
use std::time::Duration;

use tokio_postgres::{Client, Socket};

use crate::error::ConnectFailure;
use crate::error::Error;
use crate::wire::config::{Config, PasswordCallback, SslMode};
use crate::wire::connection::{Connection, Settings};
use crate::wire::driver::Driver;
use crate::wire::tls::{Tls, TlsStream};

/// The half of a connection that reads and writes the socket.
pub(crate) type Wire = tokio_postgres::Connection<Socket, TlsStream>;

pub(crate) struct Connector {
    driver: tokio_postgres::Config,
    tls: Tls,
    password: Option<PasswordCallback>,
    limit: Duration,
    settings: Settings,
    /// What messages call the server.
    target: String,
}

impl Connector {
    pub(crate) fn new(config: &Config) -> Result<Connector, Error> {
        let mut parameters = config.parameters.clone();
        let host = parameters.entry("host".to_owned()).or_insert_with(|| "localhost".to_owned()).clone();
        let on_socket = host.split(',').all(|host| host.starts_with('/'));
        let mode = match parameters.remove("sslmode") {
            _ if on_socket => SslMode::Disable,
            Some(mode) => ssl_mode(&mode)?,
            None => SslMode::VerifyFull,
        };
        let root_certificate = parameters.remove("sslrootcert");
        let tls = Tls::new(mode, root_certificate.as_deref())?;
        let limit = match parameters.remove("connect_timeout") {
            Some(seconds) => connect_timeout(&seconds)?,
            None => config.connect_timeout,
        };
        if let Some(limit) = config.statement_timeout {
            let options = parameters.entry("options".to_owned()).or_default();
            let _infallible = write!(options, " -c statement_timeout={}", limit.as_millis().max(1));
        }
        let target = target(&host, &parameters);
        let settings = Settings {
            mode: config.statement_mode,
            cache_size: config.statement_cache,
            limit: config.statement_timeout,
            cancel_limit: limit,
        };
        let mut driver = driver_config(&parameters)?;
        driver.ssl_mode(match mode {
            SslMode::Disable => tokio_postgres::config::SslMode::Disable,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                tokio_postgres::config::SslMode::Require
            }
        });
        Ok(Connector { driver, tls, password: config.password.clone(), limit, settings, target })
    }

    pub(crate) async fn connect(&self) -> Result<Connection, Error> {
        let (client, wire) = self.open().await?;
        Ok(Connection::new(client, Driver::new(wire), self.tls.clone(), self.settings))
    }

    /// Opens a connection that the caller drives.
    pub(crate) async fn open(&self) -> Result<(Client, Wire), Error> {
        match tokio::time::timeout(self.limit, self.open_unhurried()).await {
            Ok(result) => result,
            Err(_elapsed) => Err(Error::connect(ConnectFailure::Timeout(self.limit), &self.target)),
        }
    }

    /// How long opening a connection may take.
    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    async fn open_unhurried(&self) -> Result<(Client, Wire), Error> {
        let fresh;
        let config = match &self.password {
            Some(callback) => {
                let password = callback().await.map_err(|cause| {
                    Error::connect(ConnectFailure::PasswordCallback, &self.target).because(cause)
                })?;
                let mut config = self.driver.clone();
                config.password(password);
                fresh = config;
                &fresh
            }
            None => &self.driver,
        };
        let connecting = pin!(config.connect(self.tls.clone()));
        connecting.await.map_err(|error| Error::connecting(error, &self.target))
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
