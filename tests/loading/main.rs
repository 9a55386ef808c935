//! Whole aggregates are loaded right: whatever is stored, whatever happens meanwhile, and at once.

mod concurrent;
mod data;
mod extremes;
mod faults;
mod fill;
mod property;
mod reference;
mod root;
mod seen;
mod shapes;
mod sql;
mod statements;
mod streams;
mod trips;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;
