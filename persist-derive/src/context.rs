//! Collects the mistakes in one struct, so that all of them are reported at once.

use std::cell::RefCell;

use quote::ToTokens;

/// A mistake in three parts: what is wrong, what was found, what to write. The last two may be empty.
#[derive(Debug, Default)]
pub(crate) struct Mistake {
    pub(crate) what: String,
    pub(crate) found: String,
    pub(crate) write: String,
}

/// The mistakes found so far. It must be read with [`Context::finish`] before it is dropped.
pub(crate) struct Context {
    mistakes: RefCell<Option<Vec<syn::Error>>>,
}

impl Mistake {
    /// A mistake of which only the first part is known.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), ..Self::default() }
    }

    /// The same with what was found instead.
    pub(crate) fn found(self, found: impl Into<String>) -> Self {
        Self { found: found.into(), ..self }
    }

    /// The same with what to write.
    pub(crate) fn write(self, write: impl Into<String>) -> Self {
        Self { write: write.into(), ..self }
    }

    fn text(&self) -> String {
        let mut text = self.what.clone();
        for (label, part) in [("found", &self.found), ("help", &self.write)] {
            if !part.is_empty() {
                text.push_str(&format!("\n= {label}: {part}"));
            }
        }
        text
    }
}

impl Context {
    pub(crate) fn new() -> Self {
        Self { mistakes: RefCell::new(Some(Vec::new())) }
    }

    /// Reports a mistake at the tokens that show it.
    pub(crate) fn report(&self, place: impl ToTokens, mistake: Mistake) {
        self.push(syn::Error::new_spanned(place, mistake.text()));
    }

    /// Reports what `syn` could not read.
    pub(crate) fn push(&self, error: syn::Error) {
        if let Some(mistakes) = self.mistakes.borrow_mut().as_mut() {
            mistakes.push(error);
        }
    }

    /// Has nothing been reported yet?
    pub(crate) fn is_empty(&self) -> bool {
        self.mistakes.borrow().as_ref().is_none_or(Vec::is_empty)
    }

    /// All mistakes, in the order in which they were reported.
    pub(crate) fn finish(self) -> Vec<syn::Error> {
        self.mistakes.borrow_mut().take().unwrap_or_default()
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        let unread = self.mistakes.borrow().is_some();
        assert!(!unread || std::thread::panicking(), "the mistakes of a struct were never reported");
    }
}
