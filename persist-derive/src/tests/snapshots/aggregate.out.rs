///Finds, writes and deletes rows of `pipelines`. Domain queries are inherent methods of this type.
pub struct PipelineRepository<'a>(::persist::__private::Repository<'a, Pipeline>);
///The columns of `pipelines`, for filters, order and assignments.
#[allow(dead_code)]
#[derive(::core::clone::Clone, ::core::marker::Copy)]
pub struct PipelineColumns {
    ///`id`: `uuid NOT NULL` (schema/0002_pipelines.sql:4)
    pub id: ::persist::__private::Column<Uuid>,
    ///`name`: `text NOT NULL` (schema/0002_pipelines.sql:5)
    pub name: ::persist::__private::Column<String>,
    ///`environment_variables`: `jsonb NOT NULL` (schema/0002_pipelines.sql:7)
    pub environment_variables: ::persist::__private::Column<
        Json<BTreeMap<String, String>>,
    >,
    ///The row of `users`.
    pub owner: ::persist::__private::One<UserName>,
    ///The rows of `pipeline_steps`.
    pub steps: ::persist::__private::Many<PipelineStep>,
    ///The rows of `pipeline_steps`.
    pub by_position: ::persist::__private::Many<PipelineStep>,
    ///The rows of `tags`.
    pub tags: ::persist::__private::Many<Tag>,
}
::persist::__private::new_row! {
    "A row of `pipelines` that does not exist yet." pub NewPipeline { id : Uuid, name :
    String, environment_variables : Json < BTreeMap < String, String > >, steps :
    ::persist::__private::Nested, by_position : ::persist::__private::Nested, tags :
    ::persist::__private::Nested }
}
::persist::__private::fields! {
    "What a row of `pipelines` that does not exist yet must have, by name: `NewPipeline::from(PipelineFields { … })`."
    pub PipelineFields NewPipeline {
    "`name`: `text NOT NULL` (schema/0002_pipelines.sql:5)" name : String,
    "`environment_variables`: `jsonb NOT NULL` (schema/0002_pipelines.sql:7)"
    environment_variables : Json < BTreeMap < String, String > > }
}
::persist::__private::order! {
    enum #[doc =
    "An order of `pipelines`, from outside: by name, such as `name`, or `-name` for the largest first."]
    pub PipelineSorting; IdAsc IdDesc "id"; NameAsc NameDesc "name";
}
#[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use ::persist::__private as __p;
    mod __c {
        ::persist::__private::columns! {
            __explained Id : Uuid NotNull + ClientKey,
            "`pipelines.id` is `uuid`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`", "declared in schema/0002_pipelines.sql:4"; Name :
            Text NotNull, "`pipelines.name` is `text`, which `{Self}` cannot hold",
            "expected `String`", "declared in schema/0002_pipelines.sql:5";
            EnvironmentVariables : Jsonb NotNull,
            "`pipelines.environment_variables` is `jsonb`, which `{Self}` cannot hold",
            "expected `persist::Json<…>`", "declared in schema/0002_pipelines.sql:7";
        }
    }
    mod __r {
        ::persist::__private::relations! {
            __explained Owner : OneField,
            "`UserName` maps no table, but `owner` reads `users`",
            "`UserName` needs `#[derive(Repository)]` or `#[derive(View)]`"; Steps :
            ManyField,
            "`PipelineStep` maps no table, but `steps` reads `pipeline_steps`",
            "`PipelineStep` needs `#[derive(Repository)]` or `#[derive(View)]`";
            ByPosition : MapField,
            "`PipelineStep` maps no table, but `by_position` reads `pipeline_steps`",
            "`PipelineStep` needs `#[derive(Repository)]` or `#[derive(View)]`"; Tags :
            ManyField, "`Tag` maps no table, but `tags` reads `tags`",
            "`Tag` needs `#[derive(Repository)]` or `#[derive(View)]`";
        }
    }
    ::persist::__private::column_models! {
        10; "id" __p::pg::Uuid, "name" __p::pg::Text, "description" __p::pg::Text,
        "environment_variables" __p::pg::Jsonb, "is_active" __p::pg::Bool, "version"
        __p::pg::Int8, "created_at" __p::pg::Timestamptz, "updated_at"
        __p::pg::Timestamptz, "owner_id" __p::pg::Uuid, "category_id" __p::pg::Uuid
    }
    ::persist::__private::table! {
        "pipelines" "public.pipelines" "public.pipelines" rank 1; key[0]; references[8]
        "public.users"[0], [9] "public.categories"[0]; uniques "pipelines_name_key"[1]
        parked(& [(1, __p::Parking::Text)])
    }
    static __ONES: [__p::ToOne; 1] = [
        __p::ToOne::new(
                <Option<UserName> as __r::Owner>::OTHER,
                &[("owner_id", "id", "")],
                "",
                true,
            )
            .places(&[8], &[0]),
    ];
    static __MANY: [__p::ToMany; 3] = [
        __p::ToMany::new(
                <Vec<PipelineStep> as __r::Steps>::OTHER,
                "Pipeline.steps",
                &[__p::KeyColumn::new(0, "id", "uuid")],
                __p::Link::direct(&[("pipeline_id", "")]),
                "\0.\"position\" DESC, \0.id",
            )
            .places(&[0], &[1])
            .filter("\0.enabled and \0.name <> ''")
            .limit(3),
        __p::ToMany::new(
                <BTreeMap<i32, PipelineStep> as __r::ByPosition>::OTHER,
                "Pipeline.by_position",
                &[__p::KeyColumn::new(0, "id", "uuid")],
                __p::Link::direct(&[("pipeline_id", "")]),
                "\0.id",
            )
            .places(&[0], &[1]),
        __p::ToMany::new(
                <Vec<Tag> as __r::Tags>::OTHER,
                "Pipeline.tags",
                &[__p::KeyColumn::new(0, "id", "uuid")],
                __p::Link::through(
                    &[("pipeline_id", "")],
                    "public.pipeline_tags",
                    &[("tag_id", "id", "")],
                ),
                "\0.name, \0.id",
            )
            .places(&[0], &[0]),
    ];
    const _: () = {
        use __p::NotChecked as _;
        __p::relates(
            <Option<UserName> as __r::Owner>::TABLE,
            "public.users",
            "`UserName` maps another table, but `owner` reads `users`",
            __p::RecursionCheck::<UserName>::IS_RECURSIVE,
            "`Pipeline.owner` would be loaded for ever: `UserName` leads back to `Pipeline`; use a view without that field",
        );
        __p::relates(
            <Vec<PipelineStep> as __r::Steps>::TABLE,
            "public.pipeline_steps",
            "`PipelineStep` maps another table, but `steps` reads `pipeline_steps`",
            __p::RecursionCheck::<PipelineStep>::IS_RECURSIVE,
            "`Pipeline.steps` would be loaded for ever: `PipelineStep` leads back to `Pipeline`; use a view without that field",
        );
        __p::relates(
            <BTreeMap<i32, PipelineStep> as __r::ByPosition>::TABLE,
            "public.pipeline_steps",
            "`PipelineStep` maps another table, but `by_position` reads `pipeline_steps`",
            __p::RecursionCheck::<PipelineStep>::IS_RECURSIVE,
            "`Pipeline.by_position` would be loaded for ever: `PipelineStep` leads back to `Pipeline`; use a view without that field",
        );
        __p::relates(
            <Vec<Tag> as __r::Tags>::TABLE,
            "public.tags",
            "`Tag` maps another table, but `tags` reads `tags`",
            __p::RecursionCheck::<Tag>::IS_RECURSIVE,
            "`Pipeline.tags` would be loaded for ever: `Tag` leads back to `Pipeline`; use a view without that field",
        );
    };
    ::persist::__private::cells! {
        "pipelines" "public.pipelines"; 3[0, 1, 3]; & __ONES, & __MANY
    }
    ::persist::__private::shape! {
        entity Pipeline NewPipeline, "public.pipelines" PipelineColumns(UserName,
        (PipelineStep, (PipelineStep, (Tag, ())))); id : Column & __COLUMNS[0], name :
        Column & __COLUMNS[1], environment_variables : Column & __COLUMNS[3], owner : One
        & __ONES[0] => < Option < UserName > as __r::Owner > ::show, steps : Many &
        __MANY[0] => < Vec < PipelineStep > as __r::Steps > ::show, by_position : Many &
        __MANY[1] => < BTreeMap < i32, PipelineStep > as __r::ByPosition > ::show => |
        __row | ::core::clone::Clone::clone(& __row.position), tags : Many & __MANY[2] =>
        < Vec < Tag > as __r::Tags > ::show; | __row __at 3 3 | Self { id : < Uuid as
        __c::Id > ::get(__row, __at.cell(0)) ?, name : < String as __c::Name >
        ::get(__row, __at.cell(1)) ?, environment_variables : < Json < BTreeMap < String,
        String > > as __c::EnvironmentVariables > ::get(__row, __at.cell(2)) ?, owner : <
        Option < UserName > as __r::Owner > ::read(__row, true) ?, steps : < Vec <
        PipelineStep > as __r::Steps > ::read(__row, __at, & __MANY, 0) ?, by_position :
        < BTreeMap < i32, PipelineStep > as __r::ByPosition > ::read(__row, __at, &
        __MANY, 1, | __row | ::core::clone::Clone::clone(& __row.position)) ?, tags : <
        Vec < Tag > as __r::Tags > ::read(__row, __at, & __MANY, 2) ?, }
    }
    const __TOUCHED: &[(usize, &str)] = &[];
    const fn __insert() -> __p::InsertModel {
        __p::InsertModel::new(&__TABLE, &[0, 1, 3], &[], __TOUCHED, &__SHAPE)
    }
    ::persist::__private::repository!(PipelineRepository, Pipeline);
    impl<'a> PipelineRepository<'a> {
        ::persist::__private::find_by! {
            "The row with this `name`, or `None`. One round trip." pub find_by_name
            Pipeline[1]; name : String => < String as __c::Name > ::parameter(& name
            .assign())
        }
        ::persist::__private::upsert_by! {
            "Writes a new row, or changes the one with its `name` to what is given. One round trip."
            pub upsert_by_name
            "The row with the `name` of a new one, which is inserted if there is none; and whether it is new. One round trip."
            get_or_insert_by_name Pipeline NewPipeline[1]; __insert().on_conflict(& [1],
            & [1, 0])
        }
    }
    ::persist::__private::constraints! {
        Pipeline "pipelines"; pub const; "The primary key" PRIMARY_KEY "pipelines_pkey";
        "The UNIQUE key" UNIQUE_NAME "pipelines_name_key"; "The foreign key"
        FOREIGN_KEY_OWNER_ID "pipelines_owner_id_fkey"; "The foreign key"
        FOREIGN_KEY_CATEGORY_ID "pipelines_category_id_fkey";
    }
    impl NewPipeline {
        ::persist::__private::setters! {
            pub fn; "Sets `id`: `uuid NOT NULL` (schema/0002_pipelines.sql:4)." value id
            : Uuid; "Sets what is written to `pipeline_steps` with it." rows steps :
            PipelineStep = & __MANY[0];
            "Sets what is written to `pipeline_steps` with it." rows by_position :
            PipelineStep = & __MANY[1];
            "Sets the rows of `tags` that it is linked to, by their keys." links tags :
            Tag = & __MANY[2];
        }
    }
    ::persist::__private::parameters! {
        NewPipeline 3; 0 : < Uuid as __c::Id > ::put => id, 1 : < String as __c::Name >
        ::put => name, 2 : < Json < BTreeMap < String, String > > as
        __c::EnvironmentVariables > ::put => environment_variables
    }
    ::persist::__private::new! {
        NewPipeline Pipeline; pub fn (name : impl __p::Assign < String >,
        environment_variables : impl __p::Assign < Json < BTreeMap < String, String > >
        >) { id : < Uuid as __c::Id > ::generate(), name : name.assign(),
        environment_variables : environment_variables.assign() };;; steps, by_position,
        tags;
    }
    ::persist::__private::parameters! {
        Pipeline 3; 0 : < String as __c::Name > ::put => name, 1 : < Json < BTreeMap <
        String, String > > as __c::EnvironmentVariables > ::put => environment_variables,
        2 : < Uuid as __c::Id > ::put => id
    }
    #[automatically_derived]
    impl __p::Entity for Pipeline {
        type Repository<'a> = PipelineRepository<'a>;
        type Key = Uuid;
        type New = NewPipeline;
        fn model() -> &'static __p::Model {
            ::persist::__private::model!(
                key[0] [0] Given; columns[1, 3, 0] 2; upsert __insert().on_conflict(&
                [0], & [0])
            )
        }
    }
    ::persist::__private::order! {
        impl PipelineSorting; IdAsc IdDesc "id" => & __COLUMNS[0], false; NameAsc
        NameDesc "name" => & __COLUMNS[1], false;
    }
};
