//! What all sides begin with.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::upserted_key;

/// A pipeline that is to be stored.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The primary key.
    pub id: Uuid,
    /// The name, which is unique.
    pub name: String,
    /// What it does.
    pub description: String,
    /// The `jsonb` column.
    pub environment_variables: Value,
}

impl Draft {
    /// A thousand of them, the first half of which is there already.
    pub fn thousand() -> Vec<Draft> {
        let draft = |number: i64| Draft {
            id: upserted_key(number),
            name: format!("upserted {number}"),
            description: format!("Fetches what was sold yesterday, number {number}"),
            environment_variables: json!({"REGION": "eu-central", "STAGE": "production"}),
        };
        (1..=1000).map(draft).collect()
    }
}

/// What is new in one unit of [`Unit::FourteenRows`](super::Unit::FourteenRows).
#[derive(Debug, Clone)]
pub struct NewUnit {
    /// The name of the pipeline.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its `jsonb` column.
    pub environment_variables: Value,
    /// The names of its steps, whose positions are 1 and up.
    pub steps: Vec<String>,
    /// The settings of each step.
    pub settings: Value,
    /// With what the execution, whose number is 1, begins.
    pub input: Value,
    /// With what the other execution ends.
    pub output: Value,
}

impl NewUnit {
    /// The one with this number.
    pub fn new(number: i64) -> NewUnit {
        NewUnit {
            name: format!("unit {number}"),
            description: "Fetches what was sold yesterday".to_owned(),
            environment_variables: json!({"REGION": "eu-central", "STAGE": "production"}),
            steps: (1..=10).map(|position| format!("step {position}")).collect(),
            settings: json!({"retries": 3}),
            input: json!({"day": "2026-01-01"}),
            output: json!({"rows": 12_000}),
        }
    }
}

/// When the other execution ends: 2026-01-01 01:00:00 UTC.
pub const FINISHED_AT: DateTime<Utc> =
    DateTime::from_timestamp(1_767_229_200, 0).expect("a moment that exists");
