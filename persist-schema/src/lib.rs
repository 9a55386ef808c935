//! Folds PostgreSQL migration files into a [`Catalog`], without a database.
//!
//! [`load`] reads a folder in whatever layout it has and [`fold`] applies the statements of files in memory, one after
//! the other, as a server would. Nothing is executed: what only a server can know is kept as an [`catalog::Opaque`]
//! note, what matters and cannot be understood becomes a [`Diagnostic`].

mod apply;
pub mod catalog;
pub mod diagnostic;
pub mod identifier;
mod load;
mod parse;
pub mod pg_type;
mod read;

pub use catalog::Catalog;
pub use diagnostic::{Diagnostic, Origin};
pub use identifier::QualifiedName;
pub use load::{Loaded, Source, cached, fold, load};
pub use pg_type::PgType;
