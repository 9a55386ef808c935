//! The text forms are the server's: it is asked for the binary form and the text of the same values.

use bytes::BytesMut;
use persist_testkit::TestDatabase;
use tokio_postgres::types::{FromSql, Type};

use super::{read, read_record, write};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Sync + Send>>;

/// The bytes of a cell.
struct Raw(Vec<u8>);

impl<'r> FromSql<'r> for Raw {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self> {
        Ok(Raw(raw.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

const VALUES: &[(&str, &[&str])] = &[
    ("bool", &["t", "f"]),
    ("\"char\"", &["a", "", "\\377"]),
    ("int2", &["0", "-32768", "32767"]),
    ("int4", &["0", "-2147483648"]),
    ("int8", &["9223372036854775807", "-1"]),
    ("oid", &["4294967295"]),
    ("float4", &["0", "1.5", "-1e-40", "3.4028235e38", "NaN", "Infinity", "-Infinity", "0.1"]),
    ("float8", &["-0", "0.1", "1e300", "5e-324", "NaN", "-Infinity", "123456789.123456789"]),
    (
        "numeric",
        &[
            "0",
            "0.00",
            "-1",
            "1.25",
            "1.2500",
            "10000",
            "0.0001",
            "-0.00010",
            "123456789012345678901234567890.5",
            "1e50",
            "1e-50",
            "NaN",
            "Infinity",
            "-Infinity",
            "99999999",
            "100000000",
            "9999.9999",
            "0.00000001",
        ],
    ),
    (
        "text",
        &[
            "",
            "a",
            "NULL",
            "\"quoted\"",
            "back\\slash",
            "comma, and (parens) {braces}",
            "žluťoučký 🐎",
            "line\nline",
        ],
    ),
    ("bytea", &["\\x", "\\x00ff5c22"]),
    ("uuid", &["00000000-0000-0000-0000-000000000000", "018fdd3e-7a2b-7c3d-8e4f-5a6b7c8d9e0f"]),
    ("json", &["{\"a\": [1, \"x\"]}"]),
    ("jsonb", &["{\"a\": [1, \"x, y\"]}", "null"]),
    (
        "date",
        &[
            "2000-01-01",
            "1999-12-31",
            "2024-02-29",
            "1900-02-28",
            "1900-03-01",
            "0001-01-01",
            "0001-12-31 BC",
            "4713-11-24 BC",
            "5874897-12-31",
            "infinity",
            "-infinity",
            "12000-06-15",
            "0044-03-15 BC",
        ],
    ),
    ("time", &["00:00:00", "23:59:59.999999", "24:00:00", "12:34:56.7"]),
    (
        "timestamp",
        &[
            "2000-01-01 00:00:00",
            "1999-12-31 23:59:59.999999",
            "0044-03-15 10:00:00.5 BC",
            "294276-12-31 23:59:59.999999",
            "4713-11-24 00:00:00 BC",
            "infinity",
            "-infinity",
            "2024-02-29 12:00:00.000001",
        ],
    ),
    (
        "timestamptz",
        &[
            "2000-01-01 00:00:00+00",
            "2026-12-01 10:20:30.123456+02",
            "0044-03-15 10:00:00+00 BC",
            "infinity",
            "1880-06-01 00:00:00+00",
        ],
    ),
    (
        "interval",
        &[
            "0",
            "1 year 2 mons 3 days 04:05:06.789",
            "-1 year -2 mons +3 days -04:05:06",
            "1 day",
            "-1 day",
            "100:00:00",
            "-00:00:00.000001",
            "178000000 years",
            "1 year -1 day",
            "2562047788:00:54.775807",
            "-2562047788:00:54.775807",
        ],
    ),
    ("inet", &["127.0.0.1", "10.0.0.0/8", "::1", "2001:db8::/32", "::ffff:1.2.3.4"]),
    ("int4range", &["empty", "[1,5)", "(,3)", "[7,)", "(,)"]),
    ("numrange", &["[1.5,2.25]", "(0,1)"]),
    ("tsrange", &["[\"2000-01-01 00:00:00\",\"2001-01-01 00:00:00\")"]),
    ("tstzrange", &["[\"2000-01-01 00:00:00+00\",infinity)"]),
    ("daterange", &["[2000-01-01,2000-02-01)"]),
    ("int4multirange", &["{}", "{[1,5),[7,9)}", "{(,3),[7,)}"]),
    ("tsmultirange", &["{[\"2000-01-01 00:00:00\",\"2001-01-01 00:00:00\"),[2002-01-01,)}"]),
    ("text[]", &["{}", "{a,\"b c\",NULL,\"NULL\",\"\",\"q\\\"q\",\"b\\\\s\",\"{x}\"}"]),
    ("int4[]", &["{1,NULL,-3}"]),
    ("timestamptz[]", &["{\"2000-01-01 00:00:00+00\"}"]),
    ("bytea[]", &["{\"\\\\x00ff\"}"]),
    ("daterange[]", &["{\"[2000-01-01,2000-02-01)\",empty}"]),
];

#[tokio::test]
async fn texts_are_those_of_the_server() -> Result {
    let server = TestDatabase::empty().await;
    for zone in ["UTC", "Europe/Berlin", "Asia/Kolkata"] {
        let client = server.client().await;
        client.batch_execute(&format!("SET TimeZone = '{zone}'; SET IntervalStyle = postgres")).await?;
        for (name, values) in VALUES {
            for value in *values {
                let quoted = value.replace('\'', "''");
                let asked = format!("SELECT v, ROW(v, NULL)::text FROM (SELECT '{quoted}'::{name} AS v) s");
                let row = client.query_one(&asked, &[]).await?;
                let ty = row.columns()[0].type_().clone();
                let (Raw(raw), record): (Raw, String) = (row.get(0), row.get(1));
                let context = format!("{name} {value} in {zone}");
                let fields = read_record(&record).map_err(|error| format!("{context} {record}: {error}"))?;
                let [Some(text), None] = &fields[..] else { panic!("{context}: {record}") };
                let mut found = BytesMut::new();
                read(&ty, text, &mut found).map_err(|error| format!("{context}: {error}"))?;
                assert_eq!(found[..], raw[..], "{context}");
                let mut written = String::new();
                write(&ty, &raw, &mut written)?;
                let same = format!("SELECT $1::text::{name}");
                let Raw(stored) = client.query_one(&same, &[&written]).await?.get(0);
                assert_eq!(stored, raw, "{context}: {written}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_day_of_four_centuries_is_the_servers() -> Result {
    let server = TestDatabase::empty().await;
    let days =
        "SELECT d, d::text FROM (SELECT '1899-12-01'::date + n AS d FROM generate_series(0, 150000) n) s";
    for row in server.client().await.query(days, &[]).await? {
        let (Raw(raw), text): (Raw, String) = (row.get(0), row.get(1));
        let mut written = String::new();
        write(&Type::DATE, &raw, &mut written)?;
        assert_eq!(written, text);
        let mut found = BytesMut::new();
        read(&Type::DATE, &text, &mut found)?;
        assert_eq!(found[..], raw[..], "{text}");
    }
    Ok(())
}

#[test]
fn what_is_no_text_of_a_value_is_refused() {
    for (ty, text) in [
        (Type::BOOL, "yes"),
        (Type::INT4, "1.0"),
        (Type::INT2, "40000"),
        (Type::NUMERIC, "1e5"),
        (Type::NUMERIC, ""),
        (Type::BYTEA, "\\000"),
        (Type::BYTEA, "\\x0"),
        (Type::DATE, "01/12/2026"),
        (Type::DATE, "2026-13-01"),
        (Type::TIMESTAMP, "2026-12-01"),
        (Type::TIMESTAMPTZ, "2026-12-01 10:00:00"),
        (Type::TIMESTAMPTZ, "Tue Dec 01 10:00:00 2026 UTC"),
        (Type::INTERVAL, "P1D"),
        (Type::INTERVAL, "@ 1 day"),
        (Type::INET, "example"),
        (Type::TEXT_ARRAY, "[2:3]={a,b}"),
        (Type::TEXT_ARRAY, "{{a},{b}}"),
        (Type::TEXT_ARRAY, "{a"),
        (Type::INT4_RANGE, "[1"),
    ] {
        assert!(read(&ty, text, &mut BytesMut::new()).is_err(), "{ty} {text}");
    }
    for text in ["", "(", "a", "(a", "(a))", "(\"a)", "(a\\"] {
        assert!(read_record(text).is_err(), "{text}");
    }
}
