//! The structs of the examples in the documentation of `persist-runtime`, over the sample domain in
//! `schema/`.
//!
//! An example that declared them would be longer than what it shows, and each of them would be expanded and
//! compiled again.
#![expect(
    missing_docs,
    reason = "examples show how the structs are used, and the migrations say what the columns are"
)]

pub use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use persist::Interval;
use persist::prelude::*;
pub use uuid::Uuid;

/// What an example answers.
pub type Result<T = (), E = persist::Error> = std::result::Result<T, E>;

#[derive(Debug, Clone, Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines", filter_by(executions: Vec<Execution>, has_many))]
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
    pub owner_id: Option<Uuid>,
    #[persist(belongs_to)]
    pub owner: Option<User>,
    #[persist(has_many, order_by = "position")]
    pub steps: Vec<Step>,
}

/// Less of a pipeline, and how many steps it has.
#[derive(Debug, View)]
#[persist(of = Pipeline)]
pub struct PipelineCard {
    pub id: Uuid,
    pub name: String,
    #[persist(count = "pipeline_steps")]
    pub steps: i64,
}

/// A pipeline with its steps, to be looked at only.
#[derive(Debug, View)]
#[persist(of = Pipeline)]
pub struct PipelineBoard {
    pub name: String,
    #[persist(has_many, order_by = "position")]
    pub steps: Vec<Step>,
}

/// A pipeline without what belongs to it, as the rows see it that belong to one.
#[derive(Debug, Clone, View)]
#[persist(of = Pipeline)]
pub struct PipelineName {
    pub name: String,
    pub description: Option<String>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_steps")]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub position: i32,
    pub name: String,
    pub enabled: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "execution_status")]
pub enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    pub status: Status,
    pub input: Json<serde_json::Value>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    #[persist(generated)]
    pub duration: Option<Interval>,
    #[persist(belongs_to)]
    pub pipeline: PipelineName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "plugin_type")]
pub enum PluginType {
    Source,
    Transform,
    Sink,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "plugins")]
pub struct Plugin {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub version: String,
    pub plugin_type: PluginType,
    pub configuration: Json<serde_json::Value>,
    pub capabilities: Vec<String>,
}

/// Whom a document belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, OneOf)]
pub enum Owner {
    User(Uuid),
    Team(Uuid),
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "documents")]
pub struct Document {
    #[persist(id)]
    pub id: Uuid,
    pub title: String,
    #[persist(one_of)]
    pub owner: Owner,
}
