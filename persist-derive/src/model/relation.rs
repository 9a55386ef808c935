//! Relations: fields that hold rows of other tables, and values of such rows.

use proc_macro2::Ident;
use syn::{LitBool, LitInt, LitStr, Type, Visibility};

/// Columns or their like that belong together.
pub(crate) type Pairs = Vec<(String, String)>;

/// Columns that are equal, and the schema of the operators by which they are; empty: PostgreSQL's.
pub(crate) type Equals = Vec<(String, String, String)>;

/// A relation as it was written.
pub(crate) struct Relation {
    pub(crate) kind: RelationKind,
    /// Is it for conditions only, and neither loaded nor written?
    pub(crate) is_path: bool,
    /// `table = "…"`: the other side.
    pub(crate) table: Option<LitStr>,
    /// `foreign_key = "…"`.
    pub(crate) foreign_key: Option<LitStr>,
    /// `references = "…"`: what it refers to, where no migration says so.
    pub(crate) references: Option<LitStr>,
    /// `through = "…"`: the link table.
    pub(crate) through: Option<LitStr>,
    /// `other_key = "…"`: the columns of the link table that refer to the other side.
    pub(crate) other_key: Option<LitStr>,
    pub(crate) order_by: Option<LitStr>,
    pub(crate) filter: Option<LitStr>,
    pub(crate) limit: Option<LitInt>,
    /// `max_depth = …`: of a tree.
    pub(crate) max_depth: Option<LitInt>,
    /// `key_by = "…"`: the column whose values are the keys of a map.
    pub(crate) key_by: Option<LitStr>,
    /// `index = "none"`: the foreign key has no index, and that is fine.
    pub(crate) index: Option<LitStr>,
    /// `orphans = "…"`: what becomes of rows that are taken out.
    pub(crate) orphans: Option<LitStr>,
    /// `cascade`: the database deletes them with their parent.
    pub(crate) cascade: Option<Ident>,
    /// `insert = true`: rows that are not there are inserted with the struct.
    pub(crate) insert: Option<LitBool>,
}

/// The sorts of relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RelationKind {
    HasMany,
    HasOne,
    BelongsTo,
    ManyToMany,
    /// All rows above one in a tree.
    Ancestors,
}

/// A value of a row and of those above it in a tree, as it was written.
pub(crate) struct Line {
    /// `path = "name"`: the column whose values are listed; `None`: how many rows are above.
    pub(crate) listed: Option<LitStr>,
    pub(crate) foreign_key: Option<LitStr>,
}

/// The way from a row of a tree up to its root.
pub(crate) struct Climb {
    /// The column that other rows refer to, quoted.
    pub(crate) key: String,
    /// Its SQL type.
    pub(crate) ty: String,
    /// The column that refers to the row above, quoted.
    pub(crate) parent: String,
    /// The schema of the operators by which the two are equal; empty: PostgreSQL's.
    pub(crate) operators: String,
}

/// A value of the rows on the other side, as it was written.
pub(crate) struct Aggregate {
    pub(crate) kind: AggregateKind,
    /// A table, or a column with its table.
    pub(crate) of: LitStr,
    pub(crate) filter: Option<LitStr>,
    pub(crate) foreign_key: Option<LitStr>,
}

/// The sorts of such values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AggregateKind {
    Count,
    Exists,
    Min,
    Max,
    Sum,
    Avg,
}

/// A relation whose other side is known.
pub(crate) struct BoundRelation {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    /// The struct of one row.
    pub(crate) other: Type,
    /// Its name, for messages.
    pub(crate) element: String,
    /// The other side with its schema: `public.pipeline_steps`.
    pub(crate) table: String,
    /// The same for messages and documentation.
    pub(crate) shown: String,
    /// What must hold of the other side; empty: nothing.
    pub(crate) filter: String,
    pub(crate) load: Load,
    /// The columns on this side, as places in their table: of a link table those that it refers to.
    pub(crate) near: Vec<usize>,
    /// Those on the other side.
    pub(crate) far: Vec<usize>,
    /// What is wrong with it, but works.
    pub(crate) warning: Option<String>,
    /// Does an index find the rows on the other side?
    pub(crate) has_index: bool,
    /// What becomes of the rows on the other side; `None` where this one belongs to them.
    pub(crate) owned: Option<Owned>,
    pub(crate) nested: Nested,
    /// Are rows on the other side of a link table inserted, where they are not there?
    pub(crate) inserts: bool,
}

/// What becomes of rows that belong to another one.
#[derive(Debug, Clone)]
pub(crate) struct Owned {
    /// When they are taken out of the relation.
    pub(crate) orphans: Orphans,
    /// Does the database delete them, or the rows of the link table, with their parent?
    pub(crate) cascades: bool,
}

