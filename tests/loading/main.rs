//! Whole aggregates are loaded right: whatever is stored, whatever happens meanwhile, and at once.

mod data;
mod property;
mod random;
mod reference;
mod root;
mod shapes;
mod sql;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;
