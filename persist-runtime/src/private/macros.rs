//! What the expansions of all structs share, as macros: the derive only fills in names, types and columns.

/// Makes one trait per relation, which only the types have that can hold its rows; its message is about this
/// relation.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_relations {
    ($way:ident $($name:ident: $sort:ident, $message:literal, $label:literal;)*) => {
        $($crate::__persist_relations!(@ $way $name $sort $message $label);)*
    };
    (@ __explained $name:ident $sort:ident $message:literal $label:literal) => {
        $crate::__persist_relations!(
            @ [#[diagnostic::on_unimplemented(message = $message, label = $label)]]
            [#[diagnostic::do_not_recommend]] $name $sort
        );
    };
    // For crates that do not know the attributes of tools.
    (@ __plain $name:ident $sort:ident $message:literal $label:literal) => {
        $crate::__persist_relations!(@ [] [] $name $sort);
    };
    (@ [$($explained:tt)*] [$($quiet:tt)*] $name:ident $sort:ident) => {
        $($explained)*
        pub trait $name: ::core::marker::Sized {
            const TABLE: &'static str;
            const OTHER: $crate::private::Other;
            $crate::__persist_relation!(declared $sort);
        }

        $($quiet)*
        impl<__Field: $crate::private::$sort + $crate::private::Held> $name for __Field {
            const TABLE: &'static str =
                <<__Field as $crate::private::Related>::Shape as $crate::private::Shape>::TABLE;
            const OTHER: $crate::private::Other =
                $crate::private::Other::of::<<__Field as $crate::private::Related>::Shape>();
            $crate::__persist_relation!(defined $sort);
        }
    };
}

/// What such a trait can do, by the sort of its relation.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_relation {
    (declared OneField) => {
        fn read(row: &mut $crate::private::Row<'_>, is_optional: bool) -> $crate::private::Decoded<Self>;
        fn show(&self, walker: &mut $crate::private::SavedRows, relation: &'static $crate::private::ToOne);
    };
    (defined OneField) => {
        #[inline]
        fn read(row: &mut $crate::private::Row<'_>, is_optional: bool) -> $crate::private::Decoded<Self> {
            $crate::private::one(row, is_optional)
        }
        fn show(&self, walker: &mut $crate::private::SavedRows, relation: &'static $crate::private::ToOne) {
            walker.one(relation, self);
        }
    };
    (declared ManyField) => {
        fn read(
            row: &mut $crate::private::Row<'_>,
            at: $crate::private::At,
            relations: &'static [$crate::private::ToMany],
            index: usize,
        ) -> $crate::private::Decoded<Self>;
        fn show(&self, walker: &mut $crate::private::SavedRows, relation: &'static $crate::private::ToMany);
    };
    (defined ManyField) => {
        #[inline]
        fn read(
            row: &mut $crate::private::Row<'_>,
            at: $crate::private::At,
            relations: &'static [$crate::private::ToMany],
            index: usize,
        ) -> $crate::private::Decoded<Self> {
            $crate::private::many(row, at, relations, index)
        }
        fn show(&self, walker: &mut $crate::private::SavedRows, relation: &'static $crate::private::ToMany) {
            walker.many(relation, self);
        }
    };
    (declared MapField) => {
        type Shape;
        type Key;
        fn read(
            row: &mut $crate::private::Row<'_>,
            at: $crate::private::At,
            relations: &'static [$crate::private::ToMany],
            index: usize,
            key: impl ::core::ops::Fn(&Self::Shape) -> Self::Key,
        ) -> $crate::private::Decoded<Self>;
        fn show(
            &self,
            walker: &mut $crate::private::SavedRows,
            relation: &'static $crate::private::ToMany,
            key: impl ::core::ops::Fn(&Self::Shape) -> Self::Key,
        );
    };
    (defined MapField) => {
        type Shape = <__Field as $crate::private::Related>::Shape;
        type Key = <__Field as $crate::private::MapField>::Key;
        #[inline]
        fn read(
            row: &mut $crate::private::Row<'_>,
            at: $crate::private::At,
            relations: &'static [$crate::private::ToMany],
            index: usize,
            key: impl ::core::ops::Fn(&Self::Shape) -> Self::Key,
        ) -> $crate::private::Decoded<Self> {
            $crate::private::keyed(row, at, relations, index, key)
        }
        fn show(
            &self,
            walker: &mut $crate::private::SavedRows,
            relation: &'static $crate::private::ToMany,
            key: impl ::core::ops::Fn(&Self::Shape) -> Self::Key,
        ) {
            walker.map(relation, self, &|| $crate::private::MapField::is_keyed_by(self, &key));
        }
    };
}

/// What is read: the columns as the fields of another struct, and the struct itself from a row. Of an entity
/// also how it is shown to a unit of work.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_shape {
    (
        entity $shape:ident $new:ty, $table:literal $columns:ident $relations:ty;
        $($field:ident: $sort:ident $data:expr $(=> $show:expr $(=> $key:expr)?)?),*;
        |$row:ident $at:ident $cells:literal $many:literal| $decoded:expr
    ) => {
        #[automatically_derived]
        impl $crate::private::Shape for $shape {
            type Fresh = $new;
            $crate::__persist_shape!(
                @ $table $columns $relations; $($field: $sort $data),*; |$row $at $cells $many| $decoded
            );

            fn walk(&self, walker: &mut $crate::private::SavedRows) {
                walker.enter(<Self as $crate::private::Entity>::model(), self, &|| {
                    <Self as $crate::private::Entity>::validate(self)
                });
                $($($show(&self.$field, walker, $data $(, $key)?);)?)*
                walker.leave();
            }

            fn copy(&self) -> ::core::option::Option<Self> {
                use $crate::private::NotClone as _;
                $crate::private::MaybeClone(self).copy()
            }
        }
    };
    (
        view $shape:ident $seen:tt $table:literal $columns:ident $relations:ty;
        $($field:ident: $sort:ident $data:expr $(=> $show:expr $(=> $key:expr)?)?),*;
        |$row:ident $at:ident $cells:literal $many:literal| $decoded:expr
    ) => {
        #[automatically_derived]
        impl $crate::private::Shape for $shape {
            type Fresh = $crate::private::Never;
            $crate::__persist_shape!(
                @ $table $columns $relations; $($field: $sort $data),*; |$row $at $cells $many| $decoded
            );

            fn walk(&self, walker: &mut $crate::private::SavedRows) {
                walker.view(&__SHAPE, &$seen, self, &|walker| {
                    let _ = &walker;
                    $($($show(&self.$field, walker, $data $(, $key)?);)?)*
                });
            }
        }
    };
    (
        @ $table:literal $columns:ident $relations:ty;
        $($field:ident: $sort:ident $data:expr),*;
        |$row:ident $at:ident $cells:literal $many:literal| $decoded:expr
    ) => {
        const TABLE: &'static str = $table;
        type Columns = $columns;
        type Relations = $relations;

        fn columns(scope: $crate::private::Scope) -> $columns {
            $columns { $($field: $crate::private::$sort::new(scope, $data)),* }
        }

        fn shape() -> &'static $crate::private::ShapeModel {
            &__SHAPE
        }

        fn decode($row: &mut $crate::private::Row<'_>) -> $crate::private::Decoded<Self> {
            let $at = $row.enter($cells, $many);
            ::core::result::Result::Ok($decoded)
        }
    };
}

/// The constants of the constraints of a table: sort, constant, name.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_constraints {
    ($entity:ident $table:literal; $vis:vis const; $($sort:literal $constant:ident $name:literal;)*) => {
        impl $entity {
            $(
                #[doc = ::core::concat!($sort, " `", $name, "`, to compare errors with.")]
                $vis const $constant: $crate::private::Constraint = $crate::private::Constraint::new($table, $name);
            )*
        }
    };
}

