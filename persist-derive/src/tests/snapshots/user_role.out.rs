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
::persist::__private::new_row! {
    "A row of `user_roles` that does not exist yet." NewUserRole { role_id :
    ::persist::__private::ForeignKey < RoleId >, user_id :
    ::persist::__private::ForeignKey < Uuid >, granted_by : ::core::option::Option <
    ::persist::__private::ForeignKey < Option < Uuid > > >, granted_at :
    ::core::option::Option < DateTime < Utc > > }
}
::persist::__private::fields! {
    "What a row of `user_roles` that does not exist yet must have, by name: `NewUserRole::from(UserRoleFields { … })`."
    UserRoleFields NewUserRole { "`role_id`: `uuid NOT NULL` (schema/0001_access.sql:44)"
    role_id : ::persist::__private::ForeignKey < RoleId >,
    "`user_id`: `uuid NOT NULL` (schema/0001_access.sql:43)" user_id :
    ::persist::__private::ForeignKey < Uuid > }
}
::persist::__private::order! {
    enum #[doc =
    "An order of `user_roles`, from outside: by name, such as `name`, or `-name` for the largest first."]
    UserRoleOrder; RoleIdAsc RoleIdDesc "role_id"; UserIdAsc UserIdDesc "user_id";
    GrantedByAsc GrantedByDesc "granted_by"; GrantedAtAsc GrantedAtDesc "granted_at";
}
#[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use ::persist::__private as __p;
    mod __c {
        ::persist::__private::columns! {
            __explained RoleId : Uuid NotNull + PutKey,
            "`user_roles.role_id` is `uuid`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`", "declared in schema/0001_access.sql:44"; UserId :
            Uuid NotNull + PutKey,
            "`user_roles.user_id` is `uuid`, which `{Self}` cannot hold",
            "expected `uuid::Uuid`", "declared in schema/0001_access.sql:43"; GrantedBy :
            Uuid Nullable + PutGivenKey,
            "`user_roles.granted_by` is `uuid`, which `{Self}` cannot hold",
            "expected `Option<uuid::Uuid>`", "declared in schema/0001_access.sql:45";
            GrantedAt : Timestamptz NotNull + PutGiven,
            "`user_roles.granted_at` is `timestamptz`, which `{Self}` cannot hold",
            "expected `chrono::DateTime<Utc>`", "declared in schema/0001_access.sql:46";
        }
    }
    ::persist::__private::column_models! {
        4; "user_id" __p::pg::Uuid, "role_id" __p::pg::Uuid, "granted_by" __p::pg::Uuid,
        "granted_at" __p::pg::Timestamptz
    }
    ::persist::__private::table! {
        "user_roles" "public.user_roles" "public.user_roles" rank 1; key[0, 1];
        references[0] "public.users"[0], [1] "public.roles"[0], [2] "public.users"[0];
        uniques
    }
    ::persist::__private::cells! {
        "user_roles" "public.user_roles"; 4[1, 0, 2, 3]; & [], & []
    }
    ::persist::__private::shape! {
        entity UserRole NewUserRole, "public.user_roles" UserRoleColumns(); role_id :
        Column & __COLUMNS[1], user_id : Column & __COLUMNS[0], granted_by : Column &
        __COLUMNS[2], granted_at : Column & __COLUMNS[3]; | __row __at 4 0 | Self {
        role_id : < RoleId as __c::RoleId > ::get(__row, __at.cell(0)) ?, user_id : <
        Uuid as __c::UserId > ::get(__row, __at.cell(1)) ?, granted_by : < Option < Uuid
        > as __c::GrantedBy > ::get(__row, __at.cell(2)) ?, granted_at : < DateTime < Utc
        > as __c::GrantedAt > ::get(__row, __at.cell(3)) ?, }
    }
    const __TOUCHED: &[(usize, &str)] = &[];
    const fn __insert() -> __p::InsertModel {
        __p::InsertModel::new(&__TABLE, &[1, 0, 2, 3], &[], __TOUCHED, &__SHAPE)
    }
    ::persist::__private::repository!(UserRoleRepository, UserRole);
    ::persist::__private::constraints! {
        UserRole "user_roles"; const; "The primary key" PRIMARY_KEY "user_roles_pkey";
        "The foreign key" FOREIGN_KEY_USER_ID "user_roles_user_id_fkey";
        "The foreign key" FOREIGN_KEY_ROLE_ID "user_roles_role_id_fkey";
        "The foreign key" FOREIGN_KEY_GRANTED_BY "user_roles_granted_by_fkey";
    }
    impl NewUserRole {
        ::persist::__private::setters! {
            fn; "Sets `granted_by`: `uuid` (schema/0001_access.sql:45)." nullable
            granted_by : Uuid;
            "Sets `granted_at`: `timestamptz NOT NULL` (schema/0001_access.sql:46)."
            given granted_at : DateTime < Utc >;
        }
    }
    ::persist::__private::parameters! {
        NewUserRole 4; 0 : < RoleId as __c::RoleId > ::put_key => role_id, 1 : < Uuid as
        __c::UserId > ::put_key => user_id, 2 : < Option < Uuid > as __c::GrantedBy >
        ::put_given_key => granted_by, 3 : < DateTime < Utc > as __c::GrantedAt >
        ::put_given => granted_at
    }
    ::persist::__private::new! {
        NewUserRole UserRole; fn (role_id : impl __p::IntoForeignKey < RoleId >, user_id
        : impl __p::IntoForeignKey < Uuid >) { role_id : role_id.into_key(), user_id :
        user_id.into_key(), granted_by : __p::None, granted_at : __p::None }; 2
        granted_by, 3 granted_at; 0 role_id, 1 user_id, 2 granted_by;;
    }
    ::persist::__private::parameters! {
        UserRole 4; 0 : < Option < Uuid > as __c::GrantedBy > ::put => granted_by, 1 : <
        DateTime < Utc > as __c::GrantedAt > ::put => granted_at, 2 : < Uuid as
        __c::UserId > ::put => user_id, 3 : < RoleId as __c::RoleId > ::put => role_id
    }
    #[automatically_derived]
    impl __p::Entity for UserRole {
        type Repository<'a> = UserRoleRepository<'a>;
        type Key = (Uuid, RoleId);
        type New = NewUserRole;
        fn model() -> &'static __p::Model {
            ::persist::__private::model!(
                key[0, 1] [1, 0] Given; columns[2, 3, 0, 1] 2; upsert __insert()
                .on_conflict(& [0, 1], & [0, 1])
            )
        }
    }
    ::persist::__private::order! {
        impl UserRoleOrder; RoleIdAsc RoleIdDesc "role_id" => & __COLUMNS[1], false;
        UserIdAsc UserIdDesc "user_id" => & __COLUMNS[0], false; GrantedByAsc
        GrantedByDesc "granted_by" => & __COLUMNS[2], true; GrantedAtAsc GrantedAtDesc
        "granted_at" => & __COLUMNS[3], false;
    }
};
