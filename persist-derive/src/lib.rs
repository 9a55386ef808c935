//! The derive macros of `persist`: a struct and the catalog of the migrations in, tokens out.
//!
//! Each derive is `parse` → `resolve` → `sql` → `emit`. A pass is a function from one type of `model` to the next; a mistake
//! in the user's code goes to the `context`, and a struct with mistakes gets its errors and a fallback.

mod attribute;
mod case;
mod context;
mod emit;
mod expand;
mod manifest;
mod model;
mod parse;
mod project;
mod resolve;
mod sql;
mod suggest;
mod symbol;
#[cfg(test)]
mod tests;
mod tools;
mod tracking;
mod type_map;

use proc_macro::TokenStream;

use crate::project::Project;

/// Makes a struct the rows of a table: a repository, a type for new rows, and columns for filters.
///
/// The struct is compared with the SQL migrations of the crate while it is compiled.
#[proc_macro_derive(Repository, attributes(persist))]
pub fn derive_repository(input: TokenStream) -> TokenStream {
    expanded(input, expand::repository)
}

/// Makes a struct another way of reading the rows of an entity: some of the columns, other relations, values of both.
#[proc_macro_derive(View, attributes(persist))]
pub fn derive_view(input: TokenStream) -> TokenStream {
    expanded(input, expand::view)
}

/// Makes a Rust enum the values of an enum type of the database.
#[proc_macro_derive(Enum, attributes(persist))]
pub fn derive_enum(input: TokenStream) -> TokenStream {
    expanded(input, expand::enumeration)
}

/// Makes a struct with one field, such as `struct PipelineId(Uuid)`, a type that columns can have.
#[proc_macro_derive(Domain, attributes(persist))]
pub fn derive_domain(input: TokenStream) -> TokenStream {
    expanded(input, expand::domain)
}

fn expanded(
    input: TokenStream,
    expand: fn(proc_macro2::TokenStream, &Project) -> proc_macro2::TokenStream,
) -> TokenStream {
    let project = Project::from_environment();
    let file = proc_macro::Span::call_site().local_file();
    tracking::tracked(&project, tools::known(file, expand(input.into(), &project))).into()
}
