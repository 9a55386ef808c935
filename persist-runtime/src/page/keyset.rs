//! The condition that rows come after a place, in any order.
//!
//! The first value bounds the rows, so that an index on it is entered where the page begins; the others are
//! nested in it. A condition of the form `a > $1 OR a = $1 AND b > $2` alone would read the index from its
//! beginning.

use std::sync::Arc;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use crate::error::BoxError;
use crate::page::cursor::Place;
use crate::query::order::Order;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Bound, Condition, Expression};
use crate::table::column::ColumnModel;
use crate::value::scalar::Parameter;

/// Makes an order end at the whole primary key: adds the columns that it lacks, or leaves out what comes
/// after the last of them, which decides nothing.
pub(crate) fn end_at_key(order: &mut Vec<Order>, key: &[&'static ColumnModel]) {
    let places: Vec<Option<usize>> =
        key.iter().map(|column| order.iter().position(|order| order.is_by(column.name))).collect();
    for (column, place) in key.iter().zip(&places) {
        if place.is_none() {
            order.push(Order::by_column(column, false));
        }
    }
    if let Some(places) = places.into_iter().collect::<Option<Vec<usize>>>() {
        order.truncate(places.into_iter().max().map_or(0, |last| last + 1));
    }
}

/// The rows that come after a place, in an order that [ends at the whole key](end_at_key): those for which
/// one of these holds.
///
/// They are two where the first column may be NULL and both NULLs and others come after the place: an index
/// finds each of them, but not both at once.
pub(crate) fn after(order: &[Order], place: &Place) -> Vec<Predicate> {
    let sorted: Vec<(&Order, Option<&[u8]>)> =
        order.iter().zip(place.values.iter().map(Option::as_deref)).collect();
    let [outer @ .., (key, value)] = sorted.as_slice() else { return Vec::new() };
    // A column of the key is never NULL, so the last comparison is a plain one.
    let (beyond, from) = key.operators();
    let last = compared(key, if place.inclusive { from } else { beyond }, *value);
    let segments = match outer {
        [] => vec![last],
        [(first, value), inner @ ..] => {
            let rest = inner.iter().rev().fold(last, |rest, (order, value)| nested(order, *value, rest));
            bounded(first, *value, rest)
        }
    };
    segments.into_iter().map(Predicate).collect()
}

/// The first column bounds the rows; `rest` is the condition for those that are equal in it.
fn bounded(order: &Order, value: Option<&[u8]>, rest: Condition) -> Vec<Condition> {
    let (beyond, from) = order.operators();
    let nulls = || null(order);
    match value {
        Some(_) => {
            let values = compared(order, from, value).and(compared(order, beyond, value).or(rest));
            if order.has_nulls_after() { vec![values, nulls()] } else { vec![values] }
        }
        None if order.has_nulls_first() => vec![nulls().and(rest), present(order)],
        None => vec![nulls().and(rest)],
    }
}

/// The rows that come after the value of a column; `rest` is the condition for those that are equal in it.
fn nested(order: &Order, value: Option<&[u8]>, rest: Condition) -> Condition {
    let (beyond, _) = order.operators();
    match value {
        Some(_) => {
            let values = compared(order, beyond, value).or(compared(order, "=", value).and(rest));
            if order.has_nulls_after() { values.or(null(order)) } else { values }
        }
        None if order.has_nulls_first() => present(order).or(rest),
        None => null(order).and(rest),
    }
}

fn compared(order: &Order, operator: &'static str, value: Option<&[u8]>) -> Condition {
    let (oid, cast) = (order.model.oid, order.model.cast);
    let value = Bound { value: Arc::new(Raw(value.map(<[u8]>::to_vec))), oid, cast };
    Condition::Infix { left: order.expression.clone(), operator, right: Expression::Value(value) }
}

fn null(order: &Order) -> Condition {
    Condition::Postfix { left: order.expression.clone(), operator: order.model.null_test() }
}

fn present(order: &Order) -> Condition {
    Condition::Postfix { left: order.expression.clone(), operator: order.model.value_test() }
}

/// A value as it came from the server.
struct Raw(Option<Vec<u8>>);

impl Parameter for Raw {
    fn write(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        let Some(value) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(value);
        Ok(IsNull::No)
    }
}

#[cfg(test)]
mod tests {
    use super::{after, end_at_key};
    use crate::page::cursor::Place;
    use crate::query::order::Order;
    use crate::table::column::ColumnModel;

    const fn column(name: &'static str) -> ColumnModel {
        ColumnModel::new(name, 25, 1009)
    }

    static NAME: ColumnModel = column("name");
    static DAY: ColumnModel = column("day");
    static ID: ColumnModel = column("id");
    static PART: ColumnModel = column("part");

    fn by(column: &'static ColumnModel) -> Order {
        Order::by_column(column, false)
    }

    fn nullable(column: &'static ColumnModel) -> Order {
        Order::by_column(column, true)
    }

    fn text(order: &[Order], values: &[Option<&str>], inclusive: bool) -> Vec<String> {
        let values = values.iter().map(|value| value.map(|value| value.as_bytes().to_vec())).collect();
        let found = after(order, &Place { values, inclusive });
        found.iter().map(|predicate| format!("{predicate:?}").replace("t0.", "")).collect()
    }

    #[test]
    fn an_order_ends_at_the_whole_key() {
        let ended = |mut order: Vec<Order>| {
            end_at_key(&mut order, &[&ID, &PART]);
            format!("{order:?}").replace("t0.", "")
        };
        assert_eq!(ended(vec![]), "[Order(id), Order(part)]");
        assert_eq!(ended(vec![by(&NAME)]), "[Order(name), Order(id), Order(part)]");
        assert_eq!(
            ended(vec![by(&PART).descending(), by(&NAME)]),
            "[Order(part DESC), Order(name), Order(id)]"
        );
        assert_eq!(
            ended(vec![by(&PART), by(&NAME), by(&ID), by(&DAY), by(&PART)]),
            "[Order(part), Order(name), Order(id)]"
        );
    }

    #[test]
    fn the_key_alone_is_one_comparison() {
        assert_eq!(text(&[by(&ID)], &[Some("7")], false), ["Predicate(id > $1)"]);
        assert_eq!(text(&[by(&ID)], &[Some("7")], true), ["Predicate(id >= $1)"]);
        assert_eq!(text(&[by(&ID).descending()], &[Some("7")], true), ["Predicate(id <= $1)"]);
    }

    #[test]
    fn the_first_column_bounds_the_rows_and_the_others_are_nested() {
        assert_eq!(
            text(&[by(&NAME), by(&DAY).descending(), by(&ID)], &[Some("a"), Some("b"), Some("7")], false),
            ["Predicate((name >= $1 AND (name > $2 OR day < $3 OR (day = $4 AND id > $5))))"]
        );
    }

    #[test]
    fn nulls_come_where_the_order_has_them() {
        let ids = [Some("7")];
        let first = |order: Order, value| text(&[order, by(&ID)], &[value, ids[0]], false);
        assert_eq!(
            first(nullable(&DAY), Some("b")),
            ["Predicate((day >= $1 AND (day > $2 OR id > $3)))", "Predicate(day IS NULL)"]
        );
        assert_eq!(
            first(nullable(&DAY).nulls_first(), Some("b")),
            ["Predicate((day >= $1 AND (day > $2 OR id > $3)))"]
        );
        assert_eq!(first(nullable(&DAY), None), ["Predicate((day IS NULL AND id > $1))"]);
        assert_eq!(
            first(nullable(&DAY).descending(), None),
            ["Predicate((day IS NULL AND id > $1))", "Predicate(day IS NOT NULL)"]
        );
        let nested =
            |order: Order, value| text(&[by(&NAME), order, by(&ID)], &[Some("a"), value, ids[0]], true);
        let bounded = |rest: &str| vec![format!("Predicate((name >= $1 AND (name > $2 OR {rest})))")];
        assert_eq!(
            nested(nullable(&DAY), Some("b")),
            bounded("day > $3 OR (day = $4 AND id >= $5) OR day IS NULL")
        );
        assert_eq!(nested(nullable(&DAY), None), bounded("(day IS NULL AND id >= $3)"));
        assert_eq!(nested(nullable(&DAY).nulls_first(), None), bounded("day IS NOT NULL OR id >= $3"));
    }

    #[test]
    fn a_forged_place_without_a_key_is_compared_and_finds_nothing() {
        assert_eq!(text(&[by(&ID)], &[None], false), ["Predicate(id > $1)"]);
    }
}
