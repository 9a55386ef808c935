#[derive(Domain)]
pub struct PipelineId(Uuid);
