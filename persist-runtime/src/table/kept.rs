//! What other rooms make of a table, or of a struct over it, and keep with it.

use std::any::{Any, type_name};
use std::fmt;
use std::sync::OnceLock;

/// A place beside a fact, for what one room makes of it at the first use: a list of statements, a text put
/// together. The table does not know what it is.
///
/// A place holds values of one type only, so each room that keeps something needs a place of its own.
pub(crate) struct Kept(OnceLock<Box<dyn Any + Send + Sync>>);

impl Kept {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Kept(OnceLock::new())
    }

    /// What is kept, made at the first use.
    ///
    /// # Panics
    /// Something of another type is kept here.
    #[inline]
    pub(crate) fn get_or_init<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> &T {
        match self.0.get_or_init(|| Box::new(make())).downcast_ref() {
            Some(kept) => kept,
            None => {
                unreachable!("one place keeps one type, and another one than `{}` is here", type_name::<T>())
            }
        }
    }
}

impl Default for Kept {
    fn default() -> Self {
        Kept::new()
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() { "Kept(…)" } else { "Kept" })
    }
}

#[cfg(test)]
mod tests {
    use super::Kept;

    #[test]
    fn what_is_kept_is_made_once() {
        let kept = Kept::new();
        assert_eq!(kept.get_or_init(|| 7_u32), &7);
        assert_eq!(kept.get_or_init(|| 8_u32), &7);
        assert_eq!(format!("{kept:?}"), "Kept(…)");
    }

    #[test]
    #[should_panic(expected = "one place keeps one type")]
    fn another_type_is_refused() {
        let kept = Kept::new();
        kept.get_or_init(|| 7_u32);
        kept.get_or_init(|| "seven");
    }
}
