//! What other rooms make of a table or a struct, kept with it and not known to it.

use std::any::Any;
use std::fmt;
use std::sync::OnceLock;

/// A place for a value of one type, made at the first use. Asking for it costs a comparison of type ids.
pub(crate) struct Kept(OnceLock<Box<dyn Any + Send + Sync>>);

impl Kept {
    pub(crate) const fn new() -> Self {
        Kept(OnceLock::new())
    }

    /// The value. The first that asks decides of which type it is; every other one must be of that type.
    pub(crate) fn get_or_init<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> &T {
        let kept = self.0.get_or_init(|| Box::new(make()));
        match kept.downcast_ref() {
            Some(kept) => kept,
            None => unreachable!("one room keeps one value in each place"),
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}
