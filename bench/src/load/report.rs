//! The results as Markdown and JSON: one table for each load.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use super::counts::Count;
use super::rounds::{SideTimes, Times};
use super::{LATENCY, Load};
use crate::report::{Environment, thousands};
use crate::rounds::Spread;
use crate::side::Error;
use crate::side::loads::Who;
use crate::valgrind::Cost;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    environment: Environment,
    rounds: usize,
    counts: Vec<Count>,
    direct: Vec<Times>,
    late: Vec<Times>,
}

#[cfg(not(feature = "rivals"))]
const CRATES: &[&str] = &["tokio-postgres", "tokio"];
#[cfg(feature = "rivals")]
const CRATES: &[&str] = &["tokio-postgres", "sqlx", "diesel", "diesel-async", "sea-orm", "toasty", "tokio"];

impl Report {
    /// Gathers what was measured over the socket, and through the proxy with its latency.
    pub fn new(
        server_version: String,
        rounds: usize,
        counts: Vec<Count>,
        direct: Vec<Times>,
        late: Vec<Times>,
    ) -> Report {
        Report { environment: Environment::new(server_version, CRATES), rounds, counts, direct, late }
    }

    /// Writes `bench/results/loads.md` and `loads.json`.
    pub fn write(&self) -> Result<(), Error> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("loads.md"), self.markdown())?;
        std::fs::write(folder.join("loads.json"), serde_json::to_string_pretty(self)? + "\n")?;
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
        writeln!(out, "# Loading from several tables\n")?;
        let latency = format!("{} ms", LATENCY.as_millis());
        writeln!(
            out,
            "{}\n",
            ABOUT.replace("{rounds}", &self.rounds.to_string()).replace("{latency}", &latency)
        )?;
        if cfg!(feature = "rivals") {
            writeln!(out, "{RIVALS}\n")?;
        }
        writeln!(out, "{}", self.environment)?;
        self.write_budgets(out, &latency)?;
        for load in Load::ALL {
            writeln!(out, "\n## {}\n", load.title())?;
            writeln!(
                out,
                "| | round trips | instructions | allocations | CPU | wall | wall, {latency} latency |"
            )?;
            writeln!(out, "|---|---:|---:|---:|---:|---:|---:|")?;
            for &who in Who::ALL {
                self.write_side(out, load, who)?;
            }
        }
        Ok(())
    }

    fn write_budgets(&self, out: &mut String, latency: &str) -> std::fmt::Result {
        writeln!(out, "\n## Ours to by hand, both in one snapshot\n")?;
        writeln!(
            out,
            "| | round trips | instructions | allocations | CPU | wall | wall, {latency} latency |"
        )?;
        writeln!(out, "|---|---:|---:|---:|---:|---:|---:|")?;
        for load in Load::ALL {
            let (Some(ours), Some(by_hand), Some(direct), Some(late)) = (
                self.count(load, Who::Ours),
                self.count(load, Who::ByHandSnapshot),
                side(&self.direct, load, Who::Ours),
                side(&self.late, load, Who::Ours),
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
                load.title(),
                judged(ours.round_trips / by_hand.round_trips),
                counted(|cost| cost.instructions),
                counted(|cost| cost.allocations),
                judged(direct.ratio_snapshot.cpu.median),
                judged(direct.ratio_snapshot.wall.median),
                judged(late.ratio_snapshot.wall.median),
            )?;
        }
        writeln!(out, "\nThe budget of the first two is 1.00. What is above 1.00 is bold.")
    }

    fn write_side(&self, out: &mut String, load: Load, who: Who) -> std::fmt::Result {
        let (Some(count), Some(direct), Some(late)) =
            (self.count(load, who), side(&self.direct, load, who), side(&self.late, load, who))
        else {
            return Ok(());
        };
        let by_hand = self.count(load, Who::ByHand).and_then(|count| count.cost);
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

    fn count(&self, load: Load, who: Who) -> Option<&Count> {
        self.counts.iter().find(|count| count.load == load && count.who == who)
    }
}

fn judged(ratio: f64) -> String {
    // As it is shown, so that nothing bold reads 1.00.
    if (ratio * 100.0).round() > 100.0 { format!("**{ratio:.2}**") } else { format!("{ratio:.2}") }
}

fn side(times: &[Times], load: Load, who: Who) -> Option<&SideTimes> {
    times.iter().find(|times| times.load == load)?.sides.iter().find(|side| side.who == who)
}

const ABOUT: &str = "\
Of 200 pipelines the 100 active ones are loaded, ordered by name, with what belongs to them in its order; every column but the generated \
`interval` goes into a struct with owned values (uuid, text, jsonb, timestamptz, numeric, enums). All sides have to load the same, and \
are compared before anything is measured. In parentheses: the ratio to *by hand*, which is tokio-postgres as an expert writes it: prepared, \
bound by reference, read by index, streamed into structs, all statements in one pipeline. *By hand, one snapshot* is the same between \
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY and COMMIT, in the same pipeline: else a row that is inserted between two statements shows \
children without their parent.

All in one process on one thread, with `fsync` off; over a Unix socket, and over TCP through a proxy that answers {latency} later. The sides \
take turns in {rounds} rounds, in changing order, after a warm-up; a ratio is the median of the rounds' ratios. Instructions and allocations \
are those of the client process, as valgrind counts them: a run of 2n repetitions less one of n. Times depend on the machine; counts hardly do.";

const RIVALS: &str = "\
The other libraries, each in the best way that it has, none in a snapshot. sqlx: statements with `= ANY($1)` one after \
the other, `count(*) OVER ()` for the total. diesel-async: `belonging_to` and `grouped_by`, what does not depend on each other pipelined. \
SeaORM: `load_many`, a paginator. Toasty: `include`, one query for the page and one for its total; it has no limit per parent, so it loads all executions and keeps three. sqlx, diesel-async and SeaORM take the latest executions by LATERAL in a text of SQL. sqlx and SeaORM do not test connections before use; that each is tested \
when it is given back counts as a round trip, but nobody waits for it before the next load.";
