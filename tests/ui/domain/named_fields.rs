use persist::prelude::*;
use uuid::Uuid;

#[derive(Domain)]
pub struct PipelineId {
    id: Uuid,
}

fn main() {}
