//! Structs with `#[derive(Repository)]` and `#[derive(View)]`.

use syn::{Data, DeriveInput, Fields, Ident};

use super::{krate, path, relation, report_generics, respelled, sort, spelling};
use crate::attribute::{Attributes, Value, Written};
use crate::case::Spelling;
use crate::context::{Context, Mistake};
use crate::model::{ColumnRole, Entity, Field, Made, Parsed, Role, Validation};
use crate::project::Project;
use crate::symbol::{self, Place};

/// Reads the struct, which has to have fields with names; what is wrong is reported.
pub(crate) fn entity(ctx: &Context, input: &DeriveInput, project: &Project) -> Parsed<Entity> {
    read(ctx, input, project, Place::Entity, Place::Field)
}

/// The same of a view, which must say of what it is one.
pub(crate) fn view(ctx: &Context, input: &DeriveInput, project: &Project) -> Parsed<Entity> {
    let parsed = read(ctx, input, project, Place::View, Place::ViewField);
    if let Some(entity) = parsed.item.as_ref().filter(|entity| entity.of.is_none() && !entity.is_unclear) {
        let mistake = Mistake::new(format!("`{}` does not say what it is a view of", entity.ident));
        ctx.report(
            &entity.ident,
            mistake
                .write("write `#[persist(of = …)]` above it, with a struct that has `#[derive(Repository)]`"),
        );
    }
    parsed
}

fn read(
    ctx: &Context,
    input: &DeriveInput,
    project: &Project,
    place: Place,
    inside: Place,
) -> Parsed<Entity> {
    let attributes = Attributes::read(ctx, &input.attrs, place);
    report_generics(ctx, input, "a table has columns of fixed types");
    let krate = krate(ctx, &attributes, project);
    let spelling = spelling(ctx, &attributes);
    let fields = named_fields(ctx, input).map(|fields| {
        fields.iter().filter_map(|field| self::field(ctx, field, inside, spelling)).collect::<Vec<_>>()
    });
    let item = fields.map(|fields| Entity {
        of: attributes.path(&symbol::OF).cloned(),
        made: made(ctx, &input.ident, &attributes),
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        krate: krate.clone(),
        table: attributes.text(&symbol::TABLE).cloned(),
        validation: Validation {
            entity: attributes.path(&symbol::VALIDATE).cloned(),
            new: attributes.path(&symbol::VALIDATE_NEW).cloned(),
            garde: attributes.get(&symbol::GARDE).map(|written| written.ident.clone()),
        },
        read_only: attributes.get(&symbol::READ_ONLY).map(|written| written.ident.clone()),
        is_unclear: attributes.is_unclear,
        paths: path::paths(ctx, &attributes, input, &fields),
        fields,
    });
    Parsed { krate, item }
}

/// The names of what is made for the struct.
fn made(ctx: &Context, ident: &Ident, attributes: &Attributes) -> Made {
    let mut made = Made::of(ident);
    for (key, name) in [
        (&symbol::REPOSITORY, &mut made.repository),
        (&symbol::COLUMNS, &mut made.columns),
        (&symbol::NEW, &mut made.new),
        (&symbol::FIELDS, &mut made.fields),
        (&symbol::ORDER, &mut made.order),
    ] {
        let Some(written) = attributes.text(key) else { continue };
        match written.parse() {
            Ok(ident) => *name = ident,
            Err(_) => {
                let mistake = Mistake::new(format!("`{}` is no name of a type", written.value()));
                ctx.report(written, mistake.write(format!("write a name, such as `{}`", key.form)));
            }
        }
    }
    made
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

fn field(ctx: &Context, field: &syn::Field, place: Place, spelling: Option<Spelling>) -> Option<Field> {
    let attributes = Attributes::read(ctx, &field.attrs, place);
    relation::check(ctx, field, &attributes);
    let written = attributes.role();
    let ident = field.ident.clone()?;
    let role = match written {
        _ if attributes.is_unclear => Role::Unclear,
        None => Role::Column(ColumnRole::Plain),
        Some(written) if *written.key == symbol::ONE_OF => {
            Role::OneOf(written.part(symbol::PART_FOREIGN_KEYS).cloned())
        }
        Some(written) => relation::role(written, &attributes).unwrap_or_else(|| role(written)),
    };
    let spelling = spelling.filter(|_| role.of_column().is_some());
    Some(Field {
        vis: field.vis.clone(),
        ty: field.ty.clone(),
        column: attributes.text(&symbol::COLUMN).cloned().or_else(|| respelled(spelling, &ident)),
        role,
        mark: written.map(|written| written.ident.clone()),
        ident,
    })
}

fn role(written: &Written) -> Role {
    match &written.value {
        Value::Path(path) => Role::Skipped { default: Some(path.clone()) },
        Value::Word => Role::Column(ColumnRole::Id { database: true }),
        Value::Nothing
        | Value::Text(_)
        | Value::Number(_)
        | Value::Bool(_)
        | Value::Parts(_)
        | Value::Field(_) => match written.key {
            key if *key == symbol::ID => Role::Column(ColumnRole::Id { database: false }),
            key if *key == symbol::VERSION => Role::Column(ColumnRole::Version),
            key if *key == symbol::CREATED_AT => Role::Column(ColumnRole::CreatedAt),
            key if *key == symbol::UPDATED_AT => Role::Column(ColumnRole::UpdatedAt),
            key if *key == symbol::GENERATED => Role::Column(ColumnRole::Generated),
            _ => Role::Skipped { default: None },
        },
    }
}
