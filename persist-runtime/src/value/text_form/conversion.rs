//! What the conversions of all types share.

use std::fmt::Write as _;

use bytes::BytesMut;
use tokio_postgres::types::Type;

use crate::error::BoxError;

/// From the binary form to the text.
pub(super) type Write = fn(&Type, &[u8], &mut String) -> Result<(), BoxError>;

/// From the text to the binary form.
pub(super) type Read = fn(&Type, &str, &mut BytesMut) -> Result<(), BoxError>;

/// Writing to a text cannot fail.
pub(super) fn shown(value: impl std::fmt::Display, text: &mut String) {
    let _infallible = write!(text, "{value}");
}
