//! The results as Markdown and JSON, beside the budgets.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::case::Case;
use crate::counts::{Count, Counts};
use crate::error::Error;
use crate::rounds::Times;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    environment: Environment,
    rounds: usize,
    budgets: Vec<Budget>,
    times: Vec<Times>,
    counts: Vec<Counts>,
}

/// Where it was measured.
#[derive(Debug, Serialize)]
pub struct Environment {
    postgresql: String,
    rustc: String,
    crates: Vec<(&'static str, String)>,
    platform: String,
    cores: usize,
}

/// What a ratio to the code written by hand must not exceed.
#[derive(Debug, Serialize)]
struct Budget {
    what: String,
    limit: f64,
    measured: f64,
    met: bool,
}

impl Report {
    /// Compares what was measured with the budgets.
    pub fn new(server_version: String, rounds: usize, times: Vec<Times>, counts: Vec<Counts>) -> Report {
        let budgets = budgets(&times, &counts);
        let crates = &["tokio-postgres", "deadpool-postgres", "tokio"];
        Report { environment: Environment::new(server_version, crates), rounds, budgets, times, counts }
    }

    /// Writes `bench/results/results.md` and `results.json`.
    pub fn write(&self) -> Result<(), Error> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("results.md"), self.markdown())?;
        std::fs::write(folder.join("results.json"), serde_json::to_string_pretty(self)? + "\n")?;
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
        writeln!(out, "# persist beside tokio-postgres written by hand\n")?;
        writeln!(out, "{}\n", ABOUT.replace("{rounds}", &self.rounds.to_string()))?;
        writeln!(out, "{}\n", self.environment)?;

        writeln!(out, "## Budgets\n\n| ratio to by hand | limit | measured | |\n|---|---:|---:|---|")?;
        for Budget { what, limit, measured, met } in &self.budgets {
            let met = if *met { "met" } else { "**missed**" };
            writeln!(out, "| {what} | {limit:.2} | {measured:.3} | {met} |")?;
        }
        writeln!(out, "\n## Counts per call\n\n| | | ours | by hand | by hand, pooled | ours : by hand |")?;
        writeln!(out, "|---|---|---:|---:|---:|---:|")?;
        for counts in &self.counts {
            write_counts(out, counts)?;
        }
        writeln!(out, "\n## Times per call, in microseconds (medians)\n")?;
        writeln!(
            out,
            "| | | ours | by hand | by hand, pooled | ours : by hand (quartiles) | ours : pooled (quartiles) |"
        )?;
        writeln!(out, "|---|---|---:|---:|---:|---:|---:|")?;
        for times in &self.times {
            write_times(out, times)?;
        }
        Ok(())
    }
}

const ABOUT: &str = "\
Ten columns of `plugins` (uuid, text, enum, jsonb, text[], numeric, bytea, timestamptz), read into structs with owned values. *Ours* \
takes a connection from its pool for each call. *By hand* has one connection and nothing between; *by hand, pooled* is the same code \
behind deadpool-postgres with its statement cache. By hand everything is prepared, bound by reference, read by index, and rows are \
streamed into the `Vec` of structs.

All in one process on one thread, over a Unix socket, with `fsync` off. The sides take turns in {rounds} rounds, in changing order, \
after a warm-up; a ratio is the median of the rounds' ratios. Instructions and allocations are those of the client process, as valgrind \
counts them: a run of 2n repetitions less one of n. Times depend on the machine; counts hardly do.";

fn write_counts(
    out: &mut String,
    Counts { case, ours, by_hand, by_hand_pooled }: &Counts,
) -> std::fmt::Result {
    let mut line = |what: &str, number: fn(&Count) -> Option<f64>, title: &str| {
        let cell = |count| number(count).map_or("not counted".to_owned(), thousands);
        let ratio = match (number(ours), number(by_hand)) {
            (Some(ours), Some(by_hand)) => format!("{:.3}", ours / by_hand),
            _ => String::new(),
        };
        let (ours, by_hand, by_hand_pooled) = (cell(ours), cell(by_hand), cell(by_hand_pooled));
        writeln!(out, "| {title} | {what} | {ours} | {by_hand} | {by_hand_pooled} | {ratio} |")
    };
    line("instructions", |count| Some(count.cost?.instructions), case.title())?;
    line("allocations", |count| Some(count.cost?.allocations), "")?;
    line("allocated bytes", |count| Some(count.cost?.allocated_bytes), "")?;
    line("round trips", |count| Some(count.round_trips), "")
}

