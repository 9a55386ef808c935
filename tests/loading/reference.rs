//! What the loader must answer, put together by nested loops over all rows.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use uuid::Uuid;

use crate::data::Data;
use crate::shapes::flat;
use crate::shapes::keys::{Sibling, Slot, Timetable};
use crate::shapes::pipelines::{
    BrieflyLogged, Limited, LoggedExecution, Member, Owner, Payer, PermittingRole, SharedTag, Whole,
};
use crate::shapes::trees::{Dependency, Discussed, Shallow, Thread, Tree};

/// The rows that a condition keeps, in an order.
pub(crate) fn rows<T, K: Ord>(all: &[T], keep: impl Fn(&T) -> bool, order: impl Fn(&T) -> K) -> Vec<&T> {
    let mut rows: Vec<&T> = all.iter().filter(|row| keep(row)).collect();
    rows.sort_by_key(|row| order(row));
    rows
}

/// NULL comes last, and what is there in descending order: `desc nulls last`.
pub(crate) fn desc_nulls_last<T: Ord>(value: Option<T>) -> (bool, Reverse<Option<T>>) {
    (value.is_none(), Reverse(value))
}

fn cloned<T: Clone>(rows: Vec<&T>) -> Vec<T> {
    rows.into_iter().cloned().collect()
}

impl Data {
    pub(crate) fn payer(&self, row: &flat::Account) -> Payer {
        Payer {
            id: row.id,
            number: row.number.clone(),
            owner_id: row.owner_id,
            #[cfg(feature = "decimal")]
            invoices: cloned(rows(
                &self.invoices,
                |invoice| invoice.account_number == row.number,
                |invoice| (desc_nulls_last(invoice.paid_at), invoice.id),
            )),
        }
    }

    pub(crate) fn owner(&self, row: &flat::User) -> Owner {
        let account = self.accounts.iter().find(|account| account.owner_id == row.id);
        Owner {
            id: row.id,
            email: row.email.clone(),
            display_name: row.display_name.clone(),
            account: account.map(|account| self.payer(account)),
            grants: cloned(rows(&self.user_roles, |grant| grant.user_id == row.id, |grant| grant.role_id)),
        }
    }

    fn owner_of(&self, id: Option<Uuid>) -> Option<Owner> {
        self.users.iter().find(|user| Some(user.id) == id).map(|user| self.owner(user))
    }

    fn tags_of(&self, pipeline: Uuid) -> impl Fn(&flat::Tag) -> bool {
        move |tag| self.pipeline_tags.contains(&(pipeline, tag.id))
    }

    pub(crate) fn shared_tag(&self, row: &flat::Tag) -> SharedTag {
        let pipelines = rows(
            &self.pipelines,
            |pipeline| self.pipeline_tags.contains(&(pipeline.id, row.id)),
            |pipeline| (pipeline.is_active, Reverse(self.rank(&pipeline.name))),
        );
        SharedTag { id: row.id, name: row.name.clone(), pipelines: cloned(pipelines) }
    }

    fn steps_of(&self, pipeline: Uuid) -> Vec<flat::Step> {
        cloned(rows(&self.steps, |step| step.pipeline_id == pipeline, |step| step.position))
    }

    pub(crate) fn whole(&self, row: &flat::Pipeline) -> Whole {
        let category = self.categories.iter().find(|category| Some(category.id) == row.category_id);
        let tags = rows(&self.tags, self.tags_of(row.id), |tag| self.rank(&tag.name));
        let executions = rows(
            &self.executions,
            |execution| execution.pipeline_id == row.id,
            |execution| Reverse(execution.execution_number),
        );
        let logged = |execution: &flat::Execution| LoggedExecution {
            id: execution.id,
            pipeline_id: row.id,
            execution_number: execution.execution_number,
            started_at: execution.started_at,
            logs: cloned(rows(&self.logs, |log| log.execution_id == execution.id, |log| log.id)),
        };
        Whole {
            id: row.id,
            name: row.name.clone(),
            environment_variables: row.environment_variables.clone(),
            is_active: row.is_active,
            owner_id: row.owner_id,
            category_id: row.category_id,
            owner: self.owner_of(row.owner_id),
            steps: self.steps_of(row.id),
            category: category.map(|category| Box::new(self.tree(category))),
            tags: tags.into_iter().map(|tag| self.shared_tag(tag)).collect(),
            executions: executions.into_iter().map(logged).collect(),
        }
    }

