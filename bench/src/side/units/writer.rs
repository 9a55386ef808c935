//! What a side has to write.

use crate::error::Error;
use crate::unit::{Draft, NewUnit};

/// One way to write.
pub trait Writer: Sized {
    /// An execution and a tag, as structs of this side.
    type Read;

    /// A transaction that has read the pipelines which it is going to update.
    type Begun;

    /// Opens its connection to the database at this URL.
    async fn connect(url: &str) -> Result<Self, Error>;

    /// Reads the execution and the tag with this number, in no transaction.
    async fn read(&mut self, number: i64) -> Result<Self::Read, Error>;

    /// [`Unit::FourteenRows`](crate::unit::Unit::FourteenRows): writes what is new, ends the execution,
    /// deletes the tag.
    async fn fourteen_rows(&mut self, read: Self::Read, new: NewUnit) -> Result<(), Error>;

    /// Begins and reads the thousand pipelines.
    async fn begin(&mut self) -> Result<Self::Begun, Error>;

    /// [`Unit::Updates`](crate::unit::Unit::Updates): gives each of them its [`description`], and commits.
    async fn update(&mut self, begun: Self::Begun) -> Result<(), Error>;

    /// Ends a transaction in which nothing was done.
    async fn roll_back(&mut self, begun: Self::Begun) -> Result<(), Error>;

    /// [`Unit::Upserts`](crate::unit::Unit::Upserts): stores them all.
    async fn upsert(&mut self, drafts: Vec<Draft>) -> Result<(), Error>;
}

/// What a pipeline is described with by [`Unit::Updates`](crate::unit::Unit::Updates).
pub fn description(name: &str) -> String {
    format!("Described anew: {name}")
}
