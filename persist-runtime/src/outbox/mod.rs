//! The transactional outbox: events that are committed together with the changes that they are about, and
//! handed on afterwards.
//!
//! [`UnitOfWork::publish`](crate::UnitOfWork::publish) writes events into the table `persist_outbox`, a
//! [`Relay`] takes them out.

pub(crate) mod batch;
pub(crate) mod event;
pub(crate) mod handing;
pub(crate) mod message;
pub(crate) mod patience;
pub(crate) mod relay;

#[cfg(feature = "json")]
pub use crate::outbox::event::Event;
pub use message::Message;
pub use relay::{Handed, Relay};
