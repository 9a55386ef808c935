//! Keys of two columns.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use persist::prelude::*;
use uuid::Uuid;

use super::flat::{Pipeline, Run};

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedules")]
pub struct Slot {
    #[persist(id)]
    pub pipeline_id: Uuid,
    #[persist(id)]
    pub slot: i16,
    pub cron: String,
    pub is_enabled: bool,
    #[persist(belongs_to)]
    pub pipeline: Pipeline,
    #[persist(has_many(table = "schedule_runs"), order_by = "due_at")]
    pub runs: Vec<Run>,
    #[persist(has_many(table = "schedule_runs"), filter = "was_late", order_by = "due_at desc", limit = 2)]
    pub late: Vec<Run>,
}

/// The other side of a row that is joined.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedule_runs")]
pub struct Sibling {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub slot: i16,
    pub due_at: DateTime<Utc>,
    #[persist(belongs_to)]
    pub schedule: Slot,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Timetable {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<BTreeMap<String, String>>,
    #[persist(has_many(table = "schedules"), filter = "is_enabled", order_by = "slot desc")]
    pub slots: Vec<Slot>,
}
