//! TLS as `sslmode` asks for it.

#[cfg(feature = "tls")]
mod handshake;
#[cfg(feature = "tls")]
mod verify;

#[cfg(feature = "tls")]
pub(crate) use handshake::{Tls, TlsStream};
#[cfg(not(feature = "tls"))]
pub(crate) use without::{Tls, TlsStream};

#[cfg(not(feature = "tls"))]
mod without {
    use crate::error::Error;
    use crate::wire::config::SslMode;

    pub(crate) use tokio_postgres::tls::NoTlsStream as TlsStream;

    #[derive(Clone)]
    pub(crate) struct Tls;

    impl Tls {
        pub(crate) fn new(mode: SslMode, _root_certificate: Option<&str>) -> Result<Tls, Error> {
            match mode {
                SslMode::Disable => Ok(Tls),
                SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Err(Error::configuration(
                    "TLS is asked for, but this program was built without the feature `tls`; turn it on, or say \
                     `sslmode=disable`",
                )),
            }
        }
    }

    impl<S> tokio_postgres::tls::MakeTlsConnect<S> for Tls {
        type Stream = TlsStream;
        type TlsConnect = tokio_postgres::NoTls;
        type Error = std::convert::Infallible;

        fn make_tls_connect(&mut self, _host: &str) -> Result<Self::TlsConnect, Self::Error> {
            Ok(tokio_postgres::NoTls)
        }
    }
}
