use persist::prelude::*;

#[derive(Enum)]
#[persist(type = "plugin_type")]
pub struct PluginType;

fn main() {}
