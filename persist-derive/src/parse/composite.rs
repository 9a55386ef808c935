//! Structs with `#[derive(Composite)]`.

use syn::{Data, DeriveInput, Fields};

use super::{krate, report_generics, respelled, sort, spelling};
use crate::attribute::Attributes;
use crate::context::{Context, Mistake};
use crate::model::{Composite, CompositeField, Parsed};
use crate::project::Project;
use crate::symbol::{self, Place};

/// Reads the struct; what is wrong is reported.
pub(crate) fn composite(ctx: &Context, input: &DeriveInput, project: &Project) -> Parsed<Composite> {
    let attributes = Attributes::read(ctx, &input.attrs, Place::Composite);
    report_generics(ctx, input, "a composite type has fixed fields");
    let krate = krate(ctx, &attributes, project);
    let spelling = spelling(ctx, &attributes);
    let fields = fields(ctx, input).map(|fields| {
        let field = |field: &syn::Field| {
            let written = Attributes::read(ctx, &field.attrs, Place::CompositeField);
            let ident = field.ident.clone()?;
            let rename = written.text(&symbol::RENAME).cloned().or_else(|| respelled(spelling, &ident));
            Some(CompositeField { ty: field.ty.clone(), rename, ident })
        };
        fields.named.iter().filter_map(field).collect()
    });
    let item = fields.map(|fields| Composite {
        ident: input.ident.clone(),
        krate: krate.clone(),
        ty: attributes.text(&symbol::TYPE).cloned(),
        fields,
    });
    Parsed { krate, item }
}

fn fields<'i>(ctx: &Context, input: &'i DeriveInput) -> Option<&'i syn::FieldsNamed> {
    let ident = &input.ident;
    let found = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => return Some(fields),
            Fields::Named(_) | Fields::Unit => "a struct without fields".to_owned(),
            Fields::Unnamed(_) => "a struct whose fields have no names".to_owned(),
        },
        Data::Enum(_) | Data::Union(_) => sort(&input.data).to_owned(),
    };
    let mistake = Mistake::new(format!("`{ident}` is {found}, but a composite type has fields with names"));
    ctx.report(
        ident,
        mistake.write(format!("write `struct {ident} {{ … }}` with a field for each of the type's")),
    );
    None
}
