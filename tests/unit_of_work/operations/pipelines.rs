//! Pipelines as wholes.

use std::collections::BTreeMap;

use chrono::DateTime;
use persist::prelude::*;
use uuid::Uuid;

use crate::Result;
use crate::operations::steps;
use crate::shapes::{
    Category, Execution, Heading, Log, NewExecution, NewLog, NewPipeline, NewSchedule, NewScheduleRun,
    NewStep, Pipeline, Plugin, Schedule, ScheduleRun, Step, Tag, User,
};
use crate::unit::Unit;

/// More are not inserted.
const MOST: usize = 5;

pub(crate) async fn insert(unit: &mut Unit<'_>) -> Result {
    if unit.world.pipelines.len() >= MOST {
        return Ok(());
    }
    let name = unit.name();
    insert_named(unit, name)
}

/// Inserts a pipeline with steps that depend on each other, executions with logs, schedules with runs, and
/// links.
fn insert_named(unit: &mut Unit<'_>, name: String) -> Result {
    let pipeline = random_pipeline(unit, name);
    let steps = pipeline.steps.iter().map(|step| {
        let new = NewStep::new(Parent, &*step.name).id(step.id).position(step.position).enabled(step.enabled);
        new.depends_on(step.depends_on).plugin_id(step.plugin_id)
    });
    let executions = pipeline.executions.iter().map(|execution| {
        let logs = execution.logs.iter().map(|log| NewLog::new(Parent, &*log.message).step_id(log.step_id));
        let new = NewExecution::new(Parent, execution.execution_number).id(execution.id);
        new.error_message(execution.error_message.clone()).logs(logs)
    });
    let schedules = pipeline.schedules.iter().map(|schedule| {
        let runs = schedule
            .runs
            .iter()
            .map(|run| NewScheduleRun::new(Parent, Parent, run.due_at).id(run.id).was_late(run.was_late));
        NewSchedule::new(Parent, schedule.slot, &*schedule.cron).runs(runs)
    });
    let new = NewPipeline::new(&*pipeline.name, pipeline.environment_variables.0.clone()).id(pipeline.id);
    let new = new.owner_id(pipeline.owner_id).category_id(pipeline.category_id).is_active(pipeline.is_active);
    let new = new.steps(steps).executions(executions).schedules(schedules);
    let new = new.tags(pipeline.tags.iter().map(|tag| tag.id));
    unit.insert(new, pipeline)
}

fn random_pipeline(unit: &mut Unit<'_>, name: String) -> Pipeline {
    let id = unit.key();
    let mut steps: Vec<Step> = Vec::new();
    for position in 1..=unit.random.below(4) as i32 {
        let depends_on = unit.random.maybe_of(&steps).map(|step| step.id);
        let step = Step { depends_on, ..steps::new(unit, id, position) };
        steps.push(step);
    }
    // A later one may come first.
    if unit.random.once_in(2) {
        steps.reverse();
    }
    let mut executions = Vec::new();
    for number in 1..=unit.random.below(3) as i32 {
        executions.push(random_execution(unit, id, number, &steps));
    }
    let mut schedules = Vec::new();
    for slot in 0..unit.random.below(3) as i16 {
        schedules.push(random_schedule(unit, id, slot));
    }
    Pipeline {
        id,
        name,
        description: None,
        environment_variables: Json(BTreeMap::from([("A".to_owned(), "a".to_owned())])),
        is_active: unit.random.once_in(2),
        version: 0,
        owner_id: if unit.random.once_in(2) { unit.some::<User>() } else { None },
        category_id: if unit.random.once_in(3) { unit.some::<Category>() } else { None },
        steps,
        tags: some_tags(unit),
        executions,
        schedules,
    }
}

fn random_execution(unit: &mut Unit<'_>, pipeline_id: Uuid, number: i32, steps: &[Step]) -> Execution {
    let id = unit.key();
    let mut logs = Vec::new();
    for _ in 0..unit.random.below(3) {
        let (step_id, message) = (unit.random.maybe_of(steps).map(|step| step.id), unit.name());
        logs.push(Log { id: 0, execution_id: id, step_id, message });
    }
    Execution { id, pipeline_id, execution_number: number, error_message: None, logs }
}

fn random_schedule(unit: &mut Unit<'_>, pipeline_id: Uuid, slot: i16) -> Schedule {
    let mut runs = Vec::new();
    for _ in 0..unit.random.below(3) {
        runs.push(random_run(unit, pipeline_id, slot));
    }
    Schedule { pipeline_id, slot, cron: unit.name(), runs }
}

fn random_run(unit: &mut Unit<'_>, pipeline_id: Uuid, slot: i16) -> ScheduleRun {
    let due_at = DateTime::from_timestamp(unit.random.below(1_000_000) as i64, 0).expect("in the year 1970");
    ScheduleRun { id: unit.key(), pipeline_id, slot, due_at, was_late: unit.random.once_in(2) }
}

