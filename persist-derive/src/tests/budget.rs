//! What a derive costs: the lines that the compiler gets to read, and the time that it takes to write them.

use std::time::{Duration, Instant};

use proc_macro2::TokenStream;

use super::{formatted, project};
use crate::expand;

/// Lines of the expansion of a struct of ten columns and two relations, as rustfmt would print them.
const LINES: usize = 300;

/// The time of one expansion when the migrations have been read, here without optimization.
const TIME: Duration = Duration::from_millis(5);

const EXPANSIONS: usize = 50;

/// All ten columns of `pipeline_steps`, and two relations.
const STEP: &str = r#"
    #[persist(table = "pipeline_steps")]
    pub struct PipelineStep {
        #[persist(id)]
        pub id: Uuid,
        pub pipeline_id: Uuid,
        pub position: i32,
        pub name: String,
        pub enabled: bool,
        pub depends_on: Option<Uuid>,
        pub plugin_id: Option<Uuid>,
        pub settings: Json<serde_json::Value>,
        #[persist(created_at)]
        pub created_at: DateTime<Utc>,
        #[persist(updated_at)]
        pub updated_at: DateTime<Utc>,
        #[persist(belongs_to)]
        pub plugin: Option<Plugin>,
        #[persist(has_many(table = "pipeline_steps", foreign_key = "depends_on"), order_by = "position")]
        pub dependents: Vec<StepName>,
    }
"#;

#[test]
fn an_expansion_is_short() {
    let lines = formatted(expansion()).lines().count();
    println!("{lines} lines for ten columns and two relations (budget: {LINES})");
    assert!((1..=LINES).contains(&lines), "{lines} lines");
}

#[test]
fn an_expansion_is_quick() {
    let start = Instant::now();
    drop(expansion());
    let first = start.elapsed();
    let times = (0..EXPANSIONS).map(|_| {
        let start = Instant::now();
        drop(expansion());
        start.elapsed()
    });
    // The machine may be busy with other tests, which only makes an expansion slower.
    let quickest = times.min().expect("there are expansions");
    println!(
        "{quickest:.1?} for ten columns and two relations (budget: {TIME:.1?}); the first, which reads the migrations: {first:.1?}"
    );
    assert!(quickest <= TIME, "{quickest:?}");
}

fn expansion() -> TokenStream {
    let input = STEP.parse().expect("these are tokens");
    expand::repository(input, &project())
}
