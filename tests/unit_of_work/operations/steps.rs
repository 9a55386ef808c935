//! The steps of a pipeline: their order, what they refer to, and how they change their pipeline.

use uuid::Uuid;

use crate::Result;
use crate::operations::pipelines::forget_remarks;
use crate::shapes::{Label, Log, NewLog, NewStep, Pipeline, Plugin, Step};
use crate::unit::Unit;
use crate::world::Normal as _;

pub(crate) fn new(unit: &mut Unit<'_>, pipeline_id: Uuid, position: i32) -> Step {
    let plugin_id = unit.some::<Plugin>().filter(|_| unit.random.once_in(2));
    let (id, name, enabled) = (unit.key(), unit.name(), unit.random.once_in(2));
    Step { id, pipeline_id, position, name, enabled, depends_on: None, plugin_id }
}

pub(crate) fn change(unit: &mut Unit<'_>, pipeline: &mut Pipeline) {
    let count = pipeline.steps.len();
    let at = unit.random.below(count.max(1));
    match unit.random.below(10) {
        0 => {
            let last = pipeline.steps.iter().map(|step| step.position).max().unwrap_or(0);
            let mut step = new(unit, pipeline.id, last + 1);
            step.depends_on = unit.random.maybe_of(&pipeline.steps).map(|step| step.id);
            pipeline.steps.push(step);
        }
        _ if count == 0 => {}
        1 => {
            // In the place of another, which moves up with all after it.
            let position = pipeline.steps[at].position;
            let later = pipeline.steps.iter_mut().filter(|step| step.position >= position);
            later.for_each(|step| step.position += 1);
            let step = new(unit, pipeline.id, position);
            pipeline.steps.insert(at, step);
        }
        2 => drop(remove(pipeline, at)),
        3 => {
            // A new one takes the place of an old one.
            let old = remove(pipeline, at);
            let step = new(unit, pipeline.id, old.position);
            pipeline.steps.push(step);
        }
        4 => {
            let other = unit.random.below(count);
            let position = pipeline.steps[at].position;
            pipeline.steps[at].position = std::mem::replace(&mut pipeline.steps[other].position, position);
        }
        5 => {
            let positions: Vec<i32> = pipeline.steps.iter().map(|step| step.position).collect();
            let turned = positions.iter().cycle().skip(1);
            pipeline.steps.iter_mut().zip(turned).for_each(|(step, position)| step.position = *position);
        }
        6 => pipeline.steps[at].name = unit.name(),
        7 => pipeline.steps.iter_mut().for_each(|step| step.enabled ^= true),
        8 => {
            let on = unit.random.maybe_of(&pipeline.steps).map(|step| step.id);
            pipeline.steps[at].depends_on = on.filter(|on| *on != pipeline.steps[at].id);
        }
        _ => pipeline.steps[at].plugin_id = unit.some::<Plugin>(),
    }
}

/// Of each step of all pipelines other columns are changed.
pub(crate) async fn change_many(unit: &mut Unit<'_>) -> Result {
    let keys: Vec<Uuid> = unit.world.pipelines.keys().copied().collect();
    let mut pipelines = Vec::new();
    for key in keys {
        pipelines.push(unit.take::<Pipeline>(key).await?);
    }
    for mut pipeline in pipelines {
        let others: Vec<Uuid> = pipeline.steps.iter().map(|step| step.id).collect();
        let last = pipeline.steps.iter().map(|step| step.position).max().unwrap_or(0);
        for (step, position) in pipeline.steps.iter_mut().zip(last + 1..) {
            if unit.random.once_in(2) {
                step.name = unit.name();
            }
            if unit.random.once_in(2) {
                step.enabled ^= true;
            }
            if unit.random.once_in(2) {
                step.plugin_id = unit.some::<Plugin>().filter(|_| step.plugin_id.is_none());
            }
            if unit.random.once_in(2) {
                step.depends_on = Some(*unit.random.of(&others)).filter(|on| *on != step.id);
            }
            if unit.random.once_in(4) {
                step.position = position;
            }
        }
        unit.save(pipeline)?;
    }
    Ok(())
}

/// Takes a step out of its pipeline, and what refers to it with it.
fn remove(pipeline: &mut Pipeline, at: usize) -> Step {
    let step = pipeline.steps.remove(at);
    for other in &mut pipeline.steps {
        other.depends_on.take_if(|on| *on == step.id);
    }
    for log in pipeline.executions.iter_mut().flat_map(|execution| &mut execution.logs) {
        log.step_id.take_if(|on| *on == step.id);
    }
    step
}

/// Puts a step after all others. Where it is found is where it belongs, whatever it says itself.
fn append(pipeline: &mut Pipeline, step: Step) {
    let position = pipeline.steps.iter().map(|step| step.position).max().unwrap_or(0) + 1;
    pipeline.steps.push(Step { position, depends_on: None, ..step });
}

pub(crate) async fn move_to_another(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<Pipeline>() else { return Ok(()) };
    let (mut one, mut other): (Pipeline, Pipeline) = (unit.take(one).await?, unit.take(other).await?);
    if one.steps.is_empty() {
        unit.save(one)?;
        return unit.save(other);
    }
    let at = unit.random.below(one.steps.len());
    let step = remove(&mut one, at);
    append(&mut other, step);
    if unit.random.once_in(2) {
        unit.save(one)?;
        unit.save(other)
    } else {
        unit.save(other)?;
        unit.save(one)
    }
}

