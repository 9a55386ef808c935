//! Pages of a query: by the place of a row, or by its number.

mod cursor;
mod keyset;
mod request;

pub use cursor::Cursor;
pub(crate) use cursor::{DEFAULT_SECRET, Fingerprint, Place};
pub(crate) use keyset::behind;
pub(crate) use request::Start;
pub use request::{Page, PageRequest};
