//! diesel-async: typed statements; those that do not depend on each other in one pipeline, BEGIN and COMMIT
//! beside it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, TransactionManager};
use futures_util::future::{join, join3, try_join_all};
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::writer::{Writer, description};
use crate::error::Error;
use crate::side::loads::diesel::{Status, executions, pipelines, steps};
use crate::unit::{Draft, FINISHED_AT, NewUnit, UPDATED, execution_key, tag_key};

/// One connection: a reference to it is what pipelines.
pub struct Diesel(AsyncPgConnection);

type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

impl Writer for Diesel {
    type Read = (Execution, Tag);
    type Begun = Vec<Pipeline>;

    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Diesel(AsyncPgConnection::establish(url).await?))
    }

    async fn read(&mut self, number: i64) -> Result<Self::Read, Error> {
        let execution = executions::table.find(execution_key(number)).select(Execution::as_select());
        let tag = tags::table.find(tag_key(number)).select(Tag::as_select());
        Ok((execution.first(&mut self.0).await?, tag.first(&mut self.0).await?))
    }

    async fn fourteen_rows(&mut self, (mut execution, tag): Self::Read, new: NewUnit) -> Result<(), Error> {
        execution.status = Status::Succeeded;
        execution.output = Some(new.output.clone());
        execution.cost = Decimal::new(12_500, 4);
        execution.finished_at = Some(FINISHED_AT);

        Manager::begin_transaction(&mut self.0).await?;
        self.write_fourteen_rows(&execution, &tag, &new).await?;
        Ok(Manager::commit_transaction(&mut self.0).await?)
    }

    async fn begin(&mut self) -> Result<Self::Begun, Error> {
        Manager::begin_transaction(&mut self.0).await?;
        let pipelines = pipelines::table.filter(pipelines::name.like(UPDATED)).order_by(pipelines::id);
        Ok(pipelines.select(Pipeline::as_select()).load(&mut self.0).await?)
    }

    async fn update(&mut self, mut pipelines: Self::Begun) -> Result<(), Error> {
        for pipeline in &mut pipelines {
            pipeline.description = Some(description(&pipeline.name));
        }
        let connection = &self.0;
        try_join_all(pipelines.iter().map(async |pipeline| {
            let same = pipelines::id.eq(pipeline.id).and(pipelines::version.eq(pipeline.version));
            let update = diesel::update(pipelines::table.filter(same)).set((
                pipelines::description.eq(&pipeline.description),
                pipelines::version.eq(pipelines::version + 1),
                pipelines::updated_at.eq(diesel::dsl::now),
            ));
            expect(1, update.execute(&mut &*connection).await?)
        }))
        .await?;
        Ok(Manager::commit_transaction(&mut self.0).await?)
    }

    async fn roll_back(&mut self, _pipelines: Self::Begun) -> Result<(), Error> {
        Ok(Manager::rollback_transaction(&mut self.0).await?)
    }

    async fn upsert(&mut self, drafts: Vec<Draft>) -> Result<(), Error> {
        let new: Vec<NewPipeline<'_>> = drafts.iter().map(NewPipeline::from).collect();
        Manager::begin_transaction(&mut self.0).await?;
        diesel::insert_into(pipelines::table)
            .values(&new)
            .on_conflict(pipelines::id)
            .do_update()
            .set((
                pipelines::name.eq(excluded(pipelines::name)),
                pipelines::description.eq(excluded(pipelines::description)),
                pipelines::environment_variables.eq(excluded(pipelines::environment_variables)),
                pipelines::version.eq(pipelines::version + 1),
                pipelines::updated_at.eq(diesel::dsl::now),
            ))
            .execute(&mut self.0)
            .await?;
        Ok(Manager::commit_transaction(&mut self.0).await?)
    }
}

impl Diesel {
    async fn write_fourteen_rows(
        &self,
        execution: &Execution,
        tag: &Tag,
        new: &NewUnit,
    ) -> Result<(), Error> {
        let pipeline = NewPipeline {
            id: Uuid::now_v7(),
            name: &new.name,
            description: &new.description,
            environment_variables: &new.environment_variables,
        };
        let step = |(position, name)| NewStep {
            id: Uuid::now_v7(),
            pipeline_id: pipeline.id,
            position,
            name,
            settings: &new.settings,
        };
        let new_steps: Vec<NewStep<'_>> = (1..).zip(new.steps.iter().map(String::as_str)).map(step).collect();
        let new_execution = NewExecution {
            id: Uuid::now_v7(),
            pipeline_id: pipeline.id,
            execution_number: 1,
            input: &new.input,
        };
        let same = executions::id.eq(execution.id).and(executions::version.eq(execution.version));
        let update = diesel::update(executions::table.filter(same)).set((
            executions::status.eq(execution.status),
            executions::output.eq(&execution.output),
            executions::cost.eq(execution.cost),
            executions::finished_at.eq(execution.finished_at),
            executions::version.eq(executions::version + 1),
            executions::updated_at.eq(diesel::dsl::now),
        ));
        let [mut first, mut second, mut third, mut fourth, mut fifth] = [&self.0; 5];
        let ((updated, deleted, pipeline), (steps, execution)) = join(
            join3(
                update.execute(&mut first),
                diesel::delete(tags::table.find(tag.id)).execute(&mut second),
                diesel::insert_into(pipelines::table).values(&pipeline).execute(&mut third),
            ),
            join(
                diesel::insert_into(steps::table).values(&new_steps).execute(&mut fourth),
                diesel::insert_into(executions::table).values(&new_execution).execute(&mut fifth),
            ),
        )
        .await;
        expect(1, updated?)?;
        expect(1, deleted?)?;
        pipeline?;
        steps?;
        execution?;
        Ok(())
    }
}

fn expect(rows: usize, found: usize) -> Result<(), Error> {
    if found == rows { Ok(()) } else { Err(format!("{found} rows of {rows}").into()) }
}

diesel::table! {
    tags (id) {
        id -> Uuid,
        name -> Text,
        color -> Bpchar,
    }
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = pipelines)]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct Pipeline {
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Value,
    is_active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = executions)]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct Execution {
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    status: Status,
    input: Value,
    output: Option<Value>,
    error_message: Option<String>,
    cost: Decimal,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = tags)]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct Tag {
    id: Uuid,
    name: String,
    color: String,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = pipelines)]
struct NewPipeline<'a> {
    id: Uuid,
    name: &'a str,
    description: &'a str,
    environment_variables: &'a Value,
}

impl<'a> From<&'a Draft> for NewPipeline<'a> {
    fn from(draft: &'a Draft) -> NewPipeline<'a> {
        let Draft { id, name, description, environment_variables } = draft;
        NewPipeline { id: *id, name, description, environment_variables }
    }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = steps)]
struct NewStep<'a> {
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: &'a str,
    settings: &'a Value,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = executions)]
struct NewExecution<'a> {
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    input: &'a Value,
}
