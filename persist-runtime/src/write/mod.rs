//! Rows on their way to the database: new rows, saved rows, encoded rows, and the identity map.

pub(crate) mod batch;
pub(crate) mod encoded_row;
pub(crate) mod handle;
pub(crate) mod identity;
pub(crate) mod identity_map;
pub(crate) mod new_row;
pub(crate) mod queued;
pub(crate) mod saved_row;
pub(crate) mod shown_row;
pub(crate) mod snapshot;
