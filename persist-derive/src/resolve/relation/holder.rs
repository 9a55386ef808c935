//! What the type of a field says about its relation.

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{GenericArgument, PathArguments, Type};

/// The type of a field, taken apart.
pub(super) struct Holder<'t> {
    pub(super) outer: Outer,
    /// The struct on the other side.
    pub(super) element: &'t Type,
}

/// How many rows the field can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outer {
    /// `T` or `Box<T>`
    One,
    /// `Option<T>` or `Option<Box<T>>`
    Optional,
    /// `Vec<T>`
    Many,
    /// `BTreeMap<K, T>` or `HashMap<K, T>`
    Map,
}

impl<'t> Holder<'t> {
    pub(super) fn of(ty: &'t Type) -> Self {
        match taken_apart(ty) {
            Some((name, arguments)) => match (name.as_str(), arguments.as_slice()) {
                ("Option", [inner]) => Self { outer: Outer::Optional, element: unboxed(inner) },
                ("Vec", [inner]) => Self { outer: Outer::Many, element: inner },
                ("BTreeMap" | "HashMap", [_, inner, ..]) => Self { outer: Outer::Map, element: inner },
                _ => Self { outer: Outer::One, element: unboxed(ty) },
            },
            None => Self { outer: Outer::One, element: ty },
        }
    }

    /// The struct on the other side where the field is a container of another kind, such as `HashSet<T>` or
    /// `Option<Vec<T>>`.
    pub(super) fn held_otherwise(&self) -> Option<&'t Type> {
        let mut inner = None;
        let mut ty = self.element;
        while let Some((_, arguments)) = taken_apart(ty) {
            let [only] = arguments.as_slice() else { break };
            ty = only;
            inner = Some(ty);
        }
        inner
    }

    /// Can the field be without a row?
    pub(super) fn may_be_empty(&self) -> bool {
        self.outer != Outer::One
    }

    /// The name of the struct on the other side: `PipelineStep`.
    pub(super) fn name(&self) -> String {
        match plain(self.element) {
            Type::Path(path) => {
                path.path.segments.last().map(|last| last.ident.unraw().to_string()).unwrap_or_default()
            }
            other => other.to_token_stream().to_string(),
        }
    }
}

fn unboxed(ty: &Type) -> &Type {
    match taken_apart(ty) {
        Some((name, arguments)) if name == "Box" && arguments.len() == 1 => arguments[0],
        _ => ty,
    }
}

/// The last name of a path, and its type arguments.
fn taken_apart(ty: &Type) -> Option<(String, Vec<&Type>)> {
    let Type::Path(path) = plain(ty) else { return None };
    let last = path.path.segments.last()?;
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        PathArguments::None | PathArguments::Parenthesized(_) => Vec::new(),
    };
    Some((last.ident.to_string(), arguments))
}

/// The type without the groups that macros put around it.
fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => plain(&group.elem),
        Type::Paren(paren) => plain(&paren.elem),
        other => other,
    }
}
