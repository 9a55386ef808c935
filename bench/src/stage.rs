//! The database that all sides work on.

use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::case::Case;
use crate::error::Error;

/// A connection beside those that are measured.
pub struct Stage {
    client: Client,
    /// The key of the row that is found.
    pub key: Uuid,
}

/// `$1` plugins named `$2`, like those that the bench inserts.
const FILL: &str = "\
INSERT INTO plugins (id, name, version, plugin_type, configuration, capabilities, price_per_run, checksum) \
SELECT gen_random_uuid(), $2, '1.' || n || '.0', 'transform', '{\"retries\": 3, \"region\": \"eu-central\"}', \
       '{batch,resume}', 1.25, sha256(n::text::bytea) \
FROM generate_series(1, $1::bigint) AS n";

impl Stage {
    /// Fills the tables.
    pub async fn fill(url: &str) -> Result<Stage, Error> {
        let client = connect(url).await?;
        for case in [Case::ReadOne, Case::ReadHundred, Case::ReadTenThousand] {
            client.execute(FILL, &[&i64::try_from(case.rows())?, &case.plugin_name()]).await?;
        }
        client.batch_execute("VACUUM ANALYZE plugins").await?;
        Stage::find_key(client).await
    }

    /// For a process that finds them filled.
    pub async fn enter(url: &str) -> Result<Stage, Error> {
        Stage::find_key(connect(url).await?).await
    }

    async fn find_key(client: Client) -> Result<Stage, Error> {
        let row =
            client.query_one("SELECT id FROM plugins WHERE name = $1", &[&Case::Find.plugin_name()]).await?;
        Ok(Stage { client, key: row.try_get(0)? })
    }

    /// Takes away what was inserted.
    pub async fn clear(&self) -> Result<(), Error> {
        self.client.execute("DELETE FROM plugins WHERE name = $1", &[&Case::Insert.plugin_name()]).await?;
        Ok(())
    }

    /// The server's version.
    pub async fn server_version(&self) -> Result<String, Error> {
        server_version(&self.client).await
    }
}

/// The server's version.
pub async fn server_version(client: &Client) -> Result<String, Error> {
    Ok(client.query_one("SHOW server_version", &[]).await?.try_get(0)?)
}

/// A connection that is not measured.
pub async fn connect(url: &str) -> Result<Client, Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
