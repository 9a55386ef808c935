//! Which file a path means. Re-exports are followed, so that a `mod.rs` which only hands names on ties no
//! knots.

use std::collections::{BTreeMap, BTreeSet};

use crate::module::{ALL, Modules, Names};

/// Which file imports which other files, and by which names.
pub(crate) type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// What the files of a crate import from each other. A `mod` is no import, and a re-export is none of the
/// file that it is written in; what the code of that file does with the name is one.
pub(crate) fn imports(modules: &Modules) -> Imports {
    let mut imports = Imports::new();
    for (place, module) in modules {
        let scope = Scope { modules, place, steps: STEPS };
        // Where a name is that of a module as well, the code says which of the two is meant.
        let private = module.imports.iter().filter(|import| !import.is_re_export);
        let private = private.map(|import| &import.path).filter(|path| !scope.is_module(path));
        let paths = private.chain(&module.paths).map(|path| scope.find(path));
        let calls = module.calls.iter().map(|path| scope.find(path).or_else(|| scope.macro_above(path)));
        for found in paths.chain(calls).flatten() {
            let Found::Item(defining, name) = found else { continue };
            let file = &modules[&defining].file;
            if *file != module.file && name != ALL {
                let files = imports.entry(module.file.clone()).or_default();
                files.entry(file.clone()).or_default().insert(name);
            }
        }
    }
    imports
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    /// The module that defines it, and its name there.
    Item(Names, String),
    Module,
    /// Something of another crate.
    Outside,
}

/// How many imports are followed before they are taken to lead in a circle.
const STEPS: usize = 16;

/// A module in which a path is written.
#[derive(Clone, Copy)]
struct Scope<'m> {
    modules: &'m Modules,
    place: &'m [String],
    steps: usize,
}

impl<'m> Scope<'m> {
    /// The same for another module.
    fn at(self, place: &[String]) -> Option<Scope<'m>> {
        let (place, _) = self.modules.get_key_value(place)?;
        Some(Scope { place, steps: self.steps.checked_sub(1)?, ..self })
    }

    /// What a path means. `None` where it begins with a local variable, another crate or a name of the
    /// prelude.
    fn find(self, path: &[String]) -> Option<Found> {
        let Some((first, rest)) = path.split_first() else { return Some(Found::Module) };
        match first.as_str() {
            "crate" => self.at(&[])?.inside(rest),
            "self" => self.at(self.place)?.inside(rest),
            "super" => self.at(self.place.split_last()?.1)?.inside(rest),
            _ => self.named(first, rest),
        }
    }

    /// What a path means after the name of this module. What cannot be found there is made by a macro.
    fn inside(self, path: &[String]) -> Option<Found> {
        let made = || path.first().map(|name| Found::Item(self.place.to_vec(), name.clone()));
        self.find(path).or_else(made)
    }

    fn named(self, first: &String, rest: &[String]) -> Option<Found> {
        let child = self.at(&[self.place, std::slice::from_ref(first)].concat());
        if let Some(child) = child.filter(|_| !rest.is_empty()) {
            return child.inside(rest);
        }
        if first == ALL || self.modules[self.place].items.contains(first) {
            return Some(Found::Item(self.place.to_vec(), first.clone()));
        }
        let imported = self.imported(first, rest);
        imported.or_else(|| self.through_globs(first, rest)).or(child.map(|_| Found::Module))
    }

    /// What a name means that a `use` of this module brings in. There may be several, of a type and of a
    /// function.
    fn imported(self, first: &String, rest: &[String]) -> Option<Found> {
        let imports = &self.modules[self.place].imports;
        let found = imports.iter().filter(|import| import.name == *first).map(|import| {
            let path = [&import.path, rest].concat();
            // `use uuid::uuid;` goes on in the crate of that name.
            let is_itself = import.path[0] == *first && !self.has_child(first);
            self.at(self.place)
                .filter(|_| !is_itself)
                .and_then(|scope| scope.find(&path))
                .unwrap_or(Found::Outside)
        });
        found.reduce(|one, other| if one == Found::Outside { other } else { one })
    }

    fn through_globs(self, first: &String, rest: &[String]) -> Option<Found> {
        let mut globs = self.modules[self.place].imports.iter().filter(|import| import.name == ALL);
        globs.find_map(|glob| self.at(&self.module(&glob.path)?)?.named(first, rest))
    }

    fn has_child(self, name: &String) -> bool {
        self.modules.contains_key(&[self.place, std::slice::from_ref(name)].concat())
    }

    fn is_module(self, path: &[String]) -> bool {
        self.module(&[path, &[ALL.to_owned()]].concat()).is_some()
    }

    /// The module of a path that ends with [`ALL`].
    fn module(self, path: &[String]) -> Option<Names> {
        match self.at(self.place)?.find(path)? {
            Found::Item(module, name) if name == ALL => Some(module),
            Found::Item(..) | Found::Module | Found::Outside => None,
        }
    }

    /// A macro of the modules around this one, which needs no import.
    fn macro_above(self, path: &[String]) -> Option<Found> {
        let [name] = path else { return None };
        let mut around = (0..self.place.len()).rev().map(|length| &self.place[..length]);
        let module = around.find(|place| self.modules[*place].macros.contains(name))?;
        Some(Found::Item(module.to_vec(), name.clone()))
    }
}
