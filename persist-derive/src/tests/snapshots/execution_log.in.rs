#[derive(Repository)]
#[persist(table = "execution_logs", crate = "crate::db::persist")]
pub(crate) struct ExecutionLog {
    #[persist(id)]
    pub(crate) id: i64,
    pub(crate) execution_id: Uuid,
    #[persist(column = "step_id")]
    pub(crate) step: Option<Uuid>,
    pub(crate) level: LogLevel,
    pub(crate) message: String,
    #[persist(skip(default = crate::clock::epoch))]
    pub(crate) read_at: Instant,
}
