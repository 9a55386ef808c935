//! One struct for each table, without relations.

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
    pub last_login_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "billing.accounts")]
pub struct Account {
    #[persist(id)]
    pub id: Uuid,
    pub number: String,
    pub owner_id: Uuid,
}

#[cfg(feature = "decimal")]
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "billing.invoices")]
pub struct Invoice {
    #[persist(id)]
    pub id: i64,
    pub account_number: String,
    pub pipeline_id: Option<Uuid>,
    pub amount: rust_decimal::Decimal,
    pub paid_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "roles")]
pub struct Role {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "permissions")]
pub struct Permission {
    #[persist(id)]
    pub id: Uuid,
    pub resource: String,
    pub action: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "user_roles")]
pub struct UserRole {
    #[persist(id)]
    pub user_id: Uuid,
    #[persist(id)]
    pub role_id: Uuid,
    pub granted_by: Option<Uuid>,
    pub granted_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
pub struct Category {
    #[persist(id)]
    pub id: Uuid,
    pub parent_id: Option<Uuid>,
    pub name: String,
    pub position: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<BTreeMap<String, String>>,
    pub is_active: bool,
    pub owner_id: Option<Uuid>,
    pub category_id: Option<Uuid>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub color: String,
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
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    pub started_at: Option<DateTime<Utc>>,
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
#[persist(table = "comments")]
pub struct Comment {
    #[persist(id)]
    pub id: i64,
    pub pipeline_id: Uuid,
    pub author_id: Option<Uuid>,
    pub reply_to: Option<i64>,
    pub body: String,
    pub is_hidden: bool,
    pub written_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedules")]
pub struct Schedule {
    #[persist(id)]
    pub pipeline_id: Uuid,
    #[persist(id)]
    pub slot: i16,
    pub cron: String,
    pub is_enabled: bool,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "schedule_runs")]
pub struct Run {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub slot: i16,
    pub due_at: DateTime<Utc>,
    pub was_late: bool,
}
