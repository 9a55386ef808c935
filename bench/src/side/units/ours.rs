//! persist, as its users write it: structs go into a unit of work.

use chrono::{DateTime, Utc};
use persist::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::writer::{Writer, description};
use crate::error::Error;
use crate::unit::{Draft, FINISHED_AT, NewUnit, UPDATED, execution_key, tag_key};

/// A database with its pool: each unit of work takes a connection from it.
pub struct Ours(Database);

impl Writer for Ours {
    type Read = (PipelineExecution, Tag);
    type Begun = (UnitOfWork<'static>, Vec<Pipeline>);

    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Ours(Database::builder().url(url).pool_size(4).connect().await?))
    }

    async fn read(&mut self, number: i64) -> Result<Self::Read, Error> {
        let execution = self.0.repository::<PipelineExecution>().get(execution_key(number)).await?;
        Ok((execution, self.0.repository::<Tag>().get(tag_key(number)).await?))
    }

    async fn fourteen_rows(&mut self, (mut execution, tag): Self::Read, new: NewUnit) -> Result<(), Error> {
        let work = self.0.unit_of_work();
        let steps = (1..).zip(new.steps).map(|(position, name)| {
            NewPipelineStep::new(Parent, name).position(position).settings(new.settings.clone())
        });
        let pipeline = NewPipelineWithSteps::new(new.name, new.environment_variables)
            .description(new.description)
            .steps(steps);
        let pipeline = work.insert(pipeline)?;
        work.insert(NewPipelineExecution::new(pipeline, 1).input(new.input))?;

        execution.status = Status::Succeeded;
        execution.output = Some(Json(new.output));
        execution.cost = Decimal::new(12_500, 4);
        execution.finished_at = Some(FINISHED_AT);
        work.save(&execution)?;
        work.delete(&tag)?;
        work.commit().await?;
        Ok(())
    }

    async fn begin(&mut self) -> Result<Self::Begun, Error> {
        let work = self.0.unit_of_work();
        let pipelines = work.repository::<Pipeline>();
        let pipelines = pipelines.filter(|p| p.name.like(UPDATED)).order_by(|p| p.id.asc()).all().await?;
        Ok((work, pipelines))
    }

    async fn update(&mut self, (work, mut pipelines): Self::Begun) -> Result<(), Error> {
        for pipeline in &mut pipelines {
            pipeline.description = Some(description(&pipeline.name));
            work.save(pipeline)?;
        }
        work.commit().await?;
        Ok(())
    }

    async fn roll_back(&mut self, (work, _): Self::Begun) -> Result<(), Error> {
        Ok(work.rollback().await?)
    }

    async fn upsert(&mut self, drafts: Vec<Draft>) -> Result<(), Error> {
        let work = self.0.unit_of_work();
        for draft in drafts {
            let new = NewPipeline::new(draft.name, draft.environment_variables);
            work.upsert(new.id(draft.id).description(draft.description))?;
        }
        work.commit().await?;
        Ok(())
    }
}

#[derive(Debug, Repository)]
#[persist(table = "pipelines")]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<Value>,
    is_active: bool,
    #[persist(version)]
    version: i64,
    #[persist(created_at)]
    created_at: DateTime<Utc>,
    #[persist(updated_at)]
    updated_at: DateTime<Utc>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
}

#[derive(Debug, Repository)]
#[persist(table = "pipelines")]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
struct PipelineWithSteps {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<Value>,
    is_active: bool,
    #[persist(version)]
    version: i64,
    #[persist(created_at)]
    created_at: DateTime<Utc>,
    #[persist(updated_at)]
    updated_at: DateTime<Utc>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
    #[persist(has_many, order_by = "position")]
    steps: Vec<PipelineStep>,
}

#[derive(Debug, Repository)]
#[persist(table = "pipeline_steps")]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
struct PipelineStep {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
    enabled: bool,
    depends_on: Option<Uuid>,
    plugin_id: Option<Uuid>,
    settings: Json<Value>,
    #[persist(created_at)]
    created_at: DateTime<Utc>,
    #[persist(updated_at)]
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Repository)]
#[persist(table = "pipeline_executions")]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct PipelineExecution {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    status: Status,
    input: Json<Value>,
    output: Option<Json<Value>>,
    error_message: Option<String>,
    cost: Decimal,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    #[persist(version)]
    version: i64,
    #[persist(created_at)]
    created_at: DateTime<Utc>,
    #[persist(updated_at)]
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    id: Uuid,
    name: String,
    color: String,
}

#[derive(Debug, Clone, Copy, Enum)]
#[persist(type = "execution_status")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}
