//! persist, as its users write it.

use chrono::{DateTime, Utc};
use persist::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Side;
use crate::draft::{Configuration, Draft};
use crate::error::Error;

/// A database with its pool: each call takes a connection from it.
pub struct Ours(Database);

impl Side for Ours {
    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Ours(Database::builder().url(url).pool_size(4).connect().await?))
    }

    async fn find(&self, key: Uuid) -> Result<bool, Error> {
        let plugin = self.0.repository::<Plugin>().find(key).await?;
        Ok(std::hint::black_box(plugin).is_some())
    }

    async fn read(&self, name: &str) -> Result<usize, Error> {
        let plugins = self.0.repository::<Plugin>().filter(|plugin| plugin.name.eq(name)).all().await?;
        Ok(std::hint::black_box(plugins).len())
    }

    async fn read_names(&self, name: &str) -> Result<usize, Error> {
        let names = self.0.repository::<PluginName>().filter(|plugin| plugin.name.eq(name)).all().await?;
        Ok(std::hint::black_box(names).len())
    }

    async fn insert(&self, draft: Draft) -> Result<Uuid, Error> {
        let new = NewPlugin::new(draft.name, draft.version, PluginType::Transform)
            .configuration(draft.configuration)
            .capabilities(draft.capabilities)
            .price_per_run(draft.price_per_run)
            .checksum(draft.checksum);
        let plugin = self.0.repository::<Plugin>().insert(new).await?;
        Ok(std::hint::black_box(plugin).id)
    }
}

#[derive(Debug, Repository)]
#[persist(table = "plugins")]
#[expect(dead_code, reason = "the fields are read from rows, and that is what is measured")]
struct Plugin {
    #[persist(id)]
    id: Uuid,
    name: String,
    version: String,
    plugin_type: PluginType,
    configuration: Json<Configuration>,
    capabilities: Vec<String>,
    price_per_run: Option<Decimal>,
    checksum: Option<Vec<u8>>,
    #[persist(created_at)]
    created_at: DateTime<Utc>,
    #[persist(updated_at)]
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Repository)]
#[persist(table = "plugins")]
struct PluginName {
    #[persist(id)]
    id: Uuid,
    name: String,
    version: String,
    plugin_type: PluginType,
}

#[derive(Debug, Clone, Copy, Enum)]
#[persist(type = "plugin_type")]
enum PluginType {
    Source,
    Transform,
    Sink,
}