/// What the rows of a UNIQUE key are found by.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_find_by {
    ($doc:literal $vis:vis $method:ident $entity:ident $columns:tt $($condition:literal)?; $($argument:ident: $ty:ty => $value:expr),*) => {
        #[doc = $doc]
        $vis async fn $method(
            &self,
            $($argument: impl $crate::private::Assign<$ty>),*
        ) -> $crate::private::Decoded<::core::option::Option<$entity>> {
            static FIND: $crate::private::Finder =
                $crate::private::Finder::by(const { &$crate::private::picked(&__COLUMNS, $columns) })
                    $(.only($condition))?;
            self.0.find_with(&FIND, &$crate::private::Values([$($value),*])).await
        }
    };
}

/// An upsert by a UNIQUE key, and what finds or inserts a row by it.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_upsert_by {
    ($doc:literal $vis:vis $method:ident $get_doc:literal $get:ident $entity:ident $new:ident $columns:tt $($condition:literal)?; $model:expr) => {
        #[doc = $doc]
        $vis fn $method(&self, new: $new) -> $crate::private::Upsert<'a, $entity> {
            static UPSERT: $crate::private::InsertModel = $model;
            self.0.upsert_by(&UPSERT, new)
        }

        #[doc = $get_doc]
        $vis async fn $get(&self, new: $new) -> $crate::private::Decoded<($entity, bool)> {
            static INSERT: $crate::private::InsertModel = $model;
            static FIND: $crate::private::Finder =
                $crate::private::Finder::by(const { &$crate::private::picked(&__COLUMNS, $columns) })
                    $(.only($condition))?;
            self.0.get_or_insert(&INSERT, &FIND, new).await
        }
    };
}

