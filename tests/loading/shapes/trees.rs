//! Rows of one table below each other.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use persist::prelude::*;
use uuid::Uuid;

use super::flat::{Category, Pipeline, User};

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
pub struct Tree {
    #[persist(id)]
    pub id: Uuid,
    pub parent_id: Option<Uuid>,
    pub name: String,
    pub position: i32,
    #[persist(belongs_to)]
    pub parent: Option<Category>,
    #[persist(has_many, order_by = "position desc, name")]
    pub children: Vec<Tree>,
    #[persist(has_many(table = "pipelines"), order_by = "name")]
    pub pipelines: Vec<Pipeline>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
pub struct Shallow {
    #[persist(id)]
    pub id: Uuid,
    pub parent_id: Option<Uuid>,
    pub name: String,
    #[persist(has_many, order_by = "name", max_depth = 2)]
    pub children: Vec<Shallow>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "comments")]
pub struct Thread {
    #[persist(id)]
    pub id: i64,
    pub pipeline_id: Uuid,
    pub author_id: Option<Uuid>,
    pub reply_to: Option<i64>,
    pub body: String,
    pub is_hidden: bool,
    pub written_at: DateTime<Utc>,
    #[persist(belongs_to)]
    pub author: Option<User>,
    #[persist(has_many, filter = "not is_hidden", order_by = "written_at desc")]
    pub replies: Vec<Thread>,
}

/// Trees below other rows.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Discussed {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<BTreeMap<String, String>>,
    #[persist(has_many(table = "comments"), filter = "reply_to is null")]
    pub threads: Vec<Thread>,
    #[persist(has_many(table = "comments"), order_by = "written_at", limit = 3)]
    pub first_threads: Vec<Thread>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_steps")]
pub struct Dependency {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
    pub depends_on: Option<Uuid>,
    #[persist(has_many(foreign_key = "depends_on"), order_by = "name", max_depth = 3)]
    pub dependents: Vec<Dependency>,
}
