//! The way to a server: hosts, their addresses, a socket with TLS on it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio_postgres::config::{Host, SslNegotiation};

use crate::error::{BoxError, ConnectFailure};
use crate::wire::socket::Socket;
use crate::wire::tls::Tls;

/// Where one server is, by what the configuration says.
#[derive(Debug, PartialEq)]
pub(crate) enum Place {
    Unix(PathBuf),
    Tcp {
        /// What is looked up: the address, where one is given besides the name.
        host: String,
        port: u16,
        /// What its certificate must name.
        name: String,
    },
}

/// Where one server was reached.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    Unix(PathBuf),
    Tcp { address: SocketAddr, name: String },
}

/// Why a server was not reached.
pub(crate) type Unreached = (ConnectFailure, BoxError);

/// All hosts of a configuration, in its order. What has an address is reached by TCP, whatever its host is.
pub(crate) fn places(config: &tokio_postgres::Config) -> Vec<Place> {
    let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let ports = config.get_ports();
    let place = |index: usize| {
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        let tcp = |host: String, name: String| Place::Tcp { host, port, name };
        match (hosts.get(index), addresses.get(index)) {
            (Some(Host::Tcp(name)), Some(address)) => tcp(address.to_string(), name.clone()),
            (Some(Host::Unix(_)) | None, Some(address)) => tcp(address.to_string(), address.to_string()),
            (Some(Host::Tcp(name)), None) => tcp(name.clone(), name.clone()),
            (Some(Host::Unix(folder)), None) => Place::Unix(folder.join(format!(".s.PGSQL.{port}"))),
            (None, None) => unreachable!("there are no more places than hosts or addresses"),
        }
    };
    (0..hosts.len().max(addresses.len())).map(place).collect()
}

impl Place {
    /// A name may stand for several addresses.
    pub(crate) async fn addresses(&self) -> Result<Vec<Address>, Unreached> {
        match self {
            Place::Unix(path) => Ok(vec![Address::Unix(path.clone())]),
            Place::Tcp { host, port, name } => {
                let found = lookup_host((&**host, *port)).await.map_err(unreachable)?;
                Ok(found.map(|address| Address::Tcp { address, name: name.clone() }).collect())
            }
        }
    }
}

/// How servers are reached.
pub(crate) struct Way {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) tls: Tls,
    /// How TLS is asked for.
    pub(crate) negotiation: SslNegotiation,
}

/// The way to a server that was reached.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) way: Arc<Way>,
    pub(crate) address: Address,
}

impl Route {
    /// Another socket to the same server.
    pub(crate) async fn again(&self) -> Result<Socket, Unreached> {
        self.way.open(&self.address).await
    }
}

impl Way {
    /// Opens a socket, and encrypts what goes through it unless it stays on this machine's file system.
    pub(crate) async fn open(&self, address: &Address) -> Result<Socket, Unreached> {
        let Way { config, tls, negotiation } = self;
        match address {
            Address::Unix(path) => UnixStream::connect(path).await.map(Socket::Unix).map_err(unreachable),
            Address::Tcp { address, name } => {
                let mut stream = TcpStream::connect(address).await.map_err(unreachable)?;
                set_up(&stream, config).map_err(unreachable)?;
                if !tls.is_wanted() {
                    return Ok(Socket::Tcp(stream));
                }
                if *negotiation == SslNegotiation::Postgres
                    && !offers_tls(&mut stream).await.map_err(unreachable)?
                {
                    return Err((ConnectFailure::NoTls, "the server does not support TLS".into()));
                }
                tls.encrypt(name, stream).await.map_err(|error| (ConnectFailure::Tls, error))
            }
        }
    }
}

fn unreachable(error: io::Error) -> Unreached {
    (ConnectFailure::Unreachable, error.into())
}

fn set_up(stream: &TcpStream, config: &tokio_postgres::Config) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    #[cfg(target_os = "linux")]
    if let Some(limit) = config.get_tcp_user_timeout() {
        socket.set_tcp_user_timeout(Some(*limit))?;
    }
    if config.get_keepalives() {
        let mut keepalive = TcpKeepalive::new().with_time(config.get_keepalives_idle());
        if let Some(interval) = config.get_keepalives_interval() {
            keepalive = keepalive.with_interval(interval);
        }
        if let Some(retries) = config.get_keepalives_retries() {
            keepalive = keepalive.with_retries(retries);
        }
        socket.set_tcp_keepalive(&keepalive)?;
    }
    Ok(())
}

/// Asks for TLS by PostgreSQL's own message. What follows a yes is read as TLS, so nothing is read ahead.
async fn offers_tls(stream: &mut TcpStream) -> io::Result<bool> {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    stream.write_all(&SSL_REQUEST).await?;
    Ok(stream.read_u8().await? == b'S')
}

#[cfg(test)]
mod tests {
    use super::{Place, places};

    fn places_of(text: &str) -> Vec<Place> {
        places(&text.parse().expect("a configuration"))
    }

    fn tcp(host: &str, port: u16, name: &str) -> Place {
        Place::Tcp { host: host.to_owned(), port, name: name.to_owned() }
    }

    #[test]
    fn an_address_is_reached_by_tcp_whatever_stands_beside_it() {
        assert_eq!(places_of("host=/run"), [Place::Unix("/run/.s.PGSQL.5432".into())]);
        assert_eq!(places_of("host=/run hostaddr=127.0.0.1 port=1"), [tcp("127.0.0.1", 1, "127.0.0.1")]);
        assert_eq!(places_of("host=db hostaddr=::1"), [tcp("::1", 5432, "db")]);
        assert_eq!(places_of("hostaddr=10.0.0.1"), [tcp("10.0.0.1", 5432, "10.0.0.1")]);
        assert_eq!(
            places_of("host=a,/run port=1,2"),
            [tcp("a", 1, "a"), Place::Unix("/run/.s.PGSQL.2".into())]
        );
    }
}
