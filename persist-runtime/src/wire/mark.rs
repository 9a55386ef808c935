//! The mark of a transaction: a setting that ends with it.
//!
//! BEGIN can fail alone, and what runs in a transaction can end it or reset its settings. What leaves before all of
//! that is known asks for the mark, and raises where it is missing.

use crate::error::SECRET;

/// Writes the statement that sets it.
pub(crate) fn set(text: &mut String) {
    ["SET LOCAL persist.tx = '", &SECRET, "'"].into_iter().for_each(|part| text.push_str(part));
}

/// A condition that holds where there is a mark, and is an error elsewhere.
///
/// It depends on no row, so that it is asked for once in a statement.
macro_rules! guard {
    () => {
        "CASE WHEN current_setting('persist.tx', true) <> '' THEN true \
         ELSE current_setting('persist.tx is gone')::bool END"
    };
}
pub(crate) use guard;

/// An expression that raises a signal: the text that cannot be read as a boolean is the message. What is in the mark
/// nobody else raises.
macro_rules! raise {
    ($signal:literal) => {
        concat!("('persist:' || current_setting('persist.tx') || ':", $signal, "')::bool")
    };
}
pub(crate) use raise;
