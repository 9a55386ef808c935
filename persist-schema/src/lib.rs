//! Folds PostgreSQL migration files into a [`Catalog`], without a database.
//!
//! [`load`] reads a folder in whatever layout it has and [`fold`] applies the statements of files in memory,
//! one after the other, as a server would. Nothing is executed: what only a server can know is kept as an
//! [`catalog::Opaque`] note, what matters and cannot be understood becomes a [`Diagnostic`].
//!
//! What is hidden can be declared, in any file that comes later. A comment that starts with `-- persist:` is
//! a statement for this crate and nothing for the server:
//!
//! ```
//! use persist_schema::{Source, fold};
//!
//! let text = "
//!     CREATE TABLE report AS SELECT 1 AS id;
//!     -- persist: CREATE TABLE report (id integer);
//! ";
//! let (catalog, diagnostics) = fold(&[Source { file: "schema/0001.sql".into(), text: text.into() }]);
//! assert!(diagnostics.is_empty());
//! assert_eq!(catalog.table("report").unwrap().columns.len(), 1);
//! ```

mod analyse;
mod apply;
mod builtin;
pub mod catalog;
pub mod diagnostic;
pub mod identifier;
mod load;
mod missing;
mod parse;
pub mod pg_type;
mod read;
pub mod suggest;

pub use analyse::arc::Arc;
pub use analyse::expression::{self, Checked, CheckedOrder, ExpressionMistake, MistakeKind, Named};
pub use builtin::aggregate::{self, Aggregate, NoAggregate};
pub use catalog::{Catalog, Rank};
pub use diagnostic::{Diagnostic, Origin};
pub use identifier::QualifiedName;
pub use load::{Loaded, Source, cached, fold, load};
pub use pg_type::PgType;
pub use read::scripts::{Command, Script, script_of, scripts};
