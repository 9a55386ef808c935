//! Attributes of tools, such as `#[diagnostic::on_unimplemented]`, which crates without the implicit prelude
//! do not know.

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// What a crate or a module writes that has no implicit prelude; then the names of tools mean nothing there.
const NO_PRELUDE: &str = "no_implicit_prelude";

/// The tokens; without the attributes of tools where the file of the struct, or the root of its crate, has no
/// prelude.
pub(crate) fn known(file: Option<&Path>, tokens: TokenStream) -> TokenStream {
    let folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let roots = ["src/lib.rs", "src/main.rs"].map(|root| folder.join(root));
    if file.into_iter().chain(roots.iter().map(PathBuf::as_path)).any(has_no_prelude) {
        without_tools(tokens)
    } else {
        tokens
    }
}

fn has_no_prelude(file: &Path) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.contains(NO_PRELUDE))
}

fn without_tools(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_tool(&group) && is_hash(kept.last()) => {
                kept.pop();
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_tools(group.stream()));
                inner.set_span(group.span());
                kept.push(TokenTree::Group(inner));
            }
            // How the runtime's macro makes the traits of columns.
            TokenTree::Ident(ident) if ident == "__explained" => {
                kept.push(TokenTree::Ident(Ident::new("__plain", ident.span())));
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

/// `[diagnostic::…]`
fn is_tool(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(ident)) if ident == "diagnostic")
}

fn is_hash(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
}

#[cfg(test)]
mod tests {
    use super::without_tools;

    #[test]
    fn only_the_attributes_of_tools_go() {
        let tokens =
            "#[diagnostic::x(a = 1)] #[doc = \"b\"] trait C { #[diagnostic::y] fn d(); } [diagnostic]";
        let kept = without_tools(tokens.parse().unwrap()).to_string();
        assert_eq!(kept, "# [doc = \"b\"] trait C { fn d () ; } [diagnostic]");
    }
}
