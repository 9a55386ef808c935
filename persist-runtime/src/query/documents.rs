//! The operators of `json` and `jsonb` documents, of columns and of computed values.

use crate::query::column::Column;
use crate::query::computed::Computed;
use crate::query::operators::operators;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::value::scalar::{Json, Scalar};

operators! { for Column<Json<T>>, Column<Option<Json<T>>>, Computed<Json<T>>, Computed<Option<Json<T>>> where [T] {
    /// Does the document contain this one? Objects may have more keys, arrays more elements (`@>` of
    /// `jsonb`).
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(plugins: PluginRepository<'_>) {
    /// let debug = serde_json::json!({ "log": { "level": "debug" } });
    /// let verbose = plugins.filter(|p| p.configuration.contains(debug));
    /// # }
    /// ```
    pub fn contains<D>(self, document: D) -> Predicate
    where
        Json<D>: Scalar,
    {
        self.document("@>", Expression::document(Json(document)))
    }

    /// Has the document this key at the top? (`?` of `jsonb`)
    ///
    /// ```
    /// # use persist_sample::*;
    /// # fn example(plugins: PluginRepository<'_>) {
    /// let configured = plugins.filter(|p| p.configuration.has_key("url"));
    /// # }
    /// ```
    pub fn has_key(self, key: impl Into<String>) -> Predicate {
        self.document("?", Expression::text(key.into()))
    }

    fn document(self, operator: &'static str, right: Expression) -> Predicate {
        let left = Expression::Cast(Box::new(self.expression()), "jsonb");
        Predicate(Condition::Infix { left, operator, right })
    }
} }
