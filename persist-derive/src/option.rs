//! `Option` as a type of a field.

use syn::Type;

/// The type inside of an `Option`, as far as the tokens show one.
pub(crate) fn option_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match (arguments.args.first(), arguments.args.len()) {
        (Some(syn::GenericArgument::Type(inner)), 1) => Some(inner),
        _ => None,
    }
}
