//! Aggregates over the sample domain: chains of four tables, links, composite and database-made keys, trees,
//! circles.
#![allow(dead_code, unreachable_pub, reason = "the derive makes more than these tests use")]

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
    #[persist(version)]
    pub version: i64,
    #[persist(has_one(table = "billing.accounts"))]
    pub account: Option<Account>,
}

/// Only deleted by name: its foreign key says RESTRICT.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "billing.accounts")]
pub struct Account {
    #[persist(id)]
    pub id: Uuid,
    pub number: String,
    pub owner_id: Uuid,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
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
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "execution_logs")]
pub struct Log {
    #[persist(id)]
    pub id: i64,
    pub execution_id: Uuid,
    pub step_id: Option<Uuid>,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    pub error_message: Option<String>,
    #[persist(has_many(table = "execution_logs"), order_by = "message")]
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
    pub enabled: bool,
    pub depends_on: Option<Uuid>,
    pub plugin_id: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedule_runs")]
pub struct ScheduleRun {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub slot: i16,
    pub due_at: DateTime<Utc>,
    pub was_late: bool,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedules")]
pub struct Schedule {
    #[persist(id)]
    pub pipeline_id: Uuid,
    #[persist(id)]
    pub slot: i16,
    pub cron: String,
    #[persist(has_many(table = "schedule_runs"), order_by = "due_at")]
    pub runs: Vec<ScheduleRun>,
}

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
    pub owner_id: Option<Uuid>,
    pub category_id: Option<Uuid>,
    #[persist(has_many, order_by = "position")]
    pub steps: Vec<Step>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    pub tags: Vec<Tag>,
    #[persist(has_many, order_by = "execution_number")]
    pub executions: Vec<Execution>,
    #[persist(has_many(table = "schedules"), order_by = "slot")]
    pub schedules: Vec<Schedule>,
}

/// A pipeline without what belongs to it.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Heading {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub environment_variables: Json<BTreeMap<String, String>>,
    #[persist(version)]
    pub version: i64,
}

/// A step, in fewer columns.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_steps")]
pub struct Label {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
    pub position: i32,
}

/// A tree, saved as a whole.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
pub struct Category {
    #[persist(id)]
    pub id: Uuid,
    pub parent_id: Option<Uuid>,
    pub name: String,
    pub position: i32,
    #[persist(has_many, order_by = "name")]
    pub children: Vec<Category>,
}

/// A tree whose rows are written one by one; its keys are made by the database.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "comments")]
pub struct Comment {
    #[persist(id)]
    pub id: i64,
    pub pipeline_id: Uuid,
    pub author_id: Option<Uuid>,
    pub reply_to: Option<i64>,
    pub body: String,
}

/// A circle through a key that may be NULL.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "teams")]
pub struct Team {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub lead_id: Option<Uuid>,
    #[persist(has_many(table = "team_members", foreign_key = "team_id"), order_by = "rank")]
    pub members: Vec<TeamMember>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "team_members")]
pub struct TeamMember {
    #[persist(id)]
    pub id: Uuid,
    pub team_id: Uuid,
    pub rank: i32,
    pub name: String,
}

/// A circle through a key that is checked at the end.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "runbooks")]
pub struct Runbook {
    #[persist(id)]
    pub id: Uuid,
    pub title: String,
    pub current_id: Uuid,
    #[persist(has_many(table = "runbook_revisions", foreign_key = "runbook_id"), order_by = "number")]
    pub revisions: Vec<Revision>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "runbook_revisions")]
pub struct Revision {
    #[persist(id)]
    pub id: Uuid,
    pub runbook_id: Uuid,
    pub number: i32,
    pub body: String,
}
