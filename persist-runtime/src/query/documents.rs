//! The operators of `json` and `jsonb` documents, of columns and of computed values.

use serde::Serialize;

use crate::query::column::Column;
use crate::query::computed::{Computed, Plain};
use crate::query::operators::operators;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::value::scalar::document::Document;
use crate::value::scalar::{Json, Value};
use crate::value::sql_type::{SqlType as _, pg};

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
    pub fn contains(self, document: impl Serialize) -> Predicate {
        let value = Expression::document(Document::of(&document), self.model);
        self.document("@>", value)
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
        let value = Expression::text(key.into(), self.model);
        self.document("?", value)
    }

    fn document(self, operator: &'static str, right: Expression) -> Predicate {
        let left = Expression::Cast(Box::new(self.expression()), "jsonb");
        Predicate(Condition::Infix { left, operator, right })
    }
} }

operators! { for Column<Json<T>>, Column<Option<Json<T>>>, Computed<Json<T>>, Computed<Option<Json<T>>> where [T] {
    /// A field at the top as a text: of a text without its quotes, of anything else its JSON. NULL where there is none, or
    /// where it is `null`. `column ->> key`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(plugins: PluginRepository<'_>) -> Result {
    /// let levels: Vec<Option<String>> = plugins.query().select(|p| p.configuration.text("level")).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn text(self, key: impl Into<String>) -> Computed<Option<String>> {
        let key = Expression::text(key.into(), self.model);
        Computed::plain(Expression::infix(self.expression(), "->>", key))
    }

    /// The same of a field further down: the keys that lead to it, numbers for the places in arrays. `column #>> path`
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(plugins: PluginRepository<'_>) -> Result {
    /// let retried = plugins.filter(|p| p.configuration.text_at(["retry", "times"]).ne("0")).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn text_at<K: Into<String>>(self, path: impl IntoIterator<Item = K>) -> Computed<Option<String>> {
        let path: Vec<String> = path.into_iter().map(Into::into).collect();
        let path = Expression::value(path, Plain::<Vec<String>>::MODEL);
        Computed::plain(Expression::infix(self.expression(), "#>>", path))
    }
} }

operators! { for Column<T>, Computed<T> where [J, T: Value<Inner = Json<J>>] {
    /// The document with the fields of another one, which replace those of the same name; of arrays, one after the other
    /// (`||` of `jsonb`). NULL stays NULL.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(plugins: PluginRepository<'_>) -> Result {
    /// let quiet = serde_json::json!({ "level": "error" });
    /// let changed = plugins.query().update(|p| p.configuration.set(p.configuration.merged(quiet))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn merged(self, document: impl Serialize) -> Computed<T> {
        let value = Expression::document(Document::of(&document), self.model);
        self.changed("||", value)
    }

    /// The document without a field (`-` of `jsonb`). NULL stays NULL.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(plugins: PluginRepository<'_>) -> Result {
    /// let changed = plugins.query().update(|p| p.configuration.set(p.configuration.without_key("level"))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn without_key(self, key: impl Into<String>) -> Computed<T> {
        let value = Expression::text(key.into(), self.model);
        self.changed("-", value)
    }

    fn changed(self, operator: &'static str, right: Expression) -> Computed<T> {
        let model = self.model;
        let document = Expression::Cast(Box::new(self.expression()), "jsonb");
        let changed = Expression::infix(document, operator, right);
        Computed::typed(model, match model.oid {
            pg::Json::OID => Expression::Cast(Box::new(changed), "json"),
            _ => changed,
        })
    }
} }
