//! Places of columns as tokens.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// Indices as an array.
pub(super) fn indices(indices: &[usize]) -> TokenStream {
    let indices = indices.iter().copied().map(Literal::usize_unsuffixed);
    quote!([#(#indices),*])
}
