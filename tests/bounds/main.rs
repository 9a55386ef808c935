//! What a program can be given by its users, however deep or long it is: an answer, or an error that says what is
//! wrong, and nothing is half done. It runs on the stack of a worker thread.

mod conditions;
mod documents;
mod kept_out;
mod trees;

use persist::Database;
use persist_testkit::TestDatabase;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Runs what needs a database of its own on a worker thread, whose stack is smaller than that of a program.
fn on_a_worker<F: Future<Output = Result> + Send + 'static>(
    work: impl FnOnce(Database) -> F + Send + 'static,
) -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let worker = tokio::spawn(async {
            let server = TestDatabase::new().await;
            let db = Database::connect(server.url()).await?;
            work(db).await
        });
        worker.await?
    })
}
