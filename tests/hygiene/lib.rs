//! The derives must compile here: nothing is imported, much is shadowed, the facade has another name, no
//! warning is forgiven.
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
    #[persist(
        table = "traps",
        filter_by(r#loop: ::std::vec::Vec<Trap>, has_many, index = "none"),
        filter_by(pub(crate) above: ::std::option::Option<Trap>, belongs_to(foreign_key = "parent"))
    )]
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

    /// A view.
    #[derive(::data_layer::View)]
    #[persist(of = Trap)]
    pub struct TrapName {
        /// A keyword.
        pub r#type: ::std::string::String,
    }

    /// Uses what was made.
    pub async fn used(db: &::data_layer::Database) -> ::std::result::Result<(), ::data_layer::Error> {
        let traps = db.repository::<Trap>();
        let new = NewTrap::new("a", "b", Color::Red).r#match(1).self_("c").value("d").parent(::data_layer::Parent);
        let trap = traps.upsert_by_value(new).await?;
        let _ = traps.filter(|t| t.r#loop.exists() & t.above.is(|a| a.r#loop.count().gt(1))).count().await?;
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

/// Relations of every kind; fields and types are called like what generated code uses.
#[allow(dead_code, non_camel_case_types, reason = "these are only in the way")]
pub mod related {
    /// Not the standard one.
    pub struct Vec;
    /// Not the standard one.
    pub struct Option;
    /// Not the standard one.
    pub struct Box;
    /// Not the runtime's.
    pub struct Many;
    /// Not the runtime's.
    pub struct One;
    /// Not the runtime's.
    pub struct Row;

    /// Composite and quoted keys, in another schema.
    #[derive(::data_layer::Repository)]
    #[persist(table = "Other Schema.Part", order = "r#ref", validate = Part::check, validate_new = check)]
    pub struct Part {
        /// The key.
        #[persist(id, column = "Tenant")]
        pub tenant: i32,
        /// The key.
        #[persist(id)]
        pub number: i32,
        /// The column of the next one.
        #[persist(column = "Owner Id")]
        pub owner_id: super::newtypes::Key,
        /// A key that is a domain.
        #[persist(belongs_to(foreign_key = "Owner Id"))]
        pub owner: super::shadowed::Select,
        /// A key to a UNIQUE key, without a field of its own.
        #[persist(belongs_to(foreign_key = "user"))]
        pub r#impl: ::std::option::Option<::std::boxed::Box<super::shadowed::Select>>,
        /// Two columns on each side of a table between.
        #[persist(many_to_many(through = "part_notes"), order_by = "note_id, text desc nulls last")]
        pub notes: ::std::vec::Vec<NoteText>,
        /// The table between, by itself.
        #[persist(has_many(table = "part_notes"), filter = "tenant <> 7 and part > 0", limit = 2, orphans = "delete")]
        pub r#type: ::std::vec::Vec<PartNote>,
    }

    impl Part {
        fn check(&self) -> ::std::result::Result<(), &'static str> {
            if self.number > 0 { ::std::result::Result::Ok(()) } else { ::std::result::Result::Err("too small") }
        }
    }

    fn check(_: &NewPart) -> ::std::result::Result<(), ::std::fmt::Error> {
        ::std::result::Result::Ok(())
    }

    /// A link with columns.
    #[derive(::data_layer::Repository)]
    pub struct PartNote {
        /// The key.
        #[persist(id)]
        pub note_id: i64,
        /// The key.
        #[persist(id)]
        pub tenant: i32,
        /// The key.
        #[persist(id)]
        pub part: i32,
        /// One column of two.
        #[persist(belongs_to)]
        pub note: NoteText,
    }

    /// A view of what is private elsewhere.
    #[derive(::std::clone::Clone, ::data_layer::View)]
    #[persist(of = PublicNote, table = "notes")]
    pub struct NoteText {
        /// A method of generated code.
        #[persist(column = "text")]
        pub read: ::std::string::String,
        /// An expression.
        #[persist(sql = "coalesce(length, 0) + 1")]
        pub at: i32,
    }

    /// A view with every sort of value, and without its key.
    #[derive(::data_layer::View)]
    #[persist(of = PublicNote, table = "notes")]
    pub struct NoteCard {
        /// A number.
        #[persist(count = "part_notes", filter = "part > 1")]
        pub count: i64,
        /// A question.
        #[persist(exists = "boxes", foreign_key = "note_id")]
        pub exists: bool,
        /// The smallest, of an enum.
        #[persist(min = "boxes.kind")]
        pub min: ::std::option::Option<super::traps::Color>,
        /// The largest.
        #[persist(max = "part_notes.part")]
        pub max: ::std::option::Option<i32>,
        /// All.
        #[persist(sum = "part_notes.part")]
        pub sum: ::std::option::Option<i64>,
        /// Not in the table.
        #[persist(skip)]
        pub row: u8,
        /// A foreign key of another type.
        #[persist(has_many, key_by = "trap_id")]
        pub boxes: ::std::collections::HashMap<::uuid::Uuid, BoxOf>,
    }

    /// A view of a view.
    #[derive(::data_layer::View)]
    #[persist(of = NoteCard, table = "notes")]
    pub struct NoteLine {
        /// A method of generated code.
        #[persist(column = "text")]
        pub decode: ::std::string::String,
    }

    /// Some columns.
    #[derive(::data_layer::Repository)]
    #[persist(table = "notes")]
    pub struct PublicNote {
        /// The key.
        #[persist(id)]
        pub id: i64,
        /// Required.
        pub text: ::std::string::String,
        /// Required.
        #[persist(version)]
        pub version: i32,
        /// Required.
        #[persist(created_at)]
        pub created_at: ::chrono::DateTime<::chrono::Utc>,
    }

    /// A tree whose key is an enum.
    #[derive(::data_layer::Repository)]
    #[persist(table = "type")]
    pub struct r#type {
        /// The key.
        #[persist(id)]
        pub name: super::traps::Color,
        /// The branches.
        #[persist(has_many, max_depth = 3)]
        pub below: ::std::vec::Vec<r#type>,
        /// Rows that refer to an enum.
        #[persist(has_many(table = "boxes"), order_by = "trap_id")]
        pub boxes: ::std::vec::Vec<BoxOf>,
    }

    /// One of each.
    #[derive(::data_layer::Repository)]
    #[persist(table = "boxes")]
    pub struct BoxOf {
        /// The key.
        #[persist(id)]
        pub id: ::uuid::Uuid,
        /// The only one.
        pub trap_id: ::uuid::Uuid,
    }

    /// A row that may refer to nothing.
    #[derive(::data_layer::Repository)]
    #[persist(table = "traps_seen")]
    pub struct Seen {
        /// The key.
        #[persist(id)]
        pub id: ::uuid::Uuid,
    }

    /// A view of the next one.
    #[derive(::data_layer::View)]
    #[persist(of = BoxOfTrap, table = "boxes_of_traps")]
    pub struct OpenBox {
        /// Whose it is.
        pub trap_id: ::uuid::Uuid,
    }

    /// One of several.
    #[derive(::data_layer::Repository)]
    #[persist(table = "boxes_of_traps")]
    pub struct BoxOfTrap {
        /// The key.
        #[persist(id(database))]
        pub id: i32,
        /// Whose it is.
        pub trap_id: ::uuid::Uuid,
    }

    /// Rows of its own table, of another struct.
    #[derive(::data_layer::View)]
    #[persist(of = super::traps::Trap, table = "traps")]
    pub struct TrapOf {
        /// A UNIQUE key on the other side.
        #[persist(has_one(table = "boxes"))]
        pub r#box: ::std::option::Option<BoxOf>,
        /// The only one for which this holds, by an index.
        #[persist(has_one(table = "boxes_of_traps"), filter = "is_open")]
        pub open: ::std::option::Option<OpenBox>,
        /// Its parent.
        #[persist(belongs_to)]
        pub parent: ::std::option::Option<::std::boxed::Box<super::traps::TrapName>>,
        /// Its children.
        #[persist(has_many(table = "traps"), order_by = "type, match desc", limit = 1, index = "none")]
        pub r#match: ::std::vec::Vec<super::traps::TrapName>,
        /// Found by an index that leaves out those that refer to nothing.
        #[persist(has_many(table = "traps_seen"))]
        pub seen: ::std::vec::Vec<Seen>,
        /// The first of them.
        #[persist(has_one(table = "traps"), order_by = "index", index = "none")]
        pub first: ::std::option::Option<::std::boxed::Box<super::traps::TrapName>>,
    }

    /// Uses what was made.
    pub async fn used(db: &::data_layer::Database) -> ::std::result::Result<u8, ::data_layer::Error> {
        let parts = db.repository::<Part>();
        let work = db.unit_of_work();
        let new = NewPart::new(1, 2, super::newtypes::Key(::uuid::Uuid::nil())).notes([7_i64]);
        let _ = work.insert(new.r#type([NewPartNote::new(7, ::data_layer::Parent, ::data_layer::Parent)]))?;
        let _ = work.commit().await?;
        let order: r#ref = "-number".parse()?;
        let found = parts.order_by(|_| order).all().await?;
        let cards = db.repository::<PublicNote>().view::<NoteCard>().find(1).await?;
        let _ = db.repository::<PublicNote>().view::<NoteLine>().find(1).await?;
        ::std::result::Result::Ok(cards.map_or(found.len() as u8, |card| card.row))
    }
}

/// Structs of repositories.
pub mod stores {
    /// Everything is called like something in generated code.
    #[derive(::data_layer::Repositories)]
    pub struct Session<'session> {
        /// A local of generated code.
        pub session: super::traps::TrapRepository<'session>,
        /// A method of generated code.
        pub new: Database<'session>,
        /// A keyword.
        pub r#type: super::traps::TrapRepository<'session>,
    }

    /// One in another.
    #[derive(::data_layer::Repositories)]
    pub struct Database<'database> {
        /// A local of generated code.
        pub database: super::traps::TrapRepository<'database>,
    }

    /// Nobody else sees it.
    #[derive(::data_layer::Repositories)]
    struct From<'a> {
        work: super::traps::TrapRepository<'a>,
    }

    /// Uses what was made.
    pub async fn used(db: &::data_layer::Database) -> ::std::result::Result<usize, ::data_layer::Error> {
        let work = db.unit_of_work();
        let all = <Session<'_> as ::std::convert::From<_>>::from(&work).new.database.all().await?;
        let own: From<'static> = ::std::convert::From::from(::std::clone::Clone::clone(db));
        ::std::result::Result::Ok(all.len() + own.work.all().await?.len())
    }
}
