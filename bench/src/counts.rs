//! What can be counted, and so is the same in every run: instructions, allocations, round trips.

use persist_testkit::{Proxy, round_trips};
use serde::Serialize;

use crate::case::Case;
use crate::error::Error;
use crate::side::{ByHand, ByHandPooled, Ours, Side};
use crate::stage::Stage;
use crate::valgrind::{self, Cost};

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
    /// What the process does; `None` without valgrind.
    pub cost: Option<Cost>,
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
        Ok(Count { cost: self.cost(who)?, round_trips: self.runtime.block_on(self.round_trips::<S>())? })
    }

    fn cost(&self, who: Who) -> Result<Option<Cost>, Error> {
        valgrind::cost(self.case.repetitions() * 2, 3, |tool, repetitions| {
            let repetitions = repetitions.to_string();
            let summary = valgrind::run(tool, &[who.name(), self.case.name(), &repetitions, self.url]);
            self.runtime.block_on(self.stage.clear())?;
            summary
        })
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
pub async fn repeat(who: &str, case: &str, repetitions: usize, url: &str) -> Result<(), Error> {
    let who = Who::ALL.into_iter().find(|known| known.name() == who).ok_or("no such side")?;
    let case = Case::ALL.into_iter().find(|known| known.name() == case).ok_or("no such case")?;
    let work = case.prepare(Stage::enter(url).await?.key, repetitions);
    match who {
        Who::Ours => work.run(&Ours::connect(url).await?).await,
        Who::ByHand => work.run(&ByHand::connect(url).await?).await,
        Who::ByHandPooled => work.run(&ByHandPooled::connect(url).await?).await,
    }
}
