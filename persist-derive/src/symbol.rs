//! The keys of `#[persist(…)]`, each declared once.

/// Where a key may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A struct with `#[derive(Repository)]`.
    Entity,
    /// A field of such a struct.
    Field,
    /// A struct with `#[derive(View)]`.
    View,
    /// A field of such a struct.
    ViewField,
    /// A path, in the parentheses after `filter_by`.
    Path,
    /// An enum with `#[derive(Enum)]`.
    Enum,
    /// A variant of such an enum.
    Variant,
    /// A struct with `#[derive(Domain)]`.
    Domain,
    /// A struct with `#[derive(Repositories)]`.
    Repositories,
    /// An enum with `#[derive(OneOf)]`.
    OneOf,
    /// A variant of such an enum.
    Arm,
    /// A struct with `#[derive(Composite)]`.
    Composite,
    /// A field of such a struct.
    CompositeField,
}

/// What stands after a key.
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
    /// A path: `of = Pipeline`.
    Type,
    /// A whole number: `limit = 3`.
    Number,
    /// `true` or `false`: `insert = true`.
    Bool,
    /// Nothing, or texts under these words: `has_many(table = "…")`.
    Parts(&'static [&'static str]),
    /// A field in parentheses, and what else would stand above it: `filter_by(members: Vec<Member>, has_many)`.
    /// Such a key may be written several times.
    Field,
}

/// A key of `#[persist(…)]`.
#[derive(Debug)]
pub(crate) struct Key {
    /// As it is written.
    pub(crate) name: &'static str,
    /// Where it may stand.
    pub(crate) places: &'static [Place],
    /// What stands after it.
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
    TABLE = "table" in Entity | View | OneOf, Takes::Text, r#"table = "billing.invoices""#;
    OF = "of" in View, Takes::Type, "of = Pipeline";
    NEW = "new" in Entity, Takes::Text, r#"new = "PipelineDraft""#;
    FIELDS = "fields" in Entity, Takes::Text, r#"fields = "PipelineDraftFields""#;
    COLUMNS = "columns" in Entity | View, Takes::Text, r#"columns = "PipelineTable""#;
    REPOSITORY = "repository" in Entity, Takes::Text, r#"repository = "Pipelines""#;
    ORDER = "order" in Entity, Takes::Text, r#"order = "PipelineSorting""#;
    FILTER_BY = "filter_by" in Entity | View, Takes::Field, "filter_by(members: Vec<Member>, has_many)";
    VALIDATE = "validate" in Entity, Takes::Type, "validate = check";
    VALIDATE_NEW = "validate_new" in Entity, Takes::Type, "validate_new = check_new";
    GARDE = "garde" in Entity, Takes::Nothing, "garde";
    READ_ONLY = "read_only" in Entity, Takes::Nothing, "read_only";
    CRATE = "crate" in Entity | View | Enum | Domain | Repositories | OneOf | Composite, Takes::Text, r#"crate = "my_crate::persist""#;
    RENAME_ALL = "rename_all" in Entity | View | Enum | Composite, Takes::Text, r#"rename_all = "camelCase""#;
    COLUMN = "column" in Field | ViewField, Takes::Text, r#"column = "createdAt""#;
    ID = "id" in Field, Takes::Word("database"), "id", role;
    VERSION = "version" in Field, Takes::Nothing, "version", role;
    CREATED_AT = "created_at" in Field, Takes::Nothing, "created_at", role;
    UPDATED_AT = "updated_at" in Field, Takes::Nothing, "updated_at", role;
    GENERATED = "generated" in Field, Takes::Nothing, "generated", role;
    SKIP = "skip" in Field | ViewField, Takes::Path("default"), "skip", role;
    HAS_MANY = "has_many" in Field | ViewField | Path, Takes::Parts(SIDE), "has_many", role;
    HAS_ONE = "has_one" in Field | ViewField | Path, Takes::Parts(SIDE), "has_one", role;
    BELONGS_TO = "belongs_to" in Field | ViewField | Path, Takes::Parts(SIDE), "belongs_to", role;
    MANY_TO_MANY = "many_to_many" in Field | ViewField | Path, Takes::Parts(LINKED), r#"many_to_many(through = "…")"#, role;
    ONE_OF = "one_of" in Field | ViewField, Takes::Parts(ARC), "one_of", role;
    ANCESTORS = "ancestors" in Field | ViewField | Path, Takes::Parts(UP), "ancestors", role;
    DEPTH = "depth" in ViewField, Takes::Nothing, "depth", role;
    PATH = "path" in ViewField, Takes::Text, r#"path = "name""#, role;
    COUNT = "count" in ViewField, Takes::Text, r#"count = "pipeline_steps""#, role;
    EXISTS = "exists" in ViewField, Takes::Text, r#"exists = "pipeline_steps""#, role;
    MIN = "min" in ViewField, Takes::Text, r#"min = "pipeline_steps.position""#, role;
    MAX = "max" in ViewField, Takes::Text, r#"max = "pipeline_steps.position""#, role;
    SUM = "sum" in ViewField, Takes::Text, r#"sum = "pipeline_executions.cost""#, role;
    AVG = "avg" in ViewField, Takes::Text, r#"avg = "pipeline_executions.cost""#, role;
    SQL = "sql" in ViewField, Takes::Text, r#"sql = "lower(name)""#, role;
    FOREIGN_KEY = "foreign_key" in ViewField | Arm, Takes::Text, r#"foreign_key = "pipeline_id""#;
    ORDER_BY = "order_by" in Field | ViewField, Takes::Text, r#"order_by = "position desc""#;
    FILTER = "filter" in Field | ViewField | Path, Takes::Text, r#"filter = "enabled""#;
    LIMIT = "limit" in Field | ViewField, Takes::Number, "limit = 3";
    MAX_DEPTH = "max_depth" in Field | ViewField, Takes::Number, "max_depth = 8";
    KEY_BY = "key_by" in Field | ViewField, Takes::Text, r#"key_by = "name""#;
    ORPHANS = "orphans" in Field, Takes::Text, r#"orphans = "delete""#;
    CASCADE = "cascade" in Field, Takes::Nothing, "cascade";
    INSERT = "insert" in Field, Takes::Bool, "insert = true";
    INDEX = "index" in Field | ViewField | Path, Takes::Text, r#"index = "none""#;
    TYPE = "type" in Enum | Domain | Composite, Takes::Text, r#"type = "order_status""#;
    OTHER = "other" in Variant, Takes::Nothing, "other";
    RENAME = "rename" in Variant | CompositeField, Takes::Text, r#"rename = "in progress""#;
}

