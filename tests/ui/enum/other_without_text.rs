use persist::prelude::*;

#[derive(Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source,
    #[persist(other)]
    Other,
}

fn main() {}
