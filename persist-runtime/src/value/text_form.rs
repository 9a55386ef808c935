//! The text form of values, which is what a value has inside of a composite one: from the binary form to it, and back.
//!
//! It is that of PostgreSQL's input and output functions, with the settings on which this library counts: dates in ISO, times
//! in UTC, intervals in the style `postgres`.

mod conversion;
mod list;
mod moment;
mod number;
mod range;

use std::net::IpAddr;
use std::str::FromStr;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{Kind, Type};

use self::conversion::shown;
pub(crate) use self::list::{read_record, write_quoted};
use crate::error::BoxError;

/// Writes the text form of a value whose binary form is `raw`.
pub(crate) fn write(ty: &Type, raw: &[u8], text: &mut String) -> Result<(), BoxError> {
    match ty.kind() {
        Kind::Array(element) => return list::write_array(element, raw, write, text),
        Kind::Range(of) => return range::write(of, raw, write, text),
        Kind::Multirange(of) => return range::write_several(of, raw, write, text),
        _ => {}
    }
    match *ty {
        Type::BOOL => text.push(if raw == [1] { 't' } else { 'f' }),
        Type::CHAR => list::write_char(fixed::<1>(raw)?[0], text),
        Type::INT2 => shown(i16::from_be_bytes(fixed(raw)?), text),
        Type::INT4 => shown(i32::from_be_bytes(fixed(raw)?), text),
        Type::INT8 => shown(i64::from_be_bytes(fixed(raw)?), text),
        Type::OID => shown(u32::from_be_bytes(fixed(raw)?), text),
        // Rust writes the shortest text that stands for the number, as PostgreSQL does, and PostgreSQL reads `inf`.
        Type::FLOAT4 => shown(f32::from_be_bytes(fixed(raw)?), text),
        Type::FLOAT8 => shown(f64::from_be_bytes(fixed(raw)?), text),
        Type::NUMERIC => number::write(raw, text)?,
        Type::BYTEA => {
            text.push_str("\\x");
            raw.iter().for_each(|byte| shown(format_args!("{byte:02x}"), text));
        }
        Type::UUID => {
            for (index, byte) in fixed::<16>(raw)?.iter().enumerate() {
                text.push_str(if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" });
                shown(format_args!("{byte:02x}"), text);
            }
        }
        Type::JSONB => text.push_str(str::from_utf8(raw.split_first().ok_or("it is no jsonb")?.1)?),
        Type::DATE => moment::write_date(i32::from_be_bytes(fixed(raw)?), text),
        Type::TIME => moment::write_time(i64::from_be_bytes(fixed(raw)?), text),
        Type::TIMESTAMP => moment::write_timestamp(i64::from_be_bytes(fixed(raw)?), "", text),
        Type::TIMESTAMPTZ => moment::write_timestamp(i64::from_be_bytes(fixed(raw)?), "+00", text),
        Type::INTERVAL => moment::write_interval(fixed(raw)?, text),
        Type::INET => write_address(raw, text)?,
        // Texts of all kinds, and what travels as one.
        _ => text.push_str(str::from_utf8(raw)?),
    }
    Ok(())
}

/// Reads the text form of a value, and writes its binary form.
pub(crate) fn read(ty: &Type, text: &str, raw: &mut BytesMut) -> Result<(), BoxError> {
    match ty.kind() {
        Kind::Array(element) => return list::read_array(element, text, read, raw),
        Kind::Range(of) => return range::read(of, text, read, raw),
        Kind::Multirange(of) => return range::read_several(of, text, read, raw),
        _ => {}
    }
    match *ty {
        Type::BOOL => raw.put_u8(match text {
            "t" => 1,
            "f" => 0,
            _ => return Err(unreadable(ty)),
        }),
        Type::CHAR => raw.put_u8(list::read_char(text).ok_or_else(|| unreadable(ty))?),
        Type::INT2 => raw.put_i16(parsed(ty, text)?),
        Type::INT4 => raw.put_i32(parsed(ty, text)?),
        Type::INT8 => raw.put_i64(parsed(ty, text)?),
        Type::OID => raw.put_u32(parsed(ty, text)?),
        Type::FLOAT4 => raw.put_f32(parsed(ty, text)?),
        Type::FLOAT8 => raw.put_f64(parsed(ty, text)?),
        Type::NUMERIC => number::read(text, raw).ok_or_else(|| unreadable(ty))?,
        Type::BYTEA => {
            let hexadecimal = text.strip_prefix("\\x").ok_or(
                "a `bytea` inside of a composite value is read as hexadecimal digits: `bytea_output` must be `hex`",
            )?;
            bytes(hexadecimal, raw).ok_or_else(|| unreadable(ty))?;
        }
        Type::UUID => bytes(&text.replace('-', ""), raw).ok_or_else(|| unreadable(ty))?,
        Type::JSONB => {
            raw.put_u8(1);
            raw.put_slice(text.as_bytes());
        }
        Type::DATE => raw.put_i32(moment::read_date(text).ok_or_else(|| unreadable(ty))?),
        Type::TIME => raw.put_i64(moment::read_time(text).ok_or_else(|| unreadable(ty))?),
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            let is_zoned = *ty == Type::TIMESTAMPTZ;
            raw.put_i64(moment::read_timestamp(text, is_zoned).ok_or_else(|| unreadable(ty))?);
        }
        Type::INTERVAL => moment::read_interval(text, raw).ok_or_else(|| unreadable(ty))?,
        Type::INET => read_address(text, raw).ok_or_else(|| unreadable(ty))?,
        _ => raw.put_slice(text.as_bytes()),
    }
    Ok(())
}

fn unreadable(ty: &Type) -> BoxError {
    format!("its text is not one that PostgreSQL writes for `{ty}`, with the settings on which this library counts")
        .into()
}

fn parsed<T: FromStr>(ty: &Type, text: &str) -> Result<T, BoxError> {
    text.parse().map_err(|_| unreadable(ty))
}

fn fixed<const N: usize>(raw: &[u8]) -> Result<[u8; N], BoxError> {
    raw.try_into().map_err(|_| format!("{} bytes are no value of {N}", raw.len()).into())
}

/// Two digits for each byte.
fn bytes(hexadecimal: &str, raw: &mut BytesMut) -> Option<()> {
    let digits = hexadecimal.as_bytes();
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    for pair in pairs {
        raw.put_u8(u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?);
    }
    Some(())
}

// Family, bits of the network, whether it is a `cidr`, length, address (`network_send` of PostgreSQL).
const IPV4: u8 = 2;
const IPV6: u8 = 3;

fn write_address(raw: &[u8], text: &mut String) -> Result<(), BoxError> {
    let (address, bits): (IpAddr, u8) = match raw {
        [IPV4, bits, _, 4, address @ ..] => (fixed::<4>(address)?.into(), *bits),
        [IPV6, bits, _, 16, address @ ..] => (fixed::<16>(address)?.into(), *bits),
        _ => return Err("it is no address".into()),
    };
    shown(address, text);
    if bits != whole(address) {
        shown(format_args!("/{bits}"), text);
    }
    Ok(())
}

fn read_address(text: &str, raw: &mut BytesMut) -> Option<()> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = bits.map_or(Some(whole(address)), |bits| bits.parse().ok())?;
    match address {
        IpAddr::V4(address) => {
            raw.put_slice(&[IPV4, bits, 0, 4]);
            raw.put_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            raw.put_slice(&[IPV6, bits, 0, 16]);
            raw.put_slice(&address.octets());
        }
    }
    Some(())
}

fn whole(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests;
