//! Questions that only the type checker can answer, asked by generated code while it is compiled.

use crate::scalar::BoxError;

/// Stops the compiler unless a Rust enum maps the enum type of its column.
///
/// # Panics
/// While compiling, with the message.
#[track_caller]
pub const fn maps_enum(found: &str, wanted: &str, message: &str) {
    if !same(found, wanted) {
        panic!("{}", message);
    }
}

/// The label that a Rust enum does not know; the type was changed after the program was built.
pub fn unknown_label(ty: &str, raw: &[u8]) -> BoxError {
    let label = String::from_utf8_lossy(raw);
    format!("the enum `{ty}` has a label {label:?} that the program was not built for").into()
}

const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}
