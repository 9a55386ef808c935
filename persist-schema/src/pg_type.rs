//! SQL types, under the names that `pg_catalog` has for them.

use std::fmt;

use crate::identifier::{QualifiedName, quote_identifier};

/// The schema of the built-in types.
pub const PG_CATALOG: &str = "pg_catalog";

/// The type of a column: a name, its modifiers and whether it is an array of that.
///
/// PostgreSQL does not distinguish `int[]` from `int[][]`, neither does this. `serial` never appears here:
/// such a column is an `int4` with a default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PgType {
    /// The type, for an array its element: `pg_catalog.int4`, `pg_catalog.timestamptz`,
    /// `public.order_status`.
    pub name: QualifiedName,
    /// What stands in parentheses, as a list of numbers: `[10, 2]` for `numeric(10,2)`; empty when nothing
    /// was given.
    ///
    /// For `interval`, see [`PgType::interval_fields`].
    pub modifiers: Vec<i32>,
    /// The fields an `interval` is restricted to, for instance `day to second`.
    pub interval_fields: Option<String>,
    /// Whether this is an array of the named type.
    pub is_array: bool,
}

impl PgType {
    /// A built-in type by the name it has in `pg_catalog.pg_type`, for instance `int4`.
    pub fn built_in(name: &str) -> Self {
        Self::named(QualifiedName::new(PG_CATALOG, name))
    }

    /// A type of the user or of an extension.
    pub fn named(name: QualifiedName) -> Self {
        Self { name, modifiers: Vec::new(), interval_fields: None, is_array: false }
    }

    /// The same type with what stands in its parentheses.
    #[must_use]
    pub fn with_modifiers(mut self, modifiers: impl Into<Vec<i32>>) -> Self {
        self.modifiers = modifiers.into();
        self
    }

    /// An array of this type.
    #[must_use]
    pub fn array(mut self) -> Self {
        self.is_array = true;
        self
    }

    /// The element of an array; of any other type itself.
    #[must_use]
    pub fn element(&self) -> Self {
        Self { is_array: false, ..self.clone() }
    }

    /// The type without modifiers: what functions and operators return.
    #[must_use]
    pub fn without_modifiers(self) -> Self {
        Self { modifiers: Vec::new(), interval_fields: None, ..self }
    }

    /// The name in `pg_type` when this is a built-in type and not an array: `int4`, `text`, `timestamptz`.
    pub fn built_in_name(&self) -> Option<&str> {
        (self.name.schema == PG_CATALOG && !self.is_array).then_some(self.name.name.as_str())
    }

    /// Whether the type belongs to PostgreSQL itself, arrays of such types included.
    pub fn is_built_in(&self) -> bool {
        self.name.schema == PG_CATALOG
    }

    /// Whether this is exactly the built-in type of that `pg_type` name, whatever its modifiers.
    pub fn is(&self, name: &str) -> bool {
        self.built_in_name() == Some(name)
    }

    /// The type as SQL text that names it unmistakably in any search path, for a cast.
    pub fn to_sql(&self) -> String {
        let suffix = if self.is_array { "[]" } else { "" };
        let base = if self.is_built_in() {
            self.format_built_in()
        } else {
            self.name.to_sql() + &self.modifier_text()
        };
        format!("{base}{suffix}")
    }

    fn modifier_text(&self) -> String {
        if self.modifiers.is_empty() {
            return String::new();
        }
        let numbers: Vec<String> = self.modifiers.iter().map(i32::to_string).collect();
        format!("({})", numbers.join(","))
    }

    /// What `format_type` prints for a built-in type: the standard's name where there is one.
    fn format_built_in(&self) -> String {
        let modifiers = self.modifier_text();
        match self.name.name.as_str() {
            "bool" => "boolean".into(),
            "int2" => "smallint".into(),
            "int4" => "integer".into(),
            "int8" => "bigint".into(),
            "float4" => "real".into(),
            "float8" => "double precision".into(),
            "numeric" => format!("numeric{modifiers}"),
            "varchar" => format!("character varying{modifiers}"),
            "bpchar" if modifiers.is_empty() => "bpchar".into(),
            "bpchar" => format!("character{modifiers}"),
            "char" => "\"char\"".into(),
            "bit" if modifiers.is_empty() => "\"bit\"".into(),
            "bit" => format!("bit{modifiers}"),
            "varbit" => format!("bit varying{modifiers}"),
            "time" => format!("time{modifiers} without time zone"),
            "timetz" => format!("time{modifiers} with time zone"),
            "timestamp" => format!("timestamp{modifiers} without time zone"),
            "timestamptz" => format!("timestamp{modifiers} with time zone"),
            "interval" => match &self.interval_fields {
                Some(fields) => format!("interval {fields}{modifiers}"),
                None => format!("interval{modifiers}"),
            },
            other => format!("{other}{modifiers}"),
        }
    }
}

