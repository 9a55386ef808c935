//! What the database should hold, kept in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use tokio_postgres::Client;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{Category, Pipeline, Plugin, Runbook, Tag, Team, User};

/// All rows, by aggregates. Versions and keys that the database makes are 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) users: BTreeMap<Uuid, User>,
    pub(crate) tags: BTreeMap<Uuid, Tag>,
    pub(crate) plugins: BTreeMap<Uuid, Plugin>,
    pub(crate) pipelines: BTreeMap<Uuid, Pipeline>,
    /// The roots, each with the tree below it.
    pub(crate) categories: BTreeMap<Uuid, Category>,
    /// By their texts, of which each is there once.
    pub(crate) comments: BTreeMap<String, Remark>,
    pub(crate) teams: BTreeMap<Uuid, Team>,
    pub(crate) runbooks: BTreeMap<Uuid, Runbook>,
}

/// A comment, whose key only the database knows.
#[derive(Debug, Clone)]
pub(crate) struct Remark {
    pub(crate) pipeline_id: Uuid,
    pub(crate) author_id: Option<Uuid>,
    /// The text of the comment that it answers.
    pub(crate) reply_to: Option<String>,
}

/// An aggregate as it is compared: without what only the database knows, and in one order.
pub(crate) trait Normal: Sized {
    fn normal(self, world: &World) -> Self;
}

/// The same lines as [`World::lines`], written by the database.
const LINES: &str = "
    SELECT format('user %s %s %s', id, email, display_name) FROM users UNION ALL
    SELECT format('account %s %s %s', id, number, owner_id) FROM billing.accounts UNION ALL
    SELECT format('tag %s %s', id, name) FROM tags UNION ALL
    SELECT format('plugin %s %s %s', id, name, version) FROM plugins UNION ALL
    SELECT format('pipeline %s %s %s %s %s %s %s', id, name, description, environment_variables, is_active::text,
                  owner_id, category_id) FROM pipelines UNION ALL
    SELECT format('step %s %s %s %s %s %s %s', id, pipeline_id, position, name, enabled::text, depends_on, plugin_id)
        FROM pipeline_steps UNION ALL
    SELECT format('link %s %s', pipeline_id, tag_id) FROM pipeline_tags UNION ALL
    SELECT format('execution %s %s %s %s', id, pipeline_id, execution_number, error_message)
        FROM pipeline_executions UNION ALL
    SELECT format('log %s %s %s', execution_id, step_id, message) FROM execution_logs UNION ALL
    SELECT format('schedule %s %s %s', pipeline_id, slot, cron) FROM schedules UNION ALL
    SELECT format('run %s %s %s %s %s', id, pipeline_id, slot, extract(epoch FROM due_at)::bigint, was_late::text)
        FROM schedule_runs UNION ALL
    SELECT format('category %s %s %s %s', id, parent_id, name, position) FROM categories UNION ALL
    SELECT format('comment %s %s %s %s', c.pipeline_id, c.author_id, r.body, c.body)
        FROM comments c LEFT JOIN comments r ON r.id = c.reply_to UNION ALL
    SELECT format('team %s %s %s', id, name, lead_id) FROM teams UNION ALL
    SELECT format('member %s %s %s %s', id, team_id, rank, name) FROM team_members UNION ALL
    SELECT format('runbook %s %s %s', id, title, current_id) FROM runbooks UNION ALL
    SELECT format('revision %s %s %s %s', id, runbook_id, number, body) FROM runbook_revisions";

/// A line for each row in the database.
pub(crate) async fn stored(client: &Client) -> Result<BTreeSet<String>> {
    Ok(client.query(LINES, &[]).await?.iter().map(|row| row.get(0)).collect())
}

impl World {
    /// A line for each row.
    pub(crate) fn lines(&self) -> BTreeSet<String> {
        let mut lines = BTreeSet::new();
        for User { id, email, display_name, account, .. } in self.users.values() {
            lines.insert(format!("user {id} {email} {display_name}"));
            lines.extend(account.iter().map(|row| format!("account {} {} {id}", row.id, row.number)));
        }
        lines.extend(self.tags.values().map(|row| format!("tag {} {}", row.id, row.name)));
        let plugins = self.plugins.values();
        lines.extend(plugins.map(|row| format!("plugin {} {} {}", row.id, row.name, row.version)));
        self.pipelines.values().for_each(|row| pipeline_lines(row, &mut lines));
        self.categories.values().for_each(|row| category_lines(row, None, &mut lines));
        for (body, Remark { pipeline_id, author_id, reply_to }) in &self.comments {
            lines.insert(format!("comment {pipeline_id} {} {} {body}", shown(author_id), shown(reply_to)));
        }
        for Team { id, name, lead_id, members } in self.teams.values() {
            lines.insert(format!("team {id} {name} {}", shown(lead_id)));
            lines.extend(
                members.iter().map(|row| format!("member {} {id} {} {}", row.id, row.rank, row.name)),
            );
        }
        for Runbook { id, title, current_id, revisions } in self.runbooks.values() {
            lines.insert(format!("runbook {id} {title} {current_id}"));
            let revisions = revisions.iter();
            lines
                .extend(revisions.map(|row| format!("revision {} {id} {} {}", row.id, row.number, row.body)));
        }
        lines
    }
}

