//! An enum must have a variant for each label of its type, and no other.

use persist_schema::Catalog;
use persist_schema::catalog::EnumType;
use syn::ext::IdentExt as _;

use crate::case::snake;
use crate::context::{Context, Mistake};
use crate::model::{BoundEnumeration, Enumeration, Variant};
use crate::suggest::{listed, nearest};

/// Binds the enum to its type. `None` where there is no such type; what does not fit is reported.
pub(crate) fn enumeration(
    ctx: &Context,
    enumeration: Enumeration,
    catalog: &Catalog,
) -> Option<BoundEnumeration> {
    let ty = find(ctx, &enumeration, catalog)?;
    let (others, variants): (Vec<Variant>, Vec<Variant>) =
        enumeration.variants.into_iter().partition(|variant| variant.is_other);
    let enumeration = Enumeration { variants, ..enumeration };
    let labels: Vec<_> =
        enumeration.variants.iter().map(|variant| (variant.ident.clone(), label(variant))).collect();
    report_unknown(ctx, &enumeration, ty);
    match others.as_slice() {
        [] => report_missing(ctx, &enumeration, ty),
        [_] => {}
        [_, second, ..] => {
            let mistake = Mistake::new("two variants stand for all other labels");
            ctx.report(&second.ident, mistake.write("leave one of them out"));
        }
    }
    Some(BoundEnumeration {
        ident: enumeration.ident,
        krate: enumeration.krate,
        name: ty.name.clone(),
        labels,
        other: others.into_iter().next().map(|other| other.ident),
    })
}

fn find<'c>(ctx: &Context, enumeration: &Enumeration, catalog: &'c Catalog) -> Option<&'c EnumType> {
    let written = enumeration.ty.as_ref();
    let name = written.map_or_else(|| snake(&enumeration.ident.unraw().to_string()), syn::LitStr::value);
    if let Some(found) = catalog.enum_type(&name) {
        return Some(found);
    }
    let names: Vec<String> = catalog.enums().map(|found| found.name.to_string()).collect();
    let what = match written {
        Some(_) => format!("the enum type `{name}` does not exist"),
        None => {
            format!("`{}` does not say which enum type it maps: `{name}` does not exist", enumeration.ident)
        }
    };
    let mistake = Mistake::new(what);
    let near = nearest(&name, names.iter().map(String::as_str)).and_then(|name| catalog.enum_type(name));
    let mistake = match near {
        Some(found) => mistake
            .found(format!("`{}` ({})", found.name, found.origin))
            .write(format!("write `#[persist(type = \"{}\")]`", found.name)),
        None => mistake
            .found(listed(names.iter().map(String::as_str)))
            .write("write `#[persist(type = \"…\")]` with the name of a `CREATE TYPE … AS ENUM`"),
    };
    match written {
        Some(written) => ctx.report(written, mistake),
        None => ctx.report(&enumeration.ident, mistake),
    }
    None
}

fn label(variant: &Variant) -> String {
    match &variant.rename {
        Some(written) => written.value(),
        None => snake(&variant.ident.unraw().to_string()),
    }
}

fn report_unknown(ctx: &Context, enumeration: &Enumeration, ty: &EnumType) {
    for (index, variant) in enumeration.variants.iter().enumerate() {
        let label = label(variant);
        let mistake = if !ty.labels.contains(&label) {
            let mistake = Mistake::new(format!("the enum type `{}` has no label `{label}`", ty.name));
            let free = ty
                .labels
                .iter()
                .filter(|free| !enumeration.variants.iter().any(|v| self::label(v) == **free));
            let mistake = mistake.found(format!(
                "`{}` ({}) has {}",
                ty.name,
                ty.origin,
                listed(ty.labels.iter().map(String::as_str))
            ));
            match nearest(&label, free.map(String::as_str)) {
                Some(meant) => {
                    mistake.write(format!("write `#[persist(rename = \"{meant}\")]` above the variant"))
                }
                None => mistake.write(
                    "leave the variant out, or add the label in a migration: `ALTER TYPE … ADD VALUE …`",
                ),
            }
        } else if enumeration.variants[..index].iter().any(|earlier| self::label(earlier) == label) {
            Mistake::new(format!("two variants stand for the label `{label}`")).write("leave one of them out")
        } else {
            continue;
        };
        match &variant.rename {
            Some(written) => ctx.report(written, mistake),
            None => ctx.report(&variant.ident, mistake),
        }
    }
}

fn report_missing(ctx: &Context, enumeration: &Enumeration, ty: &EnumType) {
    let has = |label: &&String| enumeration.variants.iter().any(|variant| self::label(variant) == **label);
    let missing: Vec<&str> = ty.labels.iter().filter(|label| !has(label)).map(String::as_str).collect();
    // A variant with a misspelt label is reported already, and would be missed here a second time.
    let misspelt = enumeration.variants.iter().filter(|variant| !ty.labels.contains(&label(variant))).count();
    if missing.len() <= misspelt {
        return;
    }
    let variants: Vec<String> = missing.iter().map(|label| crate::case::camel(label)).collect();
    let mistake = Mistake::new(format!(
        "`{}` has no variant for {}",
        enumeration.ident,
        listed(missing.iter().copied())
    ))
    .found(format!("the labels of `{}` ({})", ty.name, ty.origin))
    .write(format!("add {}", listed(variants.iter().map(String::as_str))));
    ctx.report(&enumeration.ident, mistake);
}
