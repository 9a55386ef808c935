//! Units of work: what they send, what they leave in the database, and what of them survives whatever happens
//! meanwhile.

mod cancellation;
mod concurrency;
mod contradictions;
mod dirty;
mod edge_cases;
mod faults;
mod kept_out;
mod keys;
mod masks;
mod operations;
mod orphans;
mod property;
mod savepoints;
mod several_structs;
mod shapes;
mod stale;
mod trips;
mod unit;
mod world;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A number that a run may set by an environment variable.
fn variable(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
