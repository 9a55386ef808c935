//! The table at the end.

use std::io::Write as _;

use crate::scenario::{Result, Scenario};

/// Prints a table row by row, and counts what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Report {
    total: Result,
    not_tried: Vec<String>,
    explains: bool,
}

/// Of each scenario so many wrong answers are shown.
const SHOWN: usize = 8;

impl Report {
    /// `explains` says why units were not committed, too.
    pub(crate) fn begin(explains: bool) -> Report {
        let title =
            ["units", "committed", "not", "unknown", "by token", "dropped", "stuck", "wrong", "seconds"];
        print(format!("{:<34}{}", "scenario", title.map(|title| format!("{title:>10}")).concat()));
        Report { explains, ..Report::default() }
    }

    pub(crate) fn add(&mut self, scenario: Scenario, result: std::result::Result<Result, String>) {
        let title = format!("{}: {}", scenario.place, scenario.trouble);
        match result {
            Ok(result) => {
                show(&title, &result);
                if self.explains {
                    explain(&result);
                }
                if result.units < scenario.units as usize {
                    print(format!("    out of time: {} were to be done", scenario.units));
                }
                result.wrong.iter().take(SHOWN).for_each(|wrong| print(format!("    WRONG: {wrong}")));
                self.total.add(result);
            }
            Err(missing) => self.not_tried.push(format!("{title}: not tried: {missing}")),
        }
    }

    /// Is all right?
    pub(crate) fn end(self) -> bool {
        show("all", &self.total);
        self.not_tried.into_iter().for_each(print);
        self.total.wrong.is_empty() && self.total.committed > 0
    }
}

impl Result {
    fn add(&mut self, other: Result) {
        self.units += other.units;
        self.committed += other.committed;
        self.not_committed += other.not_committed;
        self.unknown += other.unknown;
        self.resolved += other.resolved;
        self.dropped += other.dropped;
        self.stuck += other.stuck;
        self.wrong.extend(other.wrong);
        self.took += other.took;
    }
}

fn show(title: &str, result: &Result) {
    let Result { units, committed, not_committed, unknown, resolved, dropped, stuck, wrong, .. } = result;
    let numbers = [units, committed, not_committed, unknown, resolved, dropped, stuck, &wrong.len()];
    let numbers = numbers.map(|number| format!("{number:>10}")).concat();
    print(format!("{title:<34}{numbers}{:>10.1}", result.took.as_secs_f64()));
}

fn explain(result: &Result) {
    let mut reasons: Vec<_> = result.reasons.iter().collect();
    reasons.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
    reasons.into_iter().for_each(|(reason, times)| print(format!("    {times:>6} {reason}")));
}

/// A reader that has gone away is no reason to panic.
fn print(line: String) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
