//! The modules of a crate: in which file each is written, what it defines, and which paths it writes.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, ImplItemFn, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

/// The names of a path: `crate`, `model`, `Entity`.
pub(crate) type Names = Vec<String>;

/// A module: a file, or a part of one.
#[derive(Debug, Default)]
pub(crate) struct Module {
    /// Below the folder of the crate's sources: `resolve/table.rs`.
    pub(crate) file: String,
    pub(crate) items: BTreeSet<String>,
    /// The `macro_rules!` among the items, which the modules below see as well.
    pub(crate) macros: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// The paths in its code.
    pub(crate) paths: Vec<Names>,
    /// The names of the macros that its code calls.
    pub(crate) calls: Vec<Names>,
}

/// The last name of a path that means everything in a module.
pub(crate) const ALL: &str = "*";

/// `use path as name`; of `use path::*` the name is [`ALL`], with which its path ends.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) name: String,
    pub(crate) path: Names,
    /// `pub use` or `pub(…) use`: the name is handed on.
    pub(crate) is_re_export: bool,
}

/// The modules of a crate by their paths; that of the root is empty. Modules for tests are left out.
pub(crate) type Modules = BTreeMap<Names, Module>;

/// Reads a crate from its root file on. `text_of` answers the text of a file, if there is one.
pub(crate) fn read(root: &str, text_of: &dyn Fn(&str) -> Option<String>) -> Modules {
    let mut modules = Modules::new();
    let text = text_of(root).expect("the crate has a root file");
    let mut reader = Reader { text_of, modules: &mut modules, path: Vec::new(), folder: String::new() };
    reader.file(root.to_owned(), &text);
    modules
}

/// Reads one module after the other.
struct Reader<'r> {
    text_of: &'r dyn Fn(&str) -> Option<String>,
    modules: &'r mut Modules,
    /// Of the module that is read.
    path: Names,
    /// Where the files of the modules below it are: empty, or `resolve/`.
    folder: String,
}

impl Reader<'_> {
    fn file(&mut self, file: String, text: &str) {
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        self.module(file, &parsed.items);
    }

    fn module(&mut self, file: String, items: &[Item]) {
        self.modules.insert(self.path.clone(), Module { file, ..Module::default() });
        for item in items {
            let module = self.current();
            module.items.extend(defined(item));
            if let Item::Macro(item) = item {
                module.macros.extend(item.ident.iter().map(Ident::to_string));
            }
            self.visit_item(item);
        }
    }

    fn current(&mut self) -> &mut Module {
        self.modules.get_mut(&self.path).expect("it was inserted before its items are read")
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes(item).iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !item.attrs.iter().any(is_for_tests) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        let folder = format!("{}{name}/", self.folder);
        let outside = std::mem::replace(&mut self.folder, folder.clone());
        let around = self.current().file.clone();
        self.path.push(name);
        if let Some((_, items)) = &item.content {
            self.module(around, items);
        } else {
            let files = [format!("{}.rs", folder.trim_end_matches('/')), format!("{folder}mod.rs")];
            for file in files {
                if let Some(text) = (self.text_of)(&file) {
                    self.file(file, &text);
                }
            }
        }
        self.path.pop();
        self.folder = outside;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // `use ::name` is another crate.
        if item.leading_colon.is_none() {
            let is_re_export = !matches!(item.vis, Visibility::Inherited);
            import(self.current(), &item.tree, &mut Vec::new(), is_re_export);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            self.current().paths.push(names(path));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        let path = names(&item.path);
        // What is quoted is code of somewhere else.
        let quotes = ["quote", "quote_spanned", "parse_quote"];
        if !path.last().is_some_and(|name| quotes.contains(&name.as_str())) {
            let mut found = Vec::new();
            token_paths(item.tokens.clone(), &mut found);
            self.current().paths.extend(found);
        }
        self.current().calls.push(path);
    }

    fn visit_attribute(&mut self, _: &'ast Attribute) {}

    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

fn names(path: &syn::Path) -> Names {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// Writes down what a `use` imports, with the names before its braces in front.
fn import(module: &mut Module, tree: &UseTree, before: &mut Names, is_re_export: bool) {
    let mut add = |name: &str, last: &str| {
        let mut path = before.clone();
        // `use path::{self}` is `use path`.
        if last != "self" {
            path.push(last.to_owned());
        }
        let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name.to_owned() };
        module.imports.push(Import { name, path, is_re_export });
    };
    match tree {
        UseTree::Name(name) => add(&name.ident.to_string(), &name.ident.to_string()),
        UseTree::Rename(rename) => add(&rename.rename.to_string(), &rename.ident.to_string()),
        UseTree::Glob(_) => add(ALL, ALL),
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| import(module, tree, before, is_re_export));
        }
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            import(module, &path.tree, before, is_re_export);
            before.pop();
        }
    }
}

/// The paths in the arguments of a macro: names with `::` between them.
fn token_paths(tokens: TokenStream, found: &mut Vec<Names>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_mark = |at: usize, mark: char| match trees.get(at) {
        Some(TokenTree::Punct(punct)) => punct.as_char() == mark,
        _ => false,
    };
    let is_colons = |at: usize| is_mark(at, ':') && is_mark(at + 1, ':');
    let mut at = 0;
    while at < trees.len() {
        let start = at;
        let mut path = Names::new();
        while let Some(TokenTree::Ident(ident)) = trees.get(at) {
            path.push(ident.to_string());
            at += 1;
            if !is_colons(at) {
                break;
            }
            at += 2;
        }
        match &trees[start] {
            TokenTree::Group(group) => token_paths(group.stream(), found),
            // `.field`, `$crate::name`, `'lifetime` and `::name` are no paths of this crate.
            TokenTree::Ident(_) => {
                let before = start.wrapping_sub(1);
                let is_other = ['.', '$', '\''].iter().any(|mark| is_mark(before, *mark));
                if !(is_other || start >= 2 && is_colons(start - 2)) {
                    found.push(path);
                }
                continue;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    let is_cfg = attribute.path().is_ident("cfg");
    let text = attribute.meta.require_list().map(|list| list.tokens.to_string()).unwrap_or_default();
    is_cfg && (text == "test" || text.starts_with("all (test"))
}

/// The name that an item defines in its module.
fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::ExternCrate(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
