//! Names as PostgreSQL treats them: qualified, quoted, cut to 63 bytes.

use std::fmt;

/// The longest name that PostgreSQL keeps, in bytes; what is longer is cut.
pub const MAX_IDENTIFIER_BYTES: usize = 63;

/// The name of a relation, type or function together with its schema, as the server stores both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    /// The schema; empty where it cannot be known, as for the types of an extension that no file creates.
    pub schema: String,
    /// The name in that schema.
    pub name: String,
}

impl QualifiedName {
    /// The name `schema.name`; both as stored, without quotes.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    /// The name as SQL text, always with its schema, quoted where it must be.
    pub fn to_sql(&self) -> String {
        if self.schema.is_empty() {
            return quote_identifier(&self.name);
        }
        format!("{}.{}", quote_identifier(&self.schema), quote_identifier(&self.name))
    }

    /// The name as people write it in SQL: quoted where it must be, and with its schema unless that is `public`.
    pub fn to_short_sql(&self) -> String {
        match self.schema.as_str() {
            "public" => quote_identifier(&self.name),
            _ => self.to_sql(),
        }
    }
}

/// For messages: without the schema where that is `public`, and without quotes.
impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.schema.as_str() {
            "" | "public" => f.write_str(&self.name),
            schema => write!(f, "{schema}.{}", self.name),
        }
    }
}

/// Splits what a user wrote as the name of a table or type into schema and name.
///
/// Names are taken exactly as written, upper case included; a part in double quotes may hold a dot.
pub fn split_qualified(text: &str) -> (Option<String>, String) {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            c => {
                if let Some(part) = parts.last_mut() {
                    part.push(c);
                }
            }
        }
    }
    let name = parts.pop().unwrap_or_default();
    (parts.pop(), name)
}

/// The name as SQL text: in double quotes where PostgreSQL's `quote_ident` would put them.
pub fn quote_identifier(name: &str) -> String {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_')
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && KEYWORDS.binary_search(&name).is_err();
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Cuts a name to the bytes that PostgreSQL keeps, never inside a character.
pub fn truncate_identifier(name: &str) -> &str {
    cut(name, MAX_IDENTIFIER_BYTES)
}

/// The longest prefix of at most `max` bytes that ends between two characters.
pub(crate) fn cut(name: &str, max: usize) -> &str {
    if name.len() <= max {
        return name;
    }
    let mut end = max;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// The keywords that are not "unreserved" in PostgreSQL 15 to 18, sorted: `quote_ident` quotes these.
const KEYWORDS: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, quote_identifier, split_qualified, truncate_identifier};

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn names_are_quoted_like_the_server_does() {
        assert_eq!(quote_identifier("users"), "users");
        assert_eq!(quote_identifier("Users"), "\"Users\"");
        assert_eq!(quote_identifier("order"), "\"order\"");
        assert_eq!(quote_identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(quote_identifier("1st"), "\"1st\"");
    }

    #[test]
    fn qualified_names_are_split_at_dots_outside_quotes() {
        assert_eq!(split_qualified("app.users"), (Some("app".into()), "users".into()));
        assert_eq!(split_qualified("Users"), (None, "Users".into()));
        assert_eq!(split_qualified("\"a.b\".c"), (Some("a.b".into()), "c".into()));
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let name = "ä".repeat(40);
        assert_eq!(truncate_identifier(&name).len(), 62);
    }
}
