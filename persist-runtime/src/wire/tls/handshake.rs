//! TLS over a socket, by rustls.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_postgres::tls::ChannelBinding;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::error::{BoxError, Error};
use crate::wire::config::SslMode;
use crate::wire::socket::Socket;
use crate::wire::tls::{Files, end_point, verify};

/// What every new connection starts from; `None` where there is no TLS.
#[derive(Clone)]
pub(crate) struct Tls(Option<TlsConnector>);

impl Tls {
    pub(crate) fn new(mode: SslMode, files: &Files) -> Result<Tls, Error> {
        let config = verify::client_config(mode, files)?;
        Ok(Tls(config.map(|config| TlsConnector::from(Arc::new(config)))))
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// `name` is what the server's certificate must be for.
    pub(crate) async fn encrypt(&self, name: &str, stream: TcpStream) -> Result<Socket, BoxError> {
        let connector = self.0.as_ref().ok_or("TLS was turned off")?;
        let name = ServerName::try_from(name.to_owned())?;
        // Boxed because the state of a TLS session is large and connections are moved around.
        Ok(Socket::Tls(Box::new(connector.connect(name, stream).await?)))
    }
}

/// What ties a password to this session, so that nobody in between can use it for one of their own.
pub(crate) fn channel_binding(stream: &TlsStream<TcpStream>) -> ChannelBinding {
    let certificates = stream.get_ref().1.peer_certificates();
    let hash = certificates.and_then(|certificates| end_point::hash(certificates.first()?));
    hash.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
}
