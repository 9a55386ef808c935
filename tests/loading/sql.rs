//! One statement that stores rows in place of what is there.

use chrono::{DateTime, Utc};

use crate::data::Data;

/// A DO block, because several statements are no statement.
pub(crate) fn replacing(data: &Data) -> String {
    let mut sql = String::from(
        "DO $do$ BEGIN TRUNCATE users, roles, permissions, categories, pipelines, tags, billing.accounts CASCADE;",
    );
    let mut table = |name: &str, columns: &str, rows: Vec<String>| {
        if !rows.is_empty() {
            let rows = rows.join(",");
            sql.push_str(&format!("INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE VALUES {rows};"));
        }
    };
    macro_rules! rows {
        ($table:literal, $columns:literal, $rows:expr, |$row:pat_param| $($cell:expr),+) => {
            table($table, $columns, $rows.iter().map(|$row| {
                let cells: Vec<String> = vec![$($cell),+];
                format!("({})", cells.join(","))
            }).collect());
        };
    }
    rows!(
        "users",
        "id, email, display_name, last_login_at",
        data.users,
        |row| id(&row.id),
        text(&row.email),
        text(&row.display_name),
        maybe(&row.last_login_at, time)
    );
    rows!(
        "billing.accounts",
        "id, number, owner_id",
        data.accounts,
        |row| id(&row.id),
        text(&row.number),
        id(&row.owner_id)
    );
    rows!("roles", "id, name", data.roles, |row| id(&row.id), text(&row.name));
    rows!(
        "permissions",
        "id, resource, action",
        data.permissions,
        |row| id(&row.id),
        text(&row.resource),
        text(&row.action)
    );
    rows!(
        "role_permissions",
        "role_id, permission_id",
        data.role_permissions,
        |(role, permission)| id(role),
        id(permission)
    );
    rows!(
        "user_roles",
        "user_id, role_id, granted_by, granted_at",
        data.user_roles,
        |row| id(&row.user_id),
        id(&row.role_id),
        maybe(&row.granted_by, id),
        time(&row.granted_at)
    );
    rows!(
        "categories",
        "id, parent_id, name, position",
        data.categories,
        |row| id(&row.id),
        maybe(&row.parent_id, id),
        text(&row.name),
        row.position.to_string()
    );
    rows!(
        "pipelines",
        "id, name, environment_variables, is_active, owner_id, category_id",
        data.pipelines,
        |row| id(&row.id),
        text(&row.name),
        text(&serde_json::to_string(&row.environment_variables.0).expect("strings are JSON")),
        row.is_active.to_string(),
        maybe(&row.owner_id, id),
        maybe(&row.category_id, id)
    );
    rows!("tags", "id, name, color", data.tags, |row| id(&row.id), text(&row.name), text(&row.color));
    rows!(
        "pipeline_tags",
        "pipeline_id, tag_id",
        data.pipeline_tags,
        |(pipeline, tag)| id(pipeline),
        id(tag)
    );
    rows!(
        "pipeline_steps",
        "id, pipeline_id, position, name, enabled, depends_on",
        data.steps,
        |row| id(&row.id),
        id(&row.pipeline_id),
        row.position.to_string(),
        text(&row.name),
        row.enabled.to_string(),
        maybe(&row.depends_on, id)
    );
    rows!(
        "pipeline_executions",
        "id, pipeline_id, execution_number, started_at",
        data.executions,
        |row| id(&row.id),
        id(&row.pipeline_id),
        row.execution_number.to_string(),
        maybe(&row.started_at, time)
    );
    rows!(
        "execution_logs",
        "id, execution_id, step_id, message",
        data.logs,
        |row| row.id.to_string(),
        id(&row.execution_id),
        maybe(&row.step_id, id),
        text(&row.message)
    );
    rows!(
        "comments",
        "id, pipeline_id, author_id, reply_to, body, is_hidden, written_at",
        data.comments,
        |row| row.id.to_string(),
        id(&row.pipeline_id),
        maybe(&row.author_id, id),
        maybe(&row.reply_to, i64::to_string),
        text(&row.body),
        row.is_hidden.to_string(),
        time(&row.written_at)
    );
    rows!(
        "schedules",
        "pipeline_id, slot, cron, is_enabled",
        data.schedules,
        |row| id(&row.pipeline_id),
        row.slot.to_string(),
        text(&row.cron),
        row.is_enabled.to_string()
    );
    rows!(
        "schedule_runs",
        "id, pipeline_id, slot, due_at, was_late",
        data.runs,
        |row| id(&row.id),
        id(&row.pipeline_id),
        row.slot.to_string(),
        time(&row.due_at),
        row.was_late.to_string()
    );
    #[cfg(feature = "decimal")]
    rows!(
        "billing.invoices",
        "id, account_number, pipeline_id, amount, paid_at",
        data.invoices,
        |row| row.id.to_string(),
        text(&row.account_number),
        maybe(&row.pipeline_id, id),
        row.amount.to_string(),
        maybe(&row.paid_at, time)
    );
    sql.push_str("END $do$");
    sql
}

fn id(id: &uuid::Uuid) -> String {
    format!("'{id}'")
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn time(time: &DateTime<Utc>) -> String {
    format!("'{}'", time.to_rfc3339())
}

fn maybe<T>(value: &Option<T>, write: impl Fn(&T) -> String) -> String {
    value.as_ref().map_or_else(|| "NULL".to_owned(), write)
}