    pub(crate) fn limited(&self, row: &flat::Pipeline) -> Limited {
        let latest = rows(
            &self.executions,
            |execution| execution.pipeline_id == row.id && execution.execution_number != 3,
            |execution| (desc_nulls_last(execution.started_at), execution.id),
        );
        let briefly = |execution: &flat::Execution| {
            let logs = rows(
                &self.logs,
                |log| log.execution_id == execution.id,
                |log| (Reverse(self.rank(&log.message)), log.id),
            );
            BrieflyLogged {
                id: execution.id,
                pipeline_id: row.id,
                execution_number: execution.execution_number,
                started_at: execution.started_at,
                logs: logs.into_iter().take(2).cloned().collect(),
            }
        };
        let some_tags = rows(&self.tags, self.tags_of(row.id), |tag| {
            (self.rank(&tag.color), Reverse(self.rank(&tag.name)))
        });
        let is_own = |step: &flat::Step| step.pipeline_id == row.id;
        let by_name = self.tags.iter().filter(|tag| self.tags_of(row.id)(tag));
        let last =
            rows(&self.steps, is_own, |step| (Reverse(step.enabled), Reverse(step.position))).into_iter();
        Limited {
            id: row.id,
            name: row.name.clone(),
            environment_variables: row.environment_variables.clone(),
            owner_id: row.owner_id,
            latest: latest.into_iter().take(2).map(briefly).collect(),
            some_tags: some_tags.into_iter().take(2).map(|tag| self.shared_tag(tag)).collect(),
            enabled: cloned(rows(
                &self.steps,
                |step| is_own(step) && step.enabled,
                |step| (self.rank(&step.name), step.id),
            )),
            by_position: self.steps_of(row.id).into_iter().map(|step| (step.position, step)).collect(),
            by_name: by_name.map(|tag| (tag.name.clone(), tag.clone())).collect(),
            last_step: last.take(1).next().map(|step| Box::new(step.clone())),
            owner: self.owner_of(row.owner_id).map(Box::new),
        }
    }

    fn permitting(&self, row: &flat::Role) -> PermittingRole {
        let permissions = rows(
            &self.permissions,
            |permission| self.role_permissions.contains(&(row.id, permission.id)),
            |permission| (self.rank(&permission.action), self.rank(&permission.resource)),
        );
        PermittingRole { id: row.id, name: row.name.clone(), permissions: cloned(permissions) }
    }

    pub(crate) fn member(&self, row: &flat::User) -> Member {
        let role = |grant: &flat::UserRole| {
            let role =
                self.roles.iter().find(|role| role.id == grant.role_id).expect("roles of grants exist");
            self.permitting(role)
        };
        let mut roles: Vec<_> = rows(
            &self.user_roles,
            |grant| grant.user_id == row.id && grant.granted_by.is_some(),
            |grant| Reverse(grant.granted_at),
        );
        roles.sort_by_key(|grant| (Reverse(grant.granted_at), self.rank(&role(grant).name)));
        let first = rows(
            &self.user_roles,
            |grant| grant.user_id == row.id,
            |grant| (grant.granted_at, grant.role_id),
        );
        let granted = rows(
            &self.user_roles,
            |grant| grant.granted_by == Some(row.id),
            |grant| (grant.granted_at, grant.user_id, grant.role_id),
        );
        let pipelines = rows(
            &self.pipelines,
            |pipeline| pipeline.owner_id == Some(row.id),
            |pipeline| self.rank(&pipeline.name),
        );
        Member {
            id: row.id,
            email: row.email.clone(),
            display_name: row.display_name.clone(),
            roles: roles.into_iter().map(role).collect(),
            first_roles: first.into_iter().take(1).map(role).collect(),
            granted: cloned(granted),
            pipelines: pipelines.into_iter().map(|pipeline| self.limited(pipeline)).collect(),
        }
    }

    pub(crate) fn tree(&self, row: &flat::Category) -> Tree {
        self.tree_without(row, &BTreeSet::new())
    }

    /// A tree, in which no row is below itself.
    fn tree_without(&self, row: &flat::Category, above: &BTreeSet<Uuid>) -> Tree {
        let mut above = above.clone();
        above.insert(row.id);
        let children = rows(
            &self.categories,
            |child| child.parent_id == Some(row.id) && !above.contains(&child.id),
            |child| (Reverse(child.position), self.rank(&child.name), child.id),
        );
        let pipelines = rows(
            &self.pipelines,
            |pipeline| pipeline.category_id == Some(row.id),
            |pipeline| self.rank(&pipeline.name),
        );
        Tree {
            id: row.id,
            parent_id: row.parent_id,
            name: row.name.clone(),
            position: row.position,
            parent: self.categories.iter().find(|parent| Some(parent.id) == row.parent_id).cloned(),
            children: children.into_iter().map(|child| self.tree_without(child, &above)).collect(),
            pipelines: cloned(pipelines),
        }
    }

    pub(crate) fn shallow(&self, row: &flat::Category) -> Shallow {
        self.shallow_above(row, &BTreeSet::new(), 2)
    }

