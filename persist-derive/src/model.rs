//! What the passes hand on: first what was written, then what is true.

mod facts;
mod relation;
mod wire;

use persist_schema::QualifiedName;
use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::{Lifetime, LitStr, Path, Type, Visibility};

pub(crate) use facts::{
    BoundReference, MadeKey, Meets, Parking, Partial, TableColumn, TableFacts, UniqueKey,
};
pub(crate) use relation::{
    Aggregate, AggregateKind, BoundRelation, Climb, Equals, KeyPart, Line, Link, Load, Nested, Orphans,
    Owned, Pairs, Relation, RelationKind,
};
pub(crate) use wire::Wire;

/// What was read of an item: the path to the facade in any case, the rest if the item has the right form.
pub(crate) struct Parsed<T> {
    pub(crate) krate: Path,
    pub(crate) item: Option<T>,
}

/// A struct with `#[derive(Repository)]` or `#[derive(View)]` as it was written.
pub(crate) struct Entity {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) krate: Path,
    /// `of = …`: what a view is a view of. `None` where rows are written, too.
    pub(crate) of: Option<Path>,
    pub(crate) made: Made,
    /// `table = "…"`.
    pub(crate) table: Option<LitStr>,
    pub(crate) validation: Validation,
    /// `read_only`: it maps a view of the database.
    pub(crate) read_only: Option<Ident>,
    /// Did the attributes of the struct say something that could not be understood?
    pub(crate) is_unclear: bool,
    pub(crate) fields: Vec<Field>,
    /// `filter_by(…)`: relations for conditions only, as fields that the struct does not have.
    pub(crate) paths: Vec<Field>,
}

impl Entity {
    /// Are its rows written, and with it those of its relations?
    pub(crate) fn is_written(&self) -> bool {
        self.of.is_none() && self.read_only.is_none()
    }

    /// The columns that it says tell the rows of a view of the database apart.
    pub(crate) fn said_key(&self) -> Vec<String> {
        let is_id = |field: &&Field| matches!(field.role, Role::Column(ColumnRole::Id { .. }));
        let fields = self.fields.iter().filter(|field| self.read_only.is_some() && is_id(field));
        fields.map(Field::column_name).collect()
    }
}

/// The names of the types that are made for a struct.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) repository: Ident,
    pub(crate) columns: Ident,
    pub(crate) new: Ident,
    pub(crate) fields: Ident,
    /// The enum for sorting.
    pub(crate) order: Ident,
}

/// Who looks at the values of a struct before they are sent.
#[derive(Default)]
pub(crate) struct Validation {
    /// `validate = …`
    pub(crate) entity: Option<Path>,
    /// `validate_new = …`
    pub(crate) new: Option<Path>,
    /// `garde`
    pub(crate) garde: Option<Ident>,
}

/// A field as it was written.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    /// `column = "…"`.
    pub(crate) column: Option<LitStr>,
    pub(crate) role: Role,
    /// The word that gave it its role.
    pub(crate) mark: Option<Ident>,
}

/// What a field is for.
pub(crate) enum Role {
    /// It holds a column of the table.
    Column(ColumnRole),
    Skipped {
        default: Option<Path>,
    },
    /// It holds one of several foreign keys; which, where that is written.
    OneOf(Option<LitStr>),
    /// The rows on the other side of a foreign key.
    Relation(Box<Relation>),
    /// One value of those rows.
    Aggregate(Box<Aggregate>),
    /// A value of the row and of those above it in a tree.
    Line(Box<Line>),
    /// An expression over the row.
    Expression(LitStr),
    /// Its attributes say something that could not be understood, which is reported.
    Unclear,
}

/// What a column of the table is to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnRole {
    Plain,
    Id { database: bool },
    Version,
    CreatedAt,
    UpdatedAt,
    Generated,
}

