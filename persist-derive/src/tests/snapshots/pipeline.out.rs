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
///A row of `pipelines` that does not exist yet.
#[must_use = "it is written by `insert` or `upsert`"]
pub struct NewPipeline {
    id: Uuid,
    name: String,
    description: ::core::option::Option<Option<String>>,
    environment_variables: Json<BTreeMap<String, String>>,
    is_active: ::core::option::Option<bool>,
    owner_id: ::core::option::Option<::persist::__private::ForeignKey<Option<Uuid>>>,
}
#[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use ::persist::__private as __p;
    mod __c {
        ::persist::__private::columns! {
            __told Id : Uuid NotNull + ClientKey,
            "`pipelines.id` is `uuid NOT NULL`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`", "declared in schema/0002_pipelines.sql:4"; Name :
            Text NotNull,
            "`pipelines.name` is `text NOT NULL`, which `{Self}` cannot hold",
            "expected `String`", "declared in schema/0002_pipelines.sql:5"; Description :
            Text Nullable + PutGiven,
            "`pipelines.description` is `text`, which `{Self}` cannot hold",
            "expected `Option<String>`", "declared in schema/0002_pipelines.sql:6";
            EnvironmentVariables : Jsonb NotNull,
            "`pipelines.environment_variables` is `jsonb NOT NULL`, which `{Self}` cannot hold",
            "expected `persist::Json<…>`", "declared in schema/0002_pipelines.sql:7";
            IsActive : Bool NotNull + PutGiven,
            "`pipelines.is_active` is `boolean NOT NULL`, which `{Self}` cannot hold",
            "expected `bool`", "declared in schema/0002_pipelines.sql:8"; Version : Int8
            NotNull,
            "`pipelines.version` is `bigint NOT NULL`, which `{Self}` cannot hold",
            "expected `i64`", "declared in schema/0002_pipelines.sql:9"; CreatedAt :
            Timestamptz NotNull,
            "`pipelines.created_at` is `timestamptz NOT NULL`, which `{Self}` cannot hold",
            "expected `chrono::DateTime<Utc>`",
            "declared in schema/0002_pipelines.sql:10"; UpdatedAt : Timestamptz NotNull,
            "`pipelines.updated_at` is `timestamptz NOT NULL`, which `{Self}` cannot hold",
            "expected `chrono::DateTime<Utc>`",
            "declared in schema/0002_pipelines.sql:11"; OwnerId : Uuid Nullable +
            PutGivenKey, "`pipelines.owner_id` is `uuid`, which `{Self}` cannot hold",
            "expected `Option<uuid::Uuid>`",
            "declared in schema/0006_pipeline_owner.sql:4";
        }
    }
    const __LIST: &str = "t0.id, t0.name, t0.description, t0.environment_variables, t0.is_active, t0.version, t0.created_at, t0.updated_at, t0.owner_id";
    const __TOUCHED: &[(&str, &str)] = &[
        ("version", "t0.version + 1"),
        ("updated_at", "now()"),
    ];
    static __COLUMNS: [__p::ColumnModel; 9] = [
        __p::ColumnModel::of::<__p::pg::Uuid>("id"),
        __p::ColumnModel::of::<__p::pg::Text>("name"),
        __p::ColumnModel::of::<__p::pg::Text>("description"),
        __p::ColumnModel::of::<__p::pg::Jsonb>("environment_variables"),
        __p::ColumnModel::of::<__p::pg::Bool>("is_active"),
        __p::ColumnModel::of::<__p::pg::Int8>("version"),
        __p::ColumnModel::of::<__p::pg::Timestamptz>("created_at"),
        __p::ColumnModel::of::<__p::pg::Timestamptz>("updated_at"),
        __p::ColumnModel::of::<__p::pg::Uuid>("owner_id"),
    ];
    static __OIDS: [__p::Oid; 9] = __p::oids(&__COLUMNS);
    static __GIVEN: [&__p::ColumnModel; 6] = __p::picked(&__COLUMNS, [0, 1, 2, 3, 4, 8]);
    const __KEY: &[__p::Oid] = &__p::picked_oids(&__COLUMNS, [0]);
    const __KEYS: &[__p::Oid] = &__p::picked_array_oids(&__COLUMNS, [0]);
    const __FIND: &str = "SELECT t0.id, t0.name, t0.description, t0.environment_variables, t0.is_active, t0.version, t0.created_at, t0.updated_at, t0.owner_id FROM pipelines AS t0 WHERE t0.id = $1";
    const __FIND_MANY: &str = "SELECT t0.id, t0.name, t0.description, t0.environment_variables, t0.is_active, t0.version, t0.created_at, t0.updated_at, t0.owner_id FROM unnest($1) WITH ORDINALITY AS k(k1, n) JOIN pipelines AS t0 ON t0.id = k.k1 ORDER BY k.n";
    const __DELETE: &str = "DELETE FROM pipelines AS t0 WHERE t0.id = $1";
    const fn __insert() -> __p::InsertModel {
        __p::InsertModel::new("pipelines", &__GIVEN, &[], __LIST, &__OIDS)
    }
    __p::repository!(PipelineRepository, Pipeline);
    impl PipelineRepository<'_> {
        ///The row with this `name`, or `None`. One round trip.
        pub async fn find_by_name(
            &self,
            name: impl __p::Assign<String>,
        ) -> ::core::result::Result<::core::option::Option<Pipeline>, __p::Error> {
            const SQL: &str = "SELECT t0.id, t0.name, t0.description, t0.environment_variables, t0.is_active, t0.version, t0.created_at, t0.updated_at, t0.owner_id FROM pipelines AS t0 WHERE t0.name = $1";
            static FIND: __p::Statement = __p::Statement::fixed(
                SQL,
                const { &__p::picked_oids(&__COLUMNS, [1]) },
                &__OIDS,
            );
            self.0
                .find_with(
                    &FIND,
                    &__p::Values([<String as __c::Name>::parameter(&name.assign())]),
                )
                .await
        }
        ///Writes a new row, or changes the one with its `name` to what is given. One round trip.
        pub async fn upsert_by_name(
            &self,
            new: NewPipeline,
        ) -> ::core::result::Result<Pipeline, __p::Error> {
            static UPSERT: __p::InsertModel = __insert()
                .on_conflict("name", &["name", "id"], __TOUCHED);
            self.0.write(&UPSERT, &new).await
        }
    }
    const fn __constraint(name: &'static str) -> __p::Constraint {
        __p::Constraint::new("pipelines", name)
    }
    impl Pipeline {
        ///The primary key `pipelines_pkey`, to compare errors with.
        pub const PRIMARY_KEY: __p::Constraint = __constraint("pipelines_pkey");
        ///The UNIQUE key `pipelines_name_key`, to compare errors with.
        pub const UNIQUE_NAME: __p::Constraint = __constraint("pipelines_name_key");
        ///The foreign key `pipelines_owner_id_fkey`, to compare errors with.
        pub const FOREIGN_KEY_OWNER_ID: __p::Constraint = __constraint(
            "pipelines_owner_id_fkey",
        );
    }
    impl NewPipeline {
        /// A row with what the table requires; the rest has setters.
        pub fn new(
            name: impl __p::Assign<String>,
            environment_variables: impl __p::Assign<Json<BTreeMap<String, String>>>,
        ) -> Self {
            Self {
                id: <Uuid as __c::Id>::generate(),
                name: name.assign(),
                description: __p::None,
                environment_variables: environment_variables.assign(),
                is_active: __p::None,
                owner_id: __p::None,
            }
        }
        ///Sets `id`: `uuid NOT NULL` (schema/0002_pipelines.sql:4).
        pub fn id(mut self, value: impl __p::Assign<Uuid>) -> Self {
            self.id = value.assign();
            self
        }
        ///Sets `description`: `text` (schema/0002_pipelines.sql:6).
        pub fn description(mut self, value: impl __p::Assign<Option<String>>) -> Self {
            self.description = __p::Some(value.assign());
            self
        }
        ///Sets `is_active`: `boolean NOT NULL` (schema/0002_pipelines.sql:8).
        pub fn is_active(mut self, value: impl __p::Assign<bool>) -> Self {
            self.is_active = __p::Some(value.assign());
            self
        }
        ///Sets `owner_id`: `uuid` (schema/0006_pipeline_owner.sql:4).
        pub fn owner_id(
            mut self,
            value: impl __p::IntoOptionalForeignKey<Uuid>,
        ) -> Self {
            self.owner_id = __p::Some(__p::nullable(value.into_key()));
            self
        }
    }
    __p::parameters! {
        NewPipeline 6; 0 : < Uuid as __c::Id > ::put => id, 1 : < String as __c::Name >
        ::put => name, 2 : < Option < String > as __c::Description > ::put_given =>
        description, 3 : < Json < BTreeMap < String, String > > as
        __c::EnvironmentVariables > ::put => environment_variables, 4 : < bool as
        __c::IsActive > ::put_given => is_active, 5 : < Option < Uuid > as __c::OwnerId >
        ::put_given_key => owner_id
    }
    __p::new! {
        NewPipeline Pipeline; 2 description, 4 is_active, 5 owner_id; "owner_id" owner_id
    }
    #[automatically_derived]
    impl __p::Shape for Pipeline {
        const TABLE: &'static str = "public.pipelines";
        fn decode(__row: &__p::Row<'_>, __at: usize) -> __p::Decoded<Self> {
            ::core::result::Result::Ok(Self {
                id: <Uuid as __c::Id>::get(__row, __at + 0)?,
                name: <String as __c::Name>::get(__row, __at + 1)?,
                description: <Option<String> as __c::Description>::get(__row, __at + 2)?,
                environment_variables: <Json<
                    BTreeMap<String, String>,
                > as __c::EnvironmentVariables>::get(__row, __at + 3)?,
                is_active: <bool as __c::IsActive>::get(__row, __at + 4)?,
                version: <i64 as __c::Version>::get(__row, __at + 5)?,
                created_at: <DateTime<Utc> as __c::CreatedAt>::get(__row, __at + 6)?,
                updated_at: <DateTime<Utc> as __c::UpdatedAt>::get(__row, __at + 7)?,
                owner_id: <Option<Uuid> as __c::OwnerId>::get(__row, __at + 8)?,
                is_selected: <bool as ::core::default::Default>::default(),
            })
        }
    }
    __p::parameters! {
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
        type Columns = PipelineColumns;
        type Key = Uuid;
        type New = NewPipeline;
        fn columns(scope: __p::Scope) -> PipelineColumns {
            PipelineColumns {
                id: __p::Column::new(scope, &__COLUMNS[0]),
                name: __p::Column::new(scope, &__COLUMNS[1]),
                description: __p::Column::new(scope, &__COLUMNS[2]),
                environment_variables: __p::Column::new(scope, &__COLUMNS[3]),
                is_active: __p::Column::new(scope, &__COLUMNS[4]),
                version: __p::Column::new(scope, &__COLUMNS[5]),
                created_at: __p::Column::new(scope, &__COLUMNS[6]),
                updated_at: __p::Column::new(scope, &__COLUMNS[7]),
                owner_id: __p::Column::new(scope, &__COLUMNS[8]),
            }
        }
        fn model() -> &'static __p::Model {
            const UPDATE: &str = "UPDATE pipelines AS t0 SET name = $1, description = $2, environment_variables = $3, is_active = $4, owner_id = $5, version = t0.version + 1, updated_at = now() WHERE t0.id = $6 AND t0.version = $7 RETURNING t0.id, t0.name, t0.description, t0.environment_variables, t0.is_active, t0.version, t0.created_at, t0.updated_at, t0.owner_id";
            const CHANGED: &[__p::Oid] = &__p::picked_oids(
                &__COLUMNS,
                [1, 2, 3, 4, 8, 0, 5],
            );
            static MODEL: __p::Model = __p::Model {
                table: "pipelines",
                sql_table: "pipelines",
                select_list: __LIST,
                select_oids: &__OIDS,
                key: const { &__p::picked(&__COLUMNS, [0]) },
                touched: __TOUCHED,
                versioned: true,
                find: __p::Statement::fixed(__FIND, __KEY, &__OIDS),
                find_many: __p::Statement::fixed(__FIND_MANY, __KEYS, &__OIDS),
                update: __p::Some(__p::Statement::fixed(UPDATE, CHANGED, &__OIDS)),
                delete: __p::Statement::fixed(__DELETE, __KEY, &[]),
                insert: __insert(),
                upsert: __p::Some(__insert().on_conflict("id", &["id"], __TOUCHED)),
            };
            &MODEL
        }
    }
};
