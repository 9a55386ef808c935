//! Structs with `#[derive(Repositories)]`.

use syn::{Data, DeriveInput, Field, Fields, GenericParam, Lifetime};

use super::{krate, sort};
use crate::attribute::Attributes;
use crate::context::{Context, Mistake};
use crate::model::{Parsed, Repositories};
use crate::project::Project;
use crate::symbol::Place;

/// Reads the struct; what is wrong is reported.
pub(crate) fn repositories(ctx: &Context, input: &DeriveInput, project: &Project) -> Parsed<Repositories> {
    let attributes = Attributes::read(ctx, &input.attrs, Place::Repositories);
    let krate = krate(ctx, &attributes, project);
    // Without fields nothing is said about the lifetime.
    let parts = fields(ctx, input).and_then(|fields| Some((fields, lifetime(ctx, input)?)));
    let item = parts.map(|(fields, lifetime)| Repositories {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        krate: krate.clone(),
        lifetime,
        fields,
    });
    Parsed { krate, item }
}

fn fields(ctx: &Context, input: &DeriveInput) -> Option<Vec<(syn::Ident, syn::Type)>> {
    let ident = &input.ident;
    let found = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => {
                return Some(fields.named.iter().filter_map(|field| named(ctx, field)).collect());
            }
            Fields::Named(_) | Fields::Unit => "a struct without fields",
            Fields::Unnamed(_) => "a struct whose fields have no names",
        },
        Data::Enum(_) | Data::Union(_) => sort(&input.data),
    };
    let mistake =
        Mistake::new(format!("`{ident}` is {found}, but `Repositories` makes one of several by name"));
    ctx.report(
        ident,
        mistake.write(format!("write `struct {ident}<'a> {{ pipelines: PipelineRepository<'a> }}`")),
    );
    None
}

fn named(ctx: &Context, field: &Field) -> Option<(syn::Ident, syn::Type)> {
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("persist")) {
        let mistake = Mistake::new("a repository in a struct takes no attributes");
        ctx.report(
            attribute,
            mistake.write("leave it out: what a repository is like is said where it is derived"),
        );
    }
    field.ident.clone().map(|ident| (ident, field.ty.clone()))
}

/// The lifetime of the session, which must be all that the struct is generic over.
fn lifetime(ctx: &Context, input: &DeriveInput) -> Option<Lifetime> {
    let ident = &input.ident;
    let parameters: Vec<&GenericParam> = input.generics.params.iter().collect();
    let help = format!("write `struct {ident}<'a>`, and `'a` after each repository in it");
    match parameters[..] {
        [GenericParam::Lifetime(lifetime)] => return Some(lifetime.lifetime.clone()),
        [] => {
            let mistake =
                Mistake::new(format!("`{ident}` has no lifetime, but its repositories borrow a session"));
            ctx.report(ident, mistake.write(help));
        }
        _ => {
            let mistake = Mistake::new(format!(
                "`{ident}` is generic over more than the one lifetime of the session that its repositories borrow"
            ));
            ctx.report(&input.generics, mistake.write(help));
        }
    }
    None
}
