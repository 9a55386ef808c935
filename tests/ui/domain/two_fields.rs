use persist::prelude::*;
use uuid::Uuid;

#[derive(Domain)]
pub struct PipelineId(Uuid, Uuid);

fn main() {}
