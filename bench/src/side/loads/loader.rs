//! What a side has to load.

use serde::Serialize;

use crate::error::Error;
use crate::load::Page;

/// One way to load what is active: pipelines by name, steps by position, executions by number, log entries by
/// key.
pub trait Loader: Sized {
    /// Opens its connection to the database at this URL.
    async fn connect(url: &str) -> Result<Self, Error>;

    /// [`Load::TwoRelations`](crate::load::Load::TwoRelations).
    async fn two_relations(&self) -> Result<Vec<impl Serialize>, Error>;

    /// [`Load::TwoLevels`](crate::load::Load::TwoLevels).
    async fn two_levels(&self) -> Result<Vec<impl Serialize>, Error>;

    /// [`Load::Latest`](crate::load::Load::Latest), the latest first.
    async fn latest(&self) -> Result<Vec<impl Serialize>, Error>;

    /// [`Load::Page`](crate::load::Load::Page).
    async fn page(&self) -> Result<Page<impl Serialize>, Error>;
}
