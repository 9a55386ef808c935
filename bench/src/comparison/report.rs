//! The results as Markdown and JSON: one table for each thing that was done.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::counts::Count;
use super::rounds::{LATENCY, SideTimes, Times};
use crate::error::Error;
use crate::report::{Environment, thousands};
use crate::task::Task;
use crate::time::Spread;
use crate::valgrind::Cost;
use crate::who::Who;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report<T> {
    environment: Environment,
    rounds: usize,
    counts: Vec<Count<T>>,
    direct: Vec<Times<T>>,
    late: Vec<Times<T>>,
}

#[cfg(not(feature = "rivals"))]
const CRATES: &[&str] = &["tokio-postgres", "tokio"];
#[cfg(feature = "rivals")]
const CRATES: &[&str] = &["tokio-postgres", "sqlx", "diesel", "diesel-async", "sea-orm", "toasty", "tokio"];

impl<T: Task> Report<T> {
    /// Gathers what was measured over the socket, and through the proxy with its latency.
    pub fn new(
        server_version: String,
        rounds: usize,
        counts: Vec<Count<T>>,
        direct: Vec<Times<T>>,
        late: Vec<Times<T>>,
    ) -> Report<T> {
        Report { environment: Environment::new(server_version, CRATES), rounds, counts, direct, late }
    }

    /// Writes both into `bench/results`.
    pub fn write(&self) -> Result<(), Error> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(T::ABOUT.file).with_extension("md"), self.markdown())?;
        std::fs::write(
            folder.join(T::ABOUT.file).with_extension("json"),
            serde_json::to_string_pretty(self)? + "\n",
        )?;
        Ok(())
    }

    /// For readers.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_markdown(&mut out);
        out
    }

    fn write_markdown(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "# {}\n", T::ABOUT.title)?;
        let latency = format!("{} ms", LATENCY.as_millis());
        writeln!(
            out,
            "{}\n",
            T::ABOUT.text.replace("{rounds}", &self.rounds.to_string()).replace("{latency}", &latency)
        )?;
        if cfg!(feature = "rivals") {
            writeln!(out, "{}\n", T::ABOUT.rivals)?;
        }
        writeln!(out, "{}", self.environment)?;
        if cfg!(feature = "rivals") && !T::ABOUT.packages.is_empty() {
            let packages: Vec<&str> = T::ABOUT.packages.lines().collect();
            writeln!(out, "\nIn Python: {}.", packages.join(", ").replace("==", " "))?;
        }
        self.write_budgets(out, &latency)?;
        for &task in T::ALL {
            writeln!(out, "\n## {}\n", task.title())?;
            writeln!(
                out,
                "| | round trips | instructions | allocations | CPU | wall | wall, {latency} latency |"
            )?;
            writeln!(out, "|---|---:|---:|---:|---:|---:|---:|")?;
            for &who in T::SIDES {
                self.write_side(out, task, who)?;
            }
        }
        Ok(())
    }

    fn write_budgets(&self, out: &mut String, latency: &str) -> std::fmt::Result {
        writeln!(out, "\n## {} to {}\n", Who::Ours.title(), T::EQUAL.title())?;
        writeln!(
            out,
            "| | round trips | instructions | allocations | CPU | wall | wall, {latency} latency |"
        )?;
        writeln!(out, "|---|---:|---:|---:|---:|---:|---:|")?;
        for &task in T::ALL {
            let (Some(ours), Some(by_hand), Some(direct), Some(late)) = (
                self.count(task, Who::Ours),
                self.count(task, T::EQUAL),
                side(&self.direct, task, Who::Ours),
                side(&self.late, task, Who::Ours),
            ) else {
                continue;
            };
            let counted = |number: fn(&Cost) -> f64| match (&ours.cost, &by_hand.cost) {
                (Some(ours), Some(by_hand)) => judged(number(ours) / number(by_hand)),
                _ => "not counted".to_owned(),
            };
            writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} |",
                task.title(),
                judged(ours.round_trips / by_hand.round_trips),
                counted(|cost| cost.instructions),
                counted(|cost| cost.allocations),
                judged(direct.ratio_equal.cpu.median),
                judged(direct.ratio_equal.wall.median),
                judged(late.ratio_equal.wall.median),
            )?;
        }
        writeln!(out, "\n{} What is above 1.00 is bold.", T::ABOUT.budget)
    }

    fn write_side(&self, out: &mut String, task: T, who: Who) -> std::fmt::Result {
        let (Some(count), Some(direct), Some(late)) =
            (self.count(task, who), side(&self.direct, task, who), side(&self.late, task, who))
        else {
            return Ok(());
        };
        let by_hand = self.count(task, Who::ByHand).and_then(|count| count.cost);
        let counted = |number: fn(&Cost) -> f64| match (&count.cost, &by_hand) {
            (Some(cost), Some(by_hand)) => {
                format!("{} ({:.2})", thousands(number(cost)), number(cost) / number(by_hand))
            }
            _ => "not counted".to_owned(),
        };
        let timed = |us: f64, ratio: Spread| format!("{us:.0} µs ({:.2})", ratio.median);
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            who.title(),
            count.round_trips,
            counted(|cost| cost.instructions),
            counted(|cost| cost.allocations),
            timed(direct.time.cpu_us, direct.ratio.cpu),
            timed(direct.time.wall_us, direct.ratio.wall),
            timed(late.time.wall_us, late.ratio.wall),
        )
    }

    fn count(&self, task: T, who: Who) -> Option<&Count<T>> {
        self.counts.iter().find(|count| count.task == task && count.who == who)
    }
}

fn judged(ratio: f64) -> String {
    // As it is shown, so that nothing bold reads 1.00.
    if (ratio * 100.0).round() > 100.0 { format!("**{ratio:.2}**") } else { format!("{ratio:.2}") }
}

fn side<T: Task>(times: &[Times<T>], task: T, who: Who) -> Option<&SideTimes> {
    times.iter().find(|times| times.task == task)?.sides.iter().find(|side| side.who == who)
}