fn some_tags(unit: &mut Unit<'_>) -> Vec<Tag> {
    let tags: Vec<Tag> = unit.world.tags.values().cloned().collect();
    tags.into_iter().filter(|_| unit.random.once_in(3)).collect()
}

pub(crate) async fn change(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Pipeline>() else { return Ok(()) };
    let mut pipeline: Pipeline = unit.take(id).await?;
    for _ in 0..1 + unit.random.below(4) {
        change_something(unit, &mut pipeline);
    }
    unit.save(pipeline)
}

/// Another struct over the same table, which has some of its columns only.
pub(crate) async fn change_heading(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Pipeline>() else { return Ok(()) };
    let mut heading = heading(unit, id).await?;
    let description = Some(unit.name());
    heading.description.clone_from(&description);
    unit.uow.save(&heading)?;
    unit.forget(id);
    unit.saved.insert(id);
    unit.world.pipelines.get_mut(&id).expect("it is there").description = description;
    Ok(())
}

/// It is read in the unit of work, or was before that began.
async fn heading(unit: &mut Unit<'_>, id: Uuid) -> Result<Heading> {
    match unit.read_elsewhere.remove(&id).filter(|_| unit.random.once_in(2)) {
        Some(Pipeline { id, name, description, environment_variables, version, .. }) => {
            unit.said.push(format!("  heading of {id}, read elsewhere"));
            Ok(Heading { id, name, description, environment_variables, version })
        }
        None => Ok(unit.uow.repository::<Heading>().get(id).await?),
    }
}

/// What was read before the unit of work began is compared with what is stored.
pub(crate) async fn change_as_read_elsewhere(unit: &mut Unit<'_>) -> Result {
    let Some((_, mut pipeline)) = unit.read_elsewhere.pop_first() else { return Ok(()) };
    for _ in 0..unit.random.below(4) {
        change_something(unit, &mut pipeline);
    }
    if unit.random.once_in(8) {
        forget_remarks(unit, pipeline.id).await?;
        return unit.delete(&pipeline);
    }
    unit.replace(pipeline)
}

fn change_something(unit: &mut Unit<'_>, pipeline: &mut Pipeline) {
    match unit.random.below(8) {
        0 => pipeline.name = unit.name(),
        1 => pipeline.description = if unit.random.once_in(3) { None } else { Some(unit.name()) },
        2 => drop(pipeline.environment_variables.0.insert(unit.name(), "x".into())),
        3 => pipeline.owner_id = unit.some::<User>().filter(|_| unit.random.once_in(2)),
        4 => pipeline.tags = some_tags(unit),
        5 => change_executions(unit, pipeline),
        6 => change_schedules(unit, pipeline),
        _ => steps::change(unit, pipeline),
    }
}

fn change_executions(unit: &mut Unit<'_>, pipeline: &mut Pipeline) {
    let executions = &mut pipeline.executions;
    let at = unit.random.below(executions.len().max(1));
    match unit.random.below(7) {
        0 => {
            let execution_number = executions.iter().map(|row| row.execution_number).max().unwrap_or(0) + 1;
            let (id, pipeline_id) = (unit.key(), pipeline.id);
            let error_message = Some(unit.name());
            let logs = (0..unit.random.below(3)).map(|_| new_log(unit, id)).collect();
            executions.push(Execution { id, pipeline_id, execution_number, error_message, logs });
        }
        _ if executions.is_empty() => {}
        1 => drop(executions.remove(at)),
        2 => executions.iter_mut().for_each(|execution| execution.execution_number += 1),
        3 => {
            // Their numbers in the opposite order.
            let numbers: Vec<i32> = executions.iter().rev().map(|row| row.execution_number).collect();
            executions.iter_mut().zip(numbers).for_each(|(row, number)| row.execution_number = number);
        }
        4 => executions[at].error_message = Some(unit.name()),
        5 if unit.random.once_in(2) => {
            let log = new_log(unit, executions[at].id);
            executions[at].logs.push(log);
        }
        5 => {
            let step_id = unit.random.maybe_of(&pipeline.steps).map(|step| step.id);
            executions[at].logs.iter_mut().take(1).for_each(|log| log.step_id = step_id);
        }
        _ => {
            if let Some(log) = executions[at].logs.pop()
                && unit.random.once_in(2)
            {
                // Or it is gone.
                let last = executions.last_mut().expect("there is one");
                last.logs.push(Log { execution_id: last.id, ..log });
            }
        }
    }
}

/// A row whose key the database will make.
fn new_log(unit: &mut Unit<'_>, execution_id: Uuid) -> Log {
    Log { id: 0, execution_id, step_id: None, message: unit.name() }
}