/// What other libraries call some of them.
pub(crate) static CALLED_ELSEWHERE: [(&str, &Key); 9] = [
    ("primary_key", &ID),
    ("pk", &ID),
    ("rename", &COLUMN),
    ("column_name", &COLUMN),
    ("ignore", &SKIP),
    ("hasMany", &HAS_MANY),
    ("one_to_many", &HAS_MANY),
    ("many_to_one", &BELONGS_TO),
    ("one_to_one", &HAS_ONE),
];

/// What is said of rows that are loaded or written.
pub(crate) static OF_ROWS: [&Key; 7] = [&ORDER_BY, &LIMIT, &MAX_DEPTH, &KEY_BY, &ORPHANS, &CASCADE, &INSERT];

/// What a relation may say of its other side.
const SIDE: &[&str] = &[PART_TABLE, PART_FOREIGN_KEY, PART_REFERENCES];

/// What an arc may say.
const ARC: &[&str] = &[PART_FOREIGN_KEYS];

/// The same of the rows above one in a tree, which are in its own table.
const UP: &[&str] = &[PART_FOREIGN_KEY];

/// The same of one that has a table in between.
const LINKED: &[&str] = &[PART_THROUGH, PART_TABLE, PART_FOREIGN_KEY, PART_OTHER_KEY];

/// The table on the other side.
pub(crate) const PART_TABLE: &str = "table";

/// The columns of the foreign key.
pub(crate) const PART_FOREIGN_KEY: &str = "foreign_key";

/// The columns that they are equal to, where no foreign key says so.
pub(crate) const PART_REFERENCES: &str = "references";

/// The columns of several foreign keys.
pub(crate) const PART_FOREIGN_KEYS: &str = "foreign_keys";

/// The columns of the link table that refer to the other side.
pub(crate) const PART_OTHER_KEY: &str = "other_key";

/// The link table.
pub(crate) const PART_THROUGH: &str = "through";

/// The key of this name, wherever it may stand.
pub(crate) fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().copied().find(|key| key.name == name)
}

/// The keys that may stand at a place.
pub(crate) fn keys_at(place: Place) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().copied().filter(move |key| key.places.contains(&place))
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
