use persist::prelude::*;

#[derive(Enum)]
#[persist(type = "plugin_typ")]
pub enum PluginType {
    Source,
}

fn main() {}
