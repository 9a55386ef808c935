//! Time: the sides take turns, round after round, and each round gives a ratio of its own.

use serde::Serialize;

use super::Load;
use crate::rounds::{Ratios, Time, WARM_UP, spread, time_of};
use crate::side::Error;
use crate::side::loads::{AnyLoader, Who};

/// What one load took, per repetition.
#[derive(Debug, Clone, Serialize)]
pub struct Times {
    /// What was measured.
    pub load: Load,
    /// Who, in the order of [`Who::ALL`].
    pub sides: Vec<SideTimes>,
}

/// What it took one side.
#[derive(Debug, Clone, Serialize)]
pub struct SideTimes {
    /// Which side.
    pub who: Who,
    /// Medians.
    pub time: Time,
    /// To [`Who::ByHand`].
    pub ratio: Ratios,
    /// To [`Who::ByHandSnapshot`].
    pub ratio_snapshot: Ratios,
}

/// Measures all loads on the database at this URL, after all sides have shown that they load the same.
pub async fn measure(url: &str, rounds: usize) -> Result<Vec<Times>, Error> {
    let mut sides = Vec::new();
    for &who in Who::ALL {
        sides.push(who.connect(url).await?);
    }
    compare(&sides).await?;
    let mut all: Vec<Vec<Vec<Time>>> = Load::ALL.iter().map(|_| Vec::with_capacity(rounds)).collect();
    for number in 0..WARM_UP + rounds {
        for (load, measured) in Load::ALL.into_iter().zip(&mut all) {
            let round = round(&sides, load, number).await?;
            if number >= WARM_UP {
                measured.push(round);
            }
        }
    }
    Ok(Load::ALL.into_iter().zip(&all).map(|(load, rounds)| summarize(load, rounds)).collect())
}

/// Fails unless all sides load what the first one does.
async fn compare(sides: &[Box<dyn AnyLoader>]) -> Result<(), Error> {
    for load in Load::ALL {
        let expected = sides[0].show(load).await?;
        for (who, side) in Who::ALL.iter().zip(sides) {
            if side.show(load).await? != expected {
                return Err(format!("{}: {} loads something else", load.name(), who.name()).into());
            }
        }
    }
    Ok(())
}

async fn round(sides: &[Box<dyn AnyLoader>], load: Load, number: usize) -> Result<Vec<Time>, Error> {
    let mut round = vec![Time { wall_us: 0.0, cpu_us: 0.0 }; sides.len()];
    // Whoever is first or follows somebody in one round does not in the next.
    for turn in 0..sides.len() {
        let forward = (number / 2 + turn) % sides.len();
        let side = if number.is_multiple_of(2) { forward } else { sides.len() - 1 - forward };
        round[side] = time_of(sides[side].run(load, load.repetitions()), load.repetitions()).await?;
    }
    Ok(round)
}

fn summarize(load: Load, rounds: &[Vec<Time>]) -> Times {
    let position = |who| Who::ALL.iter().position(|known| *known == who).unwrap_or_default();
    let (by_hand, snapshot) = (position(Who::ByHand), position(Who::ByHandSnapshot));
    let ratio = |side: usize, other: usize| Ratios {
        wall: spread(rounds.iter().map(|round| round[side].wall_us / round[other].wall_us)),
        cpu: spread(rounds.iter().map(|round| round[side].cpu_us / round[other].cpu_us)),
    };
    let side = |(side, &who): (usize, &Who)| SideTimes {
        who,
        time: Time {
            wall_us: spread(rounds.iter().map(|round| round[side].wall_us)).median,
            cpu_us: spread(rounds.iter().map(|round| round[side].cpu_us)).median,
        },
        ratio: ratio(side, by_hand),
        ratio_snapshot: ratio(side, snapshot),
    };
    Times { load, sides: Who::ALL.iter().enumerate().map(side).collect() }
}