/// The setters of a new row, by what they take: a `value`, one that may be `given`, or a foreign `key` that
/// may be; for the data of a relation the `rows` that are nested, one `row`, the `first` of many, or the keys
/// that a table `links` to.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_setters {
    ($vis:vis fn; $($doc:literal $sort:ident $([$($arm:tt)*])? $field:ident: $ty:ty $(= $data:expr)?;)*) => {
        $($crate::__persist_setter!($doc $vis $sort $([$($arm)*])? $field $ty $(, $data)?);)*
    };
}

/// One of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_setter {
    ($doc:literal $vis:vis value $field:ident $ty:ty) => {
        #[doc = $doc]
        $vis fn $field(mut self, value: impl $crate::private::Assign<$ty>) -> Self {
            self.$field = value.assign();
            self
        }
    };
    ($doc:literal $vis:vis given $field:ident $ty:ty) => {
        #[doc = $doc]
        $vis fn $field(mut self, value: impl $crate::private::Assign<$ty>) -> Self {
            self.$field = ::core::option::Option::Some(value.assign());
            self
        }
    };
    ($doc:literal $vis:vis key $field:ident $ty:ty) => {
        #[doc = $doc]
        $vis fn $field(mut self, value: impl $crate::private::IntoForeignKey<$ty>) -> Self {
            self.$field = ::core::option::Option::Some(value.into_key());
            self
        }
    };
    ($doc:literal $vis:vis nullable $field:ident $ty:ty) => {
        #[doc = $doc]
        $vis fn $field(mut self, value: impl $crate::private::IntoOptionalForeignKey<$ty>) -> Self {
            self.$field = ::core::option::Option::Some($crate::private::nullable(value.into_key()));
            self
        }
    };
    ($doc:literal $vis:vis one_of [$($arm:ident $place:tt)*] $field:ident $ty:ty) => {
        #[doc = $doc]
        $vis fn $field(mut self, value: impl ::core::convert::Into<$crate::private::NewOneOf<$ty>>) -> Self {
            let value = value.into();
            $(self.$arm = ::core::option::Option::Some(value.0.$place);)*
            self
        }
    };
    ($doc:literal $vis:vis rows $field:ident $ty:ty, $relation:expr) => {
        #[doc = $doc]
        $vis fn $field(mut self, rows: impl ::core::iter::IntoIterator<Item: $crate::private::FreshOf<$ty>>) -> Self {
            self.$field = $crate::private::Nested::rows($relation, rows);
            self
        }
    };
    ($doc:literal $vis:vis first $field:ident $ty:ty, $relation:expr) => {
        #[doc = $doc]
        $vis fn $field(mut self, row: impl $crate::private::FreshOf<$ty>) -> Self {
            self.$field = $crate::private::Nested::rows($relation, [row]);
            self
        }
    };
    ($doc:literal $vis:vis row $field:ident $ty:ty, $relation:expr) => {
        #[doc = $doc]
        $vis fn $field(mut self, row: impl $crate::private::FreshOf<$ty>) -> Self {
            self.$field = $crate::private::Nested::row($relation, row);
            self
        }
    };
    ($doc:literal $vis:vis links $field:ident $ty:ty, $relation:expr) => {
        #[doc = $doc]
        $vis fn $field(mut self, keys: impl ::core::iter::IntoIterator<Item: $crate::private::KeyOf<$ty>>) -> Self {
            self.$field = $crate::private::Nested::keys($relation, keys);
            self
        }
    };
}

/// Columns: each with its name, its SQL type, and its casts where it is read, of a parameter, and of a list
/// of parameters; and the schema of its operators, where they are not PostgreSQL's.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_column_models {
    (
        $count:literal;
        $($name:literal $ty:ty $(=> $read:literal $cast:literal $list:literal $($within:literal)?)? $(; $derived:expr)?),*
    ) => {
        static __COLUMNS: [$crate::private::ColumnModel; $count] = [
            $(
                $crate::private::ColumnModel::of::<$ty>($name)
                    $(.cast($read, $cast, $list)$(.within($within))?)?$(.derived($derived))?
            ),*
        ];
    };
}

