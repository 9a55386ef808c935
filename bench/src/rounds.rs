//! Time: the sides take turns, round after round, and each round gives a ratio of its own.

use serde::Serialize;

use crate::case::Case;
use crate::error::Error;
use crate::side::{ByHand, ByHandPooled, Ours, Side};
use crate::stage::Stage;
use crate::time::{Ratios, Time, spread, time_of};

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
            // The side that is first, or follows a certain other, in one round does not in the next.
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
