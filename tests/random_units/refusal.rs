//! Why a flush has to fail.

use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refusal {
    /// A row is gone, or belongs to another by now.
    Stale,
    /// Two structs hold a card by one key.
    HeldTwice,
    /// Two structs hold a new card, and it cannot be as both say.
    AddedTwice,
    /// A column has two values.
    SavedTwice,
    /// A card refers to what is not there.
    Missing,
    /// A card that is not known is taken for new, but it is there.
    There,
    /// A code or a word is another row's.
    Taken,
    /// A code passes from one area to another, and cards refer to it.
    PassedOn,
}

/// All the reasons: one is as good as another.
pub(crate) type Refusals = BTreeSet<Refusal>;

impl Refusal {
    /// Is this what the error says?
    pub(crate) fn is(self, error: &persist::Error) -> bool {
        let says = |words: &str| error.to_string().contains(words);
        match self {
            Refusal::Stale => error.is_stale(),
            Refusal::HeldTwice => says("twice: a row belongs to one struct"),
            Refusal::AddedTwice => says("hold a new row of `cards` twice"),
            Refusal::SavedTwice => says("is saved twice, with different values"),
            Refusal::Missing => {
                error.is_foreign_key_violation() || says("which is deleted, or was taken out of a struct")
            }
            // Of a struct that was read elsewhere it is known that it was there.
            Refusal::There => error.is_stale() || error.is_unique_violation(),
            Refusal::Taken => error.is_unique_violation(),
            Refusal::PassedOn => says("do that in two flushes"),
        }
    }
}