/// A table. Columns are places.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_table {
    (
        $shown:literal $sql:literal $qualified:literal rank $rank:literal $($flag:ident $(($argument:expr))?)*;
        key $key:tt;
        references $([$($from:literal),*] $to:literal [$($target:literal),*]),*;
        uniques $($name:literal $columns:tt $($with:ident $(($value:expr))?)*),*
    ) => {
        static __TABLE: $crate::private::Table = $crate::private::Table::new(
            ($shown, $sql, $qualified),
            &__COLUMNS,
            &$key,
            $rank,
            &[$($crate::private::Reference::new(&[$($from),*], $to, &[$($target),*])),*],
            &[$($crate::private::Unique::new($name, &$columns)$(.$with($($value)?))*),*],
        )$(.$flag($($argument)?))*;
    };
}

/// What is read of a row: cells, which are columns or expressions, and relations.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_cells {
    ($shown:literal $sql:literal; $count:literal $cells:tt; $ones:expr, $many:expr) => {
        static __CELLS: [&$crate::private::ColumnModel; $count] = $crate::private::picked(&__COLUMNS, $cells);
        static __SHAPE: $crate::private::ShapeModel =
            $crate::private::ShapeModel::new($shown, $sql, &__CELLS, $ones, $many);
    };
}

/// An entity as data: its key, what an update may change, the version, and the upsert by the key. Columns are
/// places.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_model {
    (
        key $key:tt $key_at:tt $made:ident;
        columns $places:tt $changeable:literal $($version:literal)?;
        upsert $($upsert:expr)?
    ) => {{
        static MODEL: $crate::private::Model = $crate::private::Model {
            table: &__TABLE,
            shape: &__SHAPE,
            key: const { &$crate::private::picked(&__COLUMNS, $key) },
            places: &$places,
            changeable: $changeable,
            touched: __TOUCHED,
            version: $crate::__persist_some!($($version)?),
            find: $crate::private::Finder::by(const { &$crate::private::picked(&__COLUMNS, $key) }),
            key_at: &$key_at,
            made: $crate::private::MadeKey::$made,
            insert: __insert(),
            upsert: $crate::__persist_some!($($upsert)?),
            update: $crate::private::OnceLock::new(),
            delete: $crate::private::OnceLock::new(),
        };
        &MODEL
    }};
}

/// `Some` of what is there.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_some {
    () => {
        ::core::option::Option::None
    };
    ($value:expr) => {
        ::core::option::Option::Some($value)
    };
}

/// The boilerplate of a generated repository.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_repository {
    ($repository:ident, $entity:ident) => {
        #[automatically_derived]
        impl<'a> ::core::convert::From<$crate::private::Session<'a>> for $repository<'a> {
            fn from(session: $crate::private::Session<'a>) -> Self {
                Self($crate::private::Repository::new(session))
            }
        }

        #[automatically_derived]
        impl<'a> ::core::ops::Deref for $repository<'a> {
            type Target = $crate::private::Repository<'a, $entity>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }
    };
}

/// The parameters of a row: for each its index, how it is written, and its field.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_parameters {
    ($row:ident $count:literal; $($index:literal: $put:expr => $field:ident $([$arm:literal])?),*) => {
        #[automatically_derived]
        impl $crate::private::Parameters for $row {
            fn count(&self) -> usize {
                $count
            }

            fn write(
                &self,
                index: usize,
                ty: &$crate::private::Type,
                out: &mut $crate::private::Out,
            ) -> $crate::private::Written {
                match index {
                    $($index => $put($crate::__persist_part!(self $field $($arm)?), ty, out),)*
                    _ => $crate::private::no_parameter(index),
                }
            }
        }
    };
}

/// A field, or one of the keys in it.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_part {
    ($row:ident $field:ident) => {
        &$row.$field
    };
    ($row:ident $field:ident $arm:literal) => {
        &$crate::private::Arm::<$arm>::key(&$row.$field)
    };
}