/// The same of pipelines of which the unit of work has read neither.
pub(crate) async fn move_as_read_elsewhere(unit: &mut Unit<'_>) -> Result {
    if unit.read_elsewhere.len() < 2 {
        return Ok(());
    }
    let (Some((_, mut one)), Some((_, mut other))) =
        (unit.read_elsewhere.pop_first(), unit.read_elsewhere.pop_last())
    else {
        return Ok(());
    };
    if unit.random.once_in(2) {
        std::mem::swap(&mut one, &mut other);
    }
    if !one.steps.is_empty() {
        let step = remove(&mut one, 0);
        append(&mut other, step);
    }
    unit.save(other)?;
    unit.save(one)
}

/// A step leaves its pipeline, which is deleted in the same flush: the step stays.
pub(crate) async fn move_before_deletion(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<Pipeline>() else { return Ok(()) };
    let (mut one, mut other): (Pipeline, Pipeline) = (unit.take(one).await?, unit.take(other).await?);
    let is_saved = unit.random.once_in(2);
    if !one.steps.is_empty() {
        let step = remove(&mut one, 0);
        append(&mut other, step);
    }
    forget_remarks(unit, one.id).await?;
    if is_saved {
        unit.save(one.clone())?;
    }
    if unit.random.once_in(2) {
        unit.save(other)?;
        unit.delete(&one)
    } else {
        unit.delete(&one)?;
        unit.save(other)
    }
}

/// An execution changes its pipeline, its logs stay in it.
pub(crate) async fn move_execution(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<Pipeline>() else { return Ok(()) };
    let (mut one, mut other): (Pipeline, Pipeline) = (unit.take(one).await?, unit.take(other).await?);
    if let Some(mut execution) = one.executions.pop() {
        let last = other.executions.iter().map(|row| row.execution_number).max().unwrap_or(0);
        (execution.pipeline_id, execution.execution_number) = (other.id, last + 1);
        execution.logs.iter_mut().for_each(|log| log.step_id = None);
        other.executions.push(execution);
    }
    unit.save(other)?;
    unit.save(one)
}

/// Rows are added to a pipeline by its key, beside its struct.
pub(crate) async fn add_by_key(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Pipeline>() else { return Ok(()) };
    let last = unit.world.pipelines[&id].steps.iter().map(|step| step.position).max().unwrap_or(0);
    let step = new(unit, id, last + 1);
    let row = NewStep::new(id, &*step.name).id(step.id).position(step.position).enabled(step.enabled);
    let handle = unit.uow.insert(row.plugin_id(step.plugin_id))?;
    let message = unit.name();
    let pipeline = unit.world.pipelines.get_mut(&id).expect("it is there");
    if let Some(execution) = pipeline.executions.first_mut() {
        unit.uow.insert(NewLog::new(execution.id, &*message).step_id(handle))?;
        let log = Log { id: 0, execution_id: execution.id, step_id: Some(step.id), message };
        execution.logs.push(log);
    }
    pipeline.steps.push(step);
    unit.forget(id);
    Ok(())
}

/// One is changed in its pipeline, the other by itself, in a struct of its own.
pub(crate) async fn exchange_positions_of_two_structs(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Pipeline>() else { return Ok(()) };
    let mut pipeline: Pipeline = unit.take(id).await?;
    if pipeline.steps.len() < 2 {
        return Ok(());
    }
    let (one, other) = (unit.random.below(pipeline.steps.len() - 1), pipeline.steps.len() - 1);
    let mut label = unit.uow.repository::<Label>().get(pipeline.steps[other].id).await?;
    std::mem::swap(&mut pipeline.steps[one].position, &mut label.position);
    let is_first = unit.random.once_in(2);
    if is_first {
        unit.uow.save(&label)?;
    }
    unit.save(pipeline.clone())?;
    if !is_first {
        unit.uow.save(&label)?;
    }
    unit.forget(id);
    pipeline.steps[other].position = label.position;
    let normal = pipeline.normal(&unit.world);
    unit.world.pipelines.insert(id, normal);
    Ok(())
}

/// One step is changed in its pipeline and by itself, in different columns.
pub(crate) async fn change_in_two_structs(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Pipeline>() else { return Ok(()) };
    let mut pipeline: Pipeline = unit.take(id).await?;
    let Some(mut step) = unit.random.maybe_of(&pipeline.steps).cloned() else { return Ok(()) };
    let mut label = unit.uow.repository::<Label>().get(step.id).await?;
    label.name = unit.name();
    step.enabled ^= true;
    let place = pipeline.steps.iter().position(|known| known.id == step.id).expect("it is one of them");
    pipeline.steps[place].enabled = step.enabled;
    unit.uow.save(&label)?;
    unit.save(pipeline.clone())?;
    unit.forget(id);
    pipeline.steps[place].name = label.name;
    let normal = pipeline.normal(&unit.world);
    unit.world.pipelines.insert(id, normal);
    Ok(())
}
