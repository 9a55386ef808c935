//! TLS as `sslmode` asks for it.

#[cfg(feature = "tls")]
mod end_point;
#[cfg(feature = "tls")]
mod handshake;
#[cfg(feature = "tls")]
mod verify;

#[cfg(feature = "tls")]
pub(crate) use handshake::{Tls, channel_binding};
#[cfg(not(feature = "tls"))]
pub(crate) use without::Tls;

use std::collections::BTreeMap;

/// The files that TLS is set up with, by the names that libpq gives them.
#[derive(Debug, Default)]
#[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "without TLS they are only taken out"))]
pub(crate) struct Files {
    root_certificate: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl Files {
    /// Takes them out of the parameters, of which the driver knows none.
    pub(crate) fn take(parameters: &mut BTreeMap<String, String>) -> Files {
        Files {
            root_certificate: parameters.remove("sslrootcert"),
            certificate: parameters.remove("sslcert"),
            key: parameters.remove("sslkey"),
        }
    }
}

#[cfg(not(feature = "tls"))]
mod without {
    use tokio::net::TcpStream;

    use crate::error::{BoxError, Error};
    use crate::wire::config::SslMode;
    use crate::wire::socket::Socket;
    use crate::wire::tls::Files;

    #[derive(Clone)]
    pub(crate) struct Tls;

    impl Tls {
        pub(crate) fn new(mode: SslMode, _files: &Files) -> Result<Tls, Error> {
            match mode {
                SslMode::Disable => Ok(Tls),
                SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Err(Error::configuration(
                    "TLS is asked for, but this program was built without the feature `tls`; turn it on, or say \
                     `sslmode=disable`",
                )),
            }
        }

        pub(crate) fn is_wanted(&self) -> bool {
            false
        }

        pub(crate) async fn encrypt(&self, _name: &str, _stream: TcpStream) -> Result<Socket, BoxError> {
            Err("this program was built without TLS".into())
        }
    }
}