    fn shallow_above(&self, row: &flat::Category, above: &BTreeSet<Uuid>, depth: usize) -> Shallow {
        let mut above = above.clone();
        above.insert(row.id);
        let children = rows(
            &self.categories,
            |child| depth > 0 && child.parent_id == Some(row.id) && !above.contains(&child.id),
            |child| (self.rank(&child.name), child.id),
        );
        let children = children.into_iter().map(|child| self.shallow_above(child, &above, depth - 1));
        Shallow { id: row.id, parent_id: row.parent_id, name: row.name.clone(), children: children.collect() }
    }

    pub(crate) fn thread(&self, row: &flat::Comment) -> Thread {
        self.thread_without(row, &BTreeSet::new())
    }

    fn thread_without(&self, row: &flat::Comment, above: &BTreeSet<i64>) -> Thread {
        let mut above = above.clone();
        above.insert(row.id);
        let replies = rows(
            &self.comments,
            |reply| reply.reply_to == Some(row.id) && !reply.is_hidden && !above.contains(&reply.id),
            |reply| (Reverse(reply.written_at), reply.id),
        );
        Thread {
            id: row.id,
            pipeline_id: row.pipeline_id,
            author_id: row.author_id,
            reply_to: row.reply_to,
            body: row.body.clone(),
            is_hidden: row.is_hidden,
            written_at: row.written_at,
            author: self.users.iter().find(|user| Some(user.id) == row.author_id).cloned(),
            replies: replies.into_iter().map(|reply| self.thread_without(reply, &above)).collect(),
        }
    }

    pub(crate) fn discussed(&self, row: &flat::Pipeline) -> Discussed {
        let is_own = |comment: &flat::Comment| comment.pipeline_id == row.id;
        let threads = rows(
            &self.comments,
            |comment| is_own(comment) && comment.reply_to.is_none(),
            |comment| comment.id,
        );
        let first = rows(&self.comments, is_own, |comment| (comment.written_at, comment.id));
        Discussed {
            id: row.id,
            name: row.name.clone(),
            environment_variables: row.environment_variables.clone(),
            threads: threads.into_iter().map(|comment| self.thread(comment)).collect(),
            first_threads: first.into_iter().take(3).map(|comment| self.thread(comment)).collect(),
        }
    }

    pub(crate) fn dependency(&self, row: &flat::Step) -> Dependency {
        self.dependency_above(row, &BTreeSet::new(), 3)
    }

    fn dependency_above(&self, row: &flat::Step, above: &BTreeSet<Uuid>, depth: usize) -> Dependency {
        let mut above = above.clone();
        above.insert(row.id);
        let dependents = rows(
            &self.steps,
            |step| depth > 0 && step.depends_on == Some(row.id) && !above.contains(&step.id),
            |step| (self.rank(&step.name), step.id),
        );
        let dependents = dependents.into_iter().map(|step| self.dependency_above(step, &above, depth - 1));
        Dependency {
            id: row.id,
            pipeline_id: row.pipeline_id,
            name: row.name.clone(),
            depends_on: row.depends_on,
            dependents: dependents.collect(),
        }
    }

    pub(crate) fn slot(&self, row: &flat::Schedule) -> Slot {
        let is_own = |run: &flat::Run| (run.pipeline_id, run.slot) == (row.pipeline_id, row.slot);
        let late = rows(&self.runs, |run| is_own(run) && run.was_late, |run| (Reverse(run.due_at), run.id));
        let pipeline = self.pipelines.iter().find(|pipeline| pipeline.id == row.pipeline_id);
        Slot {
            pipeline_id: row.pipeline_id,
            slot: row.slot,
            cron: row.cron.clone(),
            is_enabled: row.is_enabled,
            pipeline: pipeline.expect("pipelines of slots exist").clone(),
            runs: cloned(rows(&self.runs, is_own, |run| (run.due_at, run.id))),
            late: late.into_iter().take(2).cloned().collect(),
        }
    }

    pub(crate) fn sibling(&self, row: &flat::Run) -> Sibling {
        let is_own = |slot: &&flat::Schedule| (slot.pipeline_id, slot.slot) == (row.pipeline_id, row.slot);
        Sibling {
            id: row.id,
            pipeline_id: row.pipeline_id,
            slot: row.slot,
            due_at: row.due_at,
            schedule: self.slot(self.schedules.iter().find(is_own).expect("slots of runs exist")),
        }
    }

    pub(crate) fn timetable(&self, row: &flat::Pipeline) -> Timetable {
        let slots = rows(
            &self.schedules,
            |slot| slot.pipeline_id == row.id && slot.is_enabled,
            |slot| Reverse(slot.slot),
        );
        Timetable {
            id: row.id,
            name: row.name.clone(),
            environment_variables: row.environment_variables.clone(),
            slots: slots.into_iter().map(|slot| self.slot(slot)).collect(),
        }
    }
}
