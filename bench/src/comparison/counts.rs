//! What can be counted, and so is the same in every run: instructions, allocations, round trips.

use persist_testkit::{Proxy, round_trips};
use serde::Serialize;
use tokio_postgres::Client;

use crate::error::Error;
use crate::task::{Contender, Task};
use crate::valgrind::{self, Cost};
use crate::who::Who;

/// What one thing takes one side, per repetition.
#[derive(Debug, Clone, Serialize)]
pub struct Count<T> {
    /// What was counted.
    pub task: T,
    /// Which side.
    pub who: Who,
    /// What the process does; `None` without valgrind, and for another process.
    pub cost: Option<Cost>,
    /// Round trips to the server.
    pub round_trips: f64,
}

/// Counts everything for all sides. The proxy is in front of the database at this URL.
pub fn count<T: Task>(
    runtime: &tokio::runtime::Runtime,
    url: &str,
    stage: &Client,
    proxy: &Proxy,
) -> Result<Vec<Count<T>>, Error> {
    let mut counts = Vec::new();
    for &task in T::ALL {
        for &who in T::SIDES {
            let Some(side) = runtime.block_on(T::connect(who, proxy.url()))? else { continue };
            let round_trips = runtime.block_on(round_trips(side, task, stage, proxy))?;
            counts.push(Count { task, who, cost: cost(who, task, url)?, round_trips });
        }
    }
    Ok(counts)
}

fn cost<T: Task>(who: Who, task: T, url: &str) -> Result<Option<Cost>, Error> {
    // Python under valgrind takes minutes to start.
    if who.is_a_child() {
        return Ok(None);
    }
    // Where so much is done each time, few repetitions say enough.
    let repetitions = task.repetitions().max(2);
    let prepared = (2 * repetitions).to_string();
    valgrind::cost(repetitions, 1, |tool, repetitions| {
        valgrind::run(tool, &[who.name(), task.name(), &repetitions.to_string(), url, &prepared])
    })
}

async fn round_trips<T: Task>(
    mut side: Box<dyn Contender<T>>,
    task: T,
    stage: &Client,
    proxy: &Proxy,
) -> Result<f64, Error> {
    let mut counted = 0;
    for number in 0..WARM_UP + COUNTED {
        task.reset(stage, 1).await?;
        side.prepare(task, 1).await?;
        let (result, trips) = round_trips!(proxy, side.work(task).await);
        result?;
        if number >= WARM_UP {
            counted += trips;
        }
    }
    Ok(counted as f64 / COUNTED as f64)
}

/// Until all connections of a pool know the statements.
const WARM_UP: usize = 12;
const COUNTED: usize = 5;
