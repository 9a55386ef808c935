use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "plugins")]
pub struct Row {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub version: String,
    pub plugin_type: PluginType,
    pub capabilities: String,
}

#[derive(Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source,
    Transform,
    Sink,
}

fn main() {}
