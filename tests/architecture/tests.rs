//! What this test finds in small crates: it has to see what it forbids.

use std::collections::{BTreeMap, BTreeSet};

use crate::circle;
use crate::floors::Floors;
use crate::module;
use crate::resolve::{self, Imports};

/// What the files of a crate import, by their names and texts.
fn imports(files: &[(&str, &str)]) -> Imports {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    resolve::imports(&module::read("lib.rs", &|file| files.get(file).map(|text| (*text).to_owned())))
}

/// The same of one file: `b.rs: X, Y`.
fn imported(file: &str, files: &[(&str, &str)]) -> Vec<String> {
    let imports = imports(files).remove(file).unwrap_or_default();
    let listed = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>().join(", ");
    imports.into_iter().map(|(file, names)| format!("{file}: {}", listed(names))).collect()
}

/// What `room/user.rs` imports with this text, in a crate with something in every place.
fn user(text: &str) -> Vec<String> {
    imported(
        "room/user.rs",
        &[
            ("lib.rs", "mod data; mod error; mod room; mod nested; pub struct Root;"),
            ("data.rs", "pub struct Data; pub enum Sort { One, Other } pub fn read() {}"),
            (
                "error/mod.rs",
                "mod kind; pub use kind::{Kind, Kind as Renamed}; pub use self::predicates::*;
                mod predicates; pub struct Error;",
            ),
            ("error/kind.rs", "pub enum Kind { Small }"),
            ("error/predicates.rs", "pub fn is_small() {}"),
            (
                "room.rs",
                "mod user; pub mod helper; pub fn helper() {} pub struct Parent; \
                 macro_rules! around { () => {} }",
            ),
            ("room/helper.rs", "pub fn help() {} pub struct Helper;"),
            ("room/user.rs", text),
            ("nested.rs", "pub mod inside { pub mod deeper; pub struct Inner; }"),
            ("nested/inside/deeper.rs", "pub struct Deep;"),
        ],
    )
}

#[test]
fn paths_lead_to_the_files_that_define_what_they_name() {
    for (text, found) in [
        ("use crate::data::Data;", vec!["data.rs: Data"]),
        (
            "use crate::{data::{Data, Sort}, error::{self, Error}};",
            vec!["data.rs: Data, Sort", "error/mod.rs: Error"],
        ),
        ("use super::Parent;", vec!["room.rs: Parent"]),
        ("use super::super::Root;", vec!["lib.rs: Root"]),
        ("use super::{super::data::Data as D};", vec!["data.rs: Data"]),
        ("use super::helper::Helper;", vec!["room/helper.rs: Helper"]),
        ("fn f() { super::helper::help() }", vec!["room/helper.rs: help"]),
        ("use crate::data; fn f(sort: data::Sort) {}", vec!["data.rs: Sort"]),
        ("use crate::data as d; fn f() { d::read() }", vec!["data.rs: read"]),
        ("use crate::data::Sort; fn f() { Sort::One; use Sort::Other; Other; }", vec!["data.rs: Sort"]),
        ("use crate::data::*; fn f(_: &[Data]) {}", vec!["data.rs: Data"]),
        (
            "use crate::nested::inside::{Inner, deeper::Deep};",
            vec!["nested.rs: Inner", "nested/inside/deeper.rs: Deep"],
        ),
        ("mod inline { use super::super::Parent; fn f() { self::g() } fn g() {} }", vec!["room.rs: Parent"]),
    ] {
        assert_eq!(user(text), found, "{text}");
    }
}

#[test]
fn re_exports_are_followed() {
    for (text, found) in [
        ("use crate::error::Kind;", "error/kind.rs: Kind"),
        ("use crate::error::{Renamed as Other};", "error/kind.rs: Kind"),
        ("fn f() { crate::error::Kind::Small; }", "error/kind.rs: Kind"),
        ("use crate::error::is_small;", "error/predicates.rs: is_small"),
        ("use crate::error::Error;", "error/mod.rs: Error"),
        ("use crate::error::made_by_a_macro;", "error/mod.rs: made_by_a_macro"),
    ] {
        assert_eq!(user(text), [found], "{text}");
    }
}

#[test]
fn a_name_of_a_module_and_of_a_function_is_what_the_code_says() {
    assert_eq!(user("use super::helper; fn f() { helper::help() }"), ["room/helper.rs: help"]);
    assert_eq!(user("use super::helper; fn f() { helper() }"), ["room.rs: helper"]);
    assert_eq!(user("use super::helper;"), [""; 0]);
}

