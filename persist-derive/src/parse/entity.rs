//! Structs with `#[derive(Repository)]`.

use syn::{Data, DeriveInput, Fields};

use super::{krate, report_generics, sort};
use crate::attribute::{Attributes, Value, Written};
use crate::context::{Context, Mistake};
use crate::model::{Entity, Field, Role};
use crate::project::Project;
use crate::symbol::{self, Place};

/// Reads the struct. `None` where it has no fields with names; what is wrong is reported.
pub(crate) fn entity(ctx: &Context, input: &DeriveInput, project: &Project) -> Option<Entity> {
    let attributes = Attributes::read(ctx, &input.attrs, Place::Entity);
    report_generics(ctx, input, "a table has columns of fixed types");
    let krate = krate(ctx, &attributes, project);
    let fields = named_fields(ctx, input)?.iter().filter_map(|field| self::field(ctx, field)).collect();
    Some(Entity {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        krate,
        table: attributes.text(&symbol::TABLE).cloned(),
        is_unclear: attributes.is_unclear,
        fields,
    })
}

fn named_fields<'i>(ctx: &Context, input: &'i DeriveInput) -> Option<&'i Fields> {
    let ident = &input.ident;
    let write = "write a struct with named fields: one for each column";
    let Data::Struct(data) = &input.data else {
        let mistake =
            Mistake::new(format!("`{ident}` is {}, but a row is read into a struct", sort(&input.data)));
        let write = match input.data {
            Data::Enum(_) => "for the values of an enum type of the database use `#[derive(Enum)]`",
            Data::Struct(_) | Data::Union(_) => write,
        };
        ctx.report(ident, mistake.write(write));
        return None;
    };
    let what = match &data.fields {
        Fields::Named(named) if !named.named.is_empty() => return Some(&data.fields),
        Fields::Named(_) => format!("`{ident}` has no fields"),
        Fields::Unnamed(_) => format!("the fields of `{ident}` have no names, so they match no columns"),
        Fields::Unit => format!("`{ident}` has no fields"),
    };
    ctx.report(ident, Mistake::new(what).write(write));
    None
}

fn field(ctx: &Context, field: &syn::Field) -> Option<Field> {
    let attributes = Attributes::read(ctx, &field.attrs, Place::Field);
    let written = attributes.role();
    Some(Field {
        ident: field.ident.clone()?,
        vis: field.vis.clone(),
        ty: field.ty.clone(),
        column: attributes.text(&symbol::COLUMN).cloned(),
        role: if attributes.is_unclear { Role::Unclear } else { written.map_or(Role::Plain, role) },
        mark: written.map(|written| written.ident.clone()),
    })
}

fn role(written: &Written) -> Role {
    match &written.value {
        Value::Path(path) => Role::Skipped { default: Some(path.clone()) },
        Value::Word => Role::Id { database: true },
        Value::Nothing | Value::Text(_) if *written.key == symbol::ID => Role::Id { database: false },
        Value::Nothing | Value::Text(_) if *written.key == symbol::VERSION => Role::Version,
        Value::Nothing | Value::Text(_) if *written.key == symbol::CREATED_AT => Role::CreatedAt,
        Value::Nothing | Value::Text(_) if *written.key == symbol::UPDATED_AT => Role::UpdatedAt,
        Value::Nothing | Value::Text(_) if *written.key == symbol::GENERATED => Role::Generated,
        Value::Nothing | Value::Text(_) => Role::Skipped { default: None },
    }
}
