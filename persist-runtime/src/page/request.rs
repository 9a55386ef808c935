//! Which page is asked for, and what a page is.

use crate::page::cursor::Cursor;

/// Some rows of a query, and how to get at those around them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; `None` if there are no more rows.
    pub next: Option<Cursor>,
    /// Where the page before ends; `None` if this is the first.
    pub previous: Option<Cursor>,
    /// How many rows the query has on all pages; counted on request only.
    pub total: Option<i64>,
}

impl<T> Page<T> {
    /// The same page with something made of each row.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        let Page { items, next, previous, total } = self;
        Page { items: items.into_iter().map(make).collect(), next, previous, total }
    }
}

/// Which page of a query, and how many rows on it.
///
/// ```
/// # use persist_runtime as persist;
/// use persist::{Cursor, PageRequest};
///
/// let first = PageRequest::first(20).with_total();
/// let from_a_web_form: Option<Cursor> = None;
/// let following = PageRequest::first(20).after(from_a_web_form);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a request does nothing until `page` of a query gets it"]
pub struct PageRequest {
    pub(crate) size: u32,
    pub(crate) start: Start,
    pub(crate) with_total: bool,
}

/// Where a page is.
#[derive(Debug, Clone)]
pub(crate) enum Start {
    First,
    After(Cursor),
    Before(Cursor),
    Offset(u64),
}

impl PageRequest {
    /// The first rows, at most this many.
    pub fn first(size: u32) -> PageRequest {
        PageRequest { size, start: Start::First, with_total: false }
    }

    /// At most this many rows, without as many at the beginning. The more are left out, the longer it takes, and rows that
    /// come or go meanwhile are missed or shown twice; [`after`](Self::after) has neither fault.
    pub fn offset(offset: u64, size: u32) -> PageRequest {
        PageRequest { size, start: Start::Offset(offset), with_total: false }
    }

    /// The rows behind the place that [`Page::next`] named; `None` leaves the request as it is.
    pub fn after(self, cursor: impl Into<Option<Cursor>>) -> PageRequest {
        match cursor.into() {
            Some(cursor) => PageRequest { start: Start::After(cursor), ..self },
            None => self,
        }
    }

    /// The last rows before the place that [`Page::previous`] named; `None` leaves the request as it is.
    pub fn before(self, cursor: impl Into<Option<Cursor>>) -> PageRequest {
        match cursor.into() {
            Some(cursor) => PageRequest { start: Start::Before(cursor), ..self },
            None => self,
        }
    }

    /// Counts the rows of all pages, too, in the same round trip.
    pub fn with_total(self) -> PageRequest {
        PageRequest { with_total: true, ..self }
    }
}
