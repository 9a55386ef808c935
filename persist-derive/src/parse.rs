//! The first pass: from tokens to what was written.

mod composite;
mod domain;
mod entity;
mod enumeration;
mod one_of;
mod path;
mod relation;
mod repositories;

use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Ident, LitStr, Path};

use crate::attribute::Attributes;
use crate::case::Spelling;
use crate::context::{Context, Mistake};
use crate::project::Project;
use crate::suggest::{listed, nearest};
use crate::symbol;

pub(crate) use composite::composite;
pub(crate) use domain::newtype;
pub(crate) use entity::{entity, view};
pub(crate) use enumeration::enumeration;
pub(crate) use one_of::one_of;
pub(crate) use repositories::repositories;

/// The path to the facade: what `crate = "…"` says, or the name that Cargo.toml gives it.
fn krate(ctx: &Context, attributes: &Attributes, project: &Project) -> Path {
    let written = attributes.text(&symbol::CRATE);
    let parsed = written.and_then(|text| match text.parse() {
        Ok(path) => Some(path),
        Err(_) => {
            report_crate(ctx, text);
            None
        }
    });
    parsed.unwrap_or_else(|| project.facade())
}

fn report_crate(ctx: &Context, text: &LitStr) {
    let mistake = Mistake::new(format!("`{}` is no path to a crate", text.value()));
    ctx.report(
        text,
        mistake.write("write the path under which `persist` can be reached: `crate = \"my_crate::persist\"`"),
    );
}

/// The spelling of the names of the database, where `rename_all = "…"` says one.
fn spelling(ctx: &Context, attributes: &Attributes) -> Option<Spelling> {
    let written = attributes.text(&symbol::RENAME_ALL)?;
    let found = Spelling::ALL.iter().find(|(name, _)| *name == written.value());
    if found.is_none() {
        let names = Spelling::ALL.iter().map(|(name, _)| *name);
        let mistake = Mistake::new(format!("`{}` is no spelling", written.value()));
        let mistake = match nearest(&written.value(), names.clone()) {
            Some(meant) => mistake.write(format!("did you mean `{meant}`?")),
            None => mistake.write(format!("write one of {}", listed(names))),
        };
        ctx.report(written, mistake);
    }
    found.map(|(_, spelling)| *spelling)
}

/// What a name of Rust is in the database, as if it was written where that is.
fn respelled(spelling: Option<Spelling>, ident: &Ident) -> Option<LitStr> {
    spelling.map(|spelling| LitStr::new(&spelling.of(&ident.unraw().to_string()), ident.span()))
}

/// Reports generic parameters, which no derive can compare with a schema.
fn report_generics(ctx: &Context, input: &DeriveInput, purpose: &str) {
    if !input.generics.params.is_empty() {
        let mistake = Mistake::new(format!("`{}` is generic, but {purpose}", input.ident));
        ctx.report(&input.generics, mistake.write("write a struct of its own for each type"));
    }
}

/// What the item is, for messages.
fn sort(data: &Data) -> &'static str {
    match data {
        Data::Struct(_) => "a struct",
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    }
}
