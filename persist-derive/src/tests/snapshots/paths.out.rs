///Finds, writes and deletes rows of `pipeline_steps`. Domain queries are inherent methods of this type.
pub struct StepRepository<'a>(::persist::__private::Repository<'a, Step>);
///The columns of `pipeline_steps`, for filters, order and assignments.
#[allow(dead_code)]
#[derive(::core::clone::Clone, ::core::marker::Copy)]
pub struct StepColumns {
    ///`id`: `uuid NOT NULL` (schema/0004_pipeline_steps.sql:2)
    pub id: ::persist::__private::Column<Uuid>,
    ///`pipeline_id`: `uuid NOT NULL` (schema/0004_pipeline_steps.sql:3)
    pub pipeline_id: ::persist::__private::Column<Uuid>,
    ///`name`: `text NOT NULL` (schema/0004_pipeline_steps.sql:5)
    pub name: ::persist::__private::Column<String>,
    ///The row of `pipelines`, for conditions only.
    pub pipeline: ::persist::__private::One<Pipeline, ::persist::__private::Required>,
    ///The rows of `execution_logs`, for conditions only.
    pub logs: ::persist::__private::Many<Log>,
    ///The rows of `pipeline_steps`, for conditions only.
    pub(crate) dependents: ::persist::__private::Many<Step>,
}
::persist::__private::new_row! {
    "A row of `pipeline_steps` that does not exist yet." pub NewStep { id : Uuid,
    pipeline_id : ::persist::__private::ForeignKey < Uuid >, name : String }
}
::persist::__private::fields! {
    "What a row of `pipeline_steps` that does not exist yet must have, by name: `NewStep::from(StepFields { … })`."
    pub StepFields NewStep {
    "`pipeline_id`: `uuid NOT NULL` (schema/0004_pipeline_steps.sql:3)" pipeline_id :
    ::persist::__private::ForeignKey < Uuid >,
    "`name`: `text NOT NULL` (schema/0004_pipeline_steps.sql:5)" name : String }
}
::persist::__private::order! {
    enum #[doc =
    "An order of `pipeline_steps`, from outside: by name, such as `name`, or `-name` for the largest first."]
    pub StepOrder; IdAsc IdDesc "id"; PipelineIdAsc PipelineIdDesc "pipeline_id"; NameAsc
    NameDesc "name";
}
#[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use ::persist::__private as __p;
    mod __c {
        ::persist::__private::columns! {
            __explained Id : Uuid NotNull + ClientKey,
            "`pipeline_steps.id` is `uuid`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`", "declared in schema/0004_pipeline_steps.sql:2";
            PipelineId : Uuid NotNull + PutKey,
            "`pipeline_steps.pipeline_id` is `uuid`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`", "declared in schema/0004_pipeline_steps.sql:3"; Name
            : Text NotNull,
            "`pipeline_steps.name` is `text`, which `{Self}` cannot hold",
            "expected `String`", "declared in schema/0004_pipeline_steps.sql:5";
        }
    }
    mod __r {
        ::persist::__private::relations! {
            __explained Pipeline : OneField,
            "`Pipeline` maps no table, but `pipeline` reads `pipelines`",
            "`Pipeline` needs `#[derive(Repository)]` or `#[derive(View)]`"; Logs :
            ManyField, "`Log` maps no table, but `logs` reads `execution_logs`",
            "`Log` needs `#[derive(Repository)]` or `#[derive(View)]`"; Dependents :
            ManyField, "`Step` maps no table, but `dependents` reads `pipeline_steps`",
            "`Step` needs `#[derive(Repository)]` or `#[derive(View)]`";
        }
    }
    ::persist::__private::column_models! {
        10; "id" __p::pg::Uuid, "pipeline_id" __p::pg::Uuid, "\"position\""
        __p::pg::Int4, "name" __p::pg::Text, "enabled" __p::pg::Bool, "depends_on"
        __p::pg::Uuid, "plugin_id" __p::pg::Uuid, "settings" __p::pg::Jsonb, "created_at"
        __p::pg::Timestamptz, "updated_at" __p::pg::Timestamptz
    }
    ::persist::__private::table! {
        "pipeline_steps" "public.pipeline_steps" "public.pipeline_steps" rank 2; key[0];
        references[1] "public.pipelines"[0], [5] "public.pipeline_steps"[0], [6]
        "public.plugins"[0]; uniques "pipeline_steps_pipeline_id_position_key"[1, 2]
        parked(& [(2, __p::Parking::High)])
    }
    const _: () = {
        use __p::NotChecked as _;
        __p::maps(
            <Pipeline as __r::Pipeline>::TABLE,
            "public.pipelines",
            "`Pipeline` maps another table, but `pipeline` reads `pipelines`",
        );
        __p::maps(
            <Vec<Log> as __r::Logs>::TABLE,
            "public.execution_logs",
            "`Log` maps another table, but `logs` reads `execution_logs`",
        );
        __p::maps(
            <Vec<Step> as __r::Dependents>::TABLE,
            "public.pipeline_steps",
            "`Step` maps another table, but `dependents` reads `pipeline_steps`",
        );
    };
    ::persist::__private::cells! {
        "pipeline_steps" "public.pipeline_steps"; 3[0, 1, 3]; & [], & []
    }
    ::persist::__private::shape! {
        entity Step NewStep, "public.pipeline_steps" StepColumns(); id : Column &
        __COLUMNS[0], pipeline_id : Column & __COLUMNS[1], name : Column & __COLUMNS[3],
        pipeline : One { static __PATH : __p::ToOne = __p::ToOne::new(< Pipeline as
        __r::Pipeline > ::OTHER, & [("pipeline_id", "id", "")], "", false).places(& [1],
        & [0]); & __PATH }, logs : Many { static __PATH : __p::ToMany =
        __p::ToMany::new(< Vec < Log > as __r::Logs > ::OTHER, "Step.logs", &
        [__p::KeyColumn::new(0, "id", "uuid")], __p::Link::direct(& [("step_id", "")]),
        "").places(& [0], & [2]); & __PATH }, dependents : Many { static __PATH :
        __p::ToMany = __p::ToMany::new(< Vec < Step > as __r::Dependents > ::OTHER,
        "Step.dependents", & [__p::KeyColumn::new(0, "id", "uuid")], __p::Link::direct(&
        [("depends_on", "")]), "").places(& [0], & [5]).filter("\0.enabled"); & __PATH };
        | __row __at 3 0 | Self { id : < Uuid as __c::Id > ::get(__row, __at.cell(0)) ?,
        pipeline_id : < Uuid as __c::PipelineId > ::get(__row, __at.cell(1)) ?, name : <
        String as __c::Name > ::get(__row, __at.cell(2)) ?, }
    }
    const __TOUCHED: &[(usize, &str)] = &[];
    const fn __insert() -> __p::InsertModel {
        __p::InsertModel::new(&__TABLE, &[0, 1, 3], &[], __TOUCHED, &__SHAPE)
    }
    ::persist::__private::repository!(StepRepository, Step);
    ::persist::__private::constraints! {
        Step "pipeline_steps"; pub const; "The primary key" PRIMARY_KEY
        "pipeline_steps_pkey"; "The UNIQUE key" UNIQUE_PIPELINE_ID_POSITION
        "pipeline_steps_pipeline_id_position_key"; "The foreign key"
        FOREIGN_KEY_PIPELINE_ID "pipeline_steps_pipeline_id_fkey"; "The foreign key"
        FOREIGN_KEY_DEPENDS_ON "pipeline_steps_depends_on_fkey"; "The foreign key"
        FOREIGN_KEY_PLUGIN_ID "pipeline_steps_plugin_id_fkey"; "The CHECK"
        CHECK_NOT_ITS_OWN_DEPENDENCY "pipeline_steps_not_its_own_dependency";
    }
    impl NewStep {
        ::persist::__private::setters! {
            pub fn; "Sets `id`: `uuid NOT NULL` (schema/0004_pipeline_steps.sql:2)."
            value id : Uuid;
        }
    }
    ::persist::__private::parameters! {
        NewStep 3; 0 : < Uuid as __c::Id > ::put => id, 1 : < Uuid as __c::PipelineId >
        ::put_key => pipeline_id, 2 : < String as __c::Name > ::put => name
    }
    ::persist::__private::new! {
        NewStep Step; pub fn (pipeline_id : impl __p::IntoForeignKey < Uuid >, name :
        impl __p::Assign < String >) { id : < Uuid as __c::Id > ::generate(), pipeline_id
        : pipeline_id.into_key(), name : name.assign() };; 1 pipeline_id;;
    }
    ::persist::__private::parameters! {
        Step 3; 0 : < Uuid as __c::PipelineId > ::put => pipeline_id, 1 : < String as
        __c::Name > ::put => name, 2 : < Uuid as __c::Id > ::put => id
    }
    #[automatically_derived]
    impl __p::Entity for Step {
        type Repository<'a> = StepRepository<'a>;
        type Key = Uuid;
        type New = NewStep;
        fn model() -> &'static __p::Model {
            ::persist::__private::model!(
                key[0] [0] Given; columns[1, 3, 0] 2; upsert __insert().on_conflict(&
                [0], & [0])
            )
        }
    }
    ::persist::__private::order! {
        impl StepOrder; IdAsc IdDesc "id" => & __COLUMNS[0], false; PipelineIdAsc
        PipelineIdDesc "pipeline_id" => & __COLUMNS[1], false; NameAsc NameDesc "name" =>
        & __COLUMNS[3], false;
    }
};
