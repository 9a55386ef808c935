///Finds, writes and deletes rows of `execution_logs`. Domain queries are inherent methods of this type.
pub(crate) struct ExecutionLogRepository<'a>(
    crate::db::persist::__private::Repository<'a, ExecutionLog>,
);
///The columns of `execution_logs`, for filters, order and assignments.
#[allow(dead_code)]
#[derive(::core::clone::Clone, ::core::marker::Copy)]
pub(crate) struct ExecutionLogColumns {
    ///`id`: `bigint NOT NULL` (schema/0005_pipeline_executions.sql:34)
    pub(crate) id: crate::db::persist::__private::Column<i64>,
    ///`execution_id`: `uuid NOT NULL` (schema/0005_pipeline_executions.sql:35)
    pub(crate) execution_id: crate::db::persist::__private::Column<Uuid>,
    ///`step_id`: `uuid` (schema/0005_pipeline_executions.sql:36)
    pub(crate) step: crate::db::persist::__private::Column<Option<Uuid>>,
    ///`level`: `log_level NOT NULL` (schema/0005_pipeline_executions.sql:37)
    pub(crate) level: crate::db::persist::__private::Column<LogLevel>,
    ///`message`: `text NOT NULL` (schema/0005_pipeline_executions.sql:38)
    pub(crate) message: crate::db::persist::__private::Column<String>,
}
crate::db::persist::__private::new_row! {
    "A row of `execution_logs` that does not exist yet." pub (crate) NewExecutionLog {
    execution_id : crate ::db::persist::__private::ForeignKey < Uuid >, step :
    ::core::option::Option < crate ::db::persist::__private::ForeignKey < Option < Uuid >
    > >, level : ::core::option::Option < LogLevel >, message : String }
}
crate::db::persist::__private::fields! {
    "What a row of `execution_logs` that does not exist yet must have, by name: `NewExecutionLog::from(ExecutionLogFields { … })`."
    pub (crate) ExecutionLogFields NewExecutionLog {
    "`execution_id`: `uuid NOT NULL` (schema/0005_pipeline_executions.sql:35)"
    execution_id : crate ::db::persist::__private::ForeignKey < Uuid >,
    "`message`: `text NOT NULL` (schema/0005_pipeline_executions.sql:38)" message :
    String }
}
crate::db::persist::__private::order! {
    enum #[doc =
    "An order of `execution_logs`, from outside: by name, such as `name`, or `-name` for the largest first."]
    pub (crate) ExecutionLogOrder; IdAsc IdDesc "id"; ExecutionIdAsc ExecutionIdDesc
    "execution_id"; StepAsc StepDesc "step" = "step_id"; LevelAsc LevelDesc "level";
    MessageAsc MessageDesc "message";
}
#[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use crate::db::persist::__private as __p;
    mod __c {
        crate::db::persist::__private::columns! {
            __explained Id : Int8 NotNull,
            "`execution_logs.id` is `bigint`, which `{Self}` cannot hold",
            "expected `i64`", "declared in schema/0005_pipeline_executions.sql:34";
            ExecutionId : Uuid NotNull + PutKey,
            "`execution_logs.execution_id` is `uuid`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`",
            "declared in schema/0005_pipeline_executions.sql:35"; Step : Uuid Nullable +
            PutGivenKey,
            "`execution_logs.step_id` is `uuid`, which `{Self}` cannot hold",
            "expected `Option<uuid::Uuid>`",
            "declared in schema/0005_pipeline_executions.sql:36"; Level : Enum NotNull +
            PutGiven + NamedType,
            "`execution_logs.level` is the enum `log_level`, which `{Self}` cannot hold",
            "expected an enum with `#[derive(Enum)] #[persist(type = \"log_level\")]`",
            "declared in schema/0005_pipeline_executions.sql:37"; Message : Text NotNull,
            "`execution_logs.message` is `text`, which `{Self}` cannot hold",
            "expected `String`", "declared in schema/0005_pipeline_executions.sql:38";
        }
    }
    const _: () = {
        __p::maps_type(
            <LogLevel as __c::Level>::NAME,
            "public.log_level",
            "`execution_logs.level` is of the enum `log_level` (schema/0005_pipeline_executions.sql:37), but the type of the field maps another one",
        );
    };
    crate::db::persist::__private::column_models! {
        6; "id" __p::pg::Int8, "execution_id" __p::pg::Uuid, "step_id" __p::pg::Uuid,
        "level" __p::pg::Enum => "::text" "::text::public.log_level"
        "::text[]::public.log_level[]", "message" __p::pg::Text, "logged_at"
        __p::pg::Timestamptz
    }
    crate::db::persist::__private::table! {
        "execution_logs" "public.execution_logs" "public.execution_logs" rank 3; key[0];
        references[1] "public.pipeline_executions"[0], [2] "public.pipeline_steps"[0];
        uniques
    }
    crate::db::persist::__private::cells! {
        "execution_logs" "public.execution_logs"; 5[0, 1, 2, 3, 4]; & [], & []
    }
    crate::db::persist::__private::shape! {
        entity ExecutionLog NewExecutionLog, "public.execution_logs"
        ExecutionLogColumns(); id : Column & __COLUMNS[0], execution_id : Column &
        __COLUMNS[1], step : Column & __COLUMNS[2], level : Column & __COLUMNS[3],
        message : Column & __COLUMNS[4]; | __row __at 5 0 | Self { id : < i64 as __c::Id
        > ::get(__row, __at.cell(0)) ?, execution_id : < Uuid as __c::ExecutionId >
        ::get(__row, __at.cell(1)) ?, step : < Option < Uuid > as __c::Step >
        ::get(__row, __at.cell(2)) ?, level : < LogLevel as __c::Level > ::get(__row,
        __at.cell(3)) ?, message : < String as __c::Message > ::get(__row, __at.cell(4))
        ?, read_at : crate ::clock::epoch(), }
    }
    const __TOUCHED: &[(usize, &str)] = &[];
    const fn __insert() -> __p::InsertModel {
        __p::InsertModel::new(&__TABLE, &[1, 2, 3, 4], &[], __TOUCHED, &__SHAPE)
    }
    crate::db::persist::__private::repository!(ExecutionLogRepository, ExecutionLog);
    crate::db::persist::__private::constraints! {
        ExecutionLog "execution_logs"; pub (crate) const; "The primary key" PRIMARY_KEY
        "execution_logs_pkey"; "The foreign key" FOREIGN_KEY_EXECUTION_ID
        "execution_logs_execution_id_fkey"; "The foreign key" FOREIGN_KEY_STEP_ID
        "execution_logs_step_id_fkey";
    }
    impl NewExecutionLog {
        crate::db::persist::__private::setters! {
            pub (crate) fn;
            "Sets `step_id`: `uuid` (schema/0005_pipeline_executions.sql:36)." nullable
            step : Uuid;
            "Sets `level`: `log_level NOT NULL` (schema/0005_pipeline_executions.sql:37)."
            given level : LogLevel;
        }
    }
    crate::db::persist::__private::parameters! {
        NewExecutionLog 4; 0 : < Uuid as __c::ExecutionId > ::put_key => execution_id, 1
        : < Option < Uuid > as __c::Step > ::put_given_key => step, 2 : < LogLevel as
        __c::Level > ::put_given => level, 3 : < String as __c::Message > ::put =>
        message
    }
    crate::db::persist::__private::new! {
        NewExecutionLog ExecutionLog; pub (crate) fn (execution_id : impl
        __p::IntoForeignKey < Uuid >, message : impl __p::Assign < String >) {
        execution_id : execution_id.into_key(), step : __p::None, level : __p::None,
        message : message.assign() }; 1 step, 2 level; 0 execution_id, 1 step;;
    }
    crate::db::persist::__private::parameters! {
        ExecutionLog 5; 0 : < Uuid as __c::ExecutionId > ::put => execution_id, 1 : <
        Option < Uuid > as __c::Step > ::put => step, 2 : < LogLevel as __c::Level >
        ::put => level, 3 : < String as __c::Message > ::put => message, 4 : < i64 as
        __c::Id > ::put => id
    }
    #[automatically_derived]
    impl __p::Entity for ExecutionLog {
        type Repository<'a> = ExecutionLogRepository<'a>;
        type Key = i64;
        type New = NewExecutionLog;
        fn model() -> &'static __p::Model {
            crate::db::persist::__private::model!(
                key[0] [0] Ascending; columns[1, 2, 3, 4, 0] 4; upsert
            )
        }
    }
    crate::db::persist::__private::order! {
        impl ExecutionLogOrder; IdAsc IdDesc "id" => & __COLUMNS[0], false;
        ExecutionIdAsc ExecutionIdDesc "execution_id" => & __COLUMNS[1], false; StepAsc
        StepDesc "step" = "step_id" => & __COLUMNS[2], true; LevelAsc LevelDesc "level"
        => & __COLUMNS[3], false; MessageAsc MessageDesc "message" => & __COLUMNS[4],
        false;
    }
};
