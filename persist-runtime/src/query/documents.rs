//! The operators of `json` and `jsonb` columns.

use crate::query::column::Column;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::value::scalar::Json;
use crate::value::scalar::Scalar;

/// The operators of documents, for columns that may be NULL and for others.
macro_rules! documents {
    ($($column:ty),*) => { $(
        impl<T> Column<$column> {
            /// Does the document contain this one? Objects may have more keys, arrays more elements (`@>` of `jsonb`).
            pub fn contains<D>(self, document: D) -> Predicate
            where
                Json<D>: Scalar,
            {
                let left = Expression::Cast(Box::new(self.expression()), "jsonb");
                let right = Expression::document(Json(document));
                Predicate(Condition::Infix { left, operator: "@>", right })
            }

            /// Has the document this key at the top? (`?` of `jsonb`)
            pub fn has_key(self, key: impl Into<String>) -> Predicate {
                let left = Expression::Cast(Box::new(self.expression()), "jsonb");
                Predicate(Condition::Infix { left, operator: "?", right: Expression::text(key.into()) })
            }
        }
    )* };
}
documents!(Json<T>, Option<Json<T>>);
