//! Types of the program that are called like those that are made for a struct.
//!
//! The module is read only where a word is in the file that could be meant.

use proc_macro2::Ident;

use super::module::{self, KEYWORDS};
use crate::context::{Context, Mistake};
use crate::project::Project;
use crate::symbol::Key;

/// Reports types of the struct's module that have one of these names; answers the other names.
pub(crate) fn namesakes(
    ctx: &Context,
    ident: &Ident,
    names: Vec<(Ident, &'static Key)>,
    project: &Project,
) -> Vec<Ident> {
    let text = module::text(project);
    let taken = |name: &Ident| {
        let (keyword, line) = definition(&text, name)?;
        let beside = module::of(&text, &ident.to_string())?;
        let is_there = beside.windows(2).filter_map(module::defined).any(|(_, defined)| defined == name);
        is_there.then_some((keyword, line))
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

#[cfg(test)]
mod tests {
    use proc_macro2::{Ident, Span};

    use super::definition;

    const FILE: &str = r#"
        pub enum TagOrder { A }
        const TEXT: &str = "struct NewPlugin";
    "#;

    #[test]
    fn a_word_in_the_text_is_looked_for_first() {
        let line = |name| definition(FILE, &Ident::new(name, Span::call_site()));
        assert_eq!(line("TagOrder"), Some(("enum", 2)));
        assert_eq!(line("NewPlugin"), Some(("struct", 3)));
        assert_eq!(line("NewTags"), None);
    }
}
