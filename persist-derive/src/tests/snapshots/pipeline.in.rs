#[derive(Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub environment_variables: Json<BTreeMap<String, String>>,
    pub is_active: bool,
    #[persist(version)]
    pub version: i64,
    #[persist(created_at)]
    pub created_at: DateTime<Utc>,
    #[persist(updated_at)]
    pub updated_at: DateTime<Utc>,
    pub owner_id: Option<Uuid>,
    #[persist(skip)]
    pub is_selected: bool,
}
