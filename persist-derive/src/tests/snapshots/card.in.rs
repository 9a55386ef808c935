#[derive(View)]
#[persist(of = Pipeline)]
pub struct PipelineCard {
    #[persist(column = "name")]
    pub title: String,
    #[persist(count = "pipeline_steps", filter = "enabled")]
    pub step_count: i64,
    #[persist(exists = "pipeline_executions")]
    pub has_run: bool,
    #[persist(sum = "pipeline_executions.cost")]
    pub cost: Option<Decimal>,
    #[persist(min = "pipeline_executions.status")]
    pub status: Option<ExecutionStatus>,
    #[persist(sql = "upper(name)")]
    pub loud: String,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number desc", limit = 1)]
    pub latest: Vec<ExecutionCard>,
}
