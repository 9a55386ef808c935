//! What the property tests need to know of a view: how nested loops make it.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use persist::View;
use uuid::Uuid;

use crate::data::Data;
use crate::reference::rows;
use crate::root::Root;
use crate::shapes::flat;
use crate::shapes::pipelines::Whole;
use crate::shapes::trees::{Thread, Tree};
use crate::shapes::views::{Branch, ExecutionCard, PipelineCard, Remark, StepCard, UserCard};

/// A view of a struct that a load can begin with.
pub(crate) trait Seen: View<Of: Root> + Clone + PartialEq + std::fmt::Debug + Sync {
    /// The view of a row.
    fn of(data: &Data, row: &Self::Of) -> Self;
}

impl Seen for PipelineCard {
    fn of(data: &Data, row: &Whole) -> PipelineCard {
        let steps = || data.steps.iter().filter(|step| step.pipeline_id == row.id);
        let disabled: Vec<i64> =
            steps().filter(|step| !step.enabled).map(|step| i64::from(step.position)).collect();
        let executions = rows(
            &data.executions,
            |execution| execution.pipeline_id == row.id,
            |execution| Reverse(execution.execution_number),
        );
        let card = |step: &flat::Step| StepCard { position: step.position, name: step.name.clone() };
        PipelineCard {
            name: row.name.clone(),
            enabled_steps: steps().filter(|step| step.enabled).count() as i64,
            is_waiting: executions.iter().any(|execution| execution.started_at.is_none()),
            last_number: executions.first().map(|execution| execution.execution_number),
            sum: (!disabled.is_empty()).then(|| disabled.iter().sum()),
            responsible: row.owner_id.unwrap_or(row.id),
            owner: user_card(data, row.owner_id),
            latest: executions.into_iter().take(2).map(|execution| execution_card(data, execution)).collect(),
            steps: steps().map(|step| (step.position, card(step))).collect(),
        }
    }
}

fn user_card(data: &Data, id: Option<Uuid>) -> Option<UserCard> {
    let user = data.users.iter().find(|user| Some(user.id) == id)?;
    let active = data.pipelines.iter().filter(|pipeline| pipeline.is_active && pipeline.owner_id == id);
    let grants = rows(&data.user_roles, |grant| grant.user_id == user.id, |grant| grant.role_id);
    Some(UserCard {
        name: user.display_name.clone(),
        active_pipelines: active.count() as i64,
        grants: grants.into_iter().cloned().collect(),
    })
}

fn execution_card(data: &Data, execution: &flat::Execution) -> ExecutionCard {
    let logs = rows(&data.logs, |log| log.execution_id == execution.id, |log| Reverse(log.id));
    ExecutionCard {
        execution_number: execution.execution_number,
        lines: logs.len() as i64,
        tail: logs.into_iter().take(1).cloned().collect(),
    }
}

impl Seen for Branch {
    fn of(data: &Data, row: &Tree) -> Branch {
        branch(data, row.id, &BTreeSet::new())
    }
}

/// A branch in which no row is below itself.
fn branch(data: &Data, id: Uuid, above: &BTreeSet<Uuid>) -> Branch {
    let mut above = above.clone();
    above.insert(id);
    let children = rows(
        &data.categories,
        |child| child.parent_id == Some(id) && !above.contains(&child.id),
        |child| (Reverse(child.position), data.rank(&child.name), child.id),
    );
    let category = data.categories.iter().find(|category| category.id == id).expect("the row exists");
    let pipelines = data.pipelines.iter().filter(|pipeline| pipeline.category_id == Some(id));
    Branch {
        name: category.name.clone(),
        children: children.into_iter().map(|child| branch(data, child.id, &above)).collect(),
        pipelines: pipelines.count() as i64,
    }
}

impl Seen for Remark {
    fn of(data: &Data, row: &Thread) -> Remark {
        remark(data, row.id, &BTreeSet::new(), 2)
    }
}

fn remark(data: &Data, id: i64, above: &BTreeSet<i64>, depth: usize) -> Remark {
    let mut above = above.clone();
    above.insert(id);
    let comment = data.comments.iter().find(|comment| comment.id == id).expect("the row exists");
    let answers = rows(
        &data.comments,
        |reply| reply.reply_to == Some(id),
        |reply| (Reverse(reply.written_at), reply.id),
    );
    let replies = answers.iter().filter(|reply| depth > 0 && !above.contains(&reply.id));
    Remark {
        body: comment.body.clone(),
        answers: answers.len() as i64,
        author: user_card(data, comment.author_id),
        replies: replies.map(|reply| remark(data, reply.id, &above, depth - 1)).collect(),
    }
}
