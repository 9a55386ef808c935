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
    ///`description`: `text` (schema/0002_pipelines.sql:6)
    pub description: ::persist::__private::Column<Option<String>>,
    ///`environment_variables`: `jsonb NOT NULL` (schema/0002_pipelines.sql:7)
    pub environment_variables: ::persist::__private::Column<
        Json<BTreeMap<String, String>>,
    >,
    ///`is_active`: `boolean NOT NULL` (schema/0002_pipelines.sql:8)
    pub is_active: ::persist::__private::Column<bool>,
    ///`version`: `bigint NOT NULL` (schema/0002_pipelines.sql:9)
    pub version: ::persist::__private::Column<i64>,
    ///`created_at`: `timestamptz NOT NULL` (schema/0002_pipelines.sql:10)
    pub created_at: ::persist::__private::Column<DateTime<Utc>>,
    ///`updated_at`: `timestamptz NOT NULL` (schema/0002_pipelines.sql:11)
    pub updated_at: ::persist::__private::Column<DateTime<Utc>>,
    ///`owner_id`: `uuid` (schema/0006_pipeline_owner.sql:4)
    pub owner_id: ::persist::__private::Column<Option<Uuid>>,
}
::persist::__private::new_row! {
    "A row of `pipelines` that does not exist yet." pub NewPipeline { id : Uuid, name :
    String, description : ::core::option::Option < Option < String > >,
    environment_variables : Json < BTreeMap < String, String > >, is_active :
    ::core::option::Option < bool >, created_at : ::core::option::Option < DateTime < Utc
    > >, updated_at : ::core::option::Option < DateTime < Utc > >, owner_id :
    ::core::option::Option < ::persist::__private::ForeignKey < Option < Uuid > > > }
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
    pub PipelineOrder; IdAsc IdDesc "id"; NameAsc NameDesc "name"; DescriptionAsc
    DescriptionDesc "description"; IsActiveAsc IsActiveDesc "is_active"; VersionAsc
    VersionDesc "version"; CreatedAtAsc CreatedAtDesc "created_at"; UpdatedAtAsc
    UpdatedAtDesc "updated_at"; OwnerIdAsc OwnerIdDesc "owner_id";
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
            "expected `String`", "declared in schema/0002_pipelines.sql:5"; Description :
            Text Nullable + PutGiven,
            "`pipelines.description` is `text`, which `{Self}` cannot hold",
            "expected `Option<String>`", "declared in schema/0002_pipelines.sql:6";
            EnvironmentVariables : Jsonb NotNull,
            "`pipelines.environment_variables` is `jsonb`, which `{Self}` cannot hold",
            "expected `persist::Json<…>`", "declared in schema/0002_pipelines.sql:7";
            IsActive : Bool NotNull + PutGiven,
            "`pipelines.is_active` is `boolean`, which `{Self}` cannot hold",
            "expected `bool`", "declared in schema/0002_pipelines.sql:8"; Version : Int8
            NotNull, "`pipelines.version` is `bigint`, which `{Self}` cannot hold",
            "expected `i64`", "declared in schema/0002_pipelines.sql:9"; CreatedAt :
            Timestamptz NotNull + PutGiven,
            "`pipelines.created_at` is `timestamptz`, which `{Self}` cannot hold",
            "expected `chrono::DateTime<Utc>`",
            "declared in schema/0002_pipelines.sql:10"; UpdatedAt : Timestamptz NotNull +
            PutGiven,
            "`pipelines.updated_at` is `timestamptz`, which `{Self}` cannot hold",
            "expected `chrono::DateTime<Utc>`",
            "declared in schema/0002_pipelines.sql:11"; OwnerId : Uuid Nullable +
            PutGivenKey, "`pipelines.owner_id` is `uuid`, which `{Self}` cannot hold",
            "expected `Option<uuid::Uuid>`",
            "declared in schema/0006_pipeline_owner.sql:4";
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
    ::persist::__private::cells! {
        "pipelines" "public.pipelines"; 9[0, 1, 2, 3, 4, 5, 6, 7, 8]; & [], & []
    }
    ::persist::__private::shape! {
        entity Pipeline NewPipeline, "public.pipelines" PipelineColumns(); id : Column &
        __COLUMNS[0], name : Column & __COLUMNS[1], description : Column & __COLUMNS[2],
        environment_variables : Column & __COLUMNS[3], is_active : Column & __COLUMNS[4],
        version : Column & __COLUMNS[5], created_at : Column & __COLUMNS[6], updated_at :
        Column & __COLUMNS[7], owner_id : Column & __COLUMNS[8]; | __row __at 9 0 | Self
        { id : < Uuid as __c::Id > ::get(__row, __at.cell(0)) ?, name : < String as
        __c::Name > ::get(__row, __at.cell(1)) ?, description : < Option < String > as
        __c::Description > ::get(__row, __at.cell(2)) ?, environment_variables : < Json <
        BTreeMap < String, String > > as __c::EnvironmentVariables > ::get(__row, __at
        .cell(3)) ?, is_active : < bool as __c::IsActive > ::get(__row, __at.cell(4)) ?,
        version : < i64 as __c::Version > ::get(__row, __at.cell(5)) ?, created_at : <
        DateTime < Utc > as __c::CreatedAt > ::get(__row, __at.cell(6)) ?, updated_at : <
        DateTime < Utc > as __c::UpdatedAt > ::get(__row, __at.cell(7)) ?, owner_id : <
        Option < Uuid > as __c::OwnerId > ::get(__row, __at.cell(8)) ?, is_selected : <
        bool as ::core::default::Default > ::default(), }
    }
    const __TOUCHED: &[(usize, &str)] = &[(5, "t0.version + 1"), (7, "now()")];
    const fn __insert() -> __p::InsertModel {
        __p::InsertModel::new(
            &__TABLE,
            &[0, 1, 2, 3, 4, 6, 7, 8],
            &[],
            __TOUCHED,
            &__SHAPE,
        )
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
            : Uuid; "Sets `description`: `text` (schema/0002_pipelines.sql:6)." given
            description : Option < String >;
            "Sets `is_active`: `boolean NOT NULL` (schema/0002_pipelines.sql:8)." given
            is_active : bool;
            "Sets `created_at`: `timestamptz NOT NULL` (schema/0002_pipelines.sql:10)."
            given created_at : DateTime < Utc >;
            "Sets `updated_at`: `timestamptz NOT NULL` (schema/0002_pipelines.sql:11)."
            given updated_at : DateTime < Utc >;
            "Sets `owner_id`: `uuid` (schema/0006_pipeline_owner.sql:4)." nullable
            owner_id : Uuid;
        }
    }
    ::persist::__private::parameters! {
        NewPipeline 8; 0 : < Uuid as __c::Id > ::put => id, 1 : < String as __c::Name >
        ::put => name, 2 : < Option < String > as __c::Description > ::put_given =>
        description, 3 : < Json < BTreeMap < String, String > > as
        __c::EnvironmentVariables > ::put => environment_variables, 4 : < bool as
        __c::IsActive > ::put_given => is_active, 5 : < DateTime < Utc > as
        __c::CreatedAt > ::put_given => created_at, 6 : < DateTime < Utc > as
        __c::UpdatedAt > ::put_given => updated_at, 7 : < Option < Uuid > as __c::OwnerId
        > ::put_given_key => owner_id
    }
    ::persist::__private::new! {
        NewPipeline Pipeline; pub fn (name : impl __p::Assign < String >,
        environment_variables : impl __p::Assign < Json < BTreeMap < String, String > >
        >) { id : < Uuid as __c::Id > ::generate(), name : name.assign(), description :
        __p::None, environment_variables : environment_variables.assign(), is_active :
        __p::None, created_at : __p::None, updated_at : __p::None, owner_id : __p::None
        }; 2 description, 4 is_active, 5 created_at, 6 updated_at, 7 owner_id; 7
        owner_id;;
    }
    ::persist::__private::parameters! {
        Pipeline 7; 0 : < String as __c::Name > ::put => name, 1 : < Option < String > as
        __c::Description > ::put => description, 2 : < Json < BTreeMap < String, String >
        > as __c::EnvironmentVariables > ::put => environment_variables, 3 : < bool as
        __c::IsActive > ::put => is_active, 4 : < Option < Uuid > as __c::OwnerId > ::put
        => owner_id, 5 : < Uuid as __c::Id > ::put => id, 6 : < i64 as __c::Version >
        ::put => version
    }
    #[automatically_derived]
    impl __p::Entity for Pipeline {
        type Repository<'a> = PipelineRepository<'a>;
        type Key = Uuid;
        type New = NewPipeline;
        fn model() -> &'static __p::Model {
            ::persist::__private::model!(
                key[0] [0] Given; columns[1, 2, 3, 4, 8, 0, 5] 5 5; upsert __insert()
                .on_conflict(& [0], & [0])
            )
        }
    }
    ::persist::__private::order! {
        impl PipelineOrder; IdAsc IdDesc "id" => & __COLUMNS[0], false; NameAsc NameDesc
        "name" => & __COLUMNS[1], false; DescriptionAsc DescriptionDesc "description" =>
        & __COLUMNS[2], true; IsActiveAsc IsActiveDesc "is_active" => & __COLUMNS[4],
        false; VersionAsc VersionDesc "version" => & __COLUMNS[5], false; CreatedAtAsc
        CreatedAtDesc "created_at" => & __COLUMNS[6], false; UpdatedAtAsc UpdatedAtDesc
        "updated_at" => & __COLUMNS[7], false; OwnerIdAsc OwnerIdDesc "owner_id" => &
        __COLUMNS[8], true;
    }
};
