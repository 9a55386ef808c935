//! Which Rust type holds which SQL type. This is the only place that knows.

use persist_schema::catalog::TypeKind;
use persist_schema::identifier::quote_identifier;
use persist_schema::{Catalog, PgType};

use crate::model::{Named, Wire};

/// A built-in SQL type that columns can have.
struct Known {
    /// Its name in `pg_type`.
    name: &'static str,
    /// The marker type in the runtime's module `pg`.
    marker: &'static str,
    /// The Rust type to be expected.
    rust: &'static str,
    /// The feature that brings the Rust type, where that is not a default one.
    feature: Option<&'static str>,
}

const fn known(name: &'static str, marker: &'static str, rust: &'static str) -> Known {
    Known { name, marker, rust, feature: None }
}

const KNOWN: &[Known] = &[
    known("bool", "Bool", "bool"),
    known("bytea", "Bytea", "Vec<u8>"),
    known("char", "Char", "i8"),
    known("name", "Name", "String"),
    known("int8", "Int8", "i64"),
    known("int2", "Int2", "i16"),
    known("int4", "Int4", "i32"),
    known("text", "Text", "String"),
    known("oid", "Oid_", "u32"),
    known("json", "Json", "persist::Json<…>"),
    known("jsonb", "Jsonb", "persist::Json<…>"),
    known("float4", "Float4", "f32"),
    known("float8", "Float8", "f64"),
    known("interval", "Interval", "persist::Interval"),
    known("inet", "Inet", "std::net::IpAddr"),
    known("bpchar", "Bpchar", "String"),
    known("varchar", "Varchar", "String"),
    known("date", "Date", "chrono::NaiveDate"),
    known("time", "Time", "chrono::NaiveTime"),
    known("timestamp", "Timestamp", "chrono::NaiveDateTime"),
    known("timestamptz", "Timestamptz", "chrono::DateTime<Utc>"),
    Known { name: "numeric", marker: "Numeric", rust: "rust_decimal::Decimal", feature: Some("decimal") },
    known("uuid", "Uuid", "uuid::Uuid"),
    known("int4range", "Int4range", "persist::Range<i32>"),
    known("int8range", "Int8range", "persist::Range<i64>"),
    Known { name: "numrange", marker: "Numrange", rust: "persist::Range<Decimal>", feature: Some("decimal") },
    known("daterange", "Daterange", "persist::Range<NaiveDate>"),
    known("tsrange", "Tsrange", "persist::Range<NaiveDateTime>"),
    known("tstzrange", "Tstzrange", "persist::Range<DateTime<Utc>>"),
    known("int4multirange", "Int4multirange", "persist::Multirange<i32>"),
    known("int8multirange", "Int8multirange", "persist::Multirange<i64>"),
    Known {
        name: "nummultirange",
        marker: "Nummultirange",
        rust: "persist::Multirange<Decimal>",
        feature: Some("decimal"),
    },
    known("datemultirange", "Datemultirange", "persist::Multirange<NaiveDate>"),
    known("tsmultirange", "Tsmultirange", "persist::Multirange<NaiveDateTime>"),
    known("tstzmultirange", "Tstzmultirange", "persist::Multirange<DateTime<Utc>>"),
];

/// Types of PostgreSQL that travel as text, which each of them can be cast from and to.
const AS_TEXT: &[&str] = &[
    "bit",
    "varbit",
    "box",
    "cidr",
    "circle",
    "jsonpath",
    "line",
    "lseg",
    "macaddr",
    "macaddr8",
    "money",
    "path",
    "pg_lsn",
    "pg_snapshot",
    "point",
    "polygon",
    "regclass",
    "regproc",
    "regtype",
    "timetz",
    "tsquery",
    "tsvector",
    "xid",
    "xid8",
    "xml",
];

/// A SQL type that a Rust type can hold.
pub(crate) struct Mapped {
    pub(crate) wire: Wire,
    pub(crate) rust: String,
    pub(crate) feature: Option<&'static str>,
    /// The type of the migrations whose values it holds.
    pub(crate) named: Option<Named>,
}

