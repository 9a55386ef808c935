//! `vector` columns of the extension pgvector, which travel as text.

use std::fmt::Write as _;

use bytes::BytesMut;
use pgvector::Vector;
use tokio_postgres::types::{Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::Scalar;
use crate::value::sql_type::{SqlType, family, pg};

#[diagnostic::do_not_recommend]
impl Scalar for Vector {
    type Family = family::Text;
    const OIDS: &'static [Oid] = &[pg::Text::OID];

    fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
        let text = std::str::from_utf8(raw)?;
        let numbers =
            text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).ok_or("it is no vector")?;
        let numbers: Result<Vec<f32>, _> = numbers.split(',').map(str::parse).collect();
        Ok(Vector::from(numbers?))
    }

    fn encode(&self, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        let mut text = String::from("[");
        for (index, number) in self.as_slice().iter().enumerate() {
            // The shortest text that is read back as the same number.
            write!(text, "{}{number}", if index > 0 { "," } else { "" })?;
        }
        text.push(']');
        text.encode(ty, out)
    }
}
