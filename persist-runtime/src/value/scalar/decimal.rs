//! `numeric` columns as `rust_decimal::Decimal`.

use bytes::{BufMut, BytesMut};
use rust_decimal::Decimal;
use tokio_postgres::types::{FromSql, Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::Scalar;
use crate::value::sql_type::{SqlType, family, pg};

#[diagnostic::do_not_recommend]
impl Scalar for Decimal {
    type Family = family::Numeric;
    const OIDS: &'static [Oid] = &[pg::Numeric::OID];

    #[inline]
    fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
        decode_decimal(raw)
    }

    fn encode(&self, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        encode_decimal(self, out);
        Ok(())
    }
}

/// Most values fit an integer of 128 bits, which is read in a tenth of the driver's time and without an
/// allocation. The driver reads or refuses the others (NaN, infinities, zeros after the 28th digit); where it
/// would round, the value is refused.
#[inline]
fn decode_decimal(raw: &[u8]) -> Result<Decimal, BoxError> {
    if let Some(decimal) = decode_short(raw) {
        return Ok(decimal);
    }
    if raw.get(4).is_some_and(|sign| sign & 0xC0 == 0xC0) {
        return Err("it is NaN or infinite, which a `rust_decimal::Decimal` cannot be".into());
    }
    let decimal = Decimal::from_sql(&Type::NUMERIC, raw).map_err(|_| too_many_digits())?;
    let mut exact = BytesMut::new();
    encode_decimal(&decimal, &mut exact);
    if significant(&exact) == significant(raw) { Ok(decimal) } else { Err(too_many_digits()) }
}

#[cold]
fn too_many_digits() -> BoxError {
    "it has more digits than the 28 of a `rust_decimal::Decimal`".into()
}

/// A numeric without what does not change its value: the number of decimal places, and groups of zeros at the
/// end.
fn significant(raw: &[u8]) -> Option<(&[u8], &[u8])> {
    let (weight_and_sign, mut groups) = (raw.get(2..6)?, raw.get(8..)?);
    while let [rest @ .., 0, 0] = groups {
        groups = rest;
    }
    Some((weight_and_sign, groups))
}

// A numeric travels as the number of its groups, the weight of the first one, the sign and the number of
// decimal places; then groups of four decimal digits (`numeric_send` of PostgreSQL).
const POSITIVE: u16 = 0x0000;
const NEGATIVE: u16 = 0x4000;

fn decode_short(raw: &[u8]) -> Option<Decimal> {
    let (&[_, _, w0, w1, s0, s1, p0, p1], groups) = raw.split_first_chunk()?;
    let weight = i16::from_be_bytes([w0, w1]);
    let (sign, places) = (u16::from_be_bytes([s0, s1]), u16::from_be_bytes([p0, p1]));
    let (groups, []) = groups.as_chunks::<2>() else { return None };
    if groups.is_empty() && sign == POSITIVE {
        // Zero may have more places than a `Decimal` can.
        return Some(Decimal::new(0, u32::from(places).min(Decimal::MAX_SCALE)));
    }
    if groups.len() > 8 {
        return None;
    }
    let digits =
        groups.iter().fold(0, |digits, group| digits * 10_000 + i128::from(u16::from_be_bytes(*group)));
    let last_weight = i32::from(weight) - i32::try_from(groups.len()).ok()? + 1;
    let shift = last_weight * 4 + i32::from(places);
    let power = 10_i128.checked_pow(shift.unsigned_abs())?;
    let mantissa = if shift >= 0 {
        digits.checked_mul(power)?
    } else if digits % power == 0 {
        digits / power
    } else {
        return None;
    };
    let mantissa = match sign {
        POSITIVE => mantissa,
        NEGATIVE => -mantissa,
        _ => return None,
    };
    Decimal::try_from_i128_with_scale(mantissa, places.into()).ok()
}

