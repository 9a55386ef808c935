//! `…Repository<'_>`: it derefs to the runtime's repository, and has a finder and an upsert for each UNIQUE
//! key.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::check::function;
use super::indices::indices;
use super::names::Names;
use crate::model::{BoundEntity, BoundUnique};
use crate::option::option_argument;

pub(super) fn ty(entity: &BoundEntity, names: &Names) -> TokenStream {
    let BoundEntity { ident, vis, table, .. } = entity;
    let Names { repository, private, .. } = names;
    let doc = format!(
        "Finds, writes and deletes rows of `{}`. Domain queries are inherent methods of this type.",
        table.shown
    );
    quote! {
        #[doc = #doc]
        #vis struct #repository<'a>(#private::Repository<'a, #ident>);
    }
}

pub(super) fn implementation(entity: &BoundEntity, names: &Names) -> TokenStream {
    let ident = &entity.ident;
    let Names { repository, private, .. } = names;
    let methods: Vec<TokenStream> =
        entity.uniques.iter().map(|unique| methods(entity, unique, names)).collect();
    let methods = (!methods.is_empty()).then(|| quote!(impl<'a> #repository<'a> { #(#methods)* }));
    quote! {
        #private::repository!(#repository, #ident);
        #methods
    }
}

fn methods(entity: &BoundEntity, unique: &BoundUnique, names: &Names) -> TokenStream {
    let columns = unique.columns.iter().map(|index| &entity.columns[*index]);
    let key = columns.map(|column| format!("`{}`", column.name)).collect::<Vec<_>>().join(", ");
    let key = match (&unique.found_by.condition, unique.found_by.is_partial) {
        (Some(condition), true) => format!("{key} among those of the index: `{}`", readable(condition)),
        (Some(condition), false) => format!("{key}: `{}`", readable(condition)),
        (None, _) => key,
    };
    let finder = finder(entity, unique, &key, &names.private);
    let upsert = (unique.is_arbiter && !entity.is_read_only).then(|| upsert(entity, unique, &key, names));
    quote!(#finder #upsert)
}

/// SQL as documentation shows it.
fn readable(sql: &str) -> String {
    sql.replace("\0.", "")
}

fn finder(entity: &BoundEntity, unique: &BoundUnique, key: &str, private: &TokenStream) -> TokenStream {
    let BoundEntity { ident, vis, .. } = entity;
    let method = format_ident!("find_by_{}", unique.suffix);
    let doc = format!("The row with this {key}, or `None`. One round trip.");
    let finder = found_by(entity, unique);
    let arguments = unique.columns.iter().map(|index| {
        let column = &entity.columns[*index];
        let (name, parameter) = (&column.ident, function(&entity.columns, *index, "parameter"));
        // Mostly NULL is equal to nothing, so that the argument is no `Option`.
        match option_argument(&column.ty).filter(|_| !unique.found_by.nulls.contains(index)) {
            Some(inner) => quote!(#name: #inner => #parameter(&__p::Some(#name.assign()))),
            None => {
                let ty = &column.ty;
                quote!(#name: #ty => #parameter(&#name.assign()))
            }
        }
    });
    quote!(#private::find_by! { #doc #vis #method #ident #finder; #(#arguments),* })
}

/// The columns by which a row is found, and the condition where that is another one.
fn found_by(entity: &BoundEntity, unique: &BoundUnique) -> TokenStream {
    let (picked, condition) = (indices(&entity.places(&unique.columns)), unique.found_by.condition.iter());
    quote!(#picked #(#condition)*)
}

fn upsert(entity: &BoundEntity, unique: &BoundUnique, key: &str, names: &Names) -> TokenStream {
    let BoundEntity { ident, vis, .. } = entity;
    let Names { new, private, .. } = names;
    let method = format_ident!("upsert_by_{}", unique.suffix);
    let doc =
        format!("Writes a new row, or changes the one with its {key} to what is given. One round trip.");
    let get = format_ident!("get_or_insert_by_{}", unique.suffix);
    let get_doc = format!(
        "The row with the {key} of a new one, which is inserted if there is none; and whether it is new. One round trip."
    );
    let (finder, model) = (found_by(entity, unique), super::entity::upsert_by(entity, unique));
    quote!(#private::upsert_by! { #doc #vis #method #get_doc #get #ident #new #finder; #model })
}
