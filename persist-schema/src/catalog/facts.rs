//! What a data layer does not build upon but must know of.

use crate::diagnostic::Origin;
use crate::identifier::QualifiedName;
use crate::pg_type::PgType;

/// A statement whose effect cannot be known without running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// Where it stands.
    pub origin: Origin,
    /// What it is: `CREATE TABLE AS`, `EXECUTE in a DO block`, ….
    pub statement: String,
    /// The object whose shape it hides; `None` when it may do anything.
    pub hides: Option<QualifiedName>,
}

impl Opaque {
    /// What to write so that the hidden table is known: its shape, in a comment that only this crate reads.
    pub fn help(&self) -> String {
        let name = self.hides.as_ref().map_or_else(|| "…".to_owned(), QualifiedName::to_short_sql);
        format!("declare it in a migration, in a comment: `-- persist: CREATE TABLE {name} (…);`")
    }
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// The statement from BEFORE, AFTER or INSTEAD OF on, as written.
    pub definition: String,
    /// The function it calls, as written.
    pub function: String,
    /// FOR EACH ROW, unless it is for each statement.
    pub for_each_row: bool,
    /// Whether it is a CONSTRAINT TRIGGER.
    pub is_constraint: bool,
    /// False after DISABLE TRIGGER.
    pub enabled: bool,
    /// What COMMENT ON TRIGGER says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// A rewrite rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The statement as written.
    pub definition: String,
    /// What COMMENT ON RULE says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// Whether row-level security applies to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowSecurity {
    /// ENABLE ROW LEVEL SECURITY.
    pub enabled: bool,
    /// FORCE ROW LEVEL SECURITY: for the table's owner too.
    pub forced: bool,
}

/// A policy of row-level security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// PERMISSIVE, unless it is RESTRICTIVE.
    pub permissive: bool,
    /// What it is about.
    pub command: PolicyCommand,
    /// The roles it is for; `public` unless said.
    pub roles: Vec<String>,
    /// Which rows can be seen.
    pub using: Option<String>,
    /// Which rows can be written.
    pub with_check: Option<String>,
    /// What COMMENT ON POLICY says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// The statements that a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyCommand {
    /// All of them.
    All,
    /// SELECT.
    Select,
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Its schema and name.
    pub name: QualifiedName,
    /// `int2`, `int4` or `int8`.
    pub ty: PgType,
    /// The table and column it belongs to and goes away with.
    pub owned_by: Option<(QualifiedName, String)>,
    /// Whether it is the hidden one of an identity column.
    pub identity: bool,
    /// The step, as far as it was given.
    pub increment: i64,
    /// The first value.
    pub start: i64,
    /// Whether it starts over at the end.
    pub cycle: bool,
    /// What COMMENT ON SEQUENCE says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// A function, procedure or aggregate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its schema and name.
    pub name: QualifiedName,
    /// Which of the three it is.
    pub kind: FunctionKind,
    /// The types of its input arguments; `None` where one cannot be known.
    pub arguments: Vec<Option<PgType>>,
    /// What it returns, where that is one plain type; `trigger` for trigger functions.
    pub returns: Option<PgType>,
    /// Whether it returns a set of rows.
    pub returns_set: bool,
    /// The language, in lower case.
    pub language: String,
    /// Whether its body may change tables and types: statements that call it are then [`Opaque`].
    pub runs_ddl: bool,
    /// The columns of the row before which it is called that it gives a value, as `NEW.updated_at := now()` does.
    pub assigns: Vec<String>,
    /// What COMMENT ON FUNCTION says.
    pub comment: Option<String>,
    /// Where it is created.
    pub origin: Origin,
}

/// What can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// CREATE FUNCTION.
    Function,
    /// CREATE PROCEDURE.
    Procedure,
    /// CREATE AGGREGATE.
    Aggregate,
}

/// An extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The schema its objects are in.
    pub schema: String,
    /// Where it is created.
    pub origin: Origin,
}
