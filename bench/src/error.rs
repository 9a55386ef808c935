//! What can go wrong.

use std::error::Error as StdError;

/// What any side may fail with.
pub type Error = Box<dyn StdError + Send + Sync>;
