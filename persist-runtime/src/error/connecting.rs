//! What the driver says when a connection cannot be opened.

use super::Error;
use super::connect::ConnectFailure;
use super::server::ServerError;

impl Error {
    /// Takes over what the driver reports while a connection is opened.
    pub(crate) fn connecting(error: tokio_postgres::Error, target: &str) -> Error {
        if let Some(server) = error.as_db_error() {
            let failure = ConnectFailure::said_by_server(server);
            return Error::connect(failure, target).because(Box::new(ServerError::new(server)));
        }
        let text = error.to_string();
        let source = error.into_source();
        let cause = source.as_ref().map(ToString::to_string).unwrap_or_default();
        // The driver keeps its kinds private; what it says about them is all that tells them apart.
        let failure = match (text.as_str(), cause.as_str()) {
            ("error performing TLS handshake", "server does not support TLS") => ConnectFailure::NoTls,
            ("error performing TLS handshake", _) => ConnectFailure::Tls,
            ("invalid configuration", "password missing") => ConnectFailure::NoPassword,
            ("authentication error", _) => ConnectFailure::Authentication,
            (
                "error connecting to server" | "error communicating with the server" | "connection closed",
                _,
            ) => ConnectFailure::Unreachable,
            _ => ConnectFailure::Refused,
        };
        let error = Error::connect(failure, target);
        match source {
            Some(source) => error.because(source),
            None => error,
        }
    }
}