/// How values of a SQL type travel and what holds them; what to say where no Rust type can.
pub(crate) fn map(catalog: &Catalog, ty: &PgType) -> Result<Mapped, String> {
    let element = ty.element();
    let base = catalog.base_type(&element);
    let is_domain = base != element;
    // A domain over an array: the only way to have an array below a type that is none.
    if base.is_array && is_domain {
        let mut mapped = map(catalog, &base)?;
        if ty.is_array {
            return Err(format!("`{ty}` is an array of arrays"));
        }
        mapped.wire.cast = recast(&mapped.wire.cast, ty);
        return Ok(mapped);
    }
    let (known, travels_as_text, named) = match catalog.type_kind(&base) {
        TypeKind::BuiltIn if AS_TEXT.contains(&base.name.name.as_str()) => (&AS_TEXTS, true, None),
        TypeKind::BuiltIn => (built_in(&base)?, false, None),
        TypeKind::Enum(found) => (&ENUM, true, Some(Named { name: found.name.clone(), sort: "enum" })),
        // Whatever an extension brings has a text form.
        TypeKind::External if catalog.extension_type(&base).is_some() => {
            (if base.name.name == "hstore" { &HSTORE } else { &AS_TEXTS }, true, None)
        }
        TypeKind::Range(_) => (&AS_TEXTS, true, None),
        TypeKind::Composite(found) => {
            (&COMPOSITE, true, Some(Named { name: found.name.clone(), sort: "composite type" }))
        }
        TypeKind::Row(_) => return Err(format!("`{base}` is the row type of a table")),
        TypeKind::Domain(_) | TypeKind::External => {
            return Err(format!("`{base}` is a type that no migration creates"));
        }
    };
    let rust = match &named {
        Some(Named { name, .. }) => format!("{} #[persist(type = \"{name}\")]`", known.rust),
        None => known.rust.to_owned(),
    };
    let rust = if ty.is_array && named.is_none() { format!("Vec<{rust}>") } else { rust };
    // A cast to a domain over a length cuts off what is longer, where an assignment refuses it.
    let is_cut = travels_as_text && is_domain && !base.modifiers.is_empty();
    let target = if is_cut { PgType { is_array: ty.is_array, ..base.clone() } } else { ty.clone() };
    let wire =
        Wire { operators: operators(catalog, ty), ..wire(known.marker, &target, travels_as_text, is_domain) };
    Ok(Mapped { wire, rust, feature: known.feature, named })
}

/// The schema in which the operators of a type are, quoted, where an extension brings the type; else nothing.
pub(crate) fn operators(catalog: &Catalog, ty: &PgType) -> String {
    let brought = catalog.extension_type(ty);
    brought.map(|ty| quote_identifier(&ty.name.schema)).unwrap_or_default()
}

/// The type as people write it: `timestamptz`, where the standard says `timestamp with time zone`.
pub(crate) fn written(ty: &PgType) -> String {
    let short = [
        ("timestamp with time zone", "timestamptz"),
        ("timestamp without time zone", "timestamp"),
        ("time without time zone", "time"),
        ("time with time zone", "timetz"),
        ("character varying", "varchar"),
        ("character(", "char("),
    ];
    let long = ty.to_string();
    short.iter().fold(long, |text, (long, short)| text.replace(long, short))
}

/// Is it a type whose values are points in time?
pub(crate) fn is_timestamp(ty: &PgType) -> bool {
    ty.is("timestamptz") || ty.is("timestamp")
}

static ENUM: Known = known("", "Enum", "an enum with `#[derive(Enum)]");
static COMPOSITE: Known = known("", "Composite", "a struct with `#[derive(Composite)]");
static AS_TEXTS: Known = known("", "Text", "String");
static HSTORE: Known = known("", "Text", "persist::Hstore");

fn built_in(base: &PgType) -> Result<&'static Known, String> {
    let name = base.name.name.as_str();
    KNOWN.iter().find(|known| known.name == name).ok_or_else(|| format!("`{base}` has no Rust type"))
}

/// What the driver does not know by itself is cast to and from text; a domain is answered as its base type,
/// but an array of domains is not.
fn wire(marker: &'static str, ty: &PgType, travels_as_text: bool, is_domain: bool) -> Wire {
    let wire = Wire {
        marker,
        is_array: ty.is_array,
        read_cast: String::new(),
        cast: String::new(),
        array_cast: String::new(),
        operators: String::new(),
    };
    let (element, whole) = (
        cast_to(&ty.element()),
        if ty.is_array { format!("{}[]", cast_to(&ty.element())) } else { ty.to_sql() },
    );
    if travels_as_text && ty.is_array {
        Wire { read_cast: "::text[]".into(), cast: format!("::text[]::{whole}"), ..wire }
    } else if travels_as_text {
        let (cast, array_cast) = (format!("::text::{element}"), format!("::text[]::{element}[]"));
        Wire { read_cast: "::text".into(), cast, array_cast, ..wire }
    } else if is_domain && ty.is_array {
        let base = marker_sql(marker);
        Wire { read_cast: format!("::{base}[]"), cast: format!("::{base}[]::{whole}"), ..wire }
    } else {
        wire
    }
}

/// What a text is cast to: without a length, to which the cast would cut it; `bit` without one is one bit.
fn cast_to(ty: &PgType) -> String {
    if ty.is("bit") { PgType::built_in("varbit").to_sql() } else { ty.clone().without_modifiers().to_sql() }
}

/// A domain over an array is cast from what its base is cast from.
fn recast(cast: &str, domain: &PgType) -> String {
    if cast.is_empty() { String::new() } else { format!("{cast}::{}", domain.to_sql()) }
}

fn marker_sql(marker: &str) -> String {
    let known = KNOWN.iter().find(|known| known.marker == marker);
    PgType::built_in(known.map_or("text", |known| known.name)).to_sql()
}
