//! The passes in their order, for each derive.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::context::Context;
use crate::emit::fallback::{self, Known};
use crate::model::{BoundEntity, Entity, HalfBound, Made, Parsed};
use crate::project::Project;
use crate::{emit, parse, resolve, symbol};

/// `#[derive(Repository)]`.
pub(crate) fn repository(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, fallback::entity, |ctx, input| {
        let Parsed { krate, item } = parse::entity(ctx, input, project);
        let Made { repository, columns, new, fields, order } = made(input, item.as_ref());
        let known = repository.clone();
        let names = [
            (repository, &symbol::REPOSITORY),
            (columns, &symbol::COLUMNS),
            (new, &symbol::NEW),
            (fields, &symbol::FIELDS),
            (order, &symbol::ORDER),
        ];
        let made = resolve::namesakes(ctx, &input.ident, names.into(), project);
        let row = row(ctx, input, project, item, emit::repository);
        (Known { krate, constants: row.constants, made, repository: known, of: None }, row.tokens)
    })
}

/// `#[derive(View)]`.
pub(crate) fn view(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, fallback::view, |ctx, input| {
        let Parsed { krate, item } = parse::view(ctx, input, project);
        let of = item.as_ref().and_then(|view| view.of.clone());
        let Made { columns, repository, .. } = made(input, item.as_ref());
        let made = resolve::namesakes(ctx, &input.ident, vec![(columns, &symbol::COLUMNS)], project);
        let view = item.filter(|_| of.is_some());
        let row = row(ctx, input, project, view, |bound| match &of {
            Some(of) => emit::view(bound, of),
            None => TokenStream::new(),
        });
        (Known { krate, constants: Vec::new(), made, repository, of }, row.tokens)
    })
}

/// The names of what is made for a struct, as far as they are known.
fn made(input: &DeriveInput, entity: Option<&Entity>) -> Made {
    entity.map_or_else(|| Made::of(&input.ident), |entity| entity.made.clone())
}

/// What a struct that is read from rows becomes.
#[derive(Default)]
struct Row {
    tokens: Option<TokenStream>,
    /// The names of the constants of its constraints, of a struct with mistakes whose table is known.
    constants: Vec<String>,
}

/// A struct that is read from rows; of one with mistakes only the types of its fields are asked for.
fn row(
    ctx: &Context,
    input: &DeriveInput,
    project: &Project,
    entity: Option<Entity>,
    emit: impl FnOnce(&BoundEntity) -> TokenStream,
) -> Row {
    let schema = resolve::schema(ctx, &input.ident, project);
    let Some(mut entity) = entity else { return Row::default() };
    resolve::underived(ctx, &mut entity, project);
    let Some(schema) = schema else {
        // The table may be known even if the migrations have mistakes.
        let constants = project.schema().map(|schema| resolve::constants(&entity, &schema.catalog));
        return Row { tokens: None, constants: constants.unwrap_or_default() };
    };
    let krate = entity.krate.clone();
    match resolve::entity(ctx, entity, &schema.catalog) {
        Ok(bound) => Row { tokens: Some(emit(&bound)), constants: Vec::new() },
        Err(HalfBound { columns, constants }) => {
            // The types of a generic struct mean nothing outside of it.
            let is_generic = !input.generics.params.is_empty();
            Row { tokens: (!is_generic).then(|| emit::questions(&columns, &krate)), constants }
        }
    }
}

/// `#[derive(Enum)]`.
pub(crate) fn enumeration(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, fallback::named, |ctx, input| {
        let Parsed { krate, item } = parse::enumeration(ctx, input, project);
        let schema = resolve::schema(ctx, &input.ident, project);
        let bound = item.zip(schema);
        let bound = bound.and_then(|(item, schema)| resolve::enumeration(ctx, item, &schema.catalog));
        (krate, bound.filter(|_| ctx.is_empty()).map(|bound| emit::enumeration(&bound)))
    })
}

/// `#[derive(Composite)]`.
pub(crate) fn composite(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, fallback::named, |ctx, input| {
        let Parsed { krate, item } = parse::composite(ctx, input, project);
        let schema = resolve::schema(ctx, &input.ident, project);
        let bound = item.zip(schema);
        let bound = bound.and_then(|(item, schema)| resolve::composite(ctx, item, &schema.catalog));
        (krate, bound.filter(|_| ctx.is_empty()).map(|bound| emit::composite(&bound)))
    })
}

/// `#[derive(OneOf)]`.
pub(crate) fn one_of(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, fallback::one_of, |ctx, input| {
        let Parsed { krate, item } = parse::one_of(ctx, input, project);
        let schema = resolve::schema(ctx, &input.ident, project);
        let bound = item.zip(schema);
        let bound = bound.and_then(|(item, schema)| resolve::one_of(ctx, item, &schema.catalog));
        (krate, bound.filter(|_| ctx.is_empty()).map(|bound| emit::one_of(&bound)))
    })
}

/// `#[derive(Domain)]`.
pub(crate) fn domain(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, fallback::newtype, |ctx, input| {
        let Parsed { krate, item } = parse::newtype(ctx, input, project);
        let bound = item.and_then(|newtype| resolve::newtype(ctx, newtype, project));
        (krate, bound.filter(|_| ctx.is_empty()).map(|bound| emit::newtype(&bound)))
    })
}

/// `#[derive(Repositories)]`.
pub(crate) fn repositories(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, fallback::repositories, |ctx, input| {
        let Parsed { krate, item } = parse::repositories(ctx, input, project);
        (krate, item.filter(|_| ctx.is_empty()).map(|item| emit::repositories(&item)))
    })
}

/// Runs the passes, which answer what is known of the item, and what could be made of it. Where one of them
/// reported a mistake, the errors and a fallback made of what is known come before that.
fn expand<K>(
    input: TokenStream,
    fallback: impl FnOnce(&DeriveInput, &K, &[syn::Error]) -> TokenStream,
    passes: impl FnOnce(&Context, &DeriveInput) -> (K, Option<TokenStream>),
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let ctx = Context::new();
    let (known, expansion) = passes(&ctx, &input);
    let mistakes = ctx.finish();
    if mistakes.is_empty() {
        return expansion.unwrap_or_default();
    }
    let mut tokens = fallback(&input, &known, &mistakes);
    tokens.extend(expansion);
    tokens
}
