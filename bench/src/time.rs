//! Times of what was done, and the middle of several.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use serde::Serialize;

use crate::error::Error;

/// Microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Time {
    /// By the clock on the wall.
    pub wall_us: f64,
    /// On the processor, in this process.
    pub cpu_us: f64,
}

/// Ratios of the two times.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Ratios {
    /// By the clock on the wall.
    pub wall: Spread,
    /// On the processor, in this process.
    pub cpu: Spread,
}

/// The middle of the rounds' ratios, and the quarters beside it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spread {
    /// A quarter of the rounds is below.
    pub lower_quartile: f64,
    /// Half of the rounds are below.
    pub median: f64,
    /// A quarter of the rounds is above.
    pub upper_quartile: f64,
}

/// The time of one repetition.
pub async fn time_of(
    work: impl Future<Output = Result<(), Error>>,
    repetitions: usize,
) -> Result<Time, Error> {
    let (cpu, wall) = (ThreadTime::now(), Instant::now());
    work.await?;
    let (wall, cpu) = (wall.elapsed(), cpu.elapsed());
    let each = |time: Duration| time.as_secs_f64() * 1e6 / repetitions as f64;
    Ok(Time { wall_us: each(wall), cpu_us: each(cpu) })
}

/// The middle of these, and the quarters beside it.
pub fn spread(values: impl Iterator<Item = f64>) -> Spread {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |quarters: usize| values[(values.len() - 1) * quarters / 4];
    Spread { lower_quartile: at(1), median: at(2), upper_quartile: at(3) }
}
