//! Pages of a query: by the place of a row, or by its number.

pub(crate) mod cursor;
pub(crate) mod keyset;
pub(crate) mod load;
pub(crate) mod request;

pub use cursor::Cursor;
pub use request::{Page, PageRequest};