/// What becomes of a row that was taken out of its relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Orphans {
    Delete,
    /// These columns of its table become NULL.
    Null(Vec<usize>),
}

/// What a new row can be given for a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nested {
    Nothing,
    /// New rows.
    Rows,
    /// One new row, which is joined where it is read.
    Row,
    /// One new row, which is the first of several where it is read.
    First,
    /// The keys of rows that exist.
    Links,
}

/// How the other side is read.
pub(crate) enum Load {
    /// By a join.
    One {
        /// The columns here, and those of the other side that they are equal to.
        on: Equals,
        is_optional: bool,
    },
    /// By a statement of its own.
    Many {
        key: Vec<KeyPart>,
        link: Link,
        order: String,
        limit: Option<u32>,
        /// The levels that are read, where the others are of the same struct.
        tree: Option<Option<u32>>,
        /// The field of the others whose value is the key of a map.
        key_by: Option<Ident>,
        /// The way up, where the others are all rows above.
        climb: Option<Box<Climb>>,
        /// The levels above a row that are read at most.
        max_climb: Option<u32>,
    },
}

/// A column that the rows of the other side refer to.
pub(crate) struct KeyPart {
    /// Its index among the columns that are read.
    pub(crate) index: usize,
    /// Its name, quoted.
    pub(crate) name: String,
    /// Its SQL type.
    pub(crate) ty: String,
    /// The schema of the operators by which a path compares it; empty: PostgreSQL's.
    pub(crate) operators: String,
}

/// How the rows of the other side refer to those of this one.
pub(crate) struct Link {
    /// The columns that refer, and the cast that makes them the bytes of the key.
    pub(crate) columns: Pairs,
    /// The link table in SQL, and how it refers to the other side: its columns, then those of the other side.
    pub(crate) through: Option<(String, Equals)>,
}

impl Relation {
    /// One of which nothing is written but its foreign key.
    pub(crate) fn over(kind: RelationKind, foreign_key: &Option<LitStr>) -> Self {
        Relation {
            kind,
            is_path: false,
            table: None,
            foreign_key: foreign_key.clone(),
            references: None,
            through: None,
            other_key: None,
            order_by: None,
            filter: None,
            limit: None,
            max_depth: None,
            key_by: None,
            index: None,
            orphans: None,
            cascade: None,
            insert: None,
        }
    }
}

impl RelationKind {
    /// As it is written.
    pub(crate) fn word(self) -> &'static str {
        match self {
            RelationKind::HasMany => "has_many",
            RelationKind::HasOne => "has_one",
            RelationKind::BelongsTo => "belongs_to",
            RelationKind::ManyToMany => "many_to_many",
            RelationKind::Ancestors => "ancestors",
        }
    }

    /// May `references` say what is equal to what?
    pub(crate) fn may_declare(self) -> bool {
        match self {
            RelationKind::HasMany | RelationKind::HasOne | RelationKind::BelongsTo => true,
            RelationKind::ManyToMany | RelationKind::Ancestors => false,
        }
    }

    /// Is it one row at most?
    pub(crate) fn is_single(self) -> bool {
        match self {
            RelationKind::HasOne | RelationKind::BelongsTo => true,
            RelationKind::HasMany | RelationKind::ManyToMany | RelationKind::Ancestors => false,
        }
    }
}

impl AggregateKind {
    /// As it is written, which is its name in SQL, too.
    pub(crate) fn word(self) -> &'static str {
        match self {
            AggregateKind::Count => "count",
            AggregateKind::Exists => "exists",
            AggregateKind::Min => "min",
            AggregateKind::Max => "max",
            AggregateKind::Sum => "sum",
            AggregateKind::Avg => "avg",
        }
    }
}

impl BoundRelation {
    /// What is left of it for conditions, which neither load nor write its rows.
    pub(crate) fn for_conditions(self) -> Self {
        let load = match self.load {
            Load::One { .. } => self.load,
            Load::Many { key, link, climb, order: _, limit: _, tree: _, key_by: _, max_climb: _ } => {
                let order = String::new();
                Load::Many { key, link, order, limit: None, tree: None, key_by: None, climb, max_climb: None }
            }
        };
        Self { load, owned: None, nested: Nested::Nothing, inserts: false, ..self }
    }
}

impl Load {
    pub(crate) fn is_one(&self) -> bool {
        matches!(self, Load::One { .. })
    }

    pub(crate) fn is_tree(&self) -> bool {
        matches!(self, Load::Many { tree: Some(_), .. })
    }

    /// Is what is read found by a key that is unique?
    pub(crate) fn is_by_unique_key(&self) -> bool {
        matches!(self, Load::One { .. } | Load::Many { climb: Some(_), .. })
    }
}
