//! A thread that creates and drops databases.
//!
//! Each test has a runtime of its own, which is gone when its database is dropped; a connection that all
//! tests share cannot live on any of them.

use crate::cluster::connect;
use crate::error::{Error, Result, describe};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{Client, Config};

/// Sends jobs to the thread. They are done one after another.
pub(crate) struct Keeper {
    jobs: mpsc::UnboundedSender<Job>,
}

struct Job {
    sql: String,
    done: Box<dyn FnOnce(Result<()>) + Send>,
}

impl Keeper {
    pub(crate) fn start(config: Config) -> Result<Self> {
        let (jobs, queue) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::new(format!("cannot start a runtime: {error}")))?;
        std::thread::Builder::new()
            .name("persist-testkit".to_owned())
            .spawn(move || runtime.block_on(work(config, queue)))
            .map_err(|error| Error::new(format!("cannot start a thread: {error}")))?;
        Ok(Self { jobs })
    }

    pub(crate) async fn run(&self, sql: String) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        self.send(sql, move |result| drop(answer.send(result)));
        answered.await.unwrap_or_else(|_| Err(Error::new("the thread that makes databases is gone")))
    }

    /// For `drop`, which cannot await.
    pub(crate) fn run_and_wait(&self, sql: String) -> Result<()> {
        let (answer, answered) = std::sync::mpsc::channel();
        self.send(sql, move |result| drop(answer.send(result)));
        answered.recv().unwrap_or_else(|_| Err(Error::new("the thread that makes databases is gone")))
    }

    pub(crate) fn run_later(&self, sql: String) {
        self.send(sql, drop);
    }

    /// If the thread is gone the job is dropped, and with it the sender of its answer.
    fn send(&self, sql: String, done: impl FnOnce(Result<()>) + Send + 'static) {
        let _ = self.jobs.send(Job { sql, done: Box::new(done) });
    }
}

async fn work(config: Config, mut queue: mpsc::UnboundedReceiver<Job>) {
    let mut client = None;
    while let Some(job) = queue.recv().await {
        (job.done)(execute(&config, &mut client, &job.sql).await);
    }
}

async fn execute(config: &Config, client: &mut Option<Client>, sql: &str) -> Result<()> {
    let connected = match client.take().filter(|client| !client.is_closed()) {
        Some(client) => client,
        None => connect(config).await?,
    };
    let connected = client.insert(connected);
    connected.batch_execute(sql).await.map_err(|error| Error::new(format!("{sql}: {}", describe(&error))))
}