#[test]
fn macros_import_what_their_arguments_name() {
    assert_eq!(user("fn f() { assert!(matches!(x, crate::data::Sort::One)) }"), ["data.rs: Sort"]);
    assert_eq!(user("fn f() { vec![X { data: crate::data::read() }] }"), ["data.rs: read"]);
    assert_eq!(user("fn f() { around!() }"), ["room.rs: around"]);
    assert_eq!(user("macro_rules! m { () => { $crate::data::read() } }"), [""; 0]);
    assert_eq!(user("fn f() { quote!(crate::data::read()) }"), [""; 0]);
    assert_eq!(user("fn f() { vec![x.data::<u8>, ::data::read] }"), [""; 0]);
}

#[test]
fn what_is_no_import_is_left_out() {
    for text in [
        "//! [`crate::data::Data`]\n/** crate::data */ fn f() {}",
        "#[doc = \"crate::data\"] fn f() { \"crate::data::Data\"; }",
        "#[cfg(test)] mod tests { use crate::data::Data; }",
        "#[cfg(test)] use crate::data::Data; #[cfg(all(test, unix))] fn f(_: crate::data::Data) {}",
        "struct S; impl S { #[cfg(test)] fn f(_: crate::data::Data) {} }",
        "pub(in crate::room) struct S;",
        "use data::Data; use std::error::Error; fn f() { ::data::read() }",
        "pub use crate::data::Data;",
    ] {
        assert_eq!(user(text), [""; 0], "{text}");
    }
    assert_eq!(user("#[cfg(not(test))] use crate::data::Data;"), ["data.rs: Data"]);
    assert_eq!(user("pub use crate::data::Data; fn f(_: Data) {}"), ["data.rs: Data"]);
}

#[test]
fn re_exports_that_lead_nowhere_come_to_an_end() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::*; pub use crate::b::X; fn f() { y() }"),
        ("b.rs", "pub use crate::a::*; pub use crate::a::X; fn f() { X::new() }"),
    ];
    assert!(imports(&files).len() <= 2);
}

#[test]
fn circles_are_shown_with_what_ties_them() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod table;"),
        ("a.rs", "use crate::b::B; pub struct A;"),
        ("b.rs", "pub struct B; fn f() { crate::c::g() }"),
        ("c.rs", "pub fn g() { crate::a::A; }"),
        // A table of contents and its own files are no circle; a parent that uses its child's items is one.
        ("table/mod.rs", "mod kind; mod row; pub use kind::Kind; pub use row::Row;"),
        ("table/kind.rs", "pub struct Kind;"),
        ("table/row.rs", "use super::Kind; pub struct Row(Kind);"),
    ];
    let circle = "a.rs > b.rs > c.rs > a.rs\n    a.rs imports B of b.rs\n    b.rs imports g of c.rs\n    \
        c.rs imports A of a.rs";
    assert_eq!(circle::circles(&imports(&files)), [circle]);

    let parent = [
        ("lib.rs", "mod parent;"),
        ("parent.rs", "mod child; pub struct Parent(child::Child);"),
        ("parent/child.rs", "pub struct Child; fn f(_: super::Parent) {}"),
    ];
    let circle = "parent.rs > parent/child.rs > parent.rs\n    \
        parent.rs imports Child of parent/child.rs\n    \
        parent/child.rs imports Parent of parent.rs";
    assert_eq!(circle::circles(&imports(&parent)), [circle]);
}

#[test]
fn imports_upwards_and_sideways_are_shown() {
    let files = [
        ("lib.rs", "mod top; mod left; mod right; mod low; mod new;"),
        ("top.rs", "use crate::{left::L, low::D};"),
        ("left.rs", "pub struct L; use crate::right::R; use crate::new::N;"),
        ("right.rs", "mod inside; pub struct R;"),
        ("right/inside.rs", "use super::R; use crate::low::D;"),
        ("low.rs", "pub struct D; use crate::left::L;"),
        ("new.rs", "pub struct N;"),
    ];
    let all: BTreeSet<String> = files.iter().map(|(file, _)| (*file).to_owned()).collect();
    const FLOORS: Floors = &[&["lib"], &["top"], &["left", "right"], &["low"]];
    assert_eq!(
        circle::upwards(&imports(&files), &all, FLOORS),
        ["`new` has no floor", "left.rs imports R of right.rs", "low.rs imports L of left.rs"]
    );
}
