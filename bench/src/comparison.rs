//! Several sides do the same: how they are measured, whatever it is that they do.

mod counts;
mod loads;
mod report;
mod rounds;
mod units;

use persist_testkit::{Proxy, TestDatabase};

use crate::error::Error;
use crate::stage;
use crate::task::Task;
use crate::who::Who;

/// Measures all sides and writes the report.
pub fn measure<T: Task>(runtime: &tokio::runtime::Runtime, rounds: usize) -> Result<(), Error> {
    let database = runtime.block_on(TestDatabase::try_new())?;
    let stage = runtime.block_on(stage::connect(database.url()))?;
    runtime.block_on(T::fill(&stage))?;
    let direct = runtime.block_on(rounds::measure::<T>(database.url(), &stage, rounds))?;
    let proxy = runtime.block_on(Proxy::start(&database));
    let counts = counts::count::<T>(runtime, database.url(), &stage, &proxy)?;
    proxy.set_latency(rounds::LATENCY);
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

/// Does one thing over and over, for a tool that watches this process. It gets ready for `prepared`
/// repetitions, so that the difference of two runs which get ready for as many is what was done.
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
