//! Types in a tree: aliases, modifiers, arrays, serial.

use crate::analyse::literal;
use crate::analyse::name::{self, Name};
use crate::parse::{Kind, Node};
use crate::pg_type::{PG_CATALOG, PgType, built_in_alias, serial_base};

/// A type as written, before its name is looked up in the search path.
pub(crate) enum WrittenType {
    /// A type of PostgreSQL itself.
    BuiltIn(PgType),
    /// `serial` and its relatives: the integer type of the column.
    Serial(PgType),
    /// Another type, with its modifiers and whether it is an array of that.
    Named { name: Name, modifiers: Vec<i32>, is_array: bool },
    /// `table.column%TYPE`.
    OfColumn { table: Name, column: String },
}

/// The child of a node that is a type.
pub(crate) fn child(node: Node<'_>) -> Option<Node<'_>> {
    node.children().find(|child| is_type(*child))
}

/// Whether a node is a type.
pub(crate) fn is_type(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        Kind::PATH_TYPE
            | Kind::ARRAY_TYPE
            | Kind::VARCHAR_TYPE
            | Kind::CHARACTER_TYPE
            | Kind::BIT_TYPE
            | Kind::BIT_VARYING_TYPE
            | Kind::DOUBLE_TYPE
            | Kind::TIME_TYPE
            | Kind::TIMESTAMP_TYPE
            | Kind::INTERVAL_TYPE
            | Kind::PERCENT_TYPE
    )
}

/// The name that `pg_type` has for a type, without its schema: `int4`, `timestamptz`, `mood`.
pub(crate) fn catalog_name(node: Node<'_>) -> String {
    match read(node) {
        WrittenType::BuiltIn(ty) | WrittenType::Serial(ty) => ty.name.name,
        WrittenType::Named { name, .. } => name.name,
        WrittenType::OfColumn { column, .. } => column,
    }
}

/// Reads a type.
pub(crate) fn read(node: Node<'_>) -> WrittenType {
    let built_in = |name: &str| WrittenType::BuiltIn(PgType::built_in(name).with_modifiers(modifiers(node)));
    match node.kind() {
        Kind::ARRAY_TYPE => match child(node).map(read) {
            Some(WrittenType::BuiltIn(ty) | WrittenType::Serial(ty)) => WrittenType::BuiltIn(ty.array()),
            Some(WrittenType::Named { name, modifiers, .. }) => {
                WrittenType::Named { name, modifiers, is_array: true }
            }
            Some(of_column @ WrittenType::OfColumn { .. }) => of_column,
            None => WrittenType::Named { name: name::name(node), modifiers: Vec::new(), is_array: true },
        },
        Kind::VARCHAR_TYPE => built_in("varchar"),
        // `character` without a length is character(1), while the name bpchar alone has no length.
        Kind::CHARACTER_TYPE => sized(node, "bpchar"),
        Kind::BIT_TYPE => sized(node, "bit"),
        Kind::BIT_VARYING_TYPE => built_in("varbit"),
        Kind::DOUBLE_TYPE => built_in("float8"),
        Kind::TIME_TYPE => built_in(if node.has(Kind::WITH_TIMEZONE) { "timetz" } else { "time" }),
        Kind::TIMESTAMP_TYPE => {
            built_in(if node.has(Kind::WITH_TIMEZONE) { "timestamptz" } else { "timestamp" })
        }
        Kind::INTERVAL_TYPE => WrittenType::BuiltIn(interval(node)),
        Kind::PERCENT_TYPE => {
            let (table, column) = name::column_of(node);
            WrittenType::OfColumn { table, column }
        }
        _ => read_path(node),
    }
}

fn sized(node: Node<'_>, name: &str) -> WrittenType {
    let mut modifiers = modifiers(node);
    if modifiers.is_empty() {
        modifiers.push(1);
    }
    WrittenType::BuiltIn(PgType::built_in(name).with_modifiers(modifiers))
}

