//! Documents that are written although nobody may have changed them.

use crate::table::column::ColumnModel;

/// What a column of `t0` becomes that is written as `value`. A document stays as it is where the new one differs only in
/// numbers that Rust has read as floats: whoever has read it does not know their last digits.
#[cfg(feature = "json")]
pub(crate) fn assigned(column: &ColumnModel, value: &str) -> String {
    use crate::value::sql_type::{SqlType, pg};

    let stored = format!("t0.{}", column.name);
    match column.oid {
        _ if keeps_digits() || !column.cast.is_empty() => value.to_owned(),
        pg::Jsonb::OID => {
            format!(
                "CASE WHEN {stored} = {value} OR {} THEN {stored} ELSE {value} END",
                is_kept(&stored, value)
            )
        }
        // The text of a NUL character is none of `jsonb`, also where the server computes what is constant before it looks at
        // the conditions; and the order of members is kept, which `jsonb` does not know.
        pg::Json::OID => {
            let is_odd = format!("strpos({stored}::text || {value}::text, '\\u0000') > 0");
            let old = format!("{stored}::jsonb");
            let new = format!("(CASE WHEN {is_odd} THEN NULL ELSE {value} END)::jsonb");
            let kept = is_kept(&old, &new);
            format!(
                "CASE WHEN {is_odd} THEN {value} WHEN {old} = {new} THEN {value} WHEN {kept} THEN {stored} ELSE {value} END"
            )
        }
        _ => value.to_owned(),
    }
}

#[cfg(not(feature = "json"))]
pub(crate) fn assigned(_: &ColumnModel, value: &str) -> String {
    value.to_owned()
}

/// Does `serde_json` keep all digits of a number (`arbitrary_precision`)? Then a number that differs was changed.
#[cfg(feature = "json")]
fn keeps_digits() -> bool {
    // No float is as large.
    serde_json::from_str::<serde_json::Value>("1e1000").is_ok()
}

/// All parts of both documents are compared in their order: a path over `jsonb` goes through the members of an
/// object as they are stored. An integer of 64 bits is read as such, unless it is written with a fraction, as floats
/// are. What no float holds at all is not cast to one.
#[cfg(feature = "json")]
fn is_kept(stored: &str, value: &str) -> String {
    format!(
        "NOT EXISTS (SELECT FROM \
         jsonb_path_query({stored}, 'strict $.**') WITH ORDINALITY AS a (v, n) FULL JOIN \
         jsonb_path_query({value}, 'strict $.**') WITH ORDINALITY AS b (v, n) ON a.n = b.n \
         WHERE CASE WHEN jsonb_typeof(a.v) IS DISTINCT FROM jsonb_typeof(b.v) THEN true ELSE CASE jsonb_typeof(a.v) \
         WHEN 'object' THEN ARRAY(SELECT jsonb_object_keys(a.v)) <> ARRAY(SELECT jsonb_object_keys(b.v)) \
         WHEN 'array' THEN jsonb_array_length(a.v) <> jsonb_array_length(b.v) \
         WHEN 'number' THEN CASE WHEN a.v = b.v THEN false \
         WHEN NOT abs(a.v::numeric) BETWEEN 1e-300 AND 1e300 OR NOT abs(b.v::numeric) BETWEEN 1e-300 AND 1e300 THEN true \
         WHEN trunc(a.v::numeric) = a.v::numeric AND scale(b.v::numeric) = 0 \
         AND a.v::numeric BETWEEN -9223372036854775808 AND 18446744073709551615 THEN true \
         ELSE a.v::float8 <> b.v::float8 END \
         ELSE a.v <> b.v END END)"
    )
}
