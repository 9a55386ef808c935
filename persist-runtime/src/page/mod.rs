//! Pages of a query: by the place of a row, or by its number.

mod cursor;
mod keyset;
mod load;
mod request;

pub use cursor::Cursor;
pub use request::{Page, PageRequest};
