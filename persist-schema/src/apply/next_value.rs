//! The default of a serial column.

use crate::identifier::{QualifiedName, quote_identifier};

/// The default of a column that is filled from a sequence, as the server writes it.
pub(crate) fn next_value(sequence: &QualifiedName) -> String {
    let name = match sequence.schema.as_str() {
        "public" => quote_identifier(&sequence.name),
        _ => sequence.to_sql(),
    };
    format!("nextval('{}'::regclass)", name.replace('\'', "''"))
}
