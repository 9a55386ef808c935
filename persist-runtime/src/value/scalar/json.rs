//! `json` and `jsonb` columns.

#[cfg(feature = "json")]
use bytes::{BufMut, BytesMut};
#[cfg(feature = "json")]
use tokio_postgres::types::{Oid, Type};

#[cfg(feature = "json")]
use crate::value::scalar::document::{JSONB_VERSION, not_read, write_document};

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
        // All at once, and not each text in it for itself.
        let text = std::str::from_utf8(text).map_err(|_| "it is no JSON: it is not UTF-8")?;
        serde_json::from_str(text).map(Json).map_err(not_read)
    }

    fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), crate::error::BoxError> {
        if ty.oid() == JSONB {
            out.put_u8(JSONB_VERSION);
        }
        write_document(&self.0, ty.oid() == JSONB, out)
    }
}

#[cfg(feature = "json")]
const JSON: Oid = <crate::value::sql_type::pg::Json as crate::value::sql_type::SqlType>::OID;
#[cfg(feature = "json")]
const JSONB: Oid = <crate::value::sql_type::pg::Jsonb as crate::value::sql_type::SqlType>::OID;
