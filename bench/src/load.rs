//! What is loaded: pipelines with what belongs to them.

mod counts;
mod fill;
mod report;
mod rounds;

pub use fill::fill;

use std::time::Duration;

use persist_testkit::{Proxy, TestDatabase};
use serde::Serialize;

use crate::side::Error;
use crate::side::loads::Who;
use crate::stage;

/// One thing that a program loads from several tables, or from one together with a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    /// A hundred pipelines, each with ten steps and ten executions.
    TwoRelations,
    /// A hundred pipelines, each with ten executions, each with five log entries.
    TwoLevels,
    /// A hundred pipelines, each with its latest three executions of ten.
    Latest,
    /// The first twenty of a hundred pipelines, and that they are a hundred.
    Page,
}

impl Load {
    /// In the order of the report.
    pub const ALL: [Load; 4] = [Load::TwoRelations, Load::TwoLevels, Load::Latest, Load::Page];

    /// The name for the command line.
    pub fn name(self) -> &'static str {
        match self {
            Load::TwoRelations => "two-relations",
            Load::TwoLevels => "two-levels",
            Load::Latest => "latest",
            Load::Page => "page",
        }
    }

    /// The one with this name.
    pub fn by_name(name: &str) -> Option<Load> {
        Load::ALL.into_iter().find(|load| load.name() == name)
    }

    /// The name for the report.
    pub fn title(self) -> &'static str {
        match self {
            Load::TwoRelations => "100 x (10 steps + 10 executions)",
            Load::TwoLevels => "100 x 10 executions x 5 logs",
            Load::Latest => "100 x latest 3 executions",
            Load::Page => "page of 20 with total",
        }
    }

    /// Pipelines that it reads each time.
    pub fn pipelines(self) -> usize {
        match self {
            Load::TwoRelations | Load::TwoLevels | Load::Latest => 100,
            Load::Page => PAGE_SIZE,
        }
    }

    /// How often it is repeated where that is timed: some ten milliseconds.
    pub fn repetitions(self) -> usize {
        match self {
            Load::TwoRelations | Load::Latest => 5,
            Load::TwoLevels => 2,
            Load::Page => 20,
        }
    }
}

/// Pipelines on the page.
pub const PAGE_SIZE: usize = 20;

/// A page of pipelines.
#[derive(Debug, Serialize)]
pub struct Page<P> {
    /// Those on the page.
    pub items: Vec<P>,
    /// Those on all pages.
    pub total: i64,
}

/// What is added to the time of each round trip, in the second of two runs.
const LATENCY: Duration = Duration::from_millis(1);

/// Measures all sides and writes the report.
pub fn measure(runtime: &tokio::runtime::Runtime, rounds: usize) -> Result<(), Error> {
    let database = runtime.block_on(TestDatabase::try_new())?;
    let client = runtime.block_on(stage::connect(database.url()))?;
    runtime.block_on(fill(&client))?;
    let direct = runtime.block_on(rounds::measure(database.url(), rounds))?;
    let proxy = runtime.block_on(Proxy::start(&database));
    let counts = counts::count(runtime, database.url(), &proxy)?;
    proxy.set_latency(LATENCY);
    let late = runtime.block_on(rounds::measure(proxy.url(), rounds))?;
    let server_version = runtime.block_on(stage::server_version(&client))?;
    let report = report::Report::new(server_version, rounds, counts, direct, late);
    print!("{}", report.markdown());
    report.write()
}

/// Does one load over and over, for a tool that watches this process.
pub async fn repeat(who: &str, load: Load, repetitions: &str, url: &str) -> Result<(), Error> {
    let who = Who::by_name(who).ok_or("no such side")?;
    who.connect(url).await?.run(load, repetitions.parse()?).await
}
