use persist::prelude::*;

#[derive(Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source,
    Transform,
    Sink,
    #[persist(rename = "sink")]
    Drain,
}

fn main() {}
