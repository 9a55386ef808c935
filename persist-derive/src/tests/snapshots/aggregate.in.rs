#[derive(Repository)]
#[persist(table = "pipelines", order = "PipelineSorting")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<BTreeMap<String, String>>,
    #[persist(belongs_to)]
    pub owner: Option<UserName>,
    #[persist(has_many, order_by = "position desc", filter = "enabled and name <> ''", limit = 3)]
    pub steps: Vec<PipelineStep>,
    #[persist(has_many(table = "pipeline_steps"), key_by = "position")]
    pub by_position: BTreeMap<i32, PipelineStep>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    pub tags: Vec<Tag>,
}