/// The struct of a new row. It is `Clone` and `Debug` where the types of its fields are; those of arcs are.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_new_row {
    ($doc:literal $vis:vis $new:ident { $($field:ident: $ty:ty),* } $({ $($arm:ident: $key:ty),* })?) => {
        #[doc = $doc]
        #[must_use = "it is written by `insert` or `upsert`"]
        $vis struct $new { $($field: $ty,)* $($($arm: $key),*)? }

        #[automatically_derived]
        impl ::core::clone::Clone for $new
        where
            $(for<'__x> $crate::private::Part<'__x, $ty>: $crate::private::ClonePart<$ty>),*
        {
            fn clone(&self) -> Self {
                Self {
                    $($field: <$crate::private::Part<'_, $ty> as $crate::private::ClonePart<$ty>>::cloned(&self.$field),)*
                    $($($arm: ::core::clone::Clone::clone(&self.$arm)),*)?
                }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for $new
        where
            $(for<'__x> $crate::private::Part<'__x, $ty>: $crate::private::DebugPart<$ty>),*
        {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(::core::stringify!($new))
                    $(.field(::core::stringify!($field), &$crate::private::Printed(&self.$field, <$crate::private::Part<'_, $ty> as $crate::private::DebugPart<$ty>>::fmt)))*
                    $($(.field(::core::stringify!($arm), &self.$arm))*)?
                    .finish()
            }
        }
    };
}

/// What a new row requires, by name.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_fields {
    ($doc:literal $vis:vis $fields:ident $new:ident { $($column:literal $field:ident: $ty:ty),* }) => {
        #[doc = $doc]
        #[allow(dead_code)]
        $vis struct $fields { $(#[doc = $column] $vis $field: $ty),* }

        #[automatically_derived]
        impl ::core::convert::From<$fields> for $new {
            fn from(fields: $fields) -> Self {
                Self::new($(fields.$field),*)
            }
        }
    };
}

/// A new row: what it is made of, the indices and fields of what may be left to a DEFAULT, then those of its
/// foreign keys, and the fields of what is nested in it; and what looks at it before it is sent.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_new {
    (
        $new:ident $entity:ident;
        $vis:vis fn($($argument:ident: $ty:ty),*) $(let $name:ident = $conversion:expr;)* { $($field:ident: $value:expr),* };
        $($index:literal $optional:ident),*; $($foreign:literal $key:ident),*; $($nested:ident),*;
        $($validate:item)?
    ) => {
        impl $new {
            /// A row with what the table requires; the rest has setters.
            $vis fn new($($argument: $ty),*) -> Self {
                $(let $name = $conversion;)*
                Self {
                    $($field: $value,)*
                    $($nested: ::core::default::Default::default()),*
                }
            }
        }

        #[automatically_derived]
        impl $crate::private::New for $new {
            type Entity = $entity;

            fn is_given(&self, index: usize) -> bool {
                match index {
                    $($index => self.$optional.is_some(),)*
                    _ => true,
                }
            }

            fn waiting(&self, index: usize) -> ::core::option::Option<$crate::private::Waiting> {
                match index {
                    $($foreign => $crate::private::MayWait::waiting(&self.$key),)*
                    _ => ::core::option::Option::None,
                }
            }

            fn nested(&self, new_rows: &mut $crate::private::NewRows<'_>) {
                $($crate::private::Nested::show(&self.$nested, new_rows);)*
            }

            $($validate)?
        }
    };
}

/// What `#[derive(Repositories)]` becomes.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_repositories {
    ($vis:vis $store:ident $a:lifetime; $($field:ident: [$ty:ty]),*) => {
        impl<$a> $store<$a> {
            /// The repositories of a database, of a unit of work, or of any other session.
            #[allow(dead_code, reason = "it can be made by `From` as well")]
            $vis fn new(session: impl $crate::private::IntoSession<$a>) -> Self {
                ::core::convert::From::from($crate::private::IntoSession::into_session(session))
            }
        }

        #[automatically_derived]
        impl<$a> ::core::convert::From<$crate::private::Session<$a>> for $store<$a> {
            fn from(session: $crate::private::Session<$a>) -> Self {
                Self { $($field: <$ty as $crate::private::OfSession<$a>>::of(&session)),* }
            }
        }

        #[automatically_derived]
        impl<$a> ::core::convert::From<&$a $crate::private::Database> for $store<$a> {
            fn from(database: &$a $crate::private::Database) -> Self {
                Self::new(database)
            }
        }

        #[automatically_derived]
        impl<$a> ::core::convert::From<&$a $crate::private::UnitOfWork<'_>> for $store<$a> {
            fn from(work: &$a $crate::private::UnitOfWork<'_>) -> Self {
                Self::new(work)
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<$crate::private::Database> for $store<'static> {
            fn from(database: $crate::private::Database) -> Self {
                Self::new(database)
            }
        }
    };
}
