//! What can be counted, and so is the same in every run: instructions, allocations, round trips.

use persist_testkit::{Proxy, round_trips};
use serde::Serialize;

use super::Load;
use crate::side::Error;
use crate::side::loads::Who;
use crate::valgrind::{self, Cost};

/// What one load takes one side, per repetition.
#[derive(Debug, Clone, Serialize)]
pub struct Count {
    /// What was counted.
    pub load: Load,
    /// Which side.
    pub who: Who,
    /// What the process does; `None` without valgrind.
    pub cost: Option<Cost>,
    /// Round trips to the server.
    pub round_trips: f64,
}

/// Counts all loads of all sides. The proxy is in front of the database at this URL.
pub fn count(runtime: &tokio::runtime::Runtime, url: &str, proxy: &Proxy) -> Result<Vec<Count>, Error> {
    let mut counts = Vec::new();
    for load in Load::ALL {
        for &who in Who::ALL {
            // Where so much is done each time, few repetitions say enough.
            let cost = valgrind::cost(load.repetitions(), 1, |tool, repetitions| {
                valgrind::run(tool, who.name(), load.name(), repetitions, url)
            })?;
            let round_trips = runtime.block_on(round_trips(who, load, proxy))?;
            counts.push(Count { load, who, cost, round_trips });
        }
    }
    Ok(counts)
}

async fn round_trips(who: Who, load: Load, proxy: &Proxy) -> Result<f64, Error> {
    let side = who.connect(proxy.url()).await?;
    // Until all connections of its pool know the statements.
    side.run(load, 40).await?;
    let (result, trips) = round_trips!(proxy, side.run(load, 10).await);
    result?;
    Ok(trips as f64 / 10.0)
}
