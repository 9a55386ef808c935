//! The sides of the comparison: the same operations on the same table.

mod by_hand;
mod by_hand_pooled;
pub mod loads;
mod ours;
pub mod units;

use uuid::Uuid;

use crate::draft::Draft;
use crate::error::Error;

pub use by_hand::ByHand;
pub use by_hand_pooled::ByHandPooled;
pub use ours::Ours;

/// One way to talk to the database.
pub trait Side: Sized {
    /// Opens its connection to the database at this URL.
    async fn connect(url: &str) -> Result<Self, Error>;

    /// Is there a row with this key?
    async fn find(&self, key: Uuid) -> Result<bool, Error>;

    /// Reads the plugins of this name into structs; answers their number.
    async fn read(&self, name: &str) -> Result<usize, Error>;

    /// The same with four of the ten columns.
    async fn read_names(&self, name: &str) -> Result<usize, Error>;

    /// Writes a plugin and reads it as stored; answers its key.
    async fn insert(&self, draft: Draft) -> Result<Uuid, Error>;
}
