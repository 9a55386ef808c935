///Finds, writes and deletes rows of `user_roles`. Domain queries are inherent methods of this type.
struct UserRoleRepository<'a>(::persist::__private::Repository<'a, UserRole>);
///The columns of `user_roles`, for filters, order and assignments.
#[allow(dead_code)]
#[derive(::core::clone::Clone, ::core::marker::Copy)]
struct UserRoleColumns {
    ///`role_id`: `uuid NOT NULL` (schema/0001_access.sql:44)
    role_id: ::persist::__private::Column<RoleId>,
    ///`user_id`: `uuid NOT NULL` (schema/0001_access.sql:43)
    user_id: ::persist::__private::Column<Uuid>,
    ///`granted_by`: `uuid` (schema/0001_access.sql:45)
    granted_by: ::persist::__private::Column<Option<Uuid>>,
    ///`granted_at`: `timestamptz NOT NULL` (schema/0001_access.sql:46)
    granted_at: ::persist::__private::Column<DateTime<Utc>>,
}
///A row of `user_roles` that does not exist yet.
#[must_use = "it is written by `insert` or `upsert`"]
struct NewUserRole {
    role_id: ::persist::__private::ForeignKey<RoleId>,
    user_id: ::persist::__private::ForeignKey<Uuid>,
    granted_by: ::core::option::Option<::persist::__private::ForeignKey<Option<Uuid>>>,
    granted_at: ::core::option::Option<DateTime<Utc>>,
}
#[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use ::persist::__private as __p;
    mod __c {
        ::persist::__private::columns! {
            __told RoleId : Uuid NotNull + PutKey,
            "`user_roles.role_id` is `uuid NOT NULL`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`", "declared in schema/0001_access.sql:44"; UserId :
            Uuid NotNull + PutKey,
            "`user_roles.user_id` is `uuid NOT NULL`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`", "declared in schema/0001_access.sql:43"; GrantedBy :
            Uuid Nullable + PutGivenKey,
            "`user_roles.granted_by` is `uuid`, which `{Self}` cannot hold",
            "expected `Option<uuid::Uuid>`", "declared in schema/0001_access.sql:45";
            GrantedAt : Timestamptz NotNull + PutGiven,
            "`user_roles.granted_at` is `timestamptz NOT NULL`, which `{Self}` cannot hold",
            "expected `chrono::DateTime<Utc>`", "declared in schema/0001_access.sql:46";
        }
    }
    const __LIST: &str = "t0.role_id, t0.user_id, t0.granted_by, t0.granted_at";
    const __TOUCHED: &[(&str, &str)] = &[];
    static __COLUMNS: [__p::ColumnModel; 4] = [
        __p::ColumnModel::of::<__p::pg::Uuid>("role_id"),
        __p::ColumnModel::of::<__p::pg::Uuid>("user_id"),
        __p::ColumnModel::of::<__p::pg::Uuid>("granted_by"),
        __p::ColumnModel::of::<__p::pg::Timestamptz>("granted_at"),
    ];
    static __OIDS: [__p::Oid; 4] = __p::oids(&__COLUMNS);
    static __GIVEN: [&__p::ColumnModel; 4] = __p::picked(&__COLUMNS, [0, 1, 2, 3]);
    const __KEY: &[__p::Oid] = &__p::picked_oids(&__COLUMNS, [1, 0]);
    const __KEYS: &[__p::Oid] = &__p::picked_array_oids(&__COLUMNS, [1, 0]);
    const __FIND: &str = "SELECT t0.role_id, t0.user_id, t0.granted_by, t0.granted_at FROM user_roles AS t0 WHERE t0.user_id = $1 AND t0.role_id = $2";
    const __FIND_MANY: &str = "SELECT t0.role_id, t0.user_id, t0.granted_by, t0.granted_at FROM unnest($1, $2) WITH ORDINALITY AS k(k1, k2, n) JOIN user_roles AS t0 ON t0.user_id = k.k1 AND t0.role_id = k.k2 ORDER BY k.n";
    const __DELETE: &str = "DELETE FROM user_roles AS t0 WHERE t0.user_id = $1 AND t0.role_id = $2";
    const fn __insert() -> __p::InsertModel {
        __p::InsertModel::new("user_roles", &__GIVEN, &[], __LIST, &__OIDS)
    }
    __p::repository!(UserRoleRepository, UserRole);
    const fn __constraint(name: &'static str) -> __p::Constraint {
        __p::Constraint::new("user_roles", name)
    }
    impl UserRole {
        ///The primary key `user_roles_pkey`, to compare errors with.
        const PRIMARY_KEY: __p::Constraint = __constraint("user_roles_pkey");
        ///The foreign key `user_roles_user_id_fkey`, to compare errors with.
        const FOREIGN_KEY_USER_ID: __p::Constraint = __constraint(
            "user_roles_user_id_fkey",
        );
        ///The foreign key `user_roles_role_id_fkey`, to compare errors with.
        const FOREIGN_KEY_ROLE_ID: __p::Constraint = __constraint(
            "user_roles_role_id_fkey",
        );
        ///The foreign key `user_roles_granted_by_fkey`, to compare errors with.
        const FOREIGN_KEY_GRANTED_BY: __p::Constraint = __constraint(
            "user_roles_granted_by_fkey",
        );
    }
    impl NewUserRole {
        /// A row with what the table requires; the rest has setters.
        fn new(
            role_id: impl __p::IntoForeignKey<RoleId>,
            user_id: impl __p::IntoForeignKey<Uuid>,
        ) -> Self {
            Self {
                role_id: role_id.into_key(),
                user_id: user_id.into_key(),
                granted_by: __p::None,
                granted_at: __p::None,
            }
        }
        ///Sets `granted_by`: `uuid` (schema/0001_access.sql:45).
        fn granted_by(mut self, value: impl __p::IntoOptionalForeignKey<Uuid>) -> Self {
            self.granted_by = __p::Some(__p::nullable(value.into_key()));
            self
        }
        ///Sets `granted_at`: `timestamptz NOT NULL` (schema/0001_access.sql:46).
        fn granted_at(mut self, value: impl __p::Assign<DateTime<Utc>>) -> Self {
            self.granted_at = __p::Some(value.assign());
            self
        }
    }
    __p::parameters! {
        NewUserRole 4; 0 : < RoleId as __c::RoleId > ::put_key => role_id, 1 : < Uuid as
        __c::UserId > ::put_key => user_id, 2 : < Option < Uuid > as __c::GrantedBy >
        ::put_given_key => granted_by, 3 : < DateTime < Utc > as __c::GrantedAt >
        ::put_given => granted_at
    }
    __p::new! {
        NewUserRole UserRole; 2 granted_by, 3 granted_at; "role_id" role_id, "user_id"
        user_id, "granted_by" granted_by
    }
    #[automatically_derived]
    impl __p::Shape for UserRole {
        const TABLE: &'static str = "public.user_roles";
        fn decode(__row: &__p::Row<'_>, __at: usize) -> __p::Decoded<Self> {
            ::core::result::Result::Ok(Self {
                role_id: <RoleId as __c::RoleId>::get(__row, __at + 0)?,
                user_id: <Uuid as __c::UserId>::get(__row, __at + 1)?,
                granted_by: <Option<Uuid> as __c::GrantedBy>::get(__row, __at + 2)?,
                granted_at: <DateTime<Utc> as __c::GrantedAt>::get(__row, __at + 3)?,
            })
        }
    }
    __p::parameters! {
        UserRole 4; 0 : < Option < Uuid > as __c::GrantedBy > ::put => granted_by, 1 : <
        DateTime < Utc > as __c::GrantedAt > ::put => granted_at, 2 : < Uuid as
        __c::UserId > ::put => user_id, 3 : < RoleId as __c::RoleId > ::put => role_id
    }
    #[automatically_derived]
    impl __p::Entity for UserRole {
        type Repository<'a> = UserRoleRepository<'a>;
        type Columns = UserRoleColumns;
        type Key = (Uuid, RoleId);
        type New = NewUserRole;
        fn columns(scope: __p::Scope) -> UserRoleColumns {
            UserRoleColumns {
                role_id: __p::Column::new(scope, &__COLUMNS[0]),
                user_id: __p::Column::new(scope, &__COLUMNS[1]),
                granted_by: __p::Column::new(scope, &__COLUMNS[2]),
                granted_at: __p::Column::new(scope, &__COLUMNS[3]),
            }
        }
        fn model() -> &'static __p::Model {
            const UPDATE: &str = "UPDATE user_roles AS t0 SET granted_by = $1, granted_at = $2 WHERE t0.user_id = $3 AND t0.role_id = $4 RETURNING t0.role_id, t0.user_id, t0.granted_by, t0.granted_at";
            const CHANGED: &[__p::Oid] = &__p::picked_oids(&__COLUMNS, [2, 3, 1, 0]);
            static MODEL: __p::Model = __p::Model {
                table: "user_roles",
                sql_table: "user_roles",
                select_list: __LIST,
                select_oids: &__OIDS,
                key: const { &__p::picked(&__COLUMNS, [1, 0]) },
                touched: __TOUCHED,
                versioned: false,
                find: __p::Statement::fixed(__FIND, __KEY, &__OIDS),
                find_many: __p::Statement::fixed(__FIND_MANY, __KEYS, &__OIDS),
                update: __p::Some(__p::Statement::fixed(UPDATE, CHANGED, &__OIDS)),
                delete: __p::Statement::fixed(__DELETE, __KEY, &[]),
                insert: __insert(),
                upsert: __p::Some(
                    __insert()
                        .on_conflict(
                            "user_id, role_id",
                            &["user_id", "role_id"],
                            __TOUCHED,
                        ),
                ),
            };
            &MODEL
        }
    }
};
