use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "plugins")]
pub struct Plugin {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(version)]
    pub version: String,
    pub plugin_type: PluginType,
}

#[derive(Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source,
    Transform,
    Sink,
}

fn main() {}
