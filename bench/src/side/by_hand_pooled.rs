//! The same code behind deadpool-postgres: each call takes a connection from the pool, as a server's handlers
//! do.

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio_postgres::NoTls;
use uuid::Uuid;

use super::Side;
use super::by_hand::{self, FIND, INSERT, READ, READ_NAMES};
use crate::draft::Draft;
use crate::error::Error;

/// A pool whose connections remember statements by their text.
pub struct ByHandPooled(Pool);

impl Side for ByHandPooled {
    async fn connect(url: &str) -> Result<Self, Error> {
        let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(url.parse()?, NoTls, config);
        Ok(ByHandPooled(Pool::builder(manager).max_size(4).build()?))
    }

    async fn find(&self, key: Uuid) -> Result<bool, Error> {
        let client = self.0.get().await?;
        by_hand::find(&client, &client.prepare_cached(FIND).await?, key).await
    }

    async fn read(&self, name: &str) -> Result<usize, Error> {
        let client = self.0.get().await?;
        by_hand::read(&client, &client.prepare_cached(READ).await?, name).await
    }

    async fn read_names(&self, name: &str) -> Result<usize, Error> {
        let client = self.0.get().await?;
        by_hand::read_names(&client, &client.prepare_cached(READ_NAMES).await?, name).await
    }

    async fn insert(&self, draft: Draft) -> Result<Uuid, Error> {
        let client = self.0.get().await?;
        by_hand::insert(&client, &client.prepare_cached(INSERT).await?, draft).await
    }
}
