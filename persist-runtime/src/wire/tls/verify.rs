//! Which certificates are trusted.

use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};

use crate::error::Error;
use crate::wire::config::SslMode;
use crate::wire::tls::Files;

/// `None` where no TLS is wanted.
pub(crate) fn client_config(mode: SslMode, files: &Files) -> Result<Option<ClientConfig>, Error> {
    let provider = Arc::new(ring::default_provider());
    let authority = match (mode, files.root_certificate.as_deref()) {
        (SslMode::Disable, _) => return Ok(None),
        (SslMode::Require, None) => None,
        (_, None | Some("system")) => Some(authority(system_roots()?, &provider)?),
        (_, Some(file)) => Some(authority(roots_of(file)?, &provider)?),
    };
    let verifier =
        Verifier { authority, check_host: mode == SslMode::VerifyFull, provider: provider.clone() };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::configuration("TLS cannot be set up").because(Box::new(error)))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match (&files.certificate, &files.key) {
        (None, None) => builder.with_no_client_auth(),
        (Some(certificate), Some(key)) => {
            let chain = certificates_of("sslcert", certificate)?;
            let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| {
                Error::configuration(format!(
                    "the key of `sslkey={key}` cannot be read; it must be PEM, without a password"
                ))
                .because(Box::new(error))
            })?;
            builder.with_client_auth_cert(chain, secret).map_err(|error| {
                Error::configuration(format!(
                    "`sslcert={certificate}` and `sslkey={key}` cannot be used together"
                ))
                .because(Box::new(error))
            })?
        }
        (Some(_), None) | (None, Some(_)) => {
            return Err(Error::configuration("a client certificate takes both `sslcert` and `sslkey`"));
        }
    };
    // By this a server that is asked for TLS without words knows what it is asked for.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(Some(config))
}

/// Checks as much of the server's certificate as `sslmode` asks for; signatures of the handshake always.
#[derive(Debug)]
struct Verifier {
    authority: Option<Arc<WebPkiServerVerifier>>,
    check_host: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(authority) = &self.authority else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified =
            authority.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // The host is looked at last, so that everything else is in order here.
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.check_host => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn authority(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().map_err(|error| {
        Error::configuration("the root certificates cannot be used").because(Box::new(error))
    })
}

/// The certificates of a file; `parameter` is what names it.
fn certificates_of(parameter: &str, file: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_file_iter(file).and_then(|certificates| certificates.collect()).map_err(|error| {
        Error::configuration(format!("the certificates of `{parameter}={file}` cannot be read"))
            .because(Box::new(error))
    })
}

fn roots_of(file: &str) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    let (added, _skipped) = roots.add_parsable_certificates(certificates_of("sslrootcert", file)?);
    if added == 0 {
        return Err(Error::configuration(format!("`sslrootcert={file}` holds no certificate (PEM)")));
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore, Error> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _skipped) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        return Err(Error::configuration(
            "the system has no root certificates to check the server's certificate with; install them (package \
             `ca-certificates`), or name a file by `sslrootcert`",
        ));
    }
    Ok(roots)
}
