//! tokio-postgres as an expert writes it: prepared once, bound by reference, read by index, streamed into
//! structs.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use tokio_postgres::types::{Json, ToSql};
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

use super::Side;
use crate::draft::{Configuration, Draft};
use crate::error::Error;

/// One connection with its statements.
pub struct ByHand {
    client: Client,
    find: Statement,
    read: Statement,
    read_names: Statement,
    insert: Statement,
}

/// The columns, with the enum as text: else the driver asks the server for its type, several round trips on
/// each connection.
macro_rules! columns {
    () => {
        "id, name, version, plugin_type::text, configuration, capabilities, price_per_run, checksum, created_at, updated_at"
    };
}

pub(super) const FIND: &str = concat!("SELECT ", columns!(), " FROM plugins WHERE id = $1");
pub(super) const READ: &str = concat!("SELECT ", columns!(), " FROM plugins WHERE name = $1");
pub(super) const READ_NAMES: &str =
    "SELECT id, name, version, plugin_type::text FROM plugins WHERE name = $1";
pub(super) const INSERT: &str = concat!(
    "INSERT INTO plugins (id, name, version, plugin_type, configuration, capabilities, price_per_run, checksum) \
     VALUES ($1, $2, $3, $4::text::plugin_type, $5, $6, $7, $8) RETURNING ",
    columns!()
);

impl Side for ByHand {
    async fn connect(url: &str) -> Result<Self, Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let find = client.prepare(FIND).await?;
        let read = client.prepare(READ).await?;
        let read_names = client.prepare(READ_NAMES).await?;
        let insert = client.prepare(INSERT).await?;
        Ok(ByHand { client, find, read, read_names, insert })
    }

    async fn find(&self, key: Uuid) -> Result<bool, Error> {
        find(&self.client, &self.find, key).await
    }

    async fn read(&self, name: &str) -> Result<usize, Error> {
        read(&self.client, &self.read, name).await
    }

    async fn read_names(&self, name: &str) -> Result<usize, Error> {
        read_names(&self.client, &self.read_names, name).await
    }

    async fn insert(&self, draft: Draft) -> Result<Uuid, Error> {
        insert(&self.client, &self.insert, draft).await
    }
}

pub(super) async fn find(client: &Client, statement: &Statement, key: Uuid) -> Result<bool, Error> {
    let row = client.query_opt(statement, &[&key]).await?;
    let plugin = row.map(|row| Plugin::from_row(&row)).transpose()?;
    Ok(std::hint::black_box(plugin).is_some())
}

pub(super) async fn read(client: &Client, statement: &Statement, name: &str) -> Result<usize, Error> {
    let mut rows = std::pin::pin!(client.query_raw(statement, [name]).await?);
    let mut plugins = Vec::new();
    while let Some(row) = rows.try_next().await? {
        plugins.push(Plugin::from_row(&row)?);
    }
    Ok(std::hint::black_box(plugins).len())
}

pub(super) async fn read_names(client: &Client, statement: &Statement, name: &str) -> Result<usize, Error> {
    let mut rows = std::pin::pin!(client.query_raw(statement, [name]).await?);
    let mut names = Vec::new();
    while let Some(row) = rows.try_next().await? {
        names.push(PluginName::from_row(&row)?);
    }
    Ok(std::hint::black_box(names).len())
}

pub(super) async fn insert(client: &Client, statement: &Statement, draft: Draft) -> Result<Uuid, Error> {
    let id = Uuid::now_v7();
    let params: [&(dyn ToSql + Sync); 8] = [
        &id,
        &draft.name,
        &draft.version,
        &PluginType::Transform.label(),
        &Json(&draft.configuration),
        &draft.capabilities,
        &draft.price_per_run,
        &draft.checksum,
    ];
    let row = client.query_one(statement, &params).await?;
    Ok(std::hint::black_box(Plugin::from_row(&row)?).id)
}

#[derive(Debug)]
#[expect(dead_code, reason = "the fields are read from rows, and that is what is measured")]
struct Plugin {
    id: Uuid,
    name: String,
    version: String,
    plugin_type: PluginType,
    configuration: Json<Configuration>,
    capabilities: Vec<String>,
    price_per_run: Option<Decimal>,
    checksum: Option<Vec<u8>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Plugin {
    fn from_row(row: &Row) -> Result<Plugin, Error> {
        Ok(Plugin {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            version: row.try_get(2)?,
            plugin_type: PluginType::from_label(row.try_get(3)?)?,
            configuration: row.try_get(4)?,
            capabilities: row.try_get(5)?,
            price_per_run: row.try_get(6)?,
            checksum: row.try_get(7)?,
            created_at: row.try_get(8)?,
            updated_at: row.try_get(9)?,
        })
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "the fields are read from rows, and that is what is measured")]
struct PluginName {
    id: Uuid,
    name: String,
    version: String,
    plugin_type: PluginType,
}

impl PluginName {
    fn from_row(row: &Row) -> Result<PluginName, Error> {
        Ok(PluginName {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            version: row.try_get(2)?,
            plugin_type: PluginType::from_label(row.try_get(3)?)?,
        })
    }
}

#[derive(Debug, Clone, Copy)]
enum PluginType {
    Source,
    Transform,
    Sink,
}

impl PluginType {
    fn label(self) -> &'static str {
        match self {
            PluginType::Source => "source",
            PluginType::Transform => "transform",
            PluginType::Sink => "sink",
        }
    }

    fn from_label(label: &str) -> Result<PluginType, Error> {
        match label {
            "source" => Ok(PluginType::Source),
            "transform" => Ok(PluginType::Transform),
            "sink" => Ok(PluginType::Sink),
            _ => Err(format!("unknown plugin type `{label}`").into()),
        }
    }
}
