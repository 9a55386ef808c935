#[derive(Repository)]
#[persist(table = "pipeline_steps", filter_by(pipeline: Pipeline, belongs_to), filter_by(logs: Vec<Log>, has_many(table = "execution_logs")))]
#[persist(filter_by(pub(crate) dependents: Vec<Step>, has_many, filter = "enabled"))]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
}