/// A struct that fits its table.
pub(crate) struct BoundEntity {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) krate: Path,
    pub(crate) made: Made,
    /// Is it a view, whose rows are not written?
    pub(crate) is_view: bool,
    /// Is its table a view of the database?
    pub(crate) is_read_only: bool,
    pub(crate) table: BoundTable,
    /// In the order of the struct; after the columns of the table the expressions of a view.
    pub(crate) columns: Vec<BoundColumn>,
    /// Columns that have no field, but are read for the relations.
    pub(crate) hidden: Vec<HiddenColumn>,
    pub(crate) relations: Vec<BoundRelation>,
    /// Relations without a field, which only conditions know.
    pub(crate) paths: Vec<BoundRelation>,
    /// The fields that hold one of several foreign keys.
    pub(crate) arcs: Vec<BoundArc>,
    /// The fields that are not in the table.
    pub(crate) skipped: Vec<SkippedField>,
    /// The columns of the primary key, in the order of the constraint, as indices of `columns`.
    pub(crate) key: Vec<usize>,
    /// Can ON CONFLICT name the primary key?
    pub(crate) key_is_arbiter: bool,
    pub(crate) version: Option<usize>,
    pub(crate) uniques: Vec<BoundUnique>,
    pub(crate) constraints: Vec<NamedConstraint>,
    pub(crate) validation: Validation,
    /// How its rows are written; `None` for a view.
    pub(crate) facts: Option<TableFacts>,
}

/// What is true of a struct that does not fit its table.
#[derive(Default)]
pub(crate) struct HalfBound {
    /// Its plain fields that have columns.
    pub(crate) columns: Vec<BoundColumn>,
    /// The names of the constants of its constraints, if its table is known.
    pub(crate) constants: Vec<String>,
}

/// The table of a struct.
pub(crate) struct BoundTable {
    pub(crate) name: QualifiedName,
    /// As SQL names it: quoted where it must be, and with its schema unless that is `public`.
    pub(crate) sql: String,
    /// As messages name it.
    pub(crate) shown: String,
}

/// A column that has a field.
pub(crate) struct BoundColumn {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    /// The column's name as the server stores it.
    pub(crate) name: String,
    /// The name, quoted where SQL needs it.
    pub(crate) sql: String,
    /// The place among those of an arc, whose field it is then.
    pub(crate) arm: Option<usize>,
    /// What is read where that is no column.
    pub(crate) derived: Option<Derived>,
    pub(crate) declared: Declared,
    pub(crate) wire: Wire,
    pub(crate) nullable: bool,
    /// Is it a foreign key, or part of one?
    pub(crate) is_foreign_key: bool,
    pub(crate) insert: Insert,
    pub(crate) update: Update,
}

/// A field that holds one of several foreign keys.
pub(crate) struct BoundArc {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    /// The columns, as indices of those of the entity.
    pub(crate) columns: Vec<usize>,
    /// Their names: `team_id, user_id`.
    pub(crate) names: String,
    /// For messages and documentation: `documents.owner`.
    pub(crate) shown: String,
    /// Has every row one of them?
    pub(crate) is_required: bool,
}

/// An enum with `#[derive(OneOf)]` as it was written.
pub(crate) struct OneOf {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) krate: Path,
    pub(crate) table: Option<LitStr>,
    pub(crate) arms: Vec<Arm>,
}

/// A variant of it.
pub(crate) struct Arm {
    pub(crate) ident: Ident,
    /// The type of the key.
    pub(crate) ty: Type,
    pub(crate) foreign_key: Option<LitStr>,
}

/// The same with its columns: variants are in their order.
pub(crate) struct BoundOneOf {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) krate: Path,
    pub(crate) arms: Vec<(Arm, String)>,
}

/// What is read for a field that has no column. `\0` stands for the table.
pub(crate) enum Derived {
    Expression(String),
    /// What opens a value of the rows of another table, that table, and which of its rows.
    Aggregate {
        open: String,
        table: String,
        condition: String,
    },
    /// A value of the row and of those above it, in its own table.
    Line {
        table: String,
        climb: Climb,
        /// The column whose values are listed, quoted.
        listed: Option<String>,
    },
}

/// A column that has no field.
pub(crate) struct HiddenColumn {
    pub(crate) name: String,
    /// The name, quoted where SQL needs it.
    pub(crate) sql: String,
    pub(crate) wire: Wire,
}

/// A type that migrations create, and a derive maps.
pub(crate) struct Named {
    pub(crate) name: QualifiedName,
    /// What it is called: `enum` or `composite type`.
    pub(crate) sort: &'static str,
}

/// How a migration declares a column, for documentation and messages.
pub(crate) struct Declared {
    /// `products.price`.
    pub(crate) column: String,
    /// `numeric(12,2)`.
    pub(crate) ty: String,
    /// The type of the migrations whose values it holds.
    pub(crate) named: Option<Named>,
    /// `schema/0001_shop.sql:38`.
    pub(crate) place: String,
    /// The Rust type that is expected, without its `Option`.
    pub(crate) expected: String,
    /// The feature that brings this type, if it is not a default one.
    pub(crate) feature: Option<&'static str>,
}

