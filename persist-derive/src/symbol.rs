//! The keys of `#[persist(…)]`, each declared once.

/// Where a key may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A struct with `#[derive(Repository)]`.
    Entity,
    /// A field of such a struct.
    Field,
    /// An enum with `#[derive(Enum)]`.
    Enum,
    /// A variant of such an enum.
    Variant,
    /// A struct with `#[derive(Domain)]`.
    Domain,
}

/// What stands behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Nothing: `version`.
    Nothing,
    /// A text: `column = "…"`.
    Text,
    /// Nothing, or this word: `id(database)`.
    Word(&'static str),
    /// Nothing, or a function under this word: `skip(default = path)`.
    Path(&'static str),
}

/// A key of `#[persist(…)]`.
#[derive(Debug)]
pub(crate) struct Key {
    /// As it is written.
    pub(crate) name: &'static str,
    /// Where it may stand.
    pub(crate) places: &'static [Place],
    /// What stands behind it.
    pub(crate) takes: Takes,
    /// How it is written, for messages.
    pub(crate) form: &'static str,
    /// Does it say what a field is for? A field has one purpose.
    pub(crate) is_role: bool,
}

macro_rules! keys {
    ($($constant:ident = $name:literal in $($place:ident)|+, $takes:expr, $form:literal $(, $role:ident)?;)*) => {
        $(pub(crate) static $constant: Key = Key {
            name: $name,
            places: &[$(Place::$place),+],
            takes: $takes,
            form: $form,
            is_role: keys!(@role $($role)?),
        };)*

        /// All keys.
        static KEYS: &[&Key] = &[$(&$constant),*];
    };
    (@role role) => { true };
    (@role) => { false };
}

keys! {
    TABLE = "table" in Entity, Takes::Text, r#"table = "billing.invoices""#;
    CRATE = "crate" in Entity | Enum | Domain, Takes::Text, r#"crate = "my_crate::persist""#;
    COLUMN = "column" in Field, Takes::Text, r#"column = "createdAt""#;
    ID = "id" in Field, Takes::Word("database"), "id", role;
    VERSION = "version" in Field, Takes::Nothing, "version", role;
    CREATED_AT = "created_at" in Field, Takes::Nothing, "created_at", role;
    UPDATED_AT = "updated_at" in Field, Takes::Nothing, "updated_at", role;
    GENERATED = "generated" in Field, Takes::Nothing, "generated", role;
    SKIP = "skip" in Field, Takes::Path("default"), "skip", role;
    TYPE = "type" in Enum | Domain, Takes::Text, r#"type = "order_status""#;
    RENAME = "rename" in Variant, Takes::Text, r#"rename = "in progress""#;
}

/// Words of relations and views, which no derive knows yet.
const PLANNED: &[&str] = &[
    "belongs_to",
    "count",
    "exists",
    "filter",
    "has_many",
    "has_one",
    "limit",
    "many_to_many",
    "of",
    "order_by",
];

/// The key of this name, wherever it may stand.
pub(crate) fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().copied().find(|key| key.name == name)
}

/// The keys that may stand at a place.
pub(crate) fn keys_at(place: Place) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().copied().filter(move |key| key.places.contains(&place))
}

/// Is this a word of relations or views?
pub(crate) fn is_planned(name: &str) -> bool {
    PLANNED.contains(&name)
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
