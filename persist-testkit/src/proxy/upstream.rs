use super::link::Stream;
use crate::cluster::{Cluster, config, percent_encoded};
use crate::database::TestDatabase;
use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The server and the database to which connections go on from a [`Proxy`](crate::Proxy) or a
/// [`PgBouncer`](crate::PgBouncer).
#[derive(Debug, Clone)]
pub struct Upstream(Config);

impl From<&TestDatabase> for Upstream {
    fn from(database: &TestDatabase) -> Self {
        Self(database.config())
    }
}

impl From<&Cluster> for Upstream {
    fn from(cluster: &Cluster) -> Self {
        Self(cluster.config())
    }
}

/// # Panics
///
/// If this is no address of a PostgreSQL server.
impl From<&str> for Upstream {
    fn from(url: &str) -> Self {
        Self(config(url).unwrap_or_else(|error| panic!("{error}")))
    }
}

impl Upstream {
    pub(crate) fn config(&self) -> &Config {
        &self.0
    }

    /// The same user and database, at the address of the proxy.
    pub(super) fn url_at(&self, address: SocketAddr) -> String {
        let user = percent_encoded(self.0.get_user().unwrap_or("postgres"));
        let password = match self.0.get_password() {
            Some(password) => format!(":{}", percent_encoded(&String::from_utf8_lossy(password))),
            None => String::new(),
        };
        let database = percent_encoded(self.0.get_dbname().unwrap_or("postgres"));
        format!("postgresql://{user}{password}@{address}/{database}?sslmode=disable")
    }

    pub(super) async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let port = self.0.get_ports().first().copied().unwrap_or(5432);
        match self.0.get_hosts().first() {
            Some(Host::Unix(folder)) => {
                let stream = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await?;
                Ok(Box::new(stream))
            }
            Some(Host::Tcp(name)) => {
                let stream = TcpStream::connect((name.as_str(), port)).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            None => Err(io::Error::other("the address names no host")),
        }
    }
}