fn read_path(node: Node<'_>) -> WrittenType {
    let name = name::name(node);
    let modifiers = modifiers(node);
    let quoted = node.text().ends_with('"');
    let plain = name.schema.is_none() && !quoted;
    if plain && let Some(base) = serial_base(&name.name) {
        return WrittenType::Serial(PgType::built_in(base));
    }
    if plain && name.name == "float" {
        let single = modifiers.first().is_some_and(|digits| *digits <= 24);
        return WrittenType::BuiltIn(PgType::built_in(if single { "float4" } else { "float8" }));
    }
    // Aliases such as `integer` are grammar: in quotes or after a schema only the names in pg_type count.
    // `char` is the other way round: the plain word is grammar for character(1).
    let in_catalog = name.schema.as_deref().is_none_or(|schema| schema == PG_CATALOG);
    let found = in_catalog.then(|| built_in_alias(&name.name)).flatten();
    match found.filter(|found| plain || *found == name.name) {
        // numeric(10) is numeric(10,0).
        Some("numeric") if modifiers.len() == 1 => {
            WrittenType::BuiltIn(PgType::built_in("numeric").with_modifiers([modifiers[0], 0]))
        }
        Some(built_in) => WrittenType::BuiltIn(PgType::built_in(built_in).with_modifiers(modifiers)),
        None => WrittenType::Named { name, modifiers, is_array: false },
    }
}

fn interval(node: Node<'_>) -> PgType {
    let mut ty = PgType::built_in("interval").with_modifiers(modifiers(node));
    let fields = node.children().find(|child| {
        matches!(
            child.kind(),
            Kind::INTERVAL_YEAR
                | Kind::INTERVAL_MONTH
                | Kind::INTERVAL_DAY
                | Kind::INTERVAL_HOUR
                | Kind::INTERVAL_MINUTE
                | Kind::INTERVAL_SECOND
        )
    });
    if let Some(fields) = fields {
        let words: Vec<String> = fields
            .tokens()
            .take_while(|token| !token.is(Kind::L_PAREN))
            .map(|token| token.text().to_ascii_lowercase())
            .collect();
        ty.interval_fields = Some(words.join(" "));
        ty.modifiers = modifiers(fields);
    }
    ty
}

/// The numbers in the parentheses of a type; words there, as in geometry(Point), belong to extensions and are
/// dropped.
fn modifiers(node: Node<'_>) -> Vec<i32> {
    let list = node.child(Kind::ARG_LIST).unwrap_or(node);
    list.children()
        .filter(|child| matches!(child.kind(), Kind::ARG | Kind::LITERAL))
        .filter_map(|child| literal::integer(child).and_then(|number| i32::try_from(number).ok()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{WrittenType, child, read};
    use crate::parse::{Grammar, Kind, parse};

    fn format(ty: &str) -> String {
        let sql = format!("create table t (a {ty})");
        let tree = parse(&sql, Grammar::Sql);
        let column = tree.root().find(Kind::COLUMN).expect("a column");
        match read(child(column).expect("a type")) {
            WrittenType::BuiltIn(ty) => ty.to_string(),
            WrittenType::Serial(ty) => format!("serial over {ty}"),
            WrittenType::Named { name, modifiers, is_array } => format!("{name:?} {modifiers:?} {is_array}"),
            WrittenType::OfColumn { table, column } => format!("{table:?} {column}"),
        }
    }

    #[test]
    fn types_get_the_names_of_format_type() {
        for (written, formatted) in [
            ("INT", "integer"),
            ("int8[][3]", "bigint[]"),
            ("float(24)", "real"),
            ("float", "double precision"),
            ("decimal(5)", "numeric(5,0)"),
            ("numeric(10, 2)", "numeric(10,2)"),
            ("char", "character(1)"),
            ("\"char\"", "\"char\""),
            ("bpchar", "bpchar"),
            ("national character varying(3)", "character varying(3)"),
            ("bit", "bit(1)"),
            ("timestamp(3) with time zone", "timestamp(3) with time zone"),
            ("timestamptz", "timestamp with time zone"),
            ("time", "time without time zone"),
            ("interval day to second(2)", "interval day to second(2)"),
            ("pg_catalog.int4", "integer"),
            ("bigserial", "serial over bigint"),
            ("text array[4]", "text[]"),
        ] {
            assert_eq!(format(written), formatted, "{written}");
        }
        assert!(format("app.mood[]").contains("mood"));
        assert!(format("\"integer\"").contains("Name"), "in quotes it is no alias");
    }
}
