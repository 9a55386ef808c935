//! `numeric` columns as `bigdecimal::BigDecimal`, of any number of digits.

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::{BigInt, Sign};
use bytes::{Buf, BufMut, BytesMut};
use tokio_postgres::types::{Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::Scalar;
use crate::value::sql_type::{SqlType, family, pg};

/// The digits of PostgreSQL are those of a number to the base of 10,000.
const DIGITS: usize = 4;

const NEGATIVE: u16 = 0x4000;

/// Digits behind the point (`NUMERIC_DSCALE_MAX` of PostgreSQL).
const MOST_PLACES: usize = 16_383;

/// NaN and the infinities.
const NO_NUMBER: u16 = 0x8000;

#[diagnostic::do_not_recommend]
impl Scalar for BigDecimal {
    type Family = family::Numeric;
    const OIDS: &'static [Oid] = &[pg::Numeric::OID];

    // The number of digits, the weight of the first, the sign, the digits behind the point that are shown, the digits
    // (`numeric_send` of PostgreSQL).
    fn decode(_: Oid, mut raw: &[u8]) -> Result<Self, BoxError> {
        let (count, weight) = (raw.try_get_u16()?, i64::from(raw.try_get_i16()?));
        let (sign, scale) = (raw.try_get_u16()?, i64::from(raw.try_get_u16()?));
        if sign & NO_NUMBER != 0 {
            return Err("it is NaN or infinite, which a `BigDecimal` cannot be".into());
        }
        let mut digits = String::with_capacity(usize::from(count) * DIGITS + 1);
        for _ in 0..count {
            digits.push_str(&format!("{:04}", raw.try_get_u16()?));
        }
        let digits: BigInt = if digits.is_empty() { BigInt::ZERO } else { digits.parse()? };
        let digits = if sign == NEGATIVE { -digits } else { digits };
        let places = (i64::from(count) - weight - 1) * DIGITS as i64;
        Ok(BigDecimal::new(digits, places).with_scale(scale))
    }

    fn encode(&self, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        let scaled = if self.fractional_digit_count() < 0 { self.with_scale(0) } else { self.clone() };
        let (digits, scale) = scaled.into_bigint_and_exponent();
        let scale = usize::try_from(scale)?;
        if scale > MOST_PLACES {
            return Err(format!(
                "it has {scale} digits behind the point, and PostgreSQL keeps {MOST_PLACES}"
            )
            .into());
        }
        let sign = if digits.sign() == Sign::Minus { NEGATIVE } else { 0 };
        // As many zeros in front and behind as make groups of whole digits on both sides of the point.
        let behind = scale.div_ceil(DIGITS) * DIGITS;
        let text = format!("{}{}", digits.magnitude(), "0".repeat(behind - scale));
        let width = text.len().max(behind).div_ceil(DIGITS) * DIGITS;
        let text = format!("{text:0>width$}");
        let groups: Vec<u16> = (0..width)
            .step_by(DIGITS)
            .map(|at| text[at..at + DIGITS].parse())
            .collect::<Result<_, std::num::ParseIntError>>()?;
        let leading = groups.iter().take_while(|group| **group == 0).count();
        let weight = (width - behind) as i64 / DIGITS as i64 - 1 - leading as i64;
        let groups = &groups[leading..];
        let trailing = groups.iter().rev().take_while(|group| **group == 0).count();
        let groups = &groups[..groups.len() - trailing];
        out.put_u16(u16::try_from(groups.len())?);
        out.put_i16(if groups.is_empty() { 0 } else { i16::try_from(weight)? });
        out.put_u16(if groups.is_empty() { 0 } else { sign });
        out.put_u16(u16::try_from(scale)?);
        groups.iter().for_each(|group| out.put_u16(*group));
        Ok(())
    }
}