/// What an INSERT does with a column.
pub(crate) enum Insert {
    /// `New…::new` asks for it.
    Required,
    /// There is a setter for it.
    Optional,
    /// There is a setter for it, and where that is not called the statement says what it is.
    Unless(&'static str),
    /// The client makes it, and there is a setter for it.
    ClientKey,
    /// The server fills it in.
    Never,
    /// The statement says how.
    Computed(&'static str),
}

impl Insert {
    /// Does a new row keep an `Option` of it?
    pub(crate) fn may_be_left_out(&self) -> bool {
        matches!(self, Insert::Optional | Insert::Unless(_))
    }
}

/// What an UPDATE does with a column.
pub(crate) enum Update {
    /// It is set to what the struct holds.
    Changed,
    /// It is left alone.
    Kept,
    /// It is set to this expression.
    Touched(String),
}

/// A field that is not in the table.
pub(crate) struct SkippedField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) default: Option<Path>,
}

/// A UNIQUE key all of whose columns have fields.
pub(crate) struct BoundUnique {
    /// What its methods are called by, such as `pipeline_id_and_position`.
    pub(crate) suffix: String,
    /// As indices of the entity's columns, in the order of the key.
    pub(crate) columns: Vec<usize>,
    /// Can ON CONFLICT name it?
    pub(crate) is_arbiter: bool,
    pub(crate) found_by: FoundBy,
}

/// How a row is found by a UNIQUE key.
pub(crate) struct FoundBy {
    /// What must hold of it, with `\0` for the table and `$1`, … for the columns; `None`: the columns are equal.
    pub(crate) condition: Option<String>,
    /// The columns of which NULL is a value like any other.
    pub(crate) nulls: Vec<usize>,
    /// What stands behind ON CONFLICT, with `\0` for the table; `None`: the columns.
    pub(crate) target: Option<String>,
    /// The columns that an upsert leaves as they are, because they are the same.
    pub(crate) kept: Vec<usize>,
    /// Is it of some rows only?
    pub(crate) is_partial: bool,
}

/// A constraint with the name of its constant.
pub(crate) struct NamedConstraint {
    /// `UNIQUE_NAME`.
    pub(crate) constant: String,
    /// `pipelines_name_key`.
    pub(crate) name: String,
    /// What it is, for the documentation.
    pub(crate) sort: &'static str,
}

/// An enum with `#[derive(Enum)]` as it was written.
pub(crate) struct Enumeration {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    /// `type = "…"`.
    pub(crate) ty: Option<LitStr>,
    pub(crate) variants: Vec<Variant>,
}

/// A variant as it was written.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// `rename = "…"`.
    pub(crate) rename: Option<LitStr>,
    /// `other`: it holds whatever label has no variant.
    pub(crate) is_other: bool,
}

/// An enum that fits its type.
pub(crate) struct BoundEnumeration {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) name: QualifiedName,
    /// Variants and labels.
    pub(crate) labels: Vec<(Ident, String)>,
    /// The variant for all others.
    pub(crate) other: Option<Ident>,
}

/// A struct with `#[derive(Composite)]` as it was written.
pub(crate) struct Composite {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    /// `type = "…"`.
    pub(crate) ty: Option<LitStr>,
    pub(crate) fields: Vec<CompositeField>,
}

/// A field of it.
pub(crate) struct CompositeField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// `rename = "…"`.
    pub(crate) rename: Option<LitStr>,
}

/// A struct that fits its composite type.
pub(crate) struct BoundComposite {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) name: QualifiedName,
    /// In the order of the type.
    pub(crate) fields: Vec<BoundCompositeField>,
}

/// A field that fits its part of the type.
pub(crate) struct BoundCompositeField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// As the type calls it.
    pub(crate) name: String,
    pub(crate) declared: Declared,
    pub(crate) wire: Wire,
}

/// A struct with `#[derive(Domain)]` as it was written.
pub(crate) struct Newtype {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    /// `type = "…"`.
    pub(crate) ty: Option<LitStr>,
    /// The type of its only field.
    pub(crate) inner: Type,
}

/// A newtype that fits its domain, if it names one.
pub(crate) struct BoundNewtype {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) inner: Type,
    /// The domain that it names.
    pub(crate) domain: Option<(Declared, Wire)>,
}

/// A struct of repositories, as it was written; there is nothing to compare it with.
pub(crate) struct Repositories {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) krate: Path,
    /// That of the session which its repositories borrow.
    pub(crate) lifetime: Lifetime,
    /// Each repository with its type.
    pub(crate) fields: Vec<(Ident, Type)>,
}

