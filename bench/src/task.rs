//! What several sides do: the same things, each in its own way.

use std::pin::Pin;

use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Client;

use crate::error::Error;
use crate::time::Time;
use crate::who::Who;

/// A list of things that all sides do.
pub trait Task: Copy + PartialEq + Serialize + 'static {
    /// In the order of the report.
    const ALL: &'static [Self];
    /// Who does them, in the order of the report; [`Who::ByHand`] among them.
    const SIDES: &'static [Who];
    /// Code written by hand that promises as much as ours does.
    const EQUAL: Who;
    /// What is said of them in the report.
    const ABOUT: About;

    /// The name for the command line.
    fn name(self) -> &'static str;

    /// The name for the report.
    fn title(self) -> &'static str;

    /// How often it is repeated where that is timed: some ten milliseconds.
    fn repetitions(self) -> usize;

    /// Fills the tables, once.
    async fn fill(stage: &Client) -> Result<(), Error>;

    /// Brings the tables to where so many repetitions begin.
    async fn reset(self, stage: &Client, repetitions: usize) -> Result<(), Error>;

    /// Opens the connection of a side to the database at this URL; `None` if this machine lacks what the side
    /// needs.
    async fn connect(who: Who, url: &str) -> Result<Option<Box<dyn Contender<Self>>>, Error>;
}

/// Texts of a report.
pub struct About {
    /// Of `bench/results/<file>.md` and `.json`.
    pub file: &'static str,
    /// Its first line.
    pub title: &'static str,
    /// What is done and by whom, with `{rounds}` and `{latency}` in the place of the two.
    pub text: &'static str,
    /// How the other libraries do it.
    pub rivals: &'static str,
    /// The packages of other languages that they use, one in each line.
    pub packages: &'static str,
    /// What the ratios of ours to [`Task::EQUAL`] should be.
    pub budget: &'static str,
}

/// One side, whichever it is.
pub trait Contender<T> {
    /// Gets ready to do it so many times. That is not measured.
    fn prepare(&mut self, task: T, repetitions: usize) -> Later<'_, ()>;

    /// Does all that it is ready for; answers the time of one repetition.
    fn work(&mut self, task: T) -> Later<'_, Time>;

    /// Is ready for nothing any more.
    fn discard(&mut self) -> Later<'_, ()>;

    /// What it reads, or has left in the database: the same for all sides.
    fn show<'a>(&'a mut self, task: T, stage: &'a Client) -> Later<'a, Value>;
}

/// One future for all sides; it is boxed outside of what is repeated.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;
