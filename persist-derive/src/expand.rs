//! The passes in their order, for each derive.

use proc_macro2::{Ident, TokenStream};
use syn::{DeriveInput, Path};

use crate::context::Context;
use crate::emit::{self, fallback};
use crate::model::{BoundEntity, Entity};
use crate::project::Project;
use crate::{parse, resolve};

/// `#[derive(Repository)]`.
pub(crate) fn repository(input: TokenStream, project: &Project) -> TokenStream {
    let fallback = |input: &DeriveInput, krate: &Path, mistakes: &[syn::Error]| {
        let (constants, order) = names(input, project);
        fallback::entity(input, krate, mistakes, &constants, &order)
    };
    expand(input, project, fallback, |ctx, input| {
        let entity = parse::entity(ctx, input, project);
        row(ctx, input, project, entity, emit::repository)
    })
}

/// `#[derive(View)]`.
pub(crate) fn view(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, project, fallback::view, |ctx, input| {
        let view = parse::view(ctx, input, project);
        let of = view.as_ref().and_then(|view| view.of.clone());
        let view = view.filter(|_| of.is_some());
        row(ctx, input, project, view, |bound| match &of {
            Some(of) => emit::view(bound, of),
            None => TokenStream::new(),
        })
    })
}

/// A struct that is read from rows; of one with mistakes only the types of its fields are asked for.
fn row(
    ctx: &Context,
    input: &DeriveInput,
    project: &Project,
    entity: Option<Entity>,
    emit: impl FnOnce(&BoundEntity) -> TokenStream,
) -> Option<TokenStream> {
    let schema = resolve::schema(ctx, &input.ident, project);
    let entity = entity?;
    let krate = entity.krate.clone();
    match resolve::entity(ctx, entity, &schema?.catalog) {
        Ok(bound) => Some(emit(&bound)),
        // The types of a generic struct mean nothing outside of it.
        Err(_) if !input.generics.params.is_empty() => None,
        Err(columns) => Some(emit::questions(&columns, &krate)),
    }
}

/// `#[derive(Enum)]`.
pub(crate) fn enumeration(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, project, fallback::enumeration, |ctx, input| {
        let enumeration = parse::enumeration(ctx, input, project);
        let schema = resolve::schema(ctx, &input.ident, project);
        let bound = resolve::enumeration(ctx, enumeration?, &schema?.catalog)?;
        ctx.is_empty().then(|| emit::enumeration(&bound))
    })
}

/// `#[derive(Domain)]`.
pub(crate) fn domain(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, project, fallback::newtype, |ctx, input| {
        let newtype = parse::newtype(ctx, input, project)?;
        let bound = resolve::newtype(ctx, newtype, project)?;
        ctx.is_empty().then(|| emit::newtype(&bound))
    })
}

/// `#[derive(Repositories)]`.
pub(crate) fn repositories(input: TokenStream, project: &Project) -> TokenStream {
    expand(input, project, fallback::repositories, |ctx, input| {
        let repositories = parse::repositories(ctx, input, project)?;
        ctx.is_empty().then(|| emit::repositories(&repositories))
    })
}

/// The names of the constants of a struct whose mistakes are reported already, and of the enum for sorting.
fn names(input: &DeriveInput, project: &Project) -> (Vec<String>, Ident) {
    let ctx = Context::new();
    let entity = parse::entity(&ctx, input, project);
    let order = entity.as_ref().map_or_else(
        || resolve::order(&input.ident, None),
        |entity| resolve::order(&entity.ident, entity.order.as_ref()),
    );
    let constants = entity.zip(project.schema().ok());
    let constants = constants.map(|(entity, schema)| resolve::constants(&ctx, &entity, &schema.catalog));
    ctx.finish();
    (constants.unwrap_or_default(), order)
}

/// Runs the passes; where one of them reported a mistake, the errors and a fallback come before what could be made.
fn expand(
    input: TokenStream,
    project: &Project,
    fallback: impl FnOnce(&DeriveInput, &Path, &[syn::Error]) -> TokenStream,
    passes: impl FnOnce(&Context, &DeriveInput) -> Option<TokenStream>,
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let ctx = Context::new();
    let expansion = passes(&ctx, &input);
    let mistakes = ctx.finish();
    if mistakes.is_empty() {
        return expansion.unwrap_or_default();
    }
    let mut tokens = fallback(&input, &parse::facade(&input, project), &mistakes);
    tokens.extend(expansion);
    tokens
}
