use persist::prelude::*;
use uuid::Uuid;

#[derive(Enum)]
#[persist(type = "log_level")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

#[derive(Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    pub status: LogLevel,
}

fn main() {}
