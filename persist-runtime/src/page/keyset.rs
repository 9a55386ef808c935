//! The condition that rows come behind a place, in any order.
//!
//! The first value bounds the rows, so that an index on it is entered where the page begins; the others are nested in it. A
//! condition of the form `a > $1 OR a = $1 AND b > $2` alone would read the index from its beginning.

use std::sync::Arc;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use super::cursor::Place;
use crate::query::expression::{Bound, Expression};
use crate::query::order::Order;
use crate::query::predicate::{Node, Predicate};
use crate::scalar::{BoxError, Parameter};

/// The rows that come behind a place; `None` if there are none.
pub(crate) fn behind(order: &[Order], place: &Place) -> Option<Predicate> {
    let nothing = if place.inclusive { Rest::All } else { Rest::None };
    let sorted = order.iter().zip(&place.values).enumerate();
    let rest = sorted.rev().fold(nothing, |rest, (index, (order, value))| match value {
        Some(value) => behind_value(order, value, rest, index == 0),
        None => behind_null(order, rest),
    });
    match rest {
        Rest::Those(node) => Some(Predicate(node)),
        Rest::All | Rest::None => None,
    }
}

/// Which of the rows that are equal so far come behind the place.
enum Rest {
    All,
    None,
    Those(Node),
}

fn behind_value(order: &Order, value: &[u8], rest: Rest, is_first: bool) -> Rest {
    let compare = |operator| {
        let (oid, cast) = (order.model.oid, order.model.cast);
        let value = Bound { value: Arc::new(Raw(value.to_vec())), oid, cast };
        Node::Infix { left: order.expression.clone(), operator, right: Expression::Value(value) }
    };
    let (beyond, from) = if order.descending { ("<", "<=") } else { (">", ">=") };
    let node = match rest {
        Rest::None => compare(beyond),
        Rest::All => compare(from),
        Rest::Those(rest) if is_first => compare(from).and(compare(beyond).or(rest)),
        Rest::Those(rest) => compare(beyond).or(compare("=").and(rest)),
    };
    let nulls_follow = order.nullable && !order.has_nulls_first();
    Rest::Those(if nulls_follow { node.or(null(order, "IS NULL")) } else { node })
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

fn null(order: &Order, operator: &'static str) -> Node {
    Node::Postfix { left: order.expression.clone(), operator }
}

/// A value as it came from the server.
struct Raw(Vec<u8>);

impl Parameter for Raw {
    fn write(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }
}
