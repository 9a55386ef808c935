//! Pipelines with what belongs to them: nested, shared, limited, as maps.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use persist::prelude::*;
use uuid::Uuid;

use super::flat::{Log, Permission, Pipeline, Step, Tag, User, UserRole};
use super::trees::Tree;

/// A key that refers to a UNIQUE column of text, in another schema.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "billing.accounts")]
pub struct Payer {
    #[persist(id)]
    pub id: Uuid,
    pub number: String,
    pub owner_id: Uuid,
    #[cfg(feature = "decimal")]
    #[persist(has_many(table = "billing.invoices"), order_by = "paid_at desc nulls last")]
    pub invoices: Vec<super::flat::Invoice>,
}

/// A row that is joined and has rows of its own.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "users")]
pub struct Owner {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    #[persist(has_one(table = "billing.accounts"))]
    pub account: Option<Payer>,
    #[persist(has_many(table = "user_roles", foreign_key = "user_id"))]
    pub grants: Vec<UserRole>,
}

/// A child of several rows that has children of its own.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "tags")]
pub struct SharedTag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "is_active, name desc")]
    pub pipelines: Vec<Pipeline>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_executions")]
pub struct LoggedExecution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    pub started_at: Option<DateTime<Utc>>,
    #[persist(has_many(table = "execution_logs"), order_by = "id")]
    pub logs: Vec<Log>,
}

/// Four relations, three levels deep.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Nested {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<BTreeMap<String, String>>,
    pub is_active: bool,
    pub owner_id: Option<Uuid>,
    #[persist(belongs_to)]
    pub owner: Option<User>,
    #[persist(has_many(table = "pipeline_steps"), order_by = "position")]
    pub steps: Vec<Step>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    pub tags: Vec<Tag>,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number desc")]
    pub executions: Vec<LoggedExecution>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Whole {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<BTreeMap<String, String>>,
    pub is_active: bool,
    pub owner_id: Option<Uuid>,
    pub category_id: Option<Uuid>,
    #[persist(belongs_to)]
    pub owner: Option<Owner>,
    #[persist(has_many(table = "pipeline_steps"), order_by = "position")]
    pub steps: Vec<Step>,
    #[persist(belongs_to)]
    pub category: Option<Box<Tree>>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    pub tags: Vec<SharedTag>,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number desc")]
    pub executions: Vec<LoggedExecution>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_executions")]
pub struct BrieflyLogged {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    pub started_at: Option<DateTime<Utc>>,
    #[persist(has_many(table = "execution_logs"), order_by = "message desc", limit = 2)]
    pub logs: Vec<Log>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Limited {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<BTreeMap<String, String>>,
    pub owner_id: Option<Uuid>,
    #[persist(
        has_many(table = "pipeline_executions"),
        order_by = "started_at desc nulls last",
        filter = "execution_number <> 3",
        limit = 2
    )]
    pub latest: Vec<BrieflyLogged>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "color, name desc", limit = 2)]
    pub some_tags: Vec<SharedTag>,
    #[persist(has_many(table = "pipeline_steps"), order_by = "name", filter = "enabled")]
    pub enabled: Vec<Step>,
    #[persist(has_many(table = "pipeline_steps"), key_by = "position")]
    pub by_position: BTreeMap<i32, Step>,
    #[persist(many_to_many(through = "pipeline_tags"), key_by = "name")]
    pub by_name: HashMap<String, Tag>,
    #[persist(has_one(table = "pipeline_steps"), order_by = "enabled desc, position desc")]
    pub last_step: Option<Box<Step>>,
    #[persist(belongs_to)]
    pub owner: Option<Box<Owner>>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "roles")]
pub struct PermittingRole {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(many_to_many(through = "role_permissions"), order_by = "action, resource")]
    pub permissions: Vec<Permission>,
}

/// Several relations to one table, and a link table with columns of its own.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "users")]
pub struct Member {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    #[persist(
        many_to_many(through = "user_roles", foreign_key = "user_id"),
        order_by = "granted_at desc, name",
        filter = "granted_by is not null"
    )]
    pub roles: Vec<PermittingRole>,
    #[persist(
        many_to_many(through = "user_roles", foreign_key = "user_id", other_key = "role_id"),
        order_by = "granted_at",
        limit = 1
    )]
    pub first_roles: Vec<PermittingRole>,
    #[persist(
        has_many(table = "user_roles", foreign_key = "granted_by"),
        order_by = "granted_at",
        index = "none"
    )]
    pub granted: Vec<UserRole>,
    #[persist(has_many(table = "pipelines"), order_by = "name")]
    pub pipelines: Vec<Limited>,
}
