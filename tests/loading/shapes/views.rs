//! Less of a row, and values of the rows that belong to it. Keys by which rows are found are no fields here.

use std::collections::BTreeMap;

use persist::prelude::*;
use uuid::Uuid;

use super::flat::{Execution, Log, Step, User};
use super::pipelines::Whole;
use super::trees::{Thread, Tree};

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = User, table = "users")]
pub struct UserCard {
    #[persist(column = "display_name")]
    pub name: String,
    #[persist(count = "pipelines", filter = "is_active")]
    pub active_pipelines: i64,
    #[persist(has_many(table = "user_roles", foreign_key = "user_id"), order_by = "role_id")]
    pub grants: Vec<super::flat::UserRole>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Execution, table = "pipeline_executions")]
pub struct ExecutionCard {
    pub execution_number: i32,
    #[persist(count = "execution_logs")]
    pub lines: i64,
    #[persist(has_many(table = "execution_logs"), order_by = "id desc", limit = 1)]
    pub tail: Vec<Log>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Step, table = "pipeline_steps")]
pub struct StepCard {
    pub position: i32,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Whole, table = "pipelines")]
pub struct PipelineCard {
    pub name: String,
    #[persist(count = "pipeline_steps", filter = "enabled")]
    pub enabled_steps: i64,
    #[persist(exists = "pipeline_executions", filter = "started_at is null")]
    pub is_waiting: bool,
    #[persist(max = "pipeline_executions.execution_number")]
    pub last_number: Option<i32>,
    #[persist(sum = "pipeline_steps.position", filter = "not enabled")]
    pub sum: Option<i64>,
    #[persist(sql = "coalesce(owner_id, id)")]
    pub responsible: Uuid,
    #[persist(belongs_to)]
    pub owner: Option<UserCard>,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number desc", limit = 2)]
    pub latest: Vec<ExecutionCard>,
    #[persist(has_many(table = "pipeline_steps"), key_by = "position")]
    pub steps: BTreeMap<i32, StepCard>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Tree, table = "categories")]
pub struct Branch {
    pub name: String,
    #[persist(has_many, order_by = "position desc, name")]
    pub children: Vec<Branch>,
    #[persist(count = "pipelines")]
    pub pipelines: i64,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Thread, table = "comments")]
pub struct Remark {
    pub body: String,
    #[persist(count = "comments")]
    pub answers: i64,
    #[persist(belongs_to)]
    pub author: Option<UserCard>,
    #[persist(has_many, order_by = "written_at desc", max_depth = 2)]
    pub replies: Vec<Remark>,
}
