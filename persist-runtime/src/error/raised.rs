//! What statements of ours raise, and how it is told from what others raise.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use tokio_postgres::error::DbError;

/// What a statement of ours has raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Raised {
    /// Rows at these places, counted from 1, are gone or have another version; the first sixteen.
    Stale(Vec<usize>),
    /// A trigger, a rule or a policy kept rows out.
    Kept,
    /// The transaction has no mark, or there is none.
    Unmarked,
}

/// What marks transactions of this process, and is in what statements raise there: a text that is like it, in an
/// exception of the user's, is not taken for ours.
pub(crate) static SECRET: LazyLock<String> = LazyLock::new(|| {
    // The keys of a hash map's hasher come from the randomness of the operating system.
    let [first, second] = [(); 2].map(|()| RandomState::new().hash_one(0));
    format!("{first:016x}{second:016x}")
});

/// The name of a setting that does not exist: asking for it is an error, which needs no mark.
const UNMARKED: &str = "\"persist.tx is gone\"";

impl Raised {
    pub(super) fn read(error: &DbError) -> Option<Raised> {
        match error.code().code() {
            "22P02" => {
                let (_, signal) = error.message().split_once("persist:")?;
                Raised::signal(signal.strip_prefix(SECRET.as_str())?)
            }
            // What a function raises comes with the place where it did.
            "42704" if error.where_().is_none() && error.message().contains(UNMARKED) => {
                Some(Raised::Unmarked)
            }
            _ => None,
        }
    }

    fn signal(signal: &str) -> Option<Raised> {
        if let Some((places, _)) = signal.strip_prefix(":stale:{").and_then(|rest| rest.split_once('}')) {
            return Some(Raised::Stale(places.split(',').filter_map(|place| place.parse().ok()).collect()));
        }
        signal.starts_with(":kept").then_some(Raised::Kept)
    }
}
