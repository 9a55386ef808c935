use persist::prelude::*;

#[derive(Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source(u8),
    Transform,
    Sink,
}

fn main() {}
