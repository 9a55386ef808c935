//! Enums with `#[derive(OneOf)]`.

use syn::{Data, DeriveInput, Fields};

use super::{krate, report_generics, sort};
use crate::attribute::Attributes;
use crate::context::{Context, Mistake};
use crate::model::{Arm, OneOf, Parsed};
use crate::project::Project;
use crate::symbol::{self, Place};

/// Reads the enum; what is wrong is reported.
pub(crate) fn one_of(ctx: &Context, input: &DeriveInput, project: &Project) -> Parsed<OneOf> {
    let attributes = Attributes::read(ctx, &input.attrs, Place::OneOf);
    report_generics(ctx, input, "foreign keys have fixed types");
    let krate = krate(ctx, &attributes, project);
    let item = arms(ctx, input).map(|arms| OneOf {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        krate: krate.clone(),
        table: attributes.text(&symbol::TABLE).cloned(),
        arms,
    });
    Parsed { krate, item }
}

fn arms(ctx: &Context, input: &DeriveInput) -> Option<Vec<Arm>> {
    let ident = &input.ident;
    let Data::Enum(data) = &input.data else {
        let what = format!(
            "`{ident}` is {}, but one of several foreign keys is a variant of an enum",
            sort(&input.data)
        );
        ctx.report(
            ident,
            Mistake::new(what).write("write an enum with a variant for each of them: `User(Uuid)`"),
        );
        return None;
    };
    if data.variants.len() < 2 {
        let mistake = Mistake::new(format!("`{ident}` stands for fewer than two foreign keys"));
        ctx.report(
            ident,
            mistake.write("write a variant for each of several, or give the struct a field for the only one"),
        );
        return None;
    }
    data.variants.iter().map(|variant| arm(ctx, variant)).collect()
}

fn arm(ctx: &Context, variant: &syn::Variant) -> Option<Arm> {
    let attributes = Attributes::read(ctx, &variant.attrs, Place::Arm);
    let foreign_key = attributes.text(&symbol::FOREIGN_KEY).cloned();
    match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            Some(Arm { ident: variant.ident.clone(), ty: fields.unnamed[0].ty.clone(), foreign_key })
        }
        Fields::Unnamed(_) | Fields::Named(_) | Fields::Unit => {
            let mistake =
                Mistake::new(format!("`{}` does not hold a key, which is one value", variant.ident));
            ctx.report(
                variant,
                mistake.write(format!("write `{}(Uuid)`, with the type of the key", variant.ident)),
            );
            None
        }
    }
}
