//! Which page is asked for, and what a page is.

use crate::page::cursor::Cursor;

/// Some rows of a query, and how to get at those around them.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// use persist::{Page, PageRequest};
///
/// let page: Page<Pipeline> = pipelines.order_by(|p| p.name.asc()).page(PageRequest::first(20)).await?;
/// for pipeline in &page.items {
///     println!("{}", pipeline.name);
/// }
/// let is_last = page.next.is_none();
/// # Ok(())
/// # }
/// ```
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
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// use persist::PageRequest;
    ///
    /// let page = pipelines.order_by(|p| p.name.asc()).page(PageRequest::first(20)).await?;
    /// let names: Vec<String> = page.map(|pipeline| pipeline.name).items;
    /// # Ok(())
    /// # }
    /// ```
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        let Page { items, next, previous, total } = self;
        Page { items: items.into_iter().map(make).collect(), next, previous, total }
    }
}

/// Which page of a query, and how many rows on it.
///
/// ```
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
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// use persist::PageRequest;
    ///
    /// let page = pipelines.order_by(|p| p.name.asc()).page(PageRequest::first(20)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn first(size: u32) -> PageRequest {
        PageRequest { size, start: Start::First, with_total: false }
    }

    /// At most this many rows, without as many at the beginning. The more are left out, the longer it takes,
    /// and rows that come or go meanwhile are missed or shown twice; [`after`](Self::after) has neither
    /// fault.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// use persist::PageRequest;
    ///
    /// let third = pipelines.order_by(|p| p.name.asc()).page(PageRequest::offset(40, 20)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn offset(offset: u64, size: u32) -> PageRequest {
        PageRequest { size, start: Start::Offset(offset), with_total: false }
    }

    /// The rows after the place that [`Page::next`] named; `None` leaves the request as it is.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, cursor: Option<persist::Cursor>) -> Result {
    /// use persist::PageRequest;
    ///
    /// // `None` asks for the first page.
    /// let page = pipelines.order_by(|p| p.name.asc()).page(PageRequest::first(20).after(cursor)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn after(self, cursor: impl Into<Option<Cursor>>) -> PageRequest {
        match cursor.into() {
            Some(cursor) => PageRequest { start: Start::After(cursor), ..self },
            None => self,
        }
    }

    /// The last rows before the place that [`Page::previous`] named; `None` leaves the request as it is.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, page: persist::Page<Pipeline>) -> Result {
    /// use persist::PageRequest;
    ///
    /// let request = PageRequest::first(20).before(page.previous);
    /// let back = pipelines.order_by(|p| p.name.asc()).page(request).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn before(self, cursor: impl Into<Option<Cursor>>) -> PageRequest {
        match cursor.into() {
            Some(cursor) => PageRequest { start: Start::Before(cursor), ..self },
            None => self,
        }
    }

    /// Counts the rows of all pages, too, in the same round trip.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// use persist::PageRequest;
    ///
    /// let page = pipelines.order_by(|p| p.name.asc()).page(PageRequest::first(20).with_total()).await?;
    /// println!("{} of {}", page.items.len(), page.total.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_total(self) -> PageRequest {
        PageRequest { with_total: true, ..self }
    }
}
