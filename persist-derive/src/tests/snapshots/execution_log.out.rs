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
///A row of `execution_logs` that does not exist yet.
#[must_use = "it is written by `insert` or `upsert`"]
pub(crate) struct NewExecutionLog {
    execution_id: crate::db::persist::__private::ForeignKey<Uuid>,
    step: ::core::option::Option<
        crate::db::persist::__private::ForeignKey<Option<Uuid>>,
    >,
    level: ::core::option::Option<LogLevel>,
    message: String,
}
#[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use crate::db::persist::__private as __p;
    mod __c {
        crate::db::persist::__private::columns! {
            __told Id : Int8 NotNull,
            "`execution_logs.id` is `bigint NOT NULL`, which `{Self}` cannot hold",
            "expected `i64`", "declared in schema/0005_pipeline_executions.sql:34";
            ExecutionId : Uuid NotNull + PutKey,
            "`execution_logs.execution_id` is `uuid NOT NULL`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`",
            "declared in schema/0005_pipeline_executions.sql:35"; Step : Uuid Nullable +
            PutGivenKey,
            "`execution_logs.step_id` is `uuid`, which `{Self}` cannot hold",
            "expected `Option<uuid::Uuid>`",
            "declared in schema/0005_pipeline_executions.sql:36"; Level : Enum NotNull +
            PutGiven + EnumType,
            "`execution_logs.level` is the enum `log_level NOT NULL`, which `{Self}` cannot hold",
            "expected an enum with `#[derive(Enum)] #[persist(type = \"log_level\")]`",
            "declared in schema/0005_pipeline_executions.sql:37"; Message : Text NotNull,
            "`execution_logs.message` is `text NOT NULL`, which `{Self}` cannot hold",
            "expected `String`", "declared in schema/0005_pipeline_executions.sql:38";
        }
    }
    const _: () = {
        __p::maps_enum(
            <LogLevel as __c::Level>::ENUM,
            "public.log_level",
            "`execution_logs.level` holds labels of `log_level` (schema/0005_pipeline_executions.sql:37), but the field's enum maps another type",
        );
    };
    const __LIST: &str = "t0.id, t0.execution_id, t0.step_id, t0.level::text, t0.message";
    const __TOUCHED: &[(&str, &str)] = &[];
    static __COLUMNS: [__p::ColumnModel; 5] = [
        __p::ColumnModel::of::<__p::pg::Int8>("id"),
        __p::ColumnModel::of::<__p::pg::Uuid>("execution_id"),
        __p::ColumnModel::of::<__p::pg::Uuid>("step_id"),
        __p::ColumnModel::of::<__p::pg::Enum>("level")
            .cast("::text::log_level", "::text[]::log_level[]"),
        __p::ColumnModel::of::<__p::pg::Text>("message"),
    ];
    static __OIDS: [__p::Oid; 5] = __p::oids(&__COLUMNS);
    static __GIVEN: [&__p::ColumnModel; 4] = __p::picked(&__COLUMNS, [1, 2, 3, 4]);
    const __KEY: &[__p::Oid] = &__p::picked_oids(&__COLUMNS, [0]);
    const __KEYS: &[__p::Oid] = &__p::picked_array_oids(&__COLUMNS, [0]);
    const __FIND: &str = "SELECT t0.id, t0.execution_id, t0.step_id, t0.level::text, t0.message FROM execution_logs AS t0 WHERE t0.id = $1";
    const __FIND_MANY: &str = "SELECT t0.id, t0.execution_id, t0.step_id, t0.level::text, t0.message FROM unnest($1) WITH ORDINALITY AS k(k1, n) JOIN execution_logs AS t0 ON t0.id = k.k1 ORDER BY k.n";
    const __DELETE: &str = "DELETE FROM execution_logs AS t0 WHERE t0.id = $1";
    const fn __insert() -> __p::InsertModel {
        __p::InsertModel::new("execution_logs", &__GIVEN, &[], __LIST, &__OIDS)
    }
    __p::repository!(ExecutionLogRepository, ExecutionLog);
    const fn __constraint(name: &'static str) -> __p::Constraint {
        __p::Constraint::new("execution_logs", name)
    }
    impl ExecutionLog {
        ///The primary key `execution_logs_pkey`, to compare errors with.
        pub(crate) const PRIMARY_KEY: __p::Constraint = __constraint(
            "execution_logs_pkey",
        );
        ///The foreign key `execution_logs_execution_id_fkey`, to compare errors with.
        pub(crate) const FOREIGN_KEY_EXECUTION_ID: __p::Constraint = __constraint(
            "execution_logs_execution_id_fkey",
        );
        ///The foreign key `execution_logs_step_id_fkey`, to compare errors with.
        pub(crate) const FOREIGN_KEY_STEP_ID: __p::Constraint = __constraint(
            "execution_logs_step_id_fkey",
        );
    }
    impl NewExecutionLog {
        /// A row with what the table requires; the rest has setters.
        pub(crate) fn new(
            execution_id: impl __p::IntoForeignKey<Uuid>,
            message: impl __p::Assign<String>,
        ) -> Self {
            Self {
                execution_id: execution_id.into_key(),
                step: __p::None,
                level: __p::None,
                message: message.assign(),
            }
        }
        ///Sets `step_id`: `uuid` (schema/0005_pipeline_executions.sql:36).
        pub(crate) fn step(
            mut self,
            value: impl __p::IntoOptionalForeignKey<Uuid>,
        ) -> Self {
            self.step = __p::Some(__p::nullable(value.into_key()));
            self
        }
        ///Sets `level`: `log_level NOT NULL` (schema/0005_pipeline_executions.sql:37).
        pub(crate) fn level(mut self, value: impl __p::Assign<LogLevel>) -> Self {
            self.level = __p::Some(value.assign());
            self
        }
    }
    __p::parameters! {
        NewExecutionLog 4; 0 : < Uuid as __c::ExecutionId > ::put_key => execution_id, 1
        : < Option < Uuid > as __c::Step > ::put_given_key => step, 2 : < LogLevel as
        __c::Level > ::put_given => level, 3 : < String as __c::Message > ::put =>
        message
    }
    __p::new! {
        NewExecutionLog ExecutionLog; 1 step, 2 level; "execution_id" execution_id,
        "step_id" step
    }
    #[automatically_derived]
    impl __p::Shape for ExecutionLog {
        const TABLE: &'static str = "public.execution_logs";
        fn decode(__row: &__p::Row<'_>, __at: usize) -> __p::Decoded<Self> {
            ::core::result::Result::Ok(Self {
                id: <i64 as __c::Id>::get(__row, __at + 0)?,
                execution_id: <Uuid as __c::ExecutionId>::get(__row, __at + 1)?,
                step: <Option<Uuid> as __c::Step>::get(__row, __at + 2)?,
                level: <LogLevel as __c::Level>::get(__row, __at + 3)?,
                message: <String as __c::Message>::get(__row, __at + 4)?,
                read_at: crate::clock::epoch(),
            })
        }
    }
    __p::parameters! {
        ExecutionLog 5; 0 : < Uuid as __c::ExecutionId > ::put => execution_id, 1 : <
        Option < Uuid > as __c::Step > ::put => step, 2 : < LogLevel as __c::Level >
        ::put => level, 3 : < String as __c::Message > ::put => message, 4 : < i64 as
        __c::Id > ::put => id
    }
    #[automatically_derived]
    impl __p::Entity for ExecutionLog {
        type Repository<'a> = ExecutionLogRepository<'a>;
        type Columns = ExecutionLogColumns;
        type Key = i64;
        type New = NewExecutionLog;
        fn columns(scope: __p::Scope) -> ExecutionLogColumns {
            ExecutionLogColumns {
                id: __p::Column::new(scope, &__COLUMNS[0]),
                execution_id: __p::Column::new(scope, &__COLUMNS[1]),
                step: __p::Column::new(scope, &__COLUMNS[2]),
                level: __p::Column::new(scope, &__COLUMNS[3]),
                message: __p::Column::new(scope, &__COLUMNS[4]),
            }
        }
        fn model() -> &'static __p::Model {
            const UPDATE: &str = "UPDATE execution_logs AS t0 SET execution_id = $1, step_id = $2, level = $3::text::log_level, message = $4 WHERE t0.id = $5 RETURNING t0.id, t0.execution_id, t0.step_id, t0.level::text, t0.message";
            const CHANGED: &[__p::Oid] = &__p::picked_oids(&__COLUMNS, [1, 2, 3, 4, 0]);
            static MODEL: __p::Model = __p::Model {
                table: "execution_logs",
                sql_table: "execution_logs",
                select_list: __LIST,
                select_oids: &__OIDS,
                key: const { &__p::picked(&__COLUMNS, [0]) },
                touched: __TOUCHED,
                versioned: false,
                find: __p::Statement::fixed(__FIND, __KEY, &__OIDS),
                find_many: __p::Statement::fixed(__FIND_MANY, __KEYS, &__OIDS),
                update: __p::Some(__p::Statement::fixed(UPDATE, CHANGED, &__OIDS)),
                delete: __p::Statement::fixed(__DELETE, __KEY, &[]),
                insert: __insert(),
                upsert: __p::None,
            };
            &MODEL
        }
    }
};
