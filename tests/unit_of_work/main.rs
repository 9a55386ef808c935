//! Units of work: what they send, what they leave in the database, and what of them survives whatever happens meanwhile.

mod contradictions;
mod corners;
mod crowd;
mod deeds;
mod dirty;
mod drops;
mod faults;
mod keys;
mod masks;
mod orphans;
mod property;
#[path = "../loading/random.rs"]
mod random;
mod savepoints;
mod shapes;
mod stale;
mod trips;
mod unit;
mod ways;
mod world;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A number that a run may set by an environment variable.
fn variable(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
