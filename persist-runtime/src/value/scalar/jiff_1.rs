//! Dates and times as the types of jiff 1, for which the driver has no conversions.

use ::jiff_1::civil::{Date, DateTime, Time};
use ::jiff_1::{Span, Timestamp, ToSpan as _};
use bytes::{BufMut, BytesMut};

use tokio_postgres::types::Type;

use crate::error::BoxError;
use crate::value::form::DAY_IN_MICROSECONDS;

/// The day from which PostgreSQL counts.
const FIRST: Date = Date::constant(2000, 1, 1);

/// The same as microseconds since 1970-01-01 (UTC).
const EPOCH: i64 = 946_684_800_000_000;

pub(super) fn decode_timestamp(raw: &[u8]) -> Result<Timestamp, BoxError> {
    let at = EPOCH.checked_add(i64::from_be_bytes(raw.try_into()?)).ok_or("it is too far away")?;
    Ok(Timestamp::from_microsecond(at)?)
}

pub(super) fn decode_civil(raw: &[u8]) -> Result<DateTime, BoxError> {
    let at = i64::from_be_bytes(raw.try_into()?);
    let (days, rest) = (at.div_euclid(DAY_IN_MICROSECONDS), at.rem_euclid(DAY_IN_MICROSECONDS));
    Ok(day(days)?.to_datetime(time(rest)?))
}

pub(super) fn decode_date(raw: &[u8]) -> Result<Date, BoxError> {
    day(i32::from_be_bytes(raw.try_into()?).into())
}

pub(super) fn decode_time(raw: &[u8]) -> Result<Time, BoxError> {
    time(i64::from_be_bytes(raw.try_into()?))
}

pub(super) fn encode_timestamp(at: &Timestamp, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    out.put_i64(at.as_microsecond() - EPOCH);
    Ok(())
}

pub(super) fn encode_civil(at: &DateTime, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    out.put_i64(days(at.date())? * DAY_IN_MICROSECONDS + microseconds(at.time())?);
    Ok(())
}

pub(super) fn encode_date(date: &Date, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    out.put_i32(i32::try_from(days(*date)?)?);
    Ok(())
}

pub(super) fn encode_time(time: &Time, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
    out.put_i64(microseconds(*time)?);
    Ok(())
}

fn day(days: i64) -> Result<Date, BoxError> {
    Ok(FIRST.checked_add(Span::new().try_days(days)?)?)
}

fn time(microseconds: i64) -> Result<Time, BoxError> {
    Ok(Time::midnight().checked_add(microseconds.microseconds())?)
}

fn days(date: Date) -> Result<i64, BoxError> {
    Ok(date.since(FIRST)?.get_days().into())
}

fn microseconds(time: Time) -> Result<i64, BoxError> {
    Ok(i64::try_from(time.duration_since(Time::midnight()).as_micros())?)
}
