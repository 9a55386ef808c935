//! SeaORM: `load_many` for each relation, one statement after the other.

use sea_orm::{
    ColumnTrait, ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr, EntityTrait, LoaderTrait,
    PaginatorTrait, QueryFilter, QueryOrder, Statement,
};
use serde::Serialize;

use super::loader::Loader;
use super::shapes::{WithBoth, WithExecutions, WithLatest, WithLogs};
use crate::error::Error;
use crate::load::{PAGE_SIZE, Page};

/// A pool that does not ask each connection whether it is alive.
pub struct SeaOrm(DatabaseConnection);

/// The query builder knows no limit per parent.
const LATEST: &str = "\
SELECT e.* FROM unnest($1) AS p (id) CROSS JOIN LATERAL \
(SELECT id, pipeline_id, execution_number, status, input, output, error_message, cost, started_at, finished_at, version, \
 created_at, updated_at \
 FROM pipeline_executions WHERE pipeline_id = p.id ORDER BY execution_number DESC LIMIT 3) e \
ORDER BY e.pipeline_id, e.execution_number DESC";

impl Loader for SeaOrm {
    async fn connect(url: &str) -> Result<Self, Error> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(4).test_before_acquire(false).sqlx_logging(false);
        Ok(SeaOrm(Database::connect(options).await?))
    }

    async fn two_relations(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.pipelines().await?;
        let steps = step::Entity::find().order_by_asc(step::Column::Position);
        let steps = pipelines.load_many(steps, &self.0).await?;
        let executions = execution::Entity::find().order_by_asc(execution::Column::ExecutionNumber);
        let executions = pipelines.load_many(executions, &self.0).await?;
        let with = |(pipeline, (steps, executions))| WithBoth { pipeline, steps, executions };
        Ok(pipelines.into_iter().zip(steps.into_iter().zip(executions)).map(with).collect())
    }

    async fn two_levels(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.pipelines().await?;
        let executions = execution::Entity::find().order_by_asc(execution::Column::ExecutionNumber);
        let executions = pipelines.load_many(executions, &self.0).await?;
        let lengths: Vec<usize> = executions.iter().map(Vec::len).collect();
        let executions: Vec<execution::Model> = executions.into_iter().flatten().collect();
        let logs = executions.load_many(log::Entity::find().order_by_asc(log::Column::Id), &self.0).await?;
        let with = |(execution, logs)| WithLogs { execution, logs };
        let mut executions = executions.into_iter().zip(logs).map(with);
        let with = |(pipeline, length)| WithExecutions {
            pipeline,
            executions: executions.by_ref().take(length).collect(),
        };
        Ok(pipelines.into_iter().zip(lengths).map(with).collect())
    }

    async fn latest(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.pipelines().await?;
        let keys: Vec<sea_orm::prelude::Uuid> = pipelines.iter().map(|pipeline| pipeline.id).collect();
        let latest = Statement::from_sql_and_values(DbBackend::Postgres, LATEST, [keys.into()]);
        let mut latest_of = std::collections::HashMap::<_, Vec<_>>::new();
        for execution in execution::Entity::find().from_raw_sql(latest).all(&self.0).await? {
            latest_of.entry(execution.pipeline_id).or_default().push(execution);
        }
        let with = |pipeline: pipeline::Model| WithLatest {
            latest: latest_of.remove(&pipeline.id).unwrap_or_default(),
            pipeline,
        };
        Ok(pipelines.into_iter().map(with).collect())
    }

    async fn page(&self) -> Result<Page<impl Serialize>, Error> {
        let pages = active().paginate(&self.0, PAGE_SIZE.try_into()?);
        let items = pages.fetch_page(0).await?;
        Ok(Page { items, total: pages.num_items().await?.try_into()? })
    }
}

impl SeaOrm {
    async fn pipelines(&self) -> Result<Vec<pipeline::Model>, DbErr> {
        active().all(&self.0).await
    }
}

fn active() -> sea_orm::Select<pipeline::Entity> {
    pipeline::Entity::find().filter(pipeline::Column::IsActive.eq(true)).order_by_asc(pipeline::Column::Name)
}

pub mod pipeline {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "pipelines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub description: Option<String>,
        #[sea_orm(column_type = "JsonBinary")]
        pub environment_variables: Json,
        pub is_active: bool,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
        pub owner_id: Option<Uuid>,
        pub category_id: Option<Uuid>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::step::Entity")]
        Steps,
        #[sea_orm(has_many = "super::execution::Entity")]
        Executions,
    }

    impl Related<super::step::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Steps.def()
        }
    }

    impl Related<super::execution::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Executions.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod step {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "pipeline_steps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub pipeline_id: Uuid,
        pub position: i32,
        pub name: String,
        pub enabled: bool,
        pub depends_on: Option<Uuid>,
        pub plugin_id: Option<Uuid>,
        #[sea_orm(column_type = "JsonBinary")]
        pub settings: Json,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::pipeline::Entity",
            from = "Column::PipelineId",
            to = "super::pipeline::Column::Id"
        )]
        Pipeline,
    }

    impl Related<super::pipeline::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Pipeline.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod execution {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "pipeline_executions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub pipeline_id: Uuid,
        pub execution_number: i32,
        pub status: Status,
        #[sea_orm(column_type = "JsonBinary")]
        pub input: Json,
        #[sea_orm(column_type = "JsonBinary")]
        pub output: Option<Json>,
        pub error_message: Option<String>,
        #[sea_orm(column_type = "Decimal(Some((12, 4)))")]
        pub cost: Decimal,
        pub started_at: Option<DateTimeUtc>,
        pub finished_at: Option<DateTimeUtc>,
        pub version: i64,
        pub created_at: DateTimeUtc,
        pub updated_at: DateTimeUtc,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, EnumIter, DeriveActiveEnum)]
    #[sea_orm(
        rs_type = "String",
        db_type = "Enum",
        enum_name = "execution_status",
        rename_all = "snake_case"
    )]
    #[serde(rename_all = "snake_case")]
    pub enum Status {
        Pending,
        Running,
        Succeeded,
        Failed,
        Cancelled,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::pipeline::Entity",
            from = "Column::PipelineId",
            to = "super::pipeline::Column::Id"
        )]
        Pipeline,
        #[sea_orm(has_many = "super::log::Entity")]
        Logs,
    }

    impl Related<super::pipeline::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Pipeline.def()
        }
    }

    impl Related<super::log::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Logs.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod log {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "execution_logs")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub execution_id: Uuid,
        pub step_id: Option<Uuid>,
        pub level: Level,
        pub message: String,
        pub logged_at: DateTimeUtc,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "log_level", rename_all = "snake_case")]
    #[serde(rename_all = "snake_case")]
    pub enum Level {
        Debug,
        Info,
        Warn,
        Error,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::execution::Entity",
            from = "Column::ExecutionId",
            to = "super::execution::Column::Id"
        )]
        Execution,
    }

    impl Related<super::execution::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Execution.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}