fn shown(value: &Option<impl Display>) -> String {
    value.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn pipeline_lines(pipeline: &Pipeline, lines: &mut BTreeSet<String>) {
    let Pipeline { id, name, description, environment_variables, is_active, version: _, .. } = pipeline;
    let mut environment: Vec<(&String, &String)> = environment_variables.0.iter().collect();
    // So does `jsonb`.
    environment.sort_by_key(|(key, _)| (key.len(), *key));
    let environment: Vec<String> =
        environment.iter().map(|(key, value)| format!("\"{key}\": \"{value}\"")).collect();
    let (owner, category) = (shown(&pipeline.owner_id), shown(&pipeline.category_id));
    lines.insert(format!(
        "pipeline {id} {name} {} {{{}}} {is_active} {owner} {category}",
        shown(description),
        environment.join(", ")
    ));
    for step in &pipeline.steps {
        let (depends_on, plugin) = (shown(&step.depends_on), shown(&step.plugin_id));
        let (position, name, enabled) = (step.position, &step.name, step.enabled);
        lines.insert(format!("step {} {id} {position} {name} {enabled} {depends_on} {plugin}", step.id));
    }
    lines.extend(pipeline.tags.iter().map(|tag| format!("link {id} {}", tag.id)));
    for execution in &pipeline.executions {
        let (number, message) = (execution.execution_number, shown(&execution.error_message));
        lines.insert(format!("execution {} {id} {number} {message}", execution.id));
        let logs = execution.logs.iter();
        lines.extend(logs.map(|log| format!("log {} {} {}", execution.id, shown(&log.step_id), log.message)));
    }
    for schedule in &pipeline.schedules {
        let slot = schedule.slot;
        lines.insert(format!("schedule {id} {slot} {}", schedule.cron));
        for run in &schedule.runs {
            let due = run.due_at.timestamp();
            lines.insert(format!("run {} {id} {slot} {due} {}", run.id, run.was_late));
        }
    }
}

fn category_lines(category: &Category, parent: Option<Uuid>, lines: &mut BTreeSet<String>) {
    let Category { id, name, position, children, .. } = category;
    lines.insert(format!("category {id} {} {name} {position}", shown(&parent)));
    children.iter().for_each(|child| category_lines(child, Some(*id), lines));
}

impl Normal for Pipeline {
    fn normal(mut self, world: &World) -> Pipeline {
        self.version = 0;
        self.steps.iter_mut().for_each(|step| step.pipeline_id = self.id);
        self.steps.sort_by_key(|step| step.position);
        for tag in &mut self.tags {
            // A tag may have been renamed since it was linked.
            tag.clone_from(&world.tags[&tag.id]);
        }
        self.tags.sort_by_key(|tag| tag.id);
        for execution in &mut self.executions {
            execution.pipeline_id = self.id;
            for log in &mut execution.logs {
                (log.id, log.execution_id) = (0, execution.id);
            }
            execution.logs.sort_by(|one, other| one.message.cmp(&other.message));
        }
        self.executions.sort_by_key(|execution| execution.execution_number);
        for schedule in &mut self.schedules {
            schedule.pipeline_id = self.id;
            for run in &mut schedule.runs {
                (run.pipeline_id, run.slot) = (self.id, schedule.slot);
            }
            schedule.runs.sort_by_key(|run| (run.due_at, run.id));
        }
        self.schedules.sort_by_key(|schedule| schedule.slot);
        self
    }
}

impl Normal for Category {
    fn normal(self, _: &World) -> Category {
        sorted(self)
    }
}

/// The tree with the children of each node in one order, and below it whatever they say themselves.
fn sorted(mut category: Category) -> Category {
    let below = |child| sorted(Category { parent_id: Some(category.id), ..child });
    category.children = category.children.into_iter().map(below).collect();
    category.children.sort_by(|one, other| one.name.cmp(&other.name));
    category
}

impl Normal for User {
    fn normal(mut self, _: &World) -> User {
        self.version = 0;
        self.account.iter_mut().for_each(|account| account.owner_id = self.id);
        self
    }
}

impl Normal for Team {
    fn normal(mut self, _: &World) -> Team {
        self.members.iter_mut().for_each(|member| member.team_id = self.id);
        self.members.sort_by_key(|member| member.rank);
        self
    }
}

impl Normal for Runbook {
    fn normal(mut self, _: &World) -> Runbook {
        self.revisions.iter_mut().for_each(|revision| revision.runbook_id = self.id);
        self.revisions.sort_by_key(|revision| revision.number);
        self
    }
}

impl Normal for Tag {
    fn normal(self, _: &World) -> Tag {
        self
    }
}

impl Normal for Plugin {
    fn normal(self, _: &World) -> Plugin {
        self
    }
}
