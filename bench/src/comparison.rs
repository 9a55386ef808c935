//! Several sides do the same: how they are measured, whatever it is that they do.

mod counts;
mod report;
mod rounds;

use std::pin::Pin;
use std::time::Duration;

use persist_testkit::{Proxy, TestDatabase};
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::Client;

use crate::rounds::Time;
use crate::side::Error;
use crate::stage;
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

    /// Opens the connection of a side to the database at this URL; `None` if this machine lacks what the side needs.
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

/// What is added to the time of each round trip, in the second of two runs.
const LATENCY: Duration = Duration::from_millis(1);

/// Measures all sides and writes the report.
pub fn measure<T: Task>(runtime: &tokio::runtime::Runtime, rounds: usize) -> Result<(), Error> {
    let database = runtime.block_on(TestDatabase::try_new())?;
    let stage = runtime.block_on(stage::connect(database.url()))?;
    runtime.block_on(T::fill(&stage))?;
    let direct = runtime.block_on(rounds::measure::<T>(database.url(), &stage, rounds))?;
    let proxy = runtime.block_on(Proxy::start(&database));
    let counts = counts::count::<T>(runtime, database.url(), &stage, &proxy)?;
    proxy.set_latency(LATENCY);
    let late = runtime.block_on(rounds::measure::<T>(proxy.url(), &stage, rounds))?;
    let server_version = runtime.block_on(stage::server_version(&stage))?;
    let report = report::Report::new(server_version, rounds, counts, direct, late);
    print!("{}", report.markdown());
    report.write()
}

/// The one with this name.
pub fn by_name<T: Task>(name: &str) -> Option<T> {
    T::ALL.iter().copied().find(|task| task.name() == name)
}

/// Does one thing over and over, for a tool that watches this process. It gets ready for `prepared` repetitions, so that the
/// difference of two runs which get ready for as many is what was done.
pub async fn repeat<T: Task>(
    who: &str,
    task: T,
    repetitions: usize,
    prepared: usize,
    url: &str,
) -> Result<(), Error> {
    let who = Who::by_name(who).ok_or("no such side")?;
    let stage = stage::connect(url).await?;
    let mut side = T::connect(who, url).await?.ok_or("this side does not run here")?;
    for number in 0..prepared {
        task.reset(&stage, 1).await?;
        side.prepare(task, 1).await?;
        if number < repetitions {
            side.work(task).await?;
        } else {
            side.discard().await?;
        }
    }
    Ok(())
}
