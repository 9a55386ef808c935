///The columns of `pipelines`, for filters, order and assignments.
#[allow(dead_code)]
#[derive(::core::clone::Clone, ::core::marker::Copy)]
pub struct PipelineCardColumns {
    ///`name`: `text NOT NULL` (schema/0002_pipelines.sql:5)
    pub title: ::persist::__private::Column<String>,
    ///Computed by the view.
    pub step_count: ::persist::__private::Column<i64>,
    ///Computed by the view.
    pub has_run: ::persist::__private::Column<bool>,
    ///Computed by the view.
    pub cost: ::persist::__private::Column<Option<Decimal>>,
    ///Computed by the view.
    pub status: ::persist::__private::Column<Option<ExecutionStatus>>,
    ///Computed by the view.
    pub loud: ::persist::__private::Column<String>,
    ///The rows of `pipeline_executions`.
    pub latest: ::persist::__private::Many<ExecutionCard>,
}
#[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use ::persist::__private as __p;
    mod __c {
        ::persist::__private::columns! {
            __explained Title : Text NotNull,
            "`pipelines.name` is `text`, which `{Self}` cannot hold",
            "expected `String`", "declared in schema/0002_pipelines.sql:5"; StepCount :
            Int8 NotNull,
            "`count(pipeline_steps)` is `bigint`, which `{Self}` cannot hold",
            "expected `i64`", "declared in schema/0004_pipeline_steps.sql:1"; HasRun :
            Bool NotNull,
            "`exists(pipeline_executions)` is `boolean`, which `{Self}` cannot hold",
            "expected `bool`", "declared in schema/0005_pipeline_executions.sql:5"; Cost
            : Numeric Nullable,
            "`sum(pipeline_executions.cost)` is `numeric`, which `{Self}` cannot hold",
            "expected `Option<rust_decimal::Decimal>`",
            "declared in schema/0005_pipeline_executions.sql:13; `rust_decimal::Decimal` needs the feature `decimal` of `persist`";
            Status : Enum Nullable + NamedType,
            "`min(pipeline_executions.status)` is the enum `execution_status`, which `{Self}` cannot hold",
            "expected `Option` of an enum with `#[derive(Enum)] #[persist(type = \"execution_status\")]`",
            "declared in schema/0005_pipeline_executions.sql:9"; Loud : Text NotNull,
            "`upper(name)` is `text`, which `{Self}` cannot hold", "expected `String`",
            "declared in schema/0002_pipelines.sql:3";
        }
    }
    mod __r {
        ::persist::__private::relations! {
            __explained Latest : ManyField,
            "`ExecutionCard` maps no table, but `latest` reads `pipeline_executions`",
            "`ExecutionCard` needs `#[derive(Repository)]` or `#[derive(View)]`";
        }
    }
    const _: () = {
        __p::maps_type(
            <Option<ExecutionStatus> as __c::Status>::NAME,
            "public.execution_status",
            "`min(pipeline_executions.status)` is of the enum `execution_status` (schema/0005_pipeline_executions.sql:9), but the type of the field maps another one",
        );
    };
    ::persist::__private::column_models! {
        7; "name" __p::pg::Text, "step_count" __p::pg::Int8;
        __p::Derived::Aggregate(__p::Aggregate { open : "(SELECT count(*)", table :
        "public.pipeline_steps", condition : "a.pipeline_id = \0.id AND (a.enabled)" }),
        "has_run" __p::pg::Bool; __p::Derived::Aggregate(__p::Aggregate { open :
        "EXISTS (SELECT 1", table : "public.pipeline_executions", condition :
        "a.pipeline_id = \0.id" }), "cost" __p::pg::Numeric;
        __p::Derived::Aggregate(__p::Aggregate { open : "(SELECT sum(a.cost)", table :
        "public.pipeline_executions", condition : "a.pipeline_id = \0.id" }), "status"
        __p::pg::Enum => "::text" "::text::public.execution_status"
        "::text[]::public.execution_status[]"; __p::Derived::Aggregate(__p::Aggregate {
        open : "(SELECT min(a.status)", table : "public.pipeline_executions", condition :
        "a.pipeline_id = \0.id" }), "loud" __p::pg::Text;
        __p::Derived::Expression("(upper(\0.name))"), "id" __p::pg::Uuid
    }
    static __MANY: [__p::ToMany; 1] = [
        __p::ToMany::new(
                <Vec<ExecutionCard> as __r::Latest>::OTHER,
                "PipelineCard.latest",
                &[__p::KeyColumn::new(6, "id", "uuid")],
                __p::Link::direct(&[("pipeline_id", "")]),
                "\0.execution_number DESC, \0.id",
            )
            .places(&[0], &[1])
            .limit(1),
    ];
    const _: () = {
        use __p::NotChecked as _;
        __p::relates(
            <Vec<ExecutionCard> as __r::Latest>::TABLE,
            "public.pipeline_executions",
            "`ExecutionCard` maps another table, but `latest` reads `pipeline_executions`",
            __p::RecursionCheck::<ExecutionCard>::IS_RECURSIVE,
            "`PipelineCard.latest` would be loaded for ever: `ExecutionCard` leads back to `PipelineCard`; use a view without that field",
        );
    };
    ::persist::__private::cells! {
        "pipelines" "public.pipelines"; 7[0, 1, 2, 3, 4, 5, 6]; & [], & __MANY
    }
    ::persist::__private::shape! {
        view PipelineCard[0] "public.pipelines" PipelineCardColumns(ExecutionCard, ());
        title : Column & __COLUMNS[0], step_count : Column & __COLUMNS[1], has_run :
        Column & __COLUMNS[2], cost : Column & __COLUMNS[3], status : Column &
        __COLUMNS[4], loud : Column & __COLUMNS[5], latest : Many & __MANY[0] => < Vec <
        ExecutionCard > as __r::Latest > ::show; | __row __at 7 1 | Self { title : <
        String as __c::Title > ::get(__row, __at.cell(0)) ?, step_count : < i64 as
        __c::StepCount > ::get(__row, __at.cell(1)) ?, has_run : < bool as __c::HasRun >
        ::get(__row, __at.cell(2)) ?, cost : < Option < Decimal > as __c::Cost >
        ::get(__row, __at.cell(3)) ?, status : < Option < ExecutionStatus > as
        __c::Status > ::get(__row, __at.cell(4)) ?, loud : < String as __c::Loud >
        ::get(__row, __at.cell(5)) ?, latest : < Vec < ExecutionCard > as __r::Latest >
        ::read(__row, __at, & __MANY, 0) ?, }
    }
    ::persist::__private::parameters! {
        PipelineCard 1; 0 : < String as __c::Title > ::put => title
    }
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl __p::View for PipelineCard {
        type Of = <Pipeline as __p::View>::Of;
    }
    const _: () = __p::maps(
        <<Pipeline as __p::View>::Of as __p::Shape>::TABLE,
        "public.pipelines",
        "`Pipeline` maps another table, but `PipelineCard` reads `pipelines`",
    );
};
