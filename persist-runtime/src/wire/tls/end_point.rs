//! The hash of a server's certificate by which SCRAM is bound to TLS (`tls-server-end-point`,
//! [RFC 5929](https://www.rfc-editor.org/rfc/rfc5929#section-4)).

use sha2::{Digest, Sha256, Sha384, Sha512};

/// `None` where the certificate is signed in a way for which no hash is defined.
pub(super) fn hash(certificate: &[u8]) -> Option<Vec<u8>> {
    // What is named by the kind of the signature; SHA-256 in the place of what is too weak.
    match signature_algorithm(certificate)? {
        // RSA with MD5, SHA-1, SHA-256, SHA-384, SHA-512
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04 | 0x05 | 0x0b]
        // ECDSA with SHA-1; with SHA-256, SHA-384, SHA-512
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => Some(Sha256::digest(certificate).to_vec()),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => {
            Some(Sha384::digest(certificate).to_vec())
        }
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => {
            Some(Sha512::digest(certificate).to_vec())
        }
        _ => None,
    }
}

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// A certificate is what is signed, how, and the signature.
fn signature_algorithm(certificate: &[u8]) -> Option<&[u8]> {
    let (content, _) = element(SEQUENCE, certificate)?;
    let (_signed, content) = element(SEQUENCE, content)?;
    let (algorithm, _) = element(SEQUENCE, content)?;
    Some(element(OBJECT_IDENTIFIER, algorithm)?.0)
}

/// The content of an element of DER, and what comes after it.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = bytes else { return None };
    let (length, rest) = match *length {
        short @ ..0x80 => (usize::from(short), rest),
        long => {
            let (digits, rest) =
                rest.split_at_checked(usize::from(long & 0x7f)).filter(|(digits, _)| digits.len() <= 4)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
    };
    (*found == tag).then_some(())?;
    rest.split_at_checked(length)
}
