//! Enums with `#[derive(Enum)]`.

use syn::{Data, DeriveInput, Fields};

use super::{krate, report_generics, sort};
use crate::attribute::Attributes;
use crate::context::{Context, Mistake};
use crate::model::{Enumeration, Variant};
use crate::project::Project;
use crate::symbol::{self, Place};

/// Reads the enum. `None` where it is none; what is wrong is reported.
pub(crate) fn enumeration(ctx: &Context, input: &DeriveInput, project: &Project) -> Option<Enumeration> {
    let attributes = Attributes::read(ctx, &input.attrs, Place::Enum);
    report_generics(ctx, input, "an enum type has fixed labels");
    let krate = krate(ctx, &attributes, project);
    let Data::Enum(data) = &input.data else {
        let what = format!(
            "`{}` is {}, but the labels of an enum type are the variants of an enum",
            input.ident,
            sort(&input.data)
        );
        ctx.report(
            &input.ident,
            Mistake::new(what).write("for a struct with one field use `#[derive(Domain)]`"),
        );
        return None;
    };
    if data.variants.is_empty() {
        let mistake = Mistake::new(format!("`{}` has no variants", input.ident));
        ctx.report(&input.ident, mistake.write("write one for each label of the enum type"));
        return None;
    }
    Some(Enumeration {
        ident: input.ident.clone(),
        krate,
        ty: attributes.text(&symbol::TYPE).cloned(),
        variants: data.variants.iter().map(|variant| self::variant(ctx, variant)).collect(),
    })
}

fn variant(ctx: &Context, variant: &syn::Variant) -> Variant {
    let attributes = Attributes::read(ctx, &variant.attrs, Place::Variant);
    match &variant.fields {
        Fields::Unit => {}
        Fields::Named(_) | Fields::Unnamed(_) => {
            let mistake =
                Mistake::new(format!("`{}` has fields, but a label stands for nothing else", variant.ident));
            ctx.report(variant, mistake.write(format!("write `{}` alone", variant.ident)));
        }
    }
    Variant { ident: variant.ident.clone(), rename: attributes.text(&symbol::RENAME).cloned() }
}
