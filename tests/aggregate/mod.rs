//! Aggregates over the sample domain: entities with the rows that belong to them.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of the domain")]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use persist::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "execution_logs")]
pub struct Log {
    #[persist(id)]
    pub id: i64,
    pub execution_id: Uuid,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    #[persist(has_many, order_by = "id")]
    pub logs: Vec<Log>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_steps")]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub position: i32,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
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
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    pub tags: Vec<Tag>,
    #[persist(has_many, order_by = "execution_number desc")]
    pub executions: Vec<Execution>,
}
