use persist::prelude::*;

#[derive(Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source,
    Sink,
}

fn main() {}
