//! Types of the program that are called like those that are made for a struct.
//!
//! A derive sees its struct only. What else is in its module is read from the file, as far as that is known, and only where a
//! word is there that could be meant.

use std::fs;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::context::{Context, Mistake};
use crate::project::Project;
use crate::symbol::Key;

/// What stands in front of the name of a type.
const KEYWORDS: [&str; 5] = ["struct", "enum", "type", "union", "trait"];

/// Reports types of the struct's module that have one of these names; answers the other names.
pub(crate) fn namesakes(
    ctx: &Context,
    ident: &Ident,
    names: Vec<(Ident, &'static Key)>,
    project: &Project,
) -> Vec<Ident> {
    let text = project.file().and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    let taken = |name: &Ident| {
        let (keyword, line) = definition(&text, name)?;
        let siblings = text.parse().ok().and_then(|file| siblings(file, &ident.to_string()))?;
        siblings.iter().any(|sibling| name == sibling).then_some((keyword, line))
    };
    let mut free = Vec::new();
    for (name, key) in names {
        match taken(&name) {
            None => free.push(name),
            Some((keyword, line)) => {
                let mistake =
                    Mistake::new(format!("`{name}` is there twice: a derive of `{ident}` makes one"))
                        .found(format!("`{keyword} {name}` at line {line} of the same file"));
                ctx.report(
                    ident,
                    mistake.write(format!(
                        "rename that, or the other: `#[persist({} = \"…\")]` above `{ident}`",
                        key.name
                    )),
                );
            }
        }
    }
    free
}

/// The first line that seems to define a type of this name.
fn definition(text: &str, name: &Ident) -> Option<(&'static str, usize)> {
    let name = name.to_string();
    text.lines().enumerate().find_map(|(index, line)| {
        let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let mut pairs = words.windows(2);
        let keyword = pairs.find(|pair| pair[1] == name && KEYWORDS.contains(&pair[0]))?[0];
        KEYWORDS.into_iter().find(|known| *known == keyword).map(|keyword| (keyword, index + 1))
    })
}

/// The names of the types beside a struct.
fn siblings(tokens: TokenStream, of: &str) -> Option<Vec<Ident>> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let defined = tokens.windows(2).filter_map(|pair| match pair {
        [TokenTree::Ident(keyword), TokenTree::Ident(name)]
            if KEYWORDS.iter().any(|known| keyword == known) =>
        {
            Some(name.clone())
        }
        _ => None,
    });
    let defined: Vec<Ident> = defined.collect();
    if defined.iter().any(|name| name == of) {
        return Some(defined);
    }
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => siblings(group.stream(), of),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Ident, Span};

    use super::{definition, siblings};

    const FILE: &str = r#"
        // struct NewTag is not here
        mod other { struct NewTag; struct Note; }
        mod own {
            #[derive(Repository)]
            pub struct Tag { id: Uuid }
            fn inside() { struct NewStep; struct Step {} }
            pub enum TagOrder { A }
        }
        const TEXT: &str = "struct NewPlugin";
    "#;

    #[test]
    fn only_the_module_of_the_struct_counts() {
        let names = |of: &str| {
            let siblings = siblings(FILE.parse().expect("tokens"), of).unwrap_or_default();
            siblings.iter().map(Ident::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names("Tag"), ["Tag", "TagOrder"]);
        assert_eq!(names("Step"), ["NewStep", "Step"]);
        assert_eq!(names("Note"), ["NewTag", "Note"]);
        assert_eq!(names("Nothing"), [""; 0]);
    }

    #[test]
    fn a_word_in_the_text_is_looked_for_first() {
        let line = |name| definition(FILE, &Ident::new(name, Span::call_site()));
        assert_eq!(line("TagOrder"), Some(("enum", 8)));
        assert_eq!(line("NewPlugin"), Some(("struct", 10)));
        assert_eq!(line("NewTags"), None);
    }
}
