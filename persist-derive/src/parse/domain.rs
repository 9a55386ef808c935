//! Structs with `#[derive(Domain)]`.

use syn::{Data, DeriveInput, Fields, Type};

use super::{krate, report_generics, sort};
use crate::attribute::Attributes;
use crate::context::{Context, Mistake};
use crate::model::{Newtype, Parsed};
use crate::project::Project;
use crate::symbol::{self, Place};

/// Reads the newtype; what is wrong is reported.
pub(crate) fn newtype(ctx: &Context, input: &DeriveInput, project: &Project) -> Parsed<Newtype> {
    let attributes = Attributes::read(ctx, &input.attrs, Place::Domain);
    report_generics(ctx, input, "a column has one type");
    let krate = krate(ctx, &attributes, project);
    let item = inner(ctx, input).map(|inner| Newtype {
        ident: input.ident.clone(),
        krate: krate.clone(),
        ty: attributes.text(&symbol::TYPE).cloned(),
        inner,
    });
    Parsed { krate, item }
}

/// The type of the only field.
fn inner(ctx: &Context, input: &DeriveInput) -> Option<Type> {
    let ident = &input.ident;
    let found = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                return Some(fields.unnamed[0].ty.clone());
            }
            Fields::Unnamed(fields) => format!("a struct with {} fields", fields.unnamed.len()),
            Fields::Named(_) => "a struct whose fields have names".to_owned(),
            Fields::Unit => "a struct without fields".to_owned(),
        },
        Data::Enum(_) | Data::Union(_) => sort(&input.data).to_owned(),
    };
    let mistake = Mistake::new(format!("`{ident}` is {found}, but `Domain` wraps one value"));
    ctx.report(
        ident,
        mistake.write(format!("write `struct {ident}(Uuid);` with the type that the column has")),
    );
    None
}
