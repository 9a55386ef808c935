//! Whether bytes are the binary form of a value, as the server reads it.

use fallible_iterator::FallibleIterator;
use postgres_protocol::types::array_from_sql;
use tokio_postgres::types::{Kind, Oid, Type};

use crate::error::BoxError;

/// Are they the binary form of a value of this type? `None`: only the server knows.
pub(crate) fn is_value(oid: Oid, raw: &[u8]) -> Option<bool> {
    let ty = Type::from_oid(oid)?;
    if let Kind::Array(element) = ty.kind() {
        return Some(is_array(element, raw).unwrap_or(false));
    }
    let is_valid = match ty {
        Type::BOOL | Type::CHAR => raw.len() == 1,
        Type::INT2 => raw.len() == 2,
        Type::INT4 | Type::OID | Type::FLOAT4 => raw.len() == 4,
        Type::INT8 | Type::FLOAT8 => raw.len() == 8,
        Type::UUID | Type::INTERVAL => raw.len() == 16,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => is_text(raw),
        // `NAMEDATALEN` of PostgreSQL.
        Type::NAME => raw.len() < 64 && is_text(raw),
        Type::BYTEA => true,
        Type::DATE => raw.try_into().is_ok_and(|raw| {
            let days = i32::from_be_bytes(raw);
            DATES.contains(&days) || days == i32::MIN || days == i32::MAX
        }),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => raw.try_into().is_ok_and(|raw| {
            let microseconds = i64::from_be_bytes(raw);
            TIMESTAMPS.contains(&microseconds) || microseconds == i64::MIN || microseconds == i64::MAX
        }),
        Type::TIME => {
            raw.try_into().is_ok_and(|raw| (0..=DAY_IN_MICROSECONDS).contains(&i64::from_be_bytes(raw)))
        }
        // The server says of another version that it is a defect of its own.
        Type::JSONB if raw.first() != Some(&1) => false,
        _ => return None,
    };
    Some(is_valid)
}

/// Has it one dimension at most, which counts from 1, as all that a `Vec` is read from?
fn is_array(element: &Type, raw: &[u8]) -> Result<bool, BoxError> {
    let array = array_from_sql(raw)?;
    let mut dimensions = array.dimensions();
    let is_counted = dimensions.next()?.is_none_or(|dimension| dimension.lower_bound == 1);
    let is_list = dimensions.next()?.is_none() && array.element_type() == element.oid();
    let are_values = array
        .values()
        .all(|value| Ok(value.is_none_or(|value| is_value(element.oid(), value) != Some(false))))?;
    Ok(is_counted && is_list && are_values)
}

fn is_text(raw: &[u8]) -> bool {
    !raw.contains(&0) && std::str::from_utf8(raw).is_ok()
}

/// Timestamps from 4714-11-24 BC up to the year 294276, in microseconds since 2000-01-01 (`MIN_TIMESTAMP` and
/// `END_TIMESTAMP` of PostgreSQL's `timestamp.h`). A time of the day is always among them.
pub(crate) const TIMESTAMPS: std::ops::Range<i64> = -211_813_488_000_000_000..9_223_371_331_200_000_000;

/// Dates from 4714-11-24 BC up to the year 5874897, in days since 2000-01-01 (`date.h`).
pub(crate) const DATES: std::ops::Range<i32> = -2_451_545..2_145_031_949;

/// The end of a day, which a time can be.
pub(crate) const DAY_IN_MICROSECONDS: i64 = 24 * 60 * 60 * 1_000_000;
