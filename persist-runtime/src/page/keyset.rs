//! The condition that rows come behind a place, in any order.
//!
//! The first value bounds the rows, so that an index on it is entered where the page begins; the others are nested in it. A
//! condition of the form `a > $1 OR a = $1 AND b > $2` alone would read the index from its beginning.

use std::sync::Arc;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use crate::error::BoxError;
use crate::page::cursor::Place;
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Bound, Condition, Expression};
use crate::value::scalar::Parameter;

/// The rows that come behind a place: those for which one of these holds.
///
/// They are two where the first column may be NULL and both NULLs and others come behind the place: an index finds each of
/// them, but not both at once. They are none where no row can come behind it.
pub(crate) fn behind(order: &[Order], place: &Place) -> Vec<Predicate> {
    let nothing = if place.inclusive { Rest::All } else { Rest::None };
    let mut sorted = order.iter().zip(&place.values);
    let Some((first, value)) = sorted.next() else { return Vec::new() };
    let rest = sorted.rev().fold(nothing, |rest, (order, value)| match value {
        Some(value) => nested(order, value, rest),
        None => behind_null(order, rest),
    });
    let segments = match value {
        Some(value) if first.has_nulls_behind() => vec![bounded(first, value, rest), null(first, "IS NULL")],
        Some(value) => vec![bounded(first, value, rest)],
        None if first.has_nulls_first() => match rest {
            Rest::None => vec![null(first, "IS NOT NULL")],
            Rest::All => vec![null(first, "IS NULL"), null(first, "IS NOT NULL")],
            Rest::Those(rest) => vec![null(first, "IS NULL").and(rest), null(first, "IS NOT NULL")],
        },
        None => match behind_null(first, rest) {
            Rest::Those(node) => vec![node],
            Rest::All | Rest::None => Vec::new(),
        },
    };
    segments.into_iter().map(Predicate).collect()
}

/// Which of the rows that are equal so far come behind the place.
enum Rest {
    All,
    None,
    Those(Condition),
}

/// The first column bounds the rows.
fn bounded(order: &Order, value: &[u8], rest: Rest) -> Condition {
    let (beyond, from) = order.operators();
    match rest {
        Rest::None => compared(order, beyond, value),
        Rest::All => compared(order, from, value),
        Rest::Those(rest) => compared(order, from, value).and(compared(order, beyond, value).or(rest)),
    }
}

fn nested(order: &Order, value: &[u8], rest: Rest) -> Rest {
    let (beyond, from) = order.operators();
    let node = match rest {
        Rest::None => compared(order, beyond, value),
        Rest::All => compared(order, from, value),
        Rest::Those(rest) => compared(order, beyond, value).or(compared(order, "=", value).and(rest)),
    };
    Rest::Those(if order.has_nulls_behind() { node.or(null(order, "IS NULL")) } else { node })
}

fn compared(order: &Order, operator: &'static str, value: &[u8]) -> Condition {
    let (oid, cast) = (order.model.oid, order.model.cast);
    let value = Bound { value: Arc::new(Raw(value.to_vec())), oid, cast };
    Condition::Infix { left: order.expression.clone(), operator, right: Expression::Value(value) }
}

fn behind_null(order: &Order, rest: Rest) -> Rest {
    match (order.has_nulls_first(), rest) {
        (true, Rest::None) => Rest::Those(null(order, "IS NOT NULL")),
        (true, Rest::All) => Rest::All,
        (true, Rest::Those(rest)) => Rest::Those(null(order, "IS NOT NULL").or(rest)),
        (false, Rest::None) => Rest::None,
        (false, Rest::All) => Rest::Those(null(order, "IS NULL")),
        (false, Rest::Those(rest)) => Rest::Those(null(order, "IS NULL").and(rest)),
    }
}

fn null(order: &Order, operator: &'static str) -> Condition {
    Condition::Postfix { left: order.expression.clone(), operator }
}

/// A value as it came from the server.
struct Raw(Vec<u8>);

impl Parameter for Raw {
    fn write(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }
}
