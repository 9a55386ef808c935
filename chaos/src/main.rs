//! Whether what `persist` says of commits is what is in the tables, whatever breaks meanwhile.
//!
//! Units of work of two programs transfer money between accounts, in 32 tasks; meanwhile their futures are dropped,
//! sessions are ended and cancelled, connections are cut after any byte, the server is killed, with and without poolers
//! in between. Each answer is written down and compared with the tables. `./dev chaos` runs it; `CHAOS_UNITS` says how
//! many units of work each scenario has, `CHAOS_ONLY` which scenarios are run (a part of their titles), and
//! `CHAOS_REASONS=1` shows why units were not committed.

mod aside;
mod audit;
mod bank;
mod crowd;
mod place;
mod relays;
mod report;
mod scenario;
mod trouble;
mod unit;

use std::env;
use std::process::ExitCode;

use place::Place;
use report::Report;
use scenario::Scenario;
use trouble::Trouble;

/// Without an environment variable: all troubles at once in each place, which is soon done.
const FEW: i64 = 400;

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let units = env::var("CHAOS_UNITS").ok().and_then(|units| units.parse().ok());
    let only = env::var("CHAOS_ONLY").unwrap_or_default();
    let mut report = Report::begin(env::var_os("CHAOS_REASONS").is_some());
    for scenario in scenarios(units) {
        if format!("{}: {}", scenario.place, scenario.trouble).contains(&only) {
            report.add(scenario, scenario.run().await);
        }
    }
    if report.end() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn scenarios(units: Option<i64>) -> Vec<Scenario> {
    let Some(units) = units else {
        return Place::ALL.map(|place| Scenario { place, trouble: Trouble::All, units: FEW }).to_vec();
    };
    let troubles = || Trouble::EACH.into_iter().chain([Trouble::All]);
    Place::ALL
        .into_iter()
        .flat_map(|place| troubles().map(move |trouble| Scenario { place, trouble, units }))
        .collect()
}
