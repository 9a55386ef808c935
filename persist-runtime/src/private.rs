//! What generated code calls. Not for users: it changes without notice.

pub use bytes::BytesMut;
pub use tokio_postgres::types::{IsNull, Oid, Type};

pub use crate::assign::Assign;
pub use crate::checks::{maps_enum, unknown_label};
pub use crate::entity::{Entity, New, Repository, Shape};
pub use crate::error::{Constraint, Error};
pub use crate::foreign_key::{ForeignKey, IntoForeignKey, IntoOptionalForeignKey};
pub use crate::model::{ColumnModel, Conflict, InsertModel, Made, Model};
pub use crate::parameters::{Parameters, no_such_parameter};
pub use crate::query::{Column, Operand, Scope, Side};
pub use crate::row::Row;
pub use crate::scalar::{BoxError, ClientKey, EnumType, Holds, Newtype, Parameter, Scalar, Value};
pub use crate::session::Session;
pub use crate::sql_type::{NotNull, Nullable, SqlType, family, pg};
pub use crate::statement::Statement;