/// The driver's conversion allocates, and makes 0 of 0.00.
fn encode_decimal(decimal: &Decimal, out: &mut BytesMut) {
    // 28 places at most, so no number here is near its limits.
    let places = decimal.scale() as u16;
    let fraction_groups = places.div_ceil(4);
    let padding = 10_u128.pow(u32::from(fraction_groups * 4 - places));
    let mut digits = decimal.mantissa().unsigned_abs() * padding;
    let mut groups = [0; 8];
    let mut first = groups.len();
    while digits > 0 {
        first -= 1;
        // Most numbers are short, and short divisions are quick.
        (digits, groups[first]) = match u64::try_from(digits) {
            Ok(short) => (u128::from(short / 10_000), (short % 10_000) as u16),
            Err(_long) => (digits / 10_000, (digits % 10_000) as u16),
        };
    }
    let groups = &groups[first..];
    out.put_u16(groups.len() as u16);
    out.put_i16(groups.len() as i16 - fraction_groups as i16 - 1);
    out.put_u16(if decimal.is_sign_negative() && !groups.is_empty() { NEGATIVE } else { POSITIVE });
    out.put_u16(places);
    groups.iter().for_each(|group| out.put_u16(*group));
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use rust_decimal::Decimal;
    use tokio_postgres::types::{FromSql, ToSql, Type};

    use super::{decode_decimal, decode_short, encode_decimal};

    const TEXTS: &[&str] = &[
        "0",
        "1",
        "-1",
        "0.00",
        "1.25",
        "1.2500",
        "-0.0001",
        "10000",
        "100000000.1",
        "12345678.90",
        "0.00000001",
        "9999999999999999999999.9999",
        "-79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "7.9228162514264337593543950335",
    ];

    #[test]
    fn short_numbers_are_read_as_the_driver_reads_them() {
        for text in TEXTS {
            let mut raw = BytesMut::new();
            text.parse::<Decimal>().unwrap().to_sql(&Type::NUMERIC, &mut raw).unwrap();
            let by_driver = Decimal::from_sql(&Type::NUMERIC, &raw).unwrap();
            let ours = decode_decimal(&raw).unwrap();
            assert_eq!((ours, ours.scale()), (by_driver, by_driver.scale()), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_the_same() {
        for text in TEXTS {
            let number: Decimal = text.parse().unwrap();
            let mut raw = BytesMut::new();
            encode_decimal(&number, &mut raw);
            assert_eq!(decode_decimal(&raw).unwrap().to_string(), *text);
        }
    }

    #[test]
    fn places_may_be_fewer_or_more_than_the_groups_hold() {
        // 1.5 with one place: the groups 1 and 5000. 20000 with two places: the group 2 of weight 1.
        let short = decode_short(&[0, 2, 0, 0, 0, 0, 0, 1, 0, 1, 0x13, 0x88]).unwrap();
        assert_eq!(short.to_string(), "1.5");
        let long = decode_short(&[0, 1, 0, 1, 0, 0, 0, 2, 0, 2]).unwrap();
        assert_eq!(long.to_string(), "20000.00");
    }

    #[test]
    fn what_would_be_rounded_is_an_error() {
        // 1.23456789012345678901234567890123, as PostgreSQL sends it.
        let groups: [u16; 9] = [1, 2345, 6789, 123, 4567, 8901, 2345, 6789, 123];
        let mut raw = vec![0, 9, 0, 0, 0, 0, 0, 32];
        raw.extend(groups.iter().flat_map(|group| group.to_be_bytes()));
        assert!(decode_decimal(&raw).is_err());
        // 1e-40
        assert!(decode_decimal(&[0, 1, 0xFF, 0xF6, 0, 0, 0, 40, 0, 1]).is_err());
        // 0 with thirty places
        let zero = decode_decimal(&[0, 0, 0, 0, 0, 0, 0, 30]).unwrap();
        assert_eq!((zero, zero.scale()), (0.into(), 28));
        // 1.5 with forty places
        let zeros = decode_decimal(&[0, 2, 0, 0, 0, 0, 0, 40, 0, 1, 0x13, 0x88]).unwrap();
        assert_eq!(zeros.normalize().to_string(), "1.5");
    }

    #[test]
    fn not_a_number_and_cut_cells_are_errors() {
        assert!(decode_decimal(&[0, 0, 0, 0, 0xC0, 0, 0, 0]).is_err());
        assert!(decode_decimal(&[0, 1, 0]).is_err());
    }
}
