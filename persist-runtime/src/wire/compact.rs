//! Futures that do not burden those that await them.

/// A future to be awaited, in builds without optimization on the heap. There each future that awaits it has room for all of it,
/// once for each place, and copies it on the stack; the optimizer shares the room, and then an allocation would cost more.
#[cfg(debug_assertions)]
pub(crate) fn compact<F: Future>(future: F) -> std::pin::Pin<Box<F>> {
    Box::pin(future)
}

/// The same future.
#[cfg(not(debug_assertions))]
pub(crate) const fn compact<F: Future>(future: F) -> F {
    future
}
