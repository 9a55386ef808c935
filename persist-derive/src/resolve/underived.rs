//! Fields with `one_of` whose enum has no `#[derive(OneOf)]`.
//!
//! What such a field lacks is asked for at every place where the columns of the enum are meant: one sentence says it before
//! the compiler does, where the enum is beside the struct.

use proc_macro2::TokenTree;
use syn::Type;

use super::module;
use crate::context::{Context, Mistake};
use crate::model::{Entity, Field, Role};
use crate::project::Project;

/// Reports such fields, and takes them out.
pub(crate) fn underived(ctx: &Context, entity: &mut Entity, project: &Project) {
    if !entity.fields.iter().any(|field| matches!(field.role, Role::OneOf(_))) {
        return;
    }
    let beside = module::of(&module::text(project), &entity.ident.to_string()).unwrap_or_default();
    entity.fields.retain(|field| {
        let named = held(field).filter(|name| is_underived(&beside, name));
        if let Some(name) = &named {
            let mistake = Mistake::new(format!("`{name}` is not one of several foreign keys"));
            ctx.report(&field.ty, mistake.write(format!("write `#[derive(OneOf)]` above `{name}`")));
        }
        named.is_none()
    });
}

/// The name of the type that a field with `one_of` holds, or may hold.
fn held(field: &Field) -> Option<String> {
    let Type::Path(path) = &field.ty else { return None };
    let last = matches!(field.role, Role::OneOf(_)).then(|| path.path.segments.last()).flatten()?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return (path.path.segments.len() == 1).then(|| last.ident.to_string());
    };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(Type::Path(inner))) => {
            inner.path.get_ident().map(ToString::to_string)
        }
        _ => None,
    }
}

/// Is the type defined here, without the derive above it?
fn is_underived(tokens: &[TokenTree], name: &str) -> bool {
    let at = (0..tokens.len()).find(|at| {
        module::defined(&tokens[*at..]).is_some_and(|(keyword, defined)| keyword != "type" && defined == name)
    });
    let Some(at) = at else { return false };
    let attributes = tokens[..at].iter().rev().take_while(|token| match token {
        TokenTree::Punct(mark) => mark.as_char() == '#',
        TokenTree::Ident(word) => word == "pub",
        TokenTree::Group(_) => true,
        TokenTree::Literal(_) => false,
    });
    !attributes
        .into_iter()
        .any(|token| matches!(token, TokenTree::Group(group) if group.to_string().contains("OneOf")))
}

#[cfg(test)]
mod tests {
    use super::is_underived;

    #[test]
    fn the_derive_is_among_the_attributes() {
        let file = r#"
            #[derive(Debug, OneOf)] enum One { User(Uuid) }
            #[derive(persist::OneOf)] #[persist(table = "shares")] pub(crate) enum Two { User(Uuid) }
            #[derive(Debug)] pub enum Three { User(Uuid) }
            enum Four { User(Uuid) }
            type Five = One;
        "#;
        let tokens: Vec<_> = file.parse::<proc_macro2::TokenStream>().expect("tokens").into_iter().collect();
        let found = ["One", "Two", "Three", "Four", "Five", "Six"].map(|name| is_underived(&tokens, name));
        assert_eq!(found, [false, false, true, true, false, false]);
    }
}
