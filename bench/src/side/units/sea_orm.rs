//! SeaORM: `insert_many` where rows are new, a statement for each row that is changed.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, EntityTrait,
    QueryFilter, QueryOrder, TransactionTrait,
};
use uuid::Uuid;

use super::writer::{Writer, description};
use crate::error::Error;
use crate::side::loads::sea_orm::{execution, pipeline, step};
use crate::unit::{Draft, FINISHED_AT, NewUnit, UPDATED, execution_key, tag_key};

/// A pool that does not ask each connection whether it is alive.
pub struct SeaOrm(DatabaseConnection);

impl Writer for SeaOrm {
    type Read = (execution::Model, tag::Model);
    type Begun = (DatabaseTransaction, Vec<pipeline::Model>);

    async fn connect(url: &str) -> Result<Self, Error> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(4).test_before_acquire(false).sqlx_logging(false);
        Ok(SeaOrm(Database::connect(options).await?))
    }

    async fn read(&mut self, number: i64) -> Result<Self::Read, Error> {
        let execution = execution::Entity::find_by_id(execution_key(number)).one(&self.0).await?;
        let tag = tag::Entity::find_by_id(tag_key(number)).one(&self.0).await?;
        Ok((execution.ok_or("no such execution")?, tag.ok_or("no such tag")?))
    }

    async fn fourteen_rows(&mut self, (execution, tag): Self::Read, new: NewUnit) -> Result<(), Error> {
        let transaction = self.0.begin().await?;
        let updated = execution::Entity::update_many()
            .set(execution::ActiveModel {
                status: ActiveValue::Set(execution::Status::Succeeded),
                output: ActiveValue::Set(Some(new.output)),
                cost: ActiveValue::Set(sea_orm::prelude::Decimal::new(12_500, 4)),
                finished_at: ActiveValue::Set(Some(FINISHED_AT)),
                ..Default::default()
            })
            .col_expr(execution::Column::Version, Expr::col(execution::Column::Version).add(1))
            .col_expr(execution::Column::UpdatedAt, Expr::current_timestamp())
            .filter(execution::Column::Id.eq(execution.id))
            .filter(execution::Column::Version.eq(execution.version));
        expect(1, updated.exec(&transaction).await?.rows_affected)?;
        expect(1, tag::Entity::delete_by_id(tag.id).exec(&transaction).await?.rows_affected)?;

        let pipeline_id = Uuid::now_v7();
        let pipeline = pipeline::ActiveModel {
            id: ActiveValue::Set(pipeline_id),
            name: ActiveValue::Set(new.name),
            description: ActiveValue::Set(Some(new.description)),
            environment_variables: ActiveValue::Set(new.environment_variables),
            ..Default::default()
        };
        pipeline::Entity::insert(pipeline).exec_without_returning(&transaction).await?;
        let steps = (1..).zip(new.steps).map(|(position, name)| step::ActiveModel {
            id: ActiveValue::Set(Uuid::now_v7()),
            pipeline_id: ActiveValue::Set(pipeline_id),
            position: ActiveValue::Set(position),
            name: ActiveValue::Set(name),
            settings: ActiveValue::Set(new.settings.clone()),
            ..Default::default()
        });
        step::Entity::insert_many(steps).exec_without_returning(&transaction).await?;
        let execution = execution::ActiveModel {
            id: ActiveValue::Set(Uuid::now_v7()),
            pipeline_id: ActiveValue::Set(pipeline_id),
            execution_number: ActiveValue::Set(1),
            input: ActiveValue::Set(new.input),
            ..Default::default()
        };
        execution::Entity::insert(execution).exec_without_returning(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    async fn begin(&mut self) -> Result<Self::Begun, Error> {
        let transaction = self.0.begin().await?;
        let pipelines = pipeline::Entity::find()
            .filter(pipeline::Column::Name.like(UPDATED))
            .order_by_asc(pipeline::Column::Id)
            .all(&transaction)
            .await?;
        Ok((transaction, pipelines))
    }

    async fn update(&mut self, (transaction, pipelines): Self::Begun) -> Result<(), Error> {
        for pipeline in pipelines {
            let updated = pipeline::Entity::update_many()
                .set(pipeline::ActiveModel {
                    description: ActiveValue::Set(Some(description(&pipeline.name))),
                    ..Default::default()
                })
                .col_expr(pipeline::Column::Version, Expr::col(pipeline::Column::Version).add(1))
                .col_expr(pipeline::Column::UpdatedAt, Expr::current_timestamp())
                .filter(pipeline::Column::Id.eq(pipeline.id))
                .filter(pipeline::Column::Version.eq(pipeline.version));
            expect(1, updated.exec(&transaction).await?.rows_affected)?;
        }
        Ok(transaction.commit().await?)
    }

    async fn roll_back(&mut self, (transaction, _): Self::Begun) -> Result<(), Error> {
        Ok(transaction.rollback().await?)
    }

    async fn upsert(&mut self, drafts: Vec<Draft>) -> Result<(), Error> {
        let pipelines = drafts.into_iter().map(|draft| pipeline::ActiveModel {
            id: ActiveValue::Set(draft.id),
            name: ActiveValue::Set(draft.name),
            description: ActiveValue::Set(Some(draft.description)),
            environment_variables: ActiveValue::Set(draft.environment_variables),
            ..Default::default()
        });
        let version = Expr::col((pipeline::Entity, pipeline::Column::Version)).add(1);
        let conflict = OnConflict::column(pipeline::Column::Id)
            .update_columns([
                pipeline::Column::Name,
                pipeline::Column::Description,
                pipeline::Column::EnvironmentVariables,
            ])
            .value(pipeline::Column::Version, version)
            .value(pipeline::Column::UpdatedAt, Expr::current_timestamp())
            .to_owned();
        let transaction = self.0.begin().await?;
        let insert = pipeline::Entity::insert_many(pipelines).on_conflict(conflict);
        insert.exec_without_returning(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}

fn expect(rows: u64, found: u64) -> Result<(), Error> {
    if found == rows { Ok(()) } else { Err(format!("{found} rows of {rows}").into()) }
}

pub mod tag {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tags")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub color: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
