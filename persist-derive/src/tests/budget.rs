//! What a derive costs: the lines that the compiler gets to read, and the time that it takes to write them.

use std::time::{Duration, Instant};

use proc_macro2::TokenStream;

use super::{formatted, project};
use crate::expand;

/// Lines of the expansion of a struct of ten columns, as rustfmt would print them.
const LINES: usize = 300;

/// The time of one expansion when the migrations have been read, here without optimization.
const TIME: Duration = Duration::from_millis(5);

const EXPANSIONS: usize = 50;

/// All ten columns of `plugins`.
const PLUGIN: &str = r#"
    #[persist(table = "plugins")]
    pub struct Plugin {
        #[persist(id)]
        pub id: Uuid,
        pub name: String,
        pub version: String,
        pub plugin_type: PluginType,
        pub configuration: Json<serde_json::Value>,
        pub capabilities: Vec<String>,
        pub price_per_run: Option<Decimal>,
        pub checksum: Option<Vec<u8>>,
        #[persist(created_at)]
        pub created_at: DateTime<Utc>,
        #[persist(updated_at)]
        pub updated_at: DateTime<Utc>,
    }
"#;

#[test]
fn an_expansion_is_short() {
    let lines = formatted(expansion()).lines().count();
    println!("{lines} lines for ten columns (budget: {LINES})");
    assert!((1..=LINES).contains(&lines), "{lines} lines");
}

#[test]
fn an_expansion_is_quick() {
    let start = Instant::now();
    drop(expansion());
    let first = start.elapsed();
    let mut times: Vec<Duration> = (0..EXPANSIONS)
        .map(|_| {
            let start = Instant::now();
            drop(expansion());
            start.elapsed()
        })
        .collect();
    times.sort();
    // The machine may be busy with other tests: half of the expansions must be within the budget.
    let median = times[EXPANSIONS / 2];
    println!(
        "{median:.1?} for ten columns (budget: {TIME:.1?}); the first, which reads the migrations: {first:.1?}"
    );
    assert!(median <= TIME, "{median:?}");
}

fn expansion() -> TokenStream {
    let input = PLUGIN.parse().expect("these are tokens");
    expand::repository(input, &project())
}
