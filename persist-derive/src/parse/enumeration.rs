//! Enums with `#[derive(Enum)]`.

use syn::{Data, DeriveInput, Fields};

use super::{krate, report_generics, respelled, sort, spelling};
use crate::attribute::Attributes;
use crate::case::Spelling;
use crate::context::{Context, Mistake};
use crate::model::{Enumeration, Parsed, Variant};
use crate::project::Project;
use crate::symbol::{self, Place};

/// Reads the enum; what is wrong is reported.
pub(crate) fn enumeration(ctx: &Context, input: &DeriveInput, project: &Project) -> Parsed<Enumeration> {
    let attributes = Attributes::read(ctx, &input.attrs, Place::Enum);
    report_generics(ctx, input, "an enum type has fixed labels");
    let krate = krate(ctx, &attributes, project);
    let spelling = spelling(ctx, &attributes);
    let item = variants(ctx, input, spelling).map(|variants| Enumeration {
        ident: input.ident.clone(),
        krate: krate.clone(),
        ty: attributes.text(&symbol::TYPE).cloned(),
        variants,
    });
    Parsed { krate, item }
}

fn variants(ctx: &Context, input: &DeriveInput, spelling: Option<Spelling>) -> Option<Vec<Variant>> {
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
    Some(data.variants.iter().map(|variant| self::variant(ctx, variant, spelling)).collect())
}

fn variant(ctx: &Context, variant: &syn::Variant, spelling: Option<Spelling>) -> Variant {
    let attributes = Attributes::read(ctx, &variant.attrs, Place::Variant);
    let is_other = attributes.get(&symbol::OTHER).is_some();
    match (&variant.fields, is_other) {
        (Fields::Unit, false) => {}
        (Fields::Unnamed(fields), true) if fields.unnamed.len() == 1 => {}
        (_, true) => {
            let mistake =
                Mistake::new(format!("`{}` holds the labels that have no variant, as text", variant.ident));
            ctx.report(variant, mistake.write(format!("write `{}(String)`", variant.ident)));
        }
        (Fields::Named(_) | Fields::Unnamed(_), false) => {
            let mistake =
                Mistake::new(format!("`{}` has fields, but a label stands for nothing else", variant.ident));
            let write = format!(
                "write `{0}` alone; or `#[persist(other)] {0}(String)` for the labels that have no variant",
                variant.ident
            );
            ctx.report(variant, mistake.write(write));
        }
    }
    if let Some(rename) = attributes.text(&symbol::RENAME).filter(|_| is_other) {
        let mistake = Mistake::new("`other` and `rename` contradict each other");
        ctx.report(rename, mistake.write("leave one of them out; `other` stands for no label of its own"));
    }
    let rename = attributes.text(&symbol::RENAME).cloned().or_else(|| respelled(spelling, &variant.ident));
    Variant { ident: variant.ident.clone(), rename, is_other }
}