impl Made {
    /// The names where nothing else is written.
    pub(crate) fn of(ident: &Ident) -> Made {
        let name = ident.unraw();
        let named = |text: String| Ident::new(&text, ident.span());
        Made {
            repository: named(format!("{name}Repository")),
            columns: named(format!("{name}Columns")),
            new: named(format!("New{name}")),
            fields: named(format!("{name}Fields")),
            order: named(format!("{name}Order")),
        }
    }
}

impl Field {
    /// The name of the column that it is meant to map.
    pub(crate) fn column_name(&self) -> String {
        match &self.column {
            Some(written) => written.value(),
            None => self.ident.unraw().to_string(),
        }
    }
}

impl Role {
    /// What the column is to its row, if a field with this role holds one.
    pub(crate) fn of_column(&self) -> Option<ColumnRole> {
        match self {
            Role::Column(role) => Some(*role),
            Role::Skipped { .. }
            | Role::OneOf(_)
            | Role::Relation(_)
            | Role::Aggregate(_)
            | Role::Line(_)
            | Role::Expression(_)
            | Role::Unclear => None,
        }
    }
}

impl BoundEntity {
    /// The columns of the table among the struct's, each with its index.
    pub(crate) fn table_columns(&self) -> impl Iterator<Item = (usize, &BoundColumn)> {
        self.columns.iter().enumerate().filter(|(_, column)| column.derived.is_none())
    }

    /// The arc of a column, and its place there.
    pub(crate) fn arc_of(&self, column: usize) -> Option<(&BoundArc, usize)> {
        let place = self.columns[column].arm?;
        Some((self.arcs.iter().find(|arc| arc.columns.contains(&column))?, place))
    }

    /// All relations: first those that have fields.
    pub(crate) fn related(&self) -> impl Iterator<Item = &BoundRelation> {
        self.relations.iter().chain(&self.paths)
    }

    /// The columns that an INSERT can be given, as indices, in the order of its parameters.
    pub(crate) fn insertable(&self) -> Vec<usize> {
        self.indices(|column| match column.insert {
            Insert::Required | Insert::Optional | Insert::Unless(_) | Insert::ClientKey => true,
            Insert::Never | Insert::Computed(_) => false,
        })
    }

    /// The columns that an UPDATE sets to what the struct holds, as indices.
    pub(crate) fn changed(&self) -> Vec<usize> {
        self.indices(|column| match column.update {
            Update::Changed => true,
            Update::Kept | Update::Touched(_) => false,
        })
    }

    /// The parameters of an UPDATE: what changes, then the key, then the version.
    pub(crate) fn update_parameters(&self) -> Vec<usize> {
        let mut parameters = self.changed();
        parameters.extend(&self.key);
        parameters.extend(self.version);
        parameters
    }

    /// What every UPDATE sets besides: the index of the column, then the expression.
    pub(crate) fn touched(&self) -> Vec<(usize, &str)> {
        let touched = self.columns.iter().enumerate().filter_map(|(index, column)| match &column.update {
            Update::Touched(expression) => Some((index, expression.as_str())),
            Update::Changed | Update::Kept => None,
        });
        touched.collect()
    }

    /// What an INSERT writes by itself: the index of the column, then the expression.
    pub(crate) fn computed(&self) -> Vec<(usize, &str)> {
        let computed = self.columns.iter().enumerate().filter_map(|(index, column)| match column.insert {
            Insert::Computed(expression) | Insert::Unless(expression) => Some((index, expression)),
            Insert::Required | Insert::Optional | Insert::ClientKey | Insert::Never => None,
        });
        computed.collect()
    }

    /// The place of a cell that is read among the columns that are written down: of an entity those of the
    /// table, of a view its own.
    pub(crate) fn cell(&self, index: usize) -> usize {
        let hidden = || self.hidden[index - self.columns.len()].name.as_str();
        let name = self.columns.get(index).map_or_else(hidden, |column| column.name.as_str());
        self.facts.as_ref().and_then(|facts| facts.place(name)).unwrap_or(index)
    }

    /// The places of columns in the table, from their indices.
    pub(crate) fn places(&self, indices: &[usize]) -> Vec<usize> {
        let names = indices.iter().map(|index| &self.columns[*index].name);
        names.filter_map(|name| self.facts.as_ref()?.place(name)).collect()
    }

    fn indices(&self, wanted: impl Fn(&BoundColumn) -> bool) -> Vec<usize> {
        (0..self.columns.len()).filter(|index| wanted(&self.columns[*index])).collect()
    }
}
