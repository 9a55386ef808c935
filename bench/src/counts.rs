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
    /// What the process does; `None` without valgrind.
    pub cost: Option<Cost>,
    /// Round trips to the server.
    pub round_trips: f64,
}

/// What valgrind counts.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cost {
    /// Instructions outside of the kernel.
    pub instructions: f64,
    /// Calls of the allocator.
    pub allocations: f64,
    /// Bytes asked of the allocator.
    pub allocated_bytes: f64,
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

const INSTRUCTIONS: [&str; 3] = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
const HEAP: [&str; 3] = ["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"];

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
        let mut instructions = Vec::new();
        // How often a client is woken for one answer depends on what else the machine does.
        for _ in 0..3 {
            let Some(count) = self.difference(who, &INSTRUCTIONS, [("I   refs:", "")])? else {
                return Ok(None);
            };
            instructions.extend(count);
        }
        instructions.sort_by(f64::total_cmp);
        let heap = [("total heap usage:", " allocs"), (" frees,", " bytes allocated")];
        let Some([allocations, allocated_bytes]) = self.difference(who, &HEAP, heap)? else {
            return Ok(None);
        };
        Ok(Some(Cost { instructions: instructions[1], allocations, allocated_bytes }))
    }

    /// Numbers in valgrind's summary, each between two words; the difference of two runs leaves out what is done once.
    fn difference<const N: usize>(
        &self,
        who: Who,
        tool: &[&str],
        words: [(&str, &str); N],
    ) -> Result<Option<[f64; N]>, Error> {
        let repetitions = self.case.repetitions() * 2;
        let (Some(once), Some(twice)) =
            (self.run(who, tool, repetitions)?, self.run(who, tool, 2 * repetitions)?)
        else {
            return Ok(None);
        };
        let mut each = [0.0; N];
        for (each, (before, after)) in each.iter_mut().zip(words) {
            *each = (number(&twice, before, after)? - number(&once, before, after)?) / repetitions as f64;
        }
        Ok(Some(each))
    }

    /// What valgrind says of a process that does nothing else.
    fn run(&self, who: Who, tool: &[&str], repetitions: usize) -> Result<Option<String>, Error> {
        let output = Command::new("valgrind")
            .args(tool)
            .arg(std::env::current_exe()?)
            .args(["repeat", who.name(), self.case.name(), &repetitions.to_string(), self.url])
            .output();
        self.runtime.block_on(self.stage.clear())?;
        match output {
            Ok(output) if output.status.success() => Ok(Some(String::from_utf8(output.stderr)?)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into()),
            Err(_not_installed) => Ok(None),
        }
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

/// The number between two words in valgrind's summary.
fn number(summary: &str, before: &str, after: &str) -> Result<f64, Error> {
    let mut found = summary.lines().filter_map(|line| line.split_once(before)?.1.split_once(after));
    // What stands before an empty end is empty.
    let (text, rest) = found.next().ok_or_else(|| format!("valgrind did not say `{before}`: {summary}"))?;
    let text = if after.is_empty() { rest } else { text };
    Ok(text.trim().replace(',', "").parse()?)
}
