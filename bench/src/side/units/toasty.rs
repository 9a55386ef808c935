//! Toasty: builders and its `#[version]`, one statement for each row.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use toasty::{Db, Embed, Model};
use uuid::Uuid;

use super::writer::{Writer, description};
use crate::error::Error;
use crate::side::loads::toasty::with_folder_in_query;
use crate::unit::{Draft, FINISHED_AT, NewUnit, UPDATED, execution_key, tag_key};

/// A database with its pool.
pub struct Toasty(Db);

impl Writer for Toasty {
    type Read = (Execution, Tag);
    /// A transaction borrows the database, so this one begins when it updates.
    type Begun = Vec<Pipeline>;

    async fn connect(url: &str) -> Result<Self, Error> {
        let mut builder = Db::builder();
        builder.models(toasty::models!(Pipeline, Step, Execution, Tag)).max_pool_size(4);
        Ok(Toasty(builder.connect(&with_folder_in_query(url)).await?))
    }

    async fn read(&mut self, number: i64) -> Result<Self::Read, Error> {
        let execution = Execution::get_by_id(&mut self.0, execution_key(number)).await?;
        Ok((execution, Tag::get_by_id(&mut self.0, tag_key(number)).await?))
    }

    async fn fourteen_rows(&mut self, (mut execution, tag): Self::Read, new: NewUnit) -> Result<(), Error> {
        let mut transaction = self.0.transaction().await?;
        execution
            .update()
            .status(Status::Succeeded)
            .output(Some(new.output))
            .cost(Decimal::new(12_500, 4))
            .finished_at(Some(Timestamp::from_second(FINISHED_AT.timestamp())?))
            .exec(&mut transaction)
            .await?;
        tag.delete().exec(&mut transaction).await?;

        let pipeline_id = Uuid::now_v7();
        Pipeline::create()
            .id(pipeline_id)
            .name(new.name)
            .description(Some(new.description))
            .environment_variables(new.environment_variables)
            .exec(&mut transaction)
            .await?;
        let steps = (1..).zip(new.steps).map(|(position, name)| {
            Step::create()
                .id(Uuid::now_v7())
                .pipeline_id(pipeline_id)
                .position(position)
                .name(name)
                .settings(new.settings.clone())
        });
        toasty::batch(steps.collect::<Vec<_>>()).exec(&mut transaction).await?;
        Execution::create()
            .id(Uuid::now_v7())
            .pipeline_id(pipeline_id)
            .execution_number(1)
            .input(new.input)
            .exec(&mut transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn begin(&mut self) -> Result<Self::Begun, Error> {
        let pipelines = Pipeline::filter(Pipeline::fields().name().like(UPDATED));
        Ok(pipelines.order_by(Pipeline::fields().id().asc()).exec(&mut self.0).await?)
    }

    async fn update(&mut self, pipelines: Self::Begun) -> Result<(), Error> {
        let mut transaction = self.0.transaction().await?;
        for mut pipeline in pipelines {
            let description = description(&pipeline.name);
            pipeline.update().description(Some(description)).exec(&mut transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn roll_back(&mut self, _pipelines: Self::Begun) -> Result<(), Error> {
        Ok(())
    }

    async fn upsert(&mut self, drafts: Vec<Draft>) -> Result<(), Error> {
        let mut transaction = self.0.transaction().await?;
        for draft in drafts {
            Pipeline::upsert_by_id(draft.id)
                .name(draft.name)
                .description(Some(draft.description))
                .environment_variables(draft.environment_variables)
                .exec(&mut transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

#[derive(Debug, Model)]
#[table = "pipelines"]
pub struct Pipeline {
    #[key]
    id: Uuid,
    name: String,
    description: Option<String>,
    #[column(type = jsonb)]
    environment_variables: Value,
    #[default(true)]
    is_active: bool,
    #[version]
    version: u64,
    #[auto]
    created_at: Timestamp,
    #[auto]
    updated_at: Timestamp,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
}

#[derive(Debug, Model)]
#[table = "pipeline_steps"]
struct Step {
    #[key]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
    #[default(true)]
    enabled: bool,
    depends_on: Option<Uuid>,
    plugin_id: Option<Uuid>,
    #[column(type = jsonb)]
    settings: Value,
    #[auto]
    created_at: Timestamp,
    #[auto]
    updated_at: Timestamp,
}

#[derive(Debug, Model)]
#[table = "pipeline_executions"]
pub struct Execution {
    #[key]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    #[default(Status::Pending)]
    status: Status,
    #[column(type = jsonb)]
    #[default(json!({}))]
    input: Value,
    #[column(type = jsonb)]
    output: Option<Value>,
    error_message: Option<String>,
    #[column(type = numeric(12, 4))]
    #[default(Decimal::ZERO)]
    cost: Decimal,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    #[version]
    version: u64,
    #[auto]
    created_at: Timestamp,
    #[auto]
    updated_at: Timestamp,
}

/// Without its color: a char(7) cannot be read.
#[derive(Debug, Model)]
#[table = "tags"]
pub struct Tag {
    #[key]
    id: Uuid,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Embed)]
#[column(type = enum("execution_status"))]
pub enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}
