//! Measures persist beside tokio-postgres written by hand: in one run, in turns, on one PostgreSQL.
//!
//! `persist-bench [rounds]` measures single tables, `persist-bench loads [rounds]` what is loaded from
//! several, `persist-bench units [rounds]` what is written in one transaction, the latter two with the
//! feature `rivals` beside other libraries. All print Markdown and write it beside JSON into
//! `bench/results/`. `persist-bench repeat <side> <case> <times> <url>` does one thing over and over, for a
//! profiler; `persist-bench serve` starts a database for it.

mod case;
mod comparison;
mod counts;
mod draft;
mod error;
mod load;
mod report;
mod rounds;
mod side;
mod stage;
mod task;
mod time;
mod unit;
mod valgrind;
mod who;

use persist_testkit::{Proxy, TestDatabase};

use crate::error::Error;
use crate::load::Load;
use crate::report::Report;
use crate::stage::Stage;
use crate::task::Task;
use crate::unit::Unit;

/// Enough for medians to stand still in the second digit.
const ROUNDS: usize = 60;

fn main() -> Result<(), Error> {
    // One thread: nothing but the two sides decides who waits for whom.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => measure(&runtime, ROUNDS),
        ["loads"] => comparison::measure::<Load>(&runtime, ROUNDS),
        ["units"] => comparison::measure::<Unit>(&runtime, ROUNDS),
        ["units", rounds] => comparison::measure::<Unit>(&runtime, rounds.parse()?),
        ["loads", rounds] => comparison::measure::<Load>(&runtime, rounds.parse()?),
        ["repeat", side, what, times, url] => {
            runtime.block_on(repeat(side, what, times.parse()?, times.parse()?, url))
        }
        ["repeat", side, what, times, url, prepared] => {
            runtime.block_on(repeat(side, what, times.parse()?, prepared.parse()?, url))
        }
        ["serve"] => runtime.block_on(serve()),
        [rounds] => measure(&runtime, rounds.parse()?),
        _ => {
            Err("usage: persist-bench [loads | units] [rounds] | repeat <side> <case> <times> <url> | serve"
                .into())
        }
    }
}

fn measure(runtime: &tokio::runtime::Runtime, rounds: usize) -> Result<(), Error> {
    let database = runtime.block_on(TestDatabase::try_new())?;
    let stage = runtime.block_on(Stage::fill(database.url()))?;
    let times = runtime.block_on(rounds::measure(database.url(), &stage, rounds))?;
    let proxy = runtime.block_on(Proxy::start(&database));
    let counts = counts::count(runtime, database.url(), &stage, &proxy)?;
    let server_version = runtime.block_on(stage.server_version())?;
    let report = Report::new(server_version, rounds, times, counts);
    print!("{}", report.markdown());
    report.write()
}

async fn repeat(side: &str, what: &str, times: usize, prepared: usize, url: &str) -> Result<(), Error> {
    if let Some(load) = comparison::by_name::<Load>(what) {
        return comparison::repeat(side, load, times, prepared, url).await;
    }
    if let Some(unit) = comparison::by_name::<Unit>(what) {
        return comparison::repeat(side, unit, times, prepared, url).await;
    }
    counts::repeat(side, what, times, url).await
}

async fn serve() -> Result<(), Error> {
    let database = TestDatabase::try_new().await?;
    Stage::fill(database.url()).await?;
    let client = stage::connect(database.url()).await?;
    Load::fill(&client).await?;
    Unit::fill(&client).await?;
    println!("{}", database.url());
    // Until its caller closes the pipe or the terminal.
    std::io::read_to_string(std::io::stdin())?;
    Ok(())
}
