//! A struct must have a field for each one of its composite type, and no other.

use persist_schema::Catalog;
use persist_schema::catalog::{CompositeType, Field as Part};
use syn::ext::IdentExt as _;

use crate::case::snake;
use crate::context::{Context, Mistake};
use crate::model::{BoundComposite, BoundCompositeField, Composite, CompositeField, Declared};
use crate::suggest::{listed, nearest};
use crate::type_map;

/// Binds the struct to its type. `None` where there is no such type; what does not fit is reported.
pub(crate) fn composite(ctx: &Context, composite: Composite, catalog: &Catalog) -> Option<BoundComposite> {
    let ty = find(ctx, &composite, catalog)?;
    report_unknown(ctx, &composite, ty);
    report_missing(ctx, &composite, ty);
    let field = |part: &Part| {
        let field = composite.fields.iter().find(|field| name(field) == part.name)?;
        bound(ctx, field, part, ty, catalog)
    };
    let fields: Option<Vec<_>> = ty.fields.iter().map(field).collect();
    Some(BoundComposite {
        fields: fields?,
        name: ty.name.clone(),
        ident: composite.ident,
        krate: composite.krate,
    })
}

fn bound(
    ctx: &Context,
    field: &CompositeField,
    part: &Part,
    ty: &CompositeType,
    catalog: &Catalog,
) -> Option<BoundCompositeField> {
    let shown = format!("{}.{}", ty.name, part.name);
    let mapped = match type_map::map(catalog, &part.ty) {
        Ok(mapped) => mapped,
        Err(why) => {
            let mistake = Mistake::new(format!("`{shown}` has a type that no field can hold yet: {why}"));
            let found = format!("`{}` at {}", type_map::written(&part.ty), part.origin);
            ctx.report(
                &field.ty,
                mistake.found(found).write("read the columns of this type by `Sql` with a cast"),
            );
            return None;
        }
    };
    Some(BoundCompositeField {
        ident: field.ident.clone(),
        ty: field.ty.clone(),
        name: part.name.clone(),
        declared: Declared {
            column: shown,
            ty: type_map::written(&part.ty),
            named: mapped.named,
            place: part.origin.to_string(),
            expected: mapped.rust,
            feature: mapped.feature,
        },
        wire: mapped.wire,
    })
}

fn find<'c>(ctx: &Context, composite: &Composite, catalog: &'c Catalog) -> Option<&'c CompositeType> {
    let written = composite.ty.as_ref();
    let name = written.map_or_else(|| snake(&composite.ident.unraw().to_string()), syn::LitStr::value);
    if let Some(found) = catalog.composite(&name) {
        return Some(found);
    }
    let names: Vec<String> = catalog.composites().map(|found| found.name.to_string()).collect();
    let mistake = Mistake::new(match written {
        Some(_) => format!("the composite type `{name}` does not exist"),
        None => {
            format!(
                "`{}` does not say which composite type it maps: `{name}` does not exist",
                composite.ident
            )
        }
    });
    let near = nearest(&name, names.iter().map(String::as_str)).and_then(|name| catalog.composite(name));
    let mistake = match near {
        Some(found) => mistake
            .found(format!("`{}` ({})", found.name, found.origin))
            .write(format!("write `#[persist(type = \"{}\")]`", found.name)),
        None => mistake
            .found(listed(names.iter().map(String::as_str)))
            .write("write `#[persist(type = \"…\")]` with the name of a `CREATE TYPE … AS (…)`"),
    };
    match written {
        Some(written) => ctx.report(written, mistake),
        None => ctx.report(&composite.ident, mistake),
    }
    None
}

fn name(field: &CompositeField) -> String {
    match &field.rename {
        Some(written) => written.value(),
        None => field.ident.unraw().to_string(),
    }
}

fn report_unknown(ctx: &Context, composite: &Composite, ty: &CompositeType) {
    for (index, field) in composite.fields.iter().enumerate() {
        let name = name(field);
        let mistake = if !ty.fields.iter().any(|part| part.name == name) {
            let free = ty.fields.iter().map(|part| part.name.as_str());
            let free: Vec<&str> = free
                .filter(|free| !composite.fields.iter().any(|field| self::name(field) == *free))
                .collect();
            let mistake = Mistake::new(format!("the composite type `{}` has no field `{name}`", ty.name));
            let all = listed(ty.fields.iter().map(|part| part.name.as_str()));
            let mistake = mistake.found(format!("`{}` ({}) has {all}", ty.name, ty.origin));
            match nearest(&name, free) {
                Some(meant) => {
                    mistake.write(format!("write `#[persist(rename = \"{meant}\")]` above the field"))
                }
                None => mistake
                    .write("leave the field out, or add it in a migration: `ALTER TYPE … ADD ATTRIBUTE …`"),
            }
        } else if composite.fields[..index].iter().any(|earlier| self::name(earlier) == name) {
            Mistake::new(format!("two fields stand for `{name}` of `{}`", ty.name))
                .write("leave one of them out")
        } else {
            continue;
        };
        match &field.rename {
            Some(written) => ctx.report(written, mistake),
            None => ctx.report(&field.ident, mistake),
        }
    }
}

fn report_missing(ctx: &Context, composite: &Composite, ty: &CompositeType) {
    let has = |part: &&Part| composite.fields.iter().any(|field| name(field) == part.name);
    let missing: Vec<&Part> = ty.fields.iter().filter(|part| !has(part)).collect();
    // A field with a misspelt name is reported already, and would be missed here a second time.
    let is_known = |field: &&CompositeField| ty.fields.iter().any(|part| part.name == name(field));
    let misspelt = composite.fields.len() - composite.fields.iter().filter(is_known).count();
    if missing.len() <= misspelt {
        return;
    }
    let names = listed(missing.iter().map(|part| part.name.as_str()));
    let mistake = Mistake::new(format!("`{}` has no field for {names}", composite.ident))
        .found(format!("the fields of `{}` ({})", ty.name, ty.origin))
        .write("add what is missing: a composite value is read and written as a whole");
    ctx.report(&composite.ident, mistake);
}
