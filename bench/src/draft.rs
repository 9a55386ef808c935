//! A plugin that is to be stored: what both sides begin an insert with.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What the program knows of a plugin before it is stored.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The name, by which the bench finds rows.
    pub name: String,
    /// Makes the name unique.
    pub version: String,
    /// The `jsonb` column.
    pub configuration: Configuration,
    /// The `text[]` column.
    pub capabilities: Vec<String>,
    /// The `numeric` column.
    pub price_per_run: Decimal,
    /// The `bytea` column.
    pub checksum: Vec<u8>,
}

/// What is stored as `jsonb`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Configuration {
    /// How often a failed run is tried again.
    pub retries: u32,
    /// Where it runs.
    pub region: String,
}

impl Draft {
    /// The plugin with this number among those of this name.
    pub fn new(name: &str, number: usize) -> Draft {
        Draft {
            name: name.to_owned(),
            version: format!("1.{number}.0"),
            configuration: Configuration { retries: 3, region: "eu-central".to_owned() },
            capabilities: vec!["batch".to_owned(), "resume".to_owned()],
            price_per_run: Decimal::new(12_500, 4),
            checksum: vec![7; 32],
        }
    }
}
