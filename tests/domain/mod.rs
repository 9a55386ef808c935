//! Entities over the sample domain in `schema/`, shared by the tests.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of the domain")]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use persist::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Repository)]
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
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_steps")]
pub struct PipelineStep {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub position: i32,
    pub name: String,
    pub enabled: bool,
    pub depends_on: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "execution_status")]
pub enum ExecutionStatus {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    pub status: ExecutionStatus,
    pub input: Json<serde_json::Value>,
    pub output: Option<Json<serde_json::Value>>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    #[persist(version)]
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source,
    Transform,
    Sink,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "plugins")]
pub struct Plugin {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub version: String,
    pub plugin_type: PluginType,
    pub configuration: Json<serde_json::Value>,
    pub capabilities: Vec<String>,
    pub checksum: Option<Vec<u8>>,
    #[persist(updated_at)]
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "user_roles")]
pub struct UserRole {
    #[persist(id)]
    pub user_id: Uuid,
    #[persist(id)]
    pub role_id: Uuid,
    pub granted_by: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "log_level")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "execution_logs")]
pub struct ExecutionLog {
    #[persist(id)]
    pub id: i64,
    pub execution_id: Uuid,
    pub level: LogLevel,
    pub message: String,
}

/// A database of the test's own with a connection to it.
pub async fn database() -> (persist_testkit::TestDatabase, Database) {
    let server = persist_testkit::TestDatabase::new().await;
    let db = Database::connect(server.url()).await.expect("the test's own server answers");
    (server, db)
}
