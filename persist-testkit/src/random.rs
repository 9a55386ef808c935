//! Numbers that look random and come again with the same seed.

use std::time::Duration;

/// A generator of random numbers for tests (xorshift64*): the same seed gives the same numbers.
///
/// ```
/// use persist_testkit::Random;
///
/// let (mut one, mut other) = (Random::new(7), Random::new(7));
/// let picked = *one.of(&["north", "south", "west"]);
/// assert_eq!(picked, *other.of(&["north", "south", "west"]));
/// assert!(one.below(3) < 3);
/// ```
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub fn new(seed: u64) -> Random {
        // Neighbouring seeds shall not begin alike, and nothing comes of 0.
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            random.bits();
        }
        random
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number from 0 to one less than `end`.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn of<'i, T>(&mut self, items: &'i [T]) -> &'i T {
        &items[self.below(items.len())]
    }

    /// One of these, or none.
    pub fn maybe_of<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        if items.is_empty() || self.once_in(4) { None } else { Some(self.of(items)) }
    }

    /// A UUID of no version.
    pub fn uuid(&mut self) -> uuid::Uuid {
        uuid::Uuid::from_u64_pair(self.bits(), self.bits())
    }

    /// So many milliseconds at most.
    pub fn pause(&mut self, milliseconds: usize) -> Duration {
        Duration::from_micros(self.below(milliseconds * 1000) as u64)
    }
}
