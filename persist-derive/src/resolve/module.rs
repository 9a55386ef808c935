//! What is beside a struct in its module.
//!
//! A derive sees its struct only. What else is in the module is read from the file, as far as that is known.

use std::fs;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::project::Project;

/// What stands in front of the name of a type.
pub(super) const KEYWORDS: [&str; 5] = ["struct", "enum", "type", "union", "trait"];

/// The text of the file that a struct is in; empty where that is not known.
pub(super) fn text(project: &Project) -> String {
    project.file().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default()
}

/// The tokens of the innermost module or block that defines a type.
pub(super) fn of(text: &str, name: &str) -> Option<Vec<TokenTree>> {
    text.parse().ok().and_then(|file| around(file, name))
}

/// The keyword and the name, if a type is defined at the start of the tokens.
pub(super) fn defined(tokens: &[TokenTree]) -> Option<(&Ident, &Ident)> {
    match tokens {
        [TokenTree::Ident(keyword), TokenTree::Ident(name), ..]
            if KEYWORDS.iter().any(|known| keyword == known) =>
        {
            Some((keyword, name))
        }
        _ => None,
    }
}

fn around(tokens: TokenStream, name: &str) -> Option<Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if tokens.windows(2).filter_map(defined).any(|(_, defined)| defined == name) {
        return Some(tokens);
    }
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => around(group.stream(), name),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{defined, of};

    const FILE: &str = r#"
        // struct NewTag is not here
        mod other { struct NewTag; struct Note; }
        mod own {
            #[derive(Repository)]
            pub struct Tag { id: Uuid }
            fn inside() { struct NewStep; struct Step {} }
            pub enum TagOrder { A }
        }
    "#;

    #[test]
    fn only_the_module_of_the_struct_counts() {
        let names = |name: &str| -> Vec<String> {
            let tokens = of(FILE, name).unwrap_or_default();
            tokens.windows(2).filter_map(defined).map(|(_, name)| name.to_string()).collect()
        };
        assert_eq!(names("Tag"), ["Tag", "TagOrder"]);
        assert_eq!(names("Step"), ["NewStep", "Step"]);
        assert_eq!(names("Note"), ["NewTag", "Note"]);
        assert_eq!(names("Nothing"), [""; 0]);
    }
}
