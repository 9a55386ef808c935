//! Expansions of structs over the sample domain, as snapshots: input beside output.
//!
//! `PERSIST_BLESS=1 cargo test -p persist-derive` writes them anew.

mod budget;
mod facts;
mod snapshots;

use std::path::Path;

use proc_macro2::TokenStream;

use crate::project::Project;

/// This crate; its migrations are those of the workspace.
fn project() -> Project {
    Project::new(Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf(), None)
}

/// The expansion as rustfmt would print it.
fn formatted(expansion: TokenStream) -> String {
    let file = syn::parse2(expansion).expect("an expansion is a list of items");
    prettyplease::unparse(&file)
}