fn change_schedules(unit: &mut Unit<'_>, pipeline: &mut Pipeline) {
    let id = pipeline.id;
    let schedules = &mut pipeline.schedules;
    let at = unit.random.below(schedules.len().max(1));
    match unit.random.below(6) {
        0 => {
            let free = (0..10).find(|slot| schedules.iter().all(|row| row.slot != *slot));
            schedules.extend(free.map(|slot| random_schedule(unit, id, slot)));
        }
        _ if schedules.is_empty() => {}
        1 => drop(schedules.remove(at)),
        2 => schedules[at].cron = unit.name(),
        3 => {
            let run = random_run(unit, id, schedules[at].slot);
            schedules[at].runs.push(run);
        }
        4 => schedules[at].runs.iter_mut().for_each(|run| run.was_late ^= true),
        _ => {
            if let Some(run) = schedules[at].runs.pop()
                && unit.random.once_in(2)
            {
                let first = &mut schedules[0];
                first.runs.push(ScheduleRun { slot: first.slot, ..run });
            }
        }
    }
}

/// Two take each other's names, or one takes the name that the other gives up.
pub(crate) async fn exchange_names(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<Pipeline>() else { return Ok(()) };
    let (mut one, mut other): (Pipeline, Pipeline) = (unit.take(one).await?, unit.take(other).await?);
    let given_up = if unit.random.once_in(2) { one.name.clone() } else { unit.name() };
    one.name = std::mem::replace(&mut other.name, given_up);
    unit.save(one)?;
    unit.save(other)
}

/// The same, but one of them is another struct over the table; or the name goes to it, and the pipeline gets
/// a new one.
pub(crate) async fn exchange_names_of_two_structs(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<Pipeline>() else { return Ok(()) };
    let mut one: Pipeline = unit.take(one).await?;
    let mut other = heading(unit, other).await?;
    let given_up = if unit.random.once_in(2) { other.name.clone() } else { unit.name() };
    other.name = std::mem::replace(&mut one.name, given_up);
    let is_first = unit.random.once_in(2);
    if is_first {
        unit.uow.save(&other)?;
    }
    unit.save(one)?;
    if !is_first {
        unit.uow.save(&other)?;
    }
    unit.forget(other.id);
    unit.saved.insert(other.id);
    unit.world.pipelines.get_mut(&other.id).expect("it is there").name = other.name;
    Ok(())
}

/// One is deleted, and a new one takes its name.
pub(crate) async fn replace(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Pipeline>() else { return Ok(()) };
    let old: Pipeline = unit.take(id).await?;
    let name = unit.world.pipelines[&id].name.clone();
    let is_first = unit.random.once_in(2);
    forget_remarks(unit, id).await?;
    if is_first {
        unit.delete(&old)?;
        return insert_named(unit, name);
    }
    insert_named(unit, name)?;
    unit.delete(&old)
}

pub(crate) async fn delete(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Pipeline>() else { return Ok(()) };
    if unit.world.pipelines.len() < 3 {
        return Ok(());
    }
    let pipeline: Pipeline = unit.take(id).await?;
    forget_remarks(unit, id).await?;
    unit.delete(&pipeline)
}

/// The comments go with their pipeline; those that wait to be inserted are inserted before.
pub(crate) async fn forget_remarks(unit: &mut Unit<'_>, id: Uuid) -> Result {
    if unit.world.comments.values().any(|remark| remark.pipeline_id == id) {
        unit.flush().await?;
    }
    unit.world.comments.retain(|_, remark| remark.pipeline_id != id);
    Ok(())
}

/// A new pipeline that is linked to a new tag, by its handle, and belongs to a new user.
pub(crate) async fn link(unit: &mut Unit<'_>) -> Result {
    use crate::shapes::{NewTag, NewUser};
    if unit.world.pipelines.len() >= MOST {
        return Ok(());
    }
    let (name, plugin) = (unit.name(), unit.some::<Plugin>());
    let owner = unit.uow.insert(NewUser::new(format!("{name}@example.org"), &*name))?;
    let tag = unit.uow.insert(NewTag::new(&*name))?;
    let new = NewPipeline::new(&*name, BTreeMap::new()).owner_id(owner).tags([tag]);
    let pipeline = unit.uow.insert(new)?;
    let step = unit.uow.insert(NewStep::new(pipeline, &*name).plugin_id(plugin))?;
    let key = |known: Option<Uuid>| known.ok_or("the keys are made by the client");
    let uow = unit.uow;
    let (owner, tag) = (key(uow.key(owner))?, key(uow.key(tag))?);
    let (pipeline, step) = (key(uow.key(pipeline))?, key(uow.key(step))?);
    let email = format!("{name}@example.org");
    let user = User { id: owner, email, display_name: name.clone(), version: 0, account: None };
    unit.world.users.insert(owner, user);
    let tag = Tag { id: tag, name: name.clone() };
    unit.world.tags.insert(tag.id, tag.clone());
    let mut row = random_pipeline(unit, name.clone());
    let step = Step { id: step, name, enabled: true, plugin_id: plugin, ..steps::new(unit, pipeline, 1) };
    (row.id, row.owner_id, row.category_id, row.is_active) = (pipeline, Some(owner), None, true);
    (row.steps, row.tags) = (vec![step], vec![tag]);
    (row.executions, row.schedules, row.environment_variables) = (vec![], vec![], Json(BTreeMap::new()));
    unit.world.pipelines.insert(pipeline, row);
    Ok(())
}
