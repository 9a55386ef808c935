//! Time: the sides take turns, round after round, and each round gives a ratio of its own.

use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use serde::Serialize;

use crate::case::Case;
use crate::side::{ByHand, ByHandPooled, Error, Ours, Side};
use crate::stage::Stage;

/// What one case took, per repetition.
#[derive(Debug, Clone, Serialize)]
pub struct Times {
    /// What was measured.
    pub case: Case,
    /// Medians of each side.
    pub ours: Time,
    /// One connection, nothing between.
    pub by_hand: Time,
    /// Behind a pool.
    pub by_hand_pooled: Time,
    /// Ours to `by_hand`.
    pub ratio: Ratios,
    /// Ours to `by_hand_pooled`.
    pub ratio_pooled: Ratios,
}

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

/// Rounds that are run and thrown away.
pub const WARM_UP: usize = 5;

struct Round {
    ours: Time,
    by_hand: Time,
    by_hand_pooled: Time,
}

/// Measures all cases.
pub async fn measure(url: &str, stage: &Stage, rounds: usize) -> Result<Vec<Times>, Error> {
    let (ours, by_hand, pooled) =
        (Ours::connect(url).await?, ByHand::connect(url).await?, ByHandPooled::connect(url).await?);
    let mut all: Vec<Vec<Round>> = Case::ALL.iter().map(|_| Vec::with_capacity(rounds)).collect();
    for number in 0..WARM_UP + rounds {
        for (case, measured) in Case::ALL.into_iter().zip(&mut all) {
            let mut round = [Time { wall_us: 0.0, cpu_us: 0.0 }; 3];
            // Whoever is first or follows somebody in one round does not in the next.
            for turn in 0..3 {
                let side =
                    if number % 2 == 0 { (number / 2 + turn) % 3 } else { (number / 2 + 3 - turn) % 3 };
                round[side] = match side {
                    0 => time(&ours, stage, case).await?,
                    1 => time(&by_hand, stage, case).await?,
                    _ => time(&pooled, stage, case).await?,
                };
                if case == Case::Insert {
                    stage.clear().await?;
                }
            }
            let [ours, by_hand, by_hand_pooled] = round;
            if number >= WARM_UP {
                measured.push(Round { ours, by_hand, by_hand_pooled });
            }
        }
    }
    Ok(Case::ALL.into_iter().zip(&all).map(|(case, rounds)| summarize(case, rounds)).collect())
}

async fn time<S: Side>(side: &S, stage: &Stage, case: Case) -> Result<Time, Error> {
    let work = case.prepare(stage.key, case.repetitions());
    time_of(work.run(side), case.repetitions()).await
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

fn summarize(case: Case, rounds: &[Round]) -> Times {
    let middle = |side: fn(&Round) -> Time| Time {
        wall_us: spread(rounds.iter().map(|round| side(round).wall_us)).median,
        cpu_us: spread(rounds.iter().map(|round| side(round).cpu_us)).median,
    };
    let ratio = |other: fn(&Round) -> Time| Ratios {
        wall: spread(rounds.iter().map(|round| round.ours.wall_us / other(round).wall_us)),
        cpu: spread(rounds.iter().map(|round| round.ours.cpu_us / other(round).cpu_us)),
    };
    Times {
        case,
        ours: middle(|round| round.ours),
        by_hand: middle(|round| round.by_hand),
        by_hand_pooled: middle(|round| round.by_hand_pooled),
        ratio: ratio(|round| round.by_hand),
        ratio_pooled: ratio(|round| round.by_hand_pooled),
    }
}

/// The middle of these, and the quarters beside it.
pub fn spread(values: impl Iterator<Item = f64>) -> Spread {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |quarters: usize| values[(values.len() - 1) * quarters / 4];
    Spread { lower_quartile: at(1), median: at(2), upper_quartile: at(3) }
}
