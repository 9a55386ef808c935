//! What can be counted, and so is the same in every run: instructions, allocations, round trips.

use std::process::Command;

use persist_testkit::{Proxy, round_trips};
use serde::Serialize;

use crate::case::Case;
use crate::side::{ByHand, ByHandPooled, Error, Ours, Side};
use crate::stage::Stage;

/// What one case takes, per repetition.
#[derive(Debug, Clone, Serialize)]
pub struct Counts {
    /// What was counted.
    pub case: Case,
    /// persist.
    pub ours: Count,
    /// One connection, nothing between.
    pub by_hand: Count,
    /// Behind a pool.
    pub by_hand_pooled: Count,
}

/// The counts of one side.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Count {
    /// Instructions of this process; `None` without valgrind.
    pub instructions: Option<f64>,
    /// Calls of the allocator.
    pub allocations: f64,
    /// Bytes asked of the allocator.
    pub allocated_bytes: f64,
    /// Round trips to the server.
    pub round_trips: f64,
}

/// Which side, on the command line.
#[derive(Debug, Clone, Copy)]
pub enum Who {
    /// persist.
    Ours,
    /// One connection.
    ByHand,
    /// Behind a pool.
    ByHandPooled,
}

impl Who {
    const ALL: [Who; 3] = [Who::Ours, Who::ByHand, Who::ByHandPooled];

    fn name(self) -> &'static str {
        match self {
            Who::Ours => "ours",
            Who::ByHand => "by-hand",
            Who::ByHandPooled => "by-hand-pooled",
        }
    }
}

/// Counts all cases.
pub fn count(
    runtime: &tokio::runtime::Runtime,
    url: &str,
    stage: &Stage,
    proxy: &Proxy,
) -> Result<Vec<Counts>, Error> {
    let mut counts = Vec::new();
    for case in Case::ALL {
        let counter = Counter { runtime, url, stage, proxy, case };
        counts.push(Counts {
            case,
            ours: counter.count::<Ours>(Who::Ours)?,
            by_hand: counter.count::<ByHand>(Who::ByHand)?,
            by_hand_pooled: counter.count::<ByHandPooled>(Who::ByHandPooled)?,
        });
    }
    Ok(counts)
}

struct Counter<'a> {
    runtime: &'a tokio::runtime::Runtime,
    url: &'a str,
    stage: &'a Stage,
    proxy: &'a Proxy,
    case: Case,
}

impl Counter<'_> {
    fn count<S: Side>(&self, who: Who) -> Result<Count, Error> {
        let (allocations, allocated_bytes) = self.allocations::<S>()?;
        Ok(Count {
            instructions: self.instructions(who)?,
            allocations,
            allocated_bytes,
            round_trips: self.runtime.block_on(self.round_trips::<S>())?,
        })
    }

    /// The difference of two runs leaves out what is done once.
    fn instructions(&self, who: Who) -> Result<Option<f64>, Error> {
        let repetitions = self.case.repetitions() * 3;
        let (Some(once), Some(twice)) =
            (self.instructions_of(who, repetitions)?, self.instructions_of(who, 2 * repetitions)?)
        else {
            return Ok(None);
        };
        Ok(Some((twice - once) / repetitions as f64))
    }

    fn instructions_of(&self, who: Who, repetitions: usize) -> Result<Option<f64>, Error> {
        let output = Command::new("valgrind")
            .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
            .arg(std::env::current_exe()?)
            .args(["repeat", who.name(), self.case.name(), &repetitions.to_string(), self.url])
            .output();
        let Ok(output) = output else { return Ok(None) };
        self.runtime.block_on(self.stage.clear())?;
        let log = String::from_utf8_lossy(&output.stderr);
        let total = log.lines().find_map(|line| line.split_once("I   refs:").or(line.split_once("I refs:")));
        match total {
            Some((_, number)) if output.status.success() => Ok(Some(number.trim().replace(',', "").parse()?)),
            _ => Err(format!("valgrind failed: {log}").into()),
        }
    }

    fn allocations<S: Side>(&self) -> Result<(f64, f64), Error> {
        let side = self.runtime.block_on(S::connect(self.url))?;
        let repetitions = self.case.repetitions();
        let work = || self.case.prepare(self.stage.key, repetitions);
        let clear = || self.runtime.block_on(self.stage.clear());
        self.runtime.block_on(work().run(&side))?;
        clear()?;
        let work = work();
        let mut result = Ok(());
        // All of it happens on this thread: the runtime has no other.
        let info = allocation_counter::measure(|| result = self.runtime.block_on(work.run(&side)));
        result?;
        clear()?;
        Ok((info.count_total as f64 / repetitions as f64, info.bytes_total as f64 / repetitions as f64))
    }

    async fn round_trips<S: Side>(&self) -> Result<f64, Error> {
        let side = S::connect(self.proxy.url()).await?;
        self.case.prepare(self.stage.key, 1).run(&side).await?;
        self.stage.clear().await?;
        let work = self.case.prepare(self.stage.key, 10);
        let (result, trips) = round_trips!(self.proxy, work.run(&side).await);
        result?;
        self.stage.clear().await?;
        Ok(trips as f64 / 10.0)
    }
}

/// Does one case over and over, for a tool that watches this process.
pub async fn repeat(who: &str, case: &str, repetitions: &str, url: &str) -> Result<(), Error> {
    let who = Who::ALL.into_iter().find(|known| known.name() == who).ok_or("no such side")?;
    let case = Case::ALL.into_iter().find(|known| known.name() == case).ok_or("no such case")?;
    let work = case.prepare(Stage::enter(url).await?.key, repetitions.parse()?);
    match who {
        Who::Ours => work.run(&Ours::connect(url).await?).await,
        Who::ByHand => work.run(&ByHand::connect(url).await?).await,
        Who::ByHandPooled => work.run(&ByHandPooled::connect(url).await?).await,
    }
}
