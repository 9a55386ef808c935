//! What valgrind counts of a process that does one thing over and over.

use std::process::Command;

use serde::Serialize;

use crate::error::Error;

/// Counts per repetition.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Cost {
    /// Instructions outside of the kernel.
    pub instructions: f64,
    /// Calls of the allocator.
    pub allocations: f64,
    /// Bytes asked of the allocator.
    pub allocated_bytes: f64,
}

const INSTRUCTIONS: [&str; 3] = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
const HEAP: [&str; 3] = ["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"];

/// Counts what `run` does under a tool so many times, the instructions in several attempts; `None` without
/// valgrind.
pub fn cost(
    repetitions: usize,
    attempts: usize,
    run: impl Fn(&[&str], usize) -> Result<Option<String>, Error>,
) -> Result<Option<Cost>, Error> {
    let mut instructions = Vec::new();
    // How often a client is woken for one answer depends on what else the machine does.
    for _ in 0..attempts {
        let Some(count) = difference(repetitions, &run, &INSTRUCTIONS, [("I   refs:", "")])? else {
            return Ok(None);
        };
        instructions.extend(count);
    }
    instructions.sort_by(f64::total_cmp);
    let heap = [("total heap usage:", " allocs"), (" frees,", " bytes allocated")];
    let Some([allocations, allocated_bytes]) = difference(repetitions, &run, &HEAP, heap)? else {
        return Ok(None);
    };
    Ok(Some(Cost { instructions: instructions[attempts / 2], allocations, allocated_bytes }))
}

/// What valgrind says of this program when it does nothing but repeat one thing.
pub fn run(tool: &[&str], repeat: &[&str]) -> Result<Option<String>, Error> {
    let program = std::env::current_exe()?;
    let output = Command::new("valgrind").args(tool).arg(program).arg("repeat").args(repeat).output();
    match output {
        Ok(output) if output.status.success() => Ok(Some(String::from_utf8(output.stderr)?)),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into()),
        Err(_not_installed) => Ok(None),
    }
}

/// Numbers in valgrind's summary, each between two words; the difference of two runs leaves out what is done
/// once.
fn difference<const N: usize>(
    repetitions: usize,
    run: impl Fn(&[&str], usize) -> Result<Option<String>, Error>,
    tool: &[&str],
    words: [(&str, &str); N],
) -> Result<Option<[f64; N]>, Error> {
    let (Some(once), Some(twice)) = (run(tool, repetitions)?, run(tool, 2 * repetitions)?) else {
        return Ok(None);
    };
    let mut each = [0.0; N];
    for (each, (before, after)) in each.iter_mut().zip(words) {
        *each = (number(&twice, before, after)? - number(&once, before, after)?) / repetitions as f64;
    }
    Ok(Some(each))
}

/// The number between two words in valgrind's summary.
fn number(summary: &str, before: &str, after: &str) -> Result<f64, Error> {
    let mut found = summary.lines().filter_map(|line| line.split_once(before)?.1.split_once(after));
    // What stands before an empty end is empty.
    let (text, rest) = found.next().ok_or_else(|| format!("valgrind did not say `{before}`: {summary}"))?;
    let text = if after.is_empty() { rest } else { text };
    Ok(text.trim().replace(',', "").parse()?)
}
