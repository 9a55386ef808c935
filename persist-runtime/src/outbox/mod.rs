//! The transactional outbox: events that are committed together with what they tell of, and handed on afterwards.
//!
//! [`UnitOfWork::publish`](crate::UnitOfWork::publish) writes events into the table `persist_outbox`, a [`Relay`] takes them out.

mod batch;
mod listener;
mod message;
mod relay;

#[cfg(feature = "json")]
pub use crate::event::Event;
pub use message::Message;
pub use relay::{Handed, Relay};
