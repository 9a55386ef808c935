//! The derives must compile here: nothing is imported, much is shadowed, the facade has another name, no warning is forgiven.
#![no_implicit_prelude]
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications, unused_results)]
#![forbid(unsafe_code)]

/// Everything is called like a column here.
pub mod traps {
    /// Labels that are no identifiers.
    #[derive(::std::clone::Clone, ::std::marker::Copy, ::data_layer::Enum)]
    pub enum Color {
        /// As it is.
        Red,
        /// With a space.
        #[persist(rename = "not red")]
        NotRed,
        /// A keyword.
        #[persist(rename = "Self")]
        Own,
    }

    /// A row with raw and colliding names.
    #[derive(::data_layer::Repository)]
    #[persist(table = "traps")]
    pub struct Trap {
        /// The key.
        #[persist(id)]
        pub id: ::uuid::Uuid,
        /// A keyword.
        pub r#type: ::std::string::String,
        /// A keyword.
        pub r#match: ::std::option::Option<i32>,
        /// A keyword that cannot be raw.
        #[persist(column = "self")]
        pub self_: ::std::option::Option<::std::string::String>,
        /// Required, so that it has no setter.
        pub new: ::std::string::String,
        /// A local of generated code.
        pub index: i32,
        /// A local of generated code.
        pub ty: ::std::option::Option<::std::string::String>,
        /// A local of generated code.
        pub out: ::std::option::Option<::std::string::String>,
        /// A local of generated code.
        pub at: ::std::option::Option<::std::string::String>,
        /// A local of generated code.
        pub row: ::std::option::Option<::std::string::String>,
        /// A local of generated code.
        pub value: ::std::option::Option<::std::string::String>,
        /// A local of generated code.
        pub session: ::std::option::Option<::std::string::String>,
        /// A method of generated code.
        pub count: ::std::option::Option<i64>,
        /// A method of generated code.
        pub write: ::std::option::Option<bool>,
        /// A method of the repository.
        pub find: Color,
        /// Labels in a list.
        pub colors: ::std::vec::Vec<Color>,
        /// The same table.
        pub parent: ::std::option::Option<::uuid::Uuid>,
        /// Spelt like the next ones.
        pub a_b: ::std::option::Option<::std::string::String>,
        /// Spelt like the next one.
        pub ab: ::std::option::Option<::std::string::String>,
        /// Spelt like the ones before.
        pub _a_b: ::std::option::Option<::std::string::String>,
    }

    /// Another struct over the same table.
    #[derive(::data_layer::Repository)]
    #[persist(table = "traps")]
    pub struct Smaller {
        /// The key.
        #[persist(id)]
        pub id: ::uuid::Uuid,
        /// Its name is a keyword.
        #[persist(column = "type")]
        pub kind: ::std::string::String,
        /// Required.
        pub new: ::std::string::String,
        /// Required.
        pub find: Color,
    }

    /// Uses what was made.
    pub async fn used(db: &::data_layer::Database) -> ::std::result::Result<(), ::data_layer::Error> {
        let traps = db.repository::<Trap>();
        let new = NewTrap::new("a", "b", Color::Red).r#match(1).self_("c").value("d").parent(::data_layer::Parent);
        let trap = traps.upsert_by_value(new).await?;
        let _ = traps.find_by_type_and_match(trap.r#type, 1).await?;
        let _ = traps.filter(|t| t.r#type.eq("a") & t.self_.is_null() & t.find.eq(Color::Own)).all().await?;
        ::std::result::Result::Ok(())
    }
}

/// What the standard library's prelude has is something else here.
#[allow(dead_code, non_camel_case_types, reason = "these are only in the way")]
pub mod shadowed {
    /// Not the standard one.
    pub struct Option;
    /// Not the standard one.
    pub struct Result;
    /// Not the standard one.
    pub struct String;
    /// Not the standard one.
    pub struct Vec;
    /// Not the standard one.
    pub struct Some;
    /// Not the standard one.
    pub struct None;
    /// Not the standard one.
    pub struct Ok;
    /// Not the standard one.
    pub struct Err;
    /// Not the standard one.
    pub struct Box;
    /// Not the standard one.
    pub trait Send {}
    /// Not the standard one.
    pub trait Sync {}
    /// Not the standard one.
    pub trait Clone {}
    /// Not the standard one.
    pub trait Copy {}
    /// Not the standard one.
    pub trait From {}
    /// Not the standard one.
    pub trait Default {}
    /// Not the crate.
    pub mod core {}
    /// Not the crate.
    pub mod std {}
    /// Not the crate.
    pub mod data_layer {}
    /// Not the crate.
    pub mod persist {}

    /// Its key is a domain, and its names want quotes.
    #[derive(::data_layer::Repository)]
    #[persist(table = "Other Schema.Select")]
    pub struct Select {
        /// The key.
        #[persist(id, column = "Primary Key")]
        pub key: super::newtypes::Key,
        /// A keyword of SQL.
        pub user: ::std::string::String,
    }
}

/// Newtypes.
pub mod newtypes {
    /// A key with a domain.
    #[derive(::std::fmt::Debug, ::std::clone::Clone, ::std::marker::Copy, ::data_layer::Domain)]
    #[persist(type = "key")]
    pub struct Key(pub ::uuid::Uuid);

    /// A number of its own.
    #[derive(::data_layer::Domain)]
    pub struct NoteId(pub i64);
}

mod private {
    /// Private, like everything that is made of it.
    #[derive(::data_layer::Repository)]
    struct Note {
        #[persist(id)]
        id: super::newtypes::NoteId,
        text: ::std::string::String,
        #[persist(generated)]
        length: ::std::option::Option<i32>,
        #[persist(version)]
        version: i32,
        #[persist(created_at)]
        created_at: Instant,
        #[persist(updated_at)]
        updated_at: ::chrono::NaiveDateTime,
        #[persist(skip)]
        is_selected: bool,
        #[persist(skip(default = row))]
        color: u8,
    }

    type Instant = ::chrono::DateTime<::chrono::Utc>;

    fn row() -> u8 {
        7
    }

    pub(super) async fn used(db: &::data_layer::Database) -> ::std::result::Result<u8, ::data_layer::Error> {
        let notes = db.repository::<Note>();
        let note = notes.insert(NewNote::new("a")).await?;
        let found = notes.get(note.id).await?;
        ::std::assert!(!found.is_selected && found.length.is_some() && found.version == 1);
        ::std::assert!(found.created_at.timestamp() > 0 && found.updated_at.and_utc().timestamp() > 0 && !found.text.is_empty());
        ::std::result::Result::Ok(found.color)
    }
}

/// Uses what is private.
pub async fn used(db: &::data_layer::Database) -> ::std::result::Result<u8, ::data_layer::Error> {
    private::used(db).await
}

mod made {
    macro_rules! entity {
        ($name:ident { $($field:ident: $ty:ty),* }) => {
            #[derive(::data_layer::Repository)]
            #[persist(table = "notes", crate = "::data_layer")]
            pub(crate) struct $name {
                #[persist(id)]
                pub(crate) id: i64,
                $(pub(in crate::made) $field: $ty,)*
                #[persist(version)]
                pub(crate) version: i32,
            }
        };
    }
    entity! { MadeByMacro { text: ::std::string::String, created_at: ::chrono::DateTime<::chrono::Utc> } }
    entity! { MadeAgain { text: ::std::string::String, created_at: ::chrono::DateTime<::chrono::Utc> } }
}
