//! The text of documents: what is written can be read again.

use std::io;

use bytes::BytesMut;
use serde::Serialize;
use serde_json::error::Category;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};
use tokio_postgres::types::{IsNull, Type};

use crate::error::BoxError;
use crate::value::scalar::Parameter;

/// The only version of the binary form of `jsonb` so far (PostgreSQL's `jsonb_recv`).
pub(super) const JSONB_VERSION: u8 = 1;

/// A document that is sent as `jsonb`, as it was when it was given; or why it is none.
pub(crate) struct Document(Result<BytesMut, String>);

impl Document {
    pub(crate) fn of(value: &impl Serialize) -> Document {
        let mut out = BytesMut::from([JSONB_VERSION].as_slice());
        let written = write_document(value, true, &mut out);
        Document(written.map(|()| out).map_err(|error| error.to_string()))
    }
}

impl Parameter for Document {
    fn write(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        out.extend_from_slice(self.0.as_ref().map_err(String::as_str)?);
        Ok(IsNull::No)
    }
}

/// Writes a document that can be read again.
pub(crate) fn write_document<T: Serialize + ?Sized>(
    value: &T,
    is_jsonb: bool,
    out: &mut BytesMut,
) -> Result<(), BoxError> {
    let readable = Readable { depth: 0, is_jsonb };
    let mut serializer = serde_json::Serializer::with_formatter(Text(out), readable);
    value.serialize(&mut serializer).map_err(|error| match error.classify() {
        // Memory can always be written to, so it is what `Readable` says.
        Category::Io => io::Error::from(error).to_string().into(),
        _ => "it cannot be written as JSON, whose keys are texts".into(),
    })
}

/// The text so far. `bytes` has the same, which takes each piece of it in a loop.
struct Text<'o>(&'o mut BytesMut);

impl io::Write for Text<'_> {
    #[inline]
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(piece);
        Ok(piece.len())
    }

    #[inline]
    fn write_all(&mut self, piece: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(piece);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Levels that `serde_json` reads at most.
const MOST_LEVELS: u8 = 127;

/// Writes compact JSON and refuses what could not be read again.
struct Readable {
    depth: u8,
    is_jsonb: bool,
}

impl Readable {
    fn enter(&mut self) -> io::Result<()> {
        if self.depth == MOST_LEVELS {
            return Err(io::Error::other(too_deep()));
        }
        self.depth += 1;
        Ok(())
    }
}

impl Formatter for Readable {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.enter()?;
        writer.write_all(b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"]")
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.enter()?;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        if self.is_jsonb && matches!(escape, CharEscape::AsciiControl(0)) {
            return Err(io::Error::other("a text in it holds a NUL character, which `jsonb` cannot"));
        }
        CompactFormatter.write_char_escape(writer, escape)
    }
}

fn too_deep() -> String {
    format!("it is nested in more than the {MOST_LEVELS} levels that can be read")
}

/// What serde says quotes the value.
pub(crate) fn not_read(error: serde_json::Error) -> BoxError {
    let what = match error.classify() {
        // It has no category of its own.
        Category::Syntax if error.to_string().starts_with("recursion limit exceeded") => &too_deep(),
        Category::Io | Category::Syntax | Category::Eof => "it is no JSON",
        Category::Data => "it does not fit the Rust type",
    };
    format!("{what}: line {}, column {} of the document", error.line(), error.column()).into()
}
