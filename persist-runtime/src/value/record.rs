//! Composite values, field by field, as `#[derive(Composite)]` reads and writes them.

use std::borrow::Cow;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::error::BoxError;
use crate::value::text_form;

/// Reads a composite value from its text, field by field.
pub struct RecordReader<'r> {
    fields: std::vec::IntoIter<Option<Cow<'r, str>>>,
    /// The binary form of a field.
    raw: BytesMut,
}

impl<'r> RecordReader<'r> {
    /// Reads the fields; there must be so many of them.
    ///
    /// # Errors
    /// There are more or fewer, because the type was changed after the program was built.
    pub fn new(ty: &str, raw: &'r [u8], count: usize) -> Result<Self, BoxError> {
        let fields = text_form::read_record(std::str::from_utf8(raw)?)?;
        if fields.len() != count {
            let found = fields.len();
            return Err(format!(
                "the composite type `{ty}` has {found} fields, but the program was built for {count}"
            )
            .into());
        }
        Ok(RecordReader { fields: fields.into_iter(), raw: BytesMut::new() })
    }

    /// Reads the next field, whose SQL type travels as `oid`.
    ///
    /// # Errors
    /// That of `read`, with the name of the field.
    pub fn field<T>(
        &mut self,
        name: &str,
        oid: Oid,
        read: impl FnOnce(Option<&[u8]>) -> Result<T, BoxError>,
    ) -> Result<T, BoxError> {
        let field = self.fields.next().flatten();
        let value = match field {
            None => read(None),
            Some(text) => {
                self.raw.clear();
                text_form::read(&known(oid)?, &text, &mut self.raw).and_then(|()| read(Some(&self.raw)))
            }
        };
        value.map_err(|error| format!("in the field `{name}`: {error}").into())
    }
}

/// Writes a composite value as its text, field by field.
#[derive(Default)]
pub struct RecordWriter {
    text: String,
    field: String,
    raw: BytesMut,
}

impl RecordWriter {
    /// Writes the next field, whose SQL type travels as `oid`.
    ///
    /// # Errors
    /// That of `write`, with the name of the field.
    pub fn field(
        &mut self,
        name: &str,
        oid: Oid,
        write: impl FnOnce(&Type, &mut BytesMut) -> Result<IsNull, BoxError>,
    ) -> Result<(), BoxError> {
        self.text.push(if self.text.is_empty() { '(' } else { ',' });
        self.raw.clear();
        self.field.clear();
        let ty = known(oid)?;
        let written = write(&ty, &mut self.raw).and_then(|is_null| match is_null {
            IsNull::Yes => Ok(None),
            IsNull::No => text_form::write(&ty, &self.raw, &mut self.field).map(|()| Some(&*self.field)),
        });
        let field = written.map_err(|error| format!("in the field `{name}`: {error}"))?;
        // What is not there at all is NULL.
        if let Some(field) = field {
            text_form::write_quoted(field, &mut self.text);
        }
        Ok(())
    }

    /// The end: hands the text on.
    pub fn end(mut self, out: &mut BytesMut) {
        self.text.push_str(if self.text.is_empty() { "()" } else { ")" });
        out.extend_from_slice(self.text.as_bytes());
    }
}

fn known(oid: Oid) -> Result<Type, BoxError> {
    Type::from_oid(oid).ok_or_else(|| format!("the type with the OID {oid} has no text form here").into())
}
