//! Unpredictable numbers, from what the standard library offers.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// As many random bytes as a UUID has.
pub(crate) fn bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number().to_le_bytes());
    bytes[8..].copy_from_slice(&number().to_le_bytes());
    bytes
}

/// A number from 0 up to 1.
pub(crate) fn fraction() -> f64 {
    number() as f64 / u64::MAX as f64
}

/// Another order.
pub(crate) fn shuffle<T>(items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, (number() % (last as u64 + 1)) as usize);
    }
}

/// Any number.
pub(crate) fn number() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    // The keys of a hash map's hasher come from the randomness of the operating system.
    RandomState::new().hash_one(CALLS.fetch_add(1, Ordering::Relaxed))
}
