//! `json` and `jsonb` columns.

#[cfg(feature = "json")]
use bytes::{BufMut, BytesMut};
#[cfg(feature = "json")]
use tokio_postgres::types::{Oid, Type};

/// A value that is stored as `json` or `jsonb`.
///
/// ```
/// use persist::Json;
///
/// let tags = Json(vec!["nightly", "load"]);
/// assert_eq!(tags.len(), 2); // derefs to what it wraps
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(transparent))]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// The value inside.
    ///
    /// ```
    /// let document = persist::Json(vec!["a", "b"]);
    /// assert_eq!(document.into_inner(), ["a", "b"]);
    /// ```
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Json(value)
    }
}

impl<T> std::ops::Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// The only version of the binary form of `jsonb` so far (PostgreSQL's `jsonb_recv`).
#[cfg(feature = "json")]
const JSONB_VERSION: u8 = 1;

#[cfg(feature = "json")]
#[diagnostic::do_not_recommend]
impl<T> crate::value::scalar::Scalar for Json<T>
where
    T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    type Family = crate::value::sql_type::family::Json;
    const OIDS: &'static [Oid] = &[JSONB, JSON];

    fn decode(oid: Oid, raw: &[u8]) -> Result<Self, crate::error::BoxError> {
        let text = match (oid, raw) {
            (JSONB, [JSONB_VERSION, text @ ..]) => text,
            (JSONB, _) => return Err("this version of the binary form of jsonb is not known".into()),
            (_, text) => text,
        };
        serde_json::from_slice(text).map(Json).map_err(without_values)
    }

    fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), crate::error::BoxError> {
        if ty.oid() == JSONB {
            out.put_u8(JSONB_VERSION);
        }
        serde_json::to_writer(out.writer(), &self.0).map_err(without_values)
    }
}

#[cfg(feature = "json")]
const JSON: Oid = <crate::value::sql_type::pg::Json as crate::value::sql_type::SqlType>::OID;
#[cfg(feature = "json")]
const JSONB: Oid = <crate::value::sql_type::pg::Jsonb as crate::value::sql_type::SqlType>::OID;

/// What serde says quotes the value.
#[cfg(feature = "json")]
pub(crate) fn without_values(error: serde_json::Error) -> crate::error::BoxError {
    use serde_json::error::Category;

    let what = match error.classify() {
        Category::Io => "it cannot be written",
        Category::Syntax | Category::Eof => "it is no JSON",
        Category::Data => "it does not fit the Rust type",
    };
    format!("{what}: line {}, column {} of the document", error.line(), error.column()).into()
}
