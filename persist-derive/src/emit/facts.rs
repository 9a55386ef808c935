//! The table of an entity, as data.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::indices::indices;
use super::names::marker;
use crate::model::{BoundReference, BoundTable, Meets, TableFacts, UniqueKey, Wire};

/// The table and its columns.
pub(super) fn table(table: &BoundTable, facts: &TableFacts, private: &TokenStream) -> TokenStream {
    let TableFacts { columns, key, rank, references, uniques, unknown, is_meddled, is_inherited, made: _ } =
        facts;
    let names = names(table);
    let columns = models(columns.iter().map(|column| (&*column.sql, column.wire.as_ref(), None)), private);
    let (key, level) = (indices(key), Literal::u32_unsuffixed(rank.level));
    let references = references.iter().map(reference);
    let uniques = uniques.iter().map(unique);
    let circular = rank.is_circular.then(|| quote!(circular));
    let meddled = is_meddled.then(|| quote!(meddled));
    let inherited = is_inherited.then(|| quote!(inherited));
    let unknown = (!unknown.is_empty()).then(|| {
        let columns = indices(unknown);
        quote!(unknown(&#columns))
    });
    quote! {
        #columns
        #private::table! {
            #names rank #level #circular #meddled #inherited #unknown; key #key;
            references #(#references),*; uniques #(#uniques),*
        }
    }
}

/// The names of a table: for messages, in SQL, and with its schema.
fn names(table: &BoundTable) -> TokenStream {
    let (shown, sql) = (&table.shown, &table.sql);
    let qualified = format!("{}.{}", table.name.schema, table.name.name);
    quote!(#shown #sql #qualified)
}

fn reference(reference: &BoundReference) -> TokenStream {
    let BoundReference { columns, table, target } = reference;
    let (columns, target) = (indices(columns), indices(target));
    quote!(#columns #table #target)
}

fn unique(unique: &UniqueKey) -> TokenStream {
    let UniqueKey { name, columns, nulls_not_distinct, scope, is_deferrable, loose, parking } = unique;
    let columns = indices(columns);
    let nulls = nulls_not_distinct.then(|| quote!(nulls_not_distinct));
    let partial = scope.as_ref().map(|scope| {
        let columns = indices(&scope.columns);
        let tests = scope.tests.iter().map(|(place, holds)| test(*place, holds));
        quote!(partial(&__p::Partial { columns: &#columns, tests: &[#(#tests),*] }))
    });
    let loose = (!loose.is_empty()).then(|| {
        let loose = indices(loose);
        quote!(loose(&#loose))
    });
    let deferrable = is_deferrable.then(|| quote!(deferrable));
    let parked = parking.iter().map(|(place, parking)| {
        let (place, parking) = (Literal::usize_unsuffixed(*place), format_ident!("{parking:?}"));
        quote!((#place, __p::Parking::#parking))
    });
    let parked = (!parking.is_empty()).then(|| quote!(parked(&[#(#parked),*])));
    quote!(#name #columns #nulls #partial #deferrable #loose #parked)
}

fn test(place: usize, holds: &Meets) -> TokenStream {
    let (place, holds) = (
        Literal::usize_unsuffixed(place),
        match holds {
            Meets::True => quote!(True),
            Meets::False => quote!(False),
            Meets::Null => quote!(Null),
            Meets::NotNull => quote!(NotNull),
            Meets::Is(text) => quote!(Is(#text)),
        },
    );
    quote!((#place, __p::Meets::#holds))
}

/// Columns as the statements name them.
pub(super) fn models<'c>(
    columns: impl Iterator<Item = (&'c str, Option<&'c Wire>, Option<TokenStream>)>,
    private: &TokenStream,
) -> TokenStream {
    let model = |(name, wire, derived): (_, _, Option<TokenStream>)| {
        let (model, derived) = (model(name, wire), derived.into_iter());
        quote!(#model #(; #derived)*)
    };
    let models: Vec<TokenStream> = columns.map(model).collect();
    let count = Literal::usize_unsuffixed(models.len());
    quote!(#private::column_models! { #count; #(#models),* })
}

fn model(name: &str, wire: Option<&Wire>) -> TokenStream {
    let Some(wire) = wire else { return quote!(#name __p::Unheld) };
    let marker = marker(&quote!(__p), wire);
    let casts = (!wire.cast.is_empty()).then(|| {
        let Wire { read_cast, cast, array_cast, operators, .. } = wire;
        let within = (!operators.is_empty()).then_some(operators);
        quote!(=> #read_cast #cast #array_cast #within)
    });
    quote!(#name #marker #casts)
}
