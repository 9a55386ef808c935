//! The transactional outbox: events that are committed together with what they tell of, and handed on afterwards.

mod event;

#[cfg(feature = "json")]
pub use event::Event;
pub(crate) use event::{Published, insertion};
