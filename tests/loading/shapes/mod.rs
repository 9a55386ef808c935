//! Structs over the sample domain, so that every sort of relation occurs in every place.
#![allow(unreachable_pub, dead_code, reason = "the derive makes more than these tests use")]

pub mod flat;
pub mod keys;
pub mod pipelines;
pub mod trees;
pub mod views;