fn write_times(out: &mut String, times: &Times) -> std::fmt::Result {
    let Times { case, ours, by_hand, by_hand_pooled, ratio, ratio_pooled } = times;
    let spread = |spread: crate::time::Spread| {
        format!("{:.3} ({:.2}–{:.2})", spread.median, spread.lower_quartile, spread.upper_quartile)
    };
    writeln!(
        out,
        "| {} | wall | {:.1} | {:.1} | {:.1} | {} | {} |",
        case.title(),
        ours.wall_us,
        by_hand.wall_us,
        by_hand_pooled.wall_us,
        spread(ratio.wall),
        spread(ratio_pooled.wall),
    )?;
    writeln!(
        out,
        "| | CPU | {:.1} | {:.1} | {:.1} | {} | {} |",
        ours.cpu_us,
        by_hand.cpu_us,
        by_hand_pooled.cpu_us,
        spread(ratio.cpu),
        spread(ratio_pooled.cpu),
    )
}

/// Ratios of instructions, CPU time and wall time; of round trips and allocations it is 1 for all cases.
const BUDGETS: [(Case, f64); 4] = [
    (Case::Find, 1.0),
    (Case::ReadTenThousand, 0.95),
    (Case::ReadTenThousandNames, 0.95),
    (Case::Insert, 1.03),
];

fn budgets(times: &[Times], counts: &[Counts]) -> Vec<Budget> {
    let mut budgets = Vec::new();
    let mut add = |what: String, limit: f64, measured: f64| {
        budgets.push(Budget { what, limit, measured, met: measured <= limit });
    };
    for (case, limit) in BUDGETS {
        let title = case.title();
        for Counts { ours, by_hand, .. } in counts.iter().filter(|counts| counts.case == case) {
            if let (Some(ours), Some(by_hand)) = (ours.cost, by_hand.cost) {
                add(format!("{title}: instructions"), limit, ours.instructions / by_hand.instructions);
            }
            add(format!("{title}: round trips"), 1.0, ours.round_trips / by_hand.round_trips);
        }
        for Times { ratio, .. } in times.iter().filter(|times| times.case == case) {
            add(format!("{title}: CPU time"), limit, ratio.cpu.median);
            add(format!("{title}: wall time"), limit, ratio.wall.median);
        }
    }
    for Counts { case, ours, by_hand, .. } in counts {
        if let (Some(ours), Some(by_hand)) = (ours.cost, by_hand.cost) {
            add(format!("{}: allocations", case.title()), 1.0, ours.allocations / by_hand.allocations);
        }
    }
    budgets
}

impl Environment {
    /// This machine, this compiler, the server of this version, and these crates as they are locked.
    pub fn new(server_version: String, crates: &[&'static str]) -> Environment {
        let platform = format!("{} {}", std::env::consts::ARCH, std::env::consts::OS);
        Environment {
            postgresql: server_version,
            rustc: rustc_version(),
            crates: crates.iter().map(|name| (*name, locked_version(name))).collect(),
            platform,
            cores: std::thread::available_parallelism().map_or(0, usize::from),
        }
    }
}

impl std::fmt::Display for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Environment { postgresql, rustc, crates, platform, cores } = self;
        let crates: Vec<String> = crates.iter().map(|(name, version)| format!("{name} {version}")).collect();
        write!(f, "PostgreSQL {postgresql}, {rustc}, {}, {platform}, {cores} cores.", crates.join(", "))
    }
}

/// The version in this workspace's lock file.
fn locked_version(name: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{name}\"\n")));
    let version = entry.and_then(|entry| entry.split("version = \"").nth(1)?.split('"').next());
    version.unwrap_or("of unknown version").to_owned()
}

fn rustc_version() -> String {
    let output = std::process::Command::new("rustc").arg("--version").output();
    let version =
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    // Without the hash and the date of the build.
    version.split(" (").next().unwrap_or_default().trim().to_owned()
}

/// With a comma before each three digits.
pub fn thousands(number: f64) -> String {
    let rounded = format!("{number:.1}");
    let (whole, part) = rounded.split_once('.').unwrap_or((&rounded, "0"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if part == "0" || whole.len() > 4 { grouped } else { format!("{grouped}.{part}") }
}
