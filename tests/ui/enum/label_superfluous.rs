use persist::prelude::*;

#[derive(Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source,
    Transform,
    Sink,
    Sieve,
}

fn main() {}
