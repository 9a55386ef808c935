//! Time: the sides take turns, round after round, and each round gives a ratio of its own.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Client;

use crate::error::Error;
use crate::rounds::WARM_UP;
use crate::task::{Contender, Task};
use crate::time::{Ratios, Time, spread};
use crate::who::Who;

/// What one thing took, per repetition.
#[derive(Debug, Clone, Serialize)]
pub struct Times<T> {
    /// What was measured.
    pub task: T,
    /// Who, in the order of [`Task::SIDES`].
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
    /// To [`Task::EQUAL`].
    pub ratio_equal: Ratios,
}

/// What is added to the time of each round trip, in the second of two runs.
pub const LATENCY: Duration = Duration::from_millis(1);

type Side<T> = (Who, Box<dyn Contender<T>>);

/// Measures everything on the database at this URL. In the first and in the last round all sides have to show
/// the same.
pub async fn measure<T: Task>(url: &str, stage: &Client, rounds: usize) -> Result<Vec<Times<T>>, Error> {
    let mut sides: Vec<Side<T>> = Vec::new();
    for &who in T::SIDES {
        if let Some(side) = T::connect(who, url).await? {
            sides.push((who, side));
        }
    }
    let mut all: Vec<Vec<Vec<Time>>> = T::ALL.iter().map(|_| Vec::with_capacity(rounds)).collect();
    let last = WARM_UP + rounds - 1;
    for number in 0..=last {
        for (&task, measured) in T::ALL.iter().zip(&mut all) {
            let round = round(&mut sides, task, stage, number, [0, last].contains(&number)).await?;
            if number >= WARM_UP {
                measured.push(round);
            }
        }
    }
    let who: Vec<Who> = sides.iter().map(|(who, _)| *who).collect();
    Ok(T::ALL.iter().zip(&all).map(|(task, rounds)| summarize(*task, &who, rounds)).collect())
}

async fn round<T: Task>(
    sides: &mut [Side<T>],
    task: T,
    stage: &Client,
    number: usize,
    compare: bool,
) -> Result<Vec<Time>, Error> {
    let mut round = vec![Time { wall_us: 0.0, cpu_us: 0.0 }; sides.len()];
    let mut expected: Option<(Who, Value)> = None;
    // The side that is first, or follows a certain other, in one round does not in the next.
    for turn in 0..sides.len() {
        let forward = (number / 2 + turn) % sides.len();
        let index = if number.is_multiple_of(2) { forward } else { sides.len() - 1 - forward };
        let (who, side) = &mut sides[index];
        let what = || format!("{}, {}", who.name(), task.name());
        task.reset(stage, task.repetitions()).await?;
        side.prepare(task, task.repetitions()).await.map_err(|error| format!("{}: {error}", what()))?;
        round[index] = side.work(task).await.map_err(|error| format!("{}: {error}", what()))?;
        if compare {
            let shown = side.show(task, stage).await?;
            let (other, expected) = expected.get_or_insert_with(|| (*who, shown.clone()));
            if shown != *expected {
                let difference = difference("", &shown, expected);
                return Err(format!("{}: not as {}: {difference}", what(), other.name()).into());
            }
        }
    }
    Ok(round)
}

/// The first place where two values are not the same.
fn difference(path: &str, one: &Value, other: &Value) -> String {
    let parts: Vec<(String, &Value, Option<&Value>)> = match (one, other) {
        (Value::Array(one), Value::Array(others)) if one.len() == others.len() => one
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value, others.get(index)))
            .collect(),
        (Value::Object(one), Value::Object(others)) if one.len() == others.len() => {
            one.iter().map(|(name, value)| (name.clone(), value, others.get(name))).collect()
        }
        _ => Vec::new(),
    };
    let unlike = parts.into_iter().find(|(_, one, other)| Some(*one) != *other);
    match unlike {
        Some((name, one, Some(other))) => difference(&format!("{path}/{name}"), one, other),
        Some((name, one, None)) => format!("{path}/{name}: {one} and nothing"),
        None => format!("{path}: {one} and {other}"),
    }
}

fn summarize<T: Task>(task: T, who: &[Who], rounds: &[Vec<Time>]) -> Times<T> {
    let position = |who_else| who.iter().position(|known| *known == who_else).unwrap_or_default();
    let (by_hand, equal) = (position(Who::ByHand), position(T::EQUAL));
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
        ratio_equal: ratio(side, equal),
    };
    Times { task, sides: who.iter().enumerate().map(side).collect() }
}
