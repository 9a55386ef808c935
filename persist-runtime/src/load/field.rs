//! What a field of a relation may be, and how it is filled.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use crate::error::Error;
use crate::load::groups::Groups;
use crate::load::row::{At, Row};
use crate::load::shape::Shape;
use crate::sql::joins::joined;
use crate::table::depth::{MOST_LEVELS, too_high};
use crate::table::shape::ToMany;
use crate::value::row_key::LinkKey;
use crate::write::saved_row::{Held, SavedRows};

/// The type of a field that is a relation; it says which struct is on the other side.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no relation: it maps no table",
    label = "expected a struct with `#[derive(Repository)]` or `#[derive(View)]`, or `Vec`, `Option`, `Box` or a map of one"
)]
pub trait Related {
    /// The struct on the other side.
    type Shape: Shape;
}

/// A field for at most one row, which is joined.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a relation to one row",
    label = "expected a struct with `#[derive(Repository)]` or `#[derive(View)]`, or `Option` or `Box` of one"
)]
pub trait OneField: Related + Sized {
    /// Decodes the row that is joined; `None` where there is none.
    ///
    /// # Errors
    /// A cell holds what its field cannot, or there is no row and the field must have one.
    fn decode(row: &mut Row<'_>, is_there: bool) -> Result<Self, Error>;
}

/// A field for the rows of a relation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the rows of a relation",
    label = "expected `Vec` of a struct with `#[derive(Repository)]` or `#[derive(View)]`, or `Option` of one"
)]
pub trait ManyField: Related + Sized {
    /// Makes the field of the rows, in their order.
    fn collect(rows: Vec<Self::Shape>) -> Self;
}

/// A field that is a map.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no map",
    label = "expected `BTreeMap` or `HashMap` of a struct with `#[derive(Repository)]` or `#[derive(View)]`"
)]
pub trait MapField: Related + Sized {
    /// What its entries are found by.
    type Key;

    /// Makes the map of entries.
    fn collect(entries: impl Iterator<Item = (Self::Key, Self::Shape)>) -> Self;

    /// Is each entry found by what it has itself?
    fn is_keyed_by(&self, key: impl Fn(&Self::Shape) -> Self::Key) -> bool;
}

#[diagnostic::do_not_recommend]
impl<T: Shape> Held for T {
    fn show(&self, walker: &mut SavedRows) {
        self.walk(walker);
    }
}

macro_rules! held {
    ($([$($generics:tt)*] $field:ty, $rows:ident => $each:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Held for $field {
            fn show(&self, walker: &mut SavedRows) {
                let $rows = self;
                for row in $each {
                    row.walk(walker);
                }
            }
        }
    )* };
}
held! {
    [T: Shape] Option<T>, rows => rows.iter();
    [T: Shape] Vec<T>, rows => rows;
    [K, T: Shape] BTreeMap<K, T>, rows => rows.values();
    [K, T: Shape, S] HashMap<K, T, S>, rows => rows.values();
}

macro_rules! related {
    ($([$($generics:tt)*] $field:ty => $shape:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Related for $field {
            type Shape = $shape;
        }
    )* };
}
related! {
    [T: Shape] T => T;
    [T: Shape] Option<T> => T;
    [T: Shape] Vec<T> => T;
    [K, T: Shape] BTreeMap<K, T> => T;
    [K, T: Shape, S] HashMap<K, T, S> => T;
}

#[diagnostic::do_not_recommend]
impl<T: Shape> OneField for T {
    fn decode(row: &mut Row<'_>, _: bool) -> Result<Self, Error> {
        T::decode(row)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Shape> OneField for Option<T> {
    fn decode(row: &mut Row<'_>, is_there: bool) -> Result<Self, Error> {
        if is_there {
            return T::decode(row).map(Some);
        }
        let absent = joined(T::shape());
        row.enter(absent.oids.len(), absent.many.len());
        Ok(None)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Shape> ManyField for Vec<T> {
    fn collect(rows: Vec<T>) -> Self {
        rows
    }
}

#[diagnostic::do_not_recommend]
impl<T: Shape> ManyField for Option<T> {
    fn collect(rows: Vec<T>) -> Self {
        rows.into_iter().next()
    }
}

#[diagnostic::do_not_recommend]
impl<K: Ord, T: Shape> MapField for BTreeMap<K, T> {
    type Key = K;

    fn collect(entries: impl Iterator<Item = (K, T)>) -> Self {
        entries.collect()
    }

    fn is_keyed_by(&self, key: impl Fn(&T) -> K) -> bool {
        self.iter().all(|(found_by, row)| *found_by == key(row))
    }
}

#[diagnostic::do_not_recommend]
impl<K: Eq + Hash, T: Shape, S: BuildHasher + Default> MapField for HashMap<K, T, S> {
    type Key = K;

    fn collect(entries: impl Iterator<Item = (K, T)>) -> Self {
        entries.collect()
    }

    fn is_keyed_by(&self, key: impl Fn(&T) -> K) -> bool {
        self.iter().all(|(found_by, row)| *found_by == key(row))
    }
}

/// Decodes a relation that is joined. Where it is optional, a cell in front of it says whether it is there.
///
/// # Errors
/// Those of [`OneField::decode`].
pub fn one<T: OneField>(row: &mut Row<'_>, is_optional: bool) -> Result<T, Error> {
    let is_there = match is_optional {
        true => {
            let flag = row.enter(1, 0);
            row.cell::<bool>(flag.cell(0))?
        }
        false => true,
    };
    T::decode(row, is_there)
}

/// The rows of a relation of the struct that begins at `at`.
///
/// # Errors
/// A cell holds what its field cannot.
pub fn many<T: ManyField>(
    row: &mut Row<'_>,
    at: At,
    relations: &'static [ToMany],
    index: usize,
) -> Result<T, Error> {
    Ok(T::collect(children(row, at, relations, index)?))
}

/// The rows of a relation as a map.
///
/// # Errors
/// Those of [`many`].
pub fn keyed<T: MapField>(
    row: &mut Row<'_>,
    at: At,
    relations: &'static [ToMany],
    index: usize,
    key: impl Fn(&T::Shape) -> T::Key,
) -> Result<T, Error> {
    let rows = children::<T::Shape>(row, at, relations, index)?;
    Ok(T::collect(rows.into_iter().map(|child| (key(&child), child))))
}

fn children<C: Shape>(
    row: &mut Row<'_>,
    at: At,
    relations: &'static [ToMany],
    index: usize,
) -> Result<Vec<C>, Error> {
    let cells = relations[index].key.iter().map(|column| at.cell(column.index));
    let Some(key) = LinkKey::read(row.arrived(), cells)? else { return Ok(Vec::new()) };
    let rows = match row.group(at, index).as_any().downcast_mut::<Groups<C>>() {
        Some(groups) => groups.take(&key)?,
        None => unreachable!("`{}` was loaded as another struct", relations[index].field),
    };
    if relations[index].climb.is_some() && rows.len() > MOST_LEVELS as usize {
        return Err(too_high(relations[index].field));
    }
    Ok(rows)
}