/// The type as the server's `format_type` writes it with the default search path: `character varying(255)`,
/// `timestamp with time zone`, `integer[]`, `order_status`, `billing.currency`.
impl fmt::Display for PgType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_built_in() {
            f.write_str(&self.format_built_in())?;
        } else if matches!(self.name.schema.as_str(), "" | "public") {
            write!(f, "{}{}", quote_identifier(&self.name.name), self.modifier_text())?;
        } else {
            write!(f, "{}{}", self.name.to_sql(), self.modifier_text())?;
        }
        f.write_str(if self.is_array { "[]" } else { "" })
    }
}

/// The `pg_type` name of a type name of one word, in lower case; `None` when PostgreSQL has no such type.
///
/// Names of several words (`double precision`, `timestamp with time zone`) are grammar, not names: the reader
/// of types knows them.
pub fn built_in_alias(word: &str) -> Option<&'static str> {
    let name = match word {
        "boolean" => "bool",
        "smallint" => "int2",
        "int" | "integer" => "int4",
        "bigint" => "int8",
        "real" => "float4",
        "decimal" | "dec" => "numeric",
        "character" => "bpchar",
        other => return BUILT_IN.binary_search(&other).ok().map(|i| BUILT_IN[i]),
    };
    Some(name)
}

/// The integer type of `serial` and its relatives.
pub fn serial_base(word: &str) -> Option<&'static str> {
    match word {
        "smallserial" | "serial2" => Some("int2"),
        "serial" | "serial4" => Some("int4"),
        "bigserial" | "serial8" => Some("int8"),
        _ => None,
    }
}

/// The types of `pg_catalog` that columns and functions can have, sorted. `char` is the quoted one of a
/// single byte.
const BUILT_IN: &[&str] = &[
    "aclitem",
    "any",
    "anyarray",
    "anycompatible",
    "anycompatiblearray",
    "anycompatiblemultirange",
    "anycompatiblenonarray",
    "anycompatiblerange",
    "anyelement",
    "anyenum",
    "anymultirange",
    "anynonarray",
    "anyrange",
    "bit",
    "bool",
    "box",
    "bpchar",
    "bytea",
    "char",
    "cid",
    "cidr",
    "circle",
    "cstring",
    "date",
    "datemultirange",
    "daterange",
    "event_trigger",
    "fdw_handler",
    "float4",
    "float8",
    "gtsvector",
    "index_am_handler",
    "inet",
    "int2",
    "int2vector",
    "int4",
    "int4multirange",
    "int4range",
    "int8",
    "int8multirange",
    "int8range",
    "internal",
    "interval",
    "json",
    "jsonb",
    "jsonpath",
    "language_handler",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numeric",
    "nummultirange",
    "numrange",
    "oid",
    "oidvector",
    "path",
    "pg_brin_bloom_summary",
    "pg_brin_minmax_multi_summary",
    "pg_ddl_command",
    "pg_dependencies",
    "pg_lsn",
    "pg_mcv_list",
    "pg_ndistinct",
    "pg_node_tree",
    "pg_snapshot",
    "point",
    "polygon",
    "record",
    "refcursor",
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regnamespace",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regrole",
    "regtype",
    "table_am_handler",
    "text",
    "tid",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "trigger",
    "tsm_handler",
    "tsmultirange",
    "tsquery",
    "tsrange",
    "tstzmultirange",
    "tstzrange",
    "tsvector",
    "txid_snapshot",
    "unknown",
    "uuid",
    "varbit",
    "varchar",
    "void",
    "xid",
    "xid8",
    "xml",
];

#[cfg(test)]
mod tests {
    use super::{BUILT_IN, PgType, built_in_alias};
    use crate::identifier::QualifiedName;

    #[test]
    fn built_in_names_are_sorted() {
        assert!(BUILT_IN.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn types_are_written_like_format_type_does() {
        assert_eq!(PgType::built_in("varchar").with_modifiers([255]).to_string(), "character varying(255)");
        assert_eq!(
            PgType::built_in("timestamptz").with_modifiers([3]).to_string(),
            "timestamp(3) with time zone"
        );
        assert_eq!(PgType::built_in("int4").array().to_string(), "integer[]");
        let mood = PgType::named(QualifiedName::new("app", "Mood")).array();
        assert_eq!(mood.to_string(), "app.\"Mood\"[]");
        assert_eq!(PgType::named(QualifiedName::new("public", "mood")).to_string(), "mood");
    }

    #[test]
    fn aliases_lead_to_the_names_in_pg_type() {
        assert_eq!(built_in_alias("integer"), Some("int4"));
        assert_eq!(built_in_alias("jsonb"), Some("jsonb"));
        assert_eq!(built_in_alias("order_status"), None);
    }
}
