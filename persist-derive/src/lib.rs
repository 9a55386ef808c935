//! The derive macros of `persist`: a struct and the catalog of the migrations in, tokens out.
//!
//! Each derive is `parse` → `resolve` → `emit`. A pass is a function from one type of `model` to the next; a
//! mistake in the user's code goes to the `context`, and a struct with mistakes gets its errors and a
//! fallback.

mod attribute;
mod case;
mod context;
mod emit;
mod expand;
mod manifest;
mod model;
mod option;
mod parse;
mod project;
mod resolve;
mod suggest;
mod symbol;
#[cfg(test)]
mod tests;
mod tools;
mod tracking;
mod type_map;

use proc_macro::TokenStream;

use crate::project::Project;

/// Makes a struct the rows of a table: a repository, a type for new rows, columns for filters, and an enum
/// for sorting.
///
/// The struct is compared with the SQL migrations of the crate while it is compiled. `#[persist(…)]` takes
///
/// - above the struct `table = "…"` and `crate = "…"`; the names of what is made for it, `repository = "…"`, `new = "…"`,
///   `fields = "…"`, `columns = "…"` and `order = "…"` (the enum for sorting), where the program has types of those names;
///   `read_only` beside a `table` that is a view of the database, or a materialized one;
///   `rename_all = "camelCase"` (or another spelling that serde knows) for columns that are spelled otherwise than the fields;
///   `validate = path` and `validate_new = path` for functions that take `&Pipeline` and `&NewPipeline` and
///   answer `Result<(), E>` before a row is sent, and `garde` where the struct has `garde::Validate`;
///   `filter_by(members: Vec<Member>, has_many)`, any number of times, for relations that are no fields, but stand
///   in conditions, with `filter = "…"` and `index = "none"` behind them; in these and in views `references = "…"` beside
///   `foreign_key` says what the columns are equal to where no foreign key does;
/// - above a field one of `id` (the columns of the primary key; of a table that has none, those of the UNIQUE key over
///   NOT NULL columns that tells its rows apart, the shortest of several), `id(database)`, `version`, `created_at`, `updated_at`, `generated` and
///   `skip`; `one_of` above an enum with `#[derive(OneOf)]`, with `foreign_keys = "user_id, team_id"` in its parentheses where
///   the table has several such groups; or a relation: `has_many`, `has_one`, `belongs_to` or `many_to_many(through = "…")`, each with
///   `table = "…"` and `foreign_key = "…"` in its parentheses where the field's name and type do not say
///   enough, and `other_key = "…"` for the second key of a link;
/// - beside it `column = "…"`, and beside a relation `order_by = "…"`, `filter = "…"`, `limit = …`,
///   `max_depth = …` of a tree, `key_by = "…"` of a map, and `index = "none"` where its foreign key is not to
///   be indexed; `orphans = "delete"` or `"null"` for rows that are taken out of it, `cascade` where the
///   migrations must say ON DELETE CASCADE, and beside `many_to_many` `insert = true` where rows that are not
///   stored are inserted with the struct.
///
/// A new row takes with it what its relations are given: `has_many` and `has_one` new rows, `many_to_many`
/// the keys of rows that exist, or the handles of rows that the same unit of work inserts.
///
/// `ancestors` are the rows above one in its tree, which are only read; `ancestors(foreign_key = "…")` where the table has
/// several foreign keys to itself.
#[proc_macro_derive(Repository, attributes(persist))]
pub fn derive_repository(input: TokenStream) -> TokenStream {
    expanded(input, expand::repository)
}

/// Makes a struct another way of reading the rows of an entity: some of the columns, other relations, values
/// of both.
///
/// `#[persist(of = Pipeline)]` above the struct says of which, and `table = "…"` which table that maps where
/// its name does not. Fields are columns, relations as in `#[derive(Repository)]`, `count = "table"`, `exists
/// = "table"`, `min`, `max`, `sum` or `avg` of `"table.column"` (each with `filter = "…"` and `foreign_key =
/// "…"` beside it), `depth` or `path = "column"` of a tree, or `sql = "expression"`. `filter_by(…)` above it is for conditions over relations that lead to
/// the view; those of a query are over the columns of its entity.
#[proc_macro_derive(View, attributes(persist))]
pub fn derive_view(input: TokenStream) -> TokenStream {
    expanded(input, expand::view)
}

/// Makes a Rust enum the values of an enum type of the database: each variant a label, in `snake_case` unless `rename_all =
/// "SCREAMING_SNAKE_CASE"` (or another spelling that serde knows) above the enum, or `rename = "…"` above the variant says
/// otherwise; `#[persist(other)] Other(String)` holds the labels that have no variant, such as one that a later migration
/// adds. `#[persist(type = "order_status")]` says which type, where the name of the enum does not.
#[proc_macro_derive(Enum, attributes(persist))]
pub fn derive_enum(input: TokenStream) -> TokenStream {
    expanded(input, expand::enumeration)
}

/// Makes a struct the values of a composite type of the database, `CREATE TYPE … AS (…)`: each field one of the type's, by
/// its name, unless `rename_all = "camelCase"` above the struct or `rename = "…"` above the field says otherwise.
/// `#[persist(type = "address")]` says which type, where the name of the struct does not.
///
/// PostgreSQL lets each field of a composite value be NULL: an `Option` holds that, and elsewhere it is an error when the value is
/// read.
#[proc_macro_derive(Composite, attributes(persist))]
pub fn derive_composite(input: TokenStream) -> TokenStream {
    expanded(input, expand::composite)
}

/// Makes an enum one of several foreign keys of which a row has one, as a CHECK of the migrations says, such as
/// `CHECK (num_nonnulls(user_id, team_id) = 1)`: each variant holds the key of another table. It is that of a field with
/// `#[persist(one_of)]`.
///
/// A variant is called like its foreign key (`User` like `user_id`) or like the table to which that leads, or says
/// `#[persist(foreign_key = "…")]`. `#[persist(table = "…")]` above the enum says which table, where several have arcs of
/// such names. Tables whose columns are called alike share one enum.
#[proc_macro_derive(OneOf, attributes(persist))]
pub fn derive_one_of(input: TokenStream) -> TokenStream {
    expanded(input, expand::one_of)
}

/// Makes a struct with one field, such as `struct PipelineId(Uuid)`, a type that columns can have.
#[proc_macro_derive(Domain, attributes(persist))]
pub fn derive_domain(input: TokenStream) -> TokenStream {
    expanded(input, expand::domain)
}

/// Makes a struct of repositories a value that services can take: it is made of a database or of a unit of
/// work, and works with both alike.
///
/// The struct has one lifetime and named fields; each is a repository such as `PipelineRepository<'a>`, or
/// another such struct. It gets `new(session)`, which takes a `&Database`, a `&UnitOfWork`, a `Database` or a
/// `Session`, and `From` for each of them. `#[persist(crate = "…")]` says where `persist` is.
#[proc_macro_derive(Repositories, attributes(persist))]
pub fn derive_repositories(input: TokenStream) -> TokenStream {
    expanded(input, expand::repositories)
}

fn expanded(
    input: TokenStream,
    expand: fn(proc_macro2::TokenStream, &Project) -> proc_macro2::TokenStream,
) -> TokenStream {
    let project = Project::from_environment(proc_macro::Span::call_site().local_file());
    tracking::tracked(&project, tools::known(project.file(), expand(input.into(), &project))).into()
}
