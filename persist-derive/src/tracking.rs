//! Tells Cargo which files were read, so that editing a migration compiles the crate again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use proc_macro2::TokenStream;
use quote::quote;

use crate::project::Project;

/// The files that an expansion of this process has named already: once per crate is enough, and rustc
/// compiles one.
static NAMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The tokens, and an `include_bytes!` for each file that no expansion has named yet, beside the variable
/// that may name another folder.
pub(crate) fn tracked(project: &Project, tokens: TokenStream) -> TokenStream {
    let Ok(loaded) = project.schema() else { return tokens };
    let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let files = loaded.files.iter().cloned().chain(project.manifest_with_schema());
    let fresh =
        files.filter(|file| named.insert(file.clone())).filter_map(|file| Some(file.to_str()?.to_owned()));
    let includes = fresh.map(|file| {
        quote!(
            const _: &[u8] = ::core::include_bytes!(#file);
        )
    });
    let includes: TokenStream = includes.collect();
    let overridden = (!includes.is_empty()).then(|| {
        quote!(
            const _: ::core::option::Option<&str> = ::core::option_env!("PERSIST_SCHEMA");
        )
    });
    quote!(#tokens #includes #overridden)
}
