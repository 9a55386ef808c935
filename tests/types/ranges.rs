//! Ranges and multiranges.

use std::ops::Bound;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use persist::prelude::*;
use persist::{Multirange, Range};

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Booking {
    #[persist(id)]
    id: i32,
    days: Range<NaiveDate>,
    hours: Multirange<i64>,
    seats: Option<Range<i32>>,
    at: Option<Range<DateTime<Utc>>>,
    plain: Option<Range<NaiveDateTime>>,
    spans: Vec<Range<i32>>,
    own: Option<Span>,
}

/// A newtype over a range.
#[derive(Debug, Clone, Copy, PartialEq, Domain)]
#[persist(type = "span")]
struct Span(Range<i32>);

/// Found by a range.
#[derive(Debug, Clone, PartialEq, Repository)]
struct Room {
    #[persist(id)]
    period: Range<NaiveDate>,
    label: String,
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).expect("a day")
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    rows(db).await?;
    filters(db).await?;
    units(db).await?;
    keys(db).await
}

async fn rows(db: &Database) -> Result<(), persist::Error> {
    let bookings = db.repository::<Booking>();
    let noon: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().expect("a time");
    let new = NewBooking::new(1, Range::from(day(1)..=day(4)))
        .hours([9..12, 13..18].into_iter().collect::<Multirange<i64>>())
        .seats(Range::from(1..4))
        .at(Range::new(Bound::Excluded(noon), Bound::Included(noon + TimeDelta::hours(1))))
        .plain(Range::from(noon.naive_utc()..))
        .spans(vec![Range::from(1..3), Range::empty(), Range::from(..)])
        .own(Span(Range::from(..7)));
    let stored_row = bookings.insert(new).await?;
    assert_eq!(stored_row.days, Range::from(day(1)..day(5)), "days are written without the upper bound");
    assert_eq!(stored_row.hours, Multirange(vec![Range::from(9..12), Range::from(13..18)]));
    assert_eq!(stored_row.at, Some(Range::new(Bound::Excluded(noon), Bound::Included(noon + TimeDelta::hours(1)))));
    assert_eq!(stored_row.spans, [Range::from(1..3), Range::empty(), Range::from(..)]);
    assert_eq!(stored_row.own, Some(Span(Range::from(..7))));
    assert_eq!(bookings.get(1).await?, stored_row);
    let text = "SELECT concat(days, hours, seats, plain, spans, own) FROM bookings";
    assert_eq!(
        stored(db, text).await?,
        r#"[2026-01-01,2026-01-05){[9,12),[13,18)}[1,4)["2026-01-01 12:00:00",){"[1,3)",empty,"(,)"}(,7)"#
    );
    let none = bookings.insert(NewBooking::new(2, Range::empty())).await?;
    assert!(none.days.is_empty() && none.seats.is_none() && none.hours == Multirange::default());
    let error = bookings.insert(NewBooking::new(3, Range::from(day(4)..day(1)))).await.unwrap_err();
    assert_eq!(error.code(), Some("22000"), "{error}");
    Ok(())
}

async fn filters(db: &Database) -> Result<(), persist::Error> {
    let bookings = db.repository::<Booking>();
    bookings.insert(NewBooking::new(3, Range::from(day(5)..day(9))).seats(Range::from(4..))).await?;
    macro_rules! found {
        ($condition:expr) => {
            bookings.filter($condition).order_by(|b| b.id.asc()).select(|b| b.id).all().await?
        };
    }
    assert_eq!(found!(|b| b.days.contains(day(4))), [1]);
    assert_eq!(found!(|b| b.days.contains_range(Range::from(day(2)..day(5)))), [1, ]);
    assert_eq!(found!(|b| b.days.contained_by(Range::from(day(1)..day(9)))), [1, 2, 3], "the empty one is in each");
    assert_eq!(found!(|b| b.days.overlaps(Range::from(day(4)..day(6)))), [1, 3]);
    assert_eq!(found!(|b| b.days.adjacent(Range::from(day(5)..day(7)))), [1]);
    assert_eq!(found!(|b| b.days.strictly_left_of(Range::from(day(5)..))), [1]);
    assert_eq!(found!(|b| b.days.strictly_right_of(Range::from(..day(5)))), [3]);
    assert_eq!(found!(|b| b.seats.contains(9)), [3]);
    assert_eq!(found!(|b| b.seats.eq(Range::from(1..=3))), [1], "equal is what PostgreSQL takes for equal");
    assert_eq!(found!(|b| b.seats.in_([Range::from(1..4), Range::from(4..)])), [1, 3]);
    assert_eq!(found!(|b| b.seats.is_null()), [2]);
    assert_eq!(found!(|b| b.hours.contains(14) & b.hours.overlaps(Range::from(0..10))), [1]);
    assert_eq!(found!(|b| b.days.lower().eq(day(5)) & b.seats.upper().is_null()), [3]);
    let days = bookings.filter(|b| b.id.eq(1)).update(|b| b.days.set(Range::from(day(1)..day(3)))).await?;
    assert_eq!((days, found!(|b| b.days.contains(day(4)))), (1, vec![]));
    Ok(())
}

async fn units(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let mut booking = uow.repository::<Booking>().get(1).await?;
    uow.save(&booking)?;
    assert!(uow.plan()?.statements().is_empty(), "nothing differs");
    booking.hours = [1..2].into_iter().collect();
    booking.spans.push(Range::from(5..));
    uow.save(&booking)?;
    uow.insert(NewBooking::new(4, Range::from(day(1)..)).seats(Range::from(0..1)))?;
    // Two rows exchange a UNIQUE range.
    let mut other = uow.repository::<Booking>().get(3).await?;
    std::mem::swap(&mut booking.seats, &mut other.seats);
    uow.save(&booking)?;
    uow.save(&other)?;
    uow.commit().await?;
    let seats = "SELECT concat(id, seats, hours) FROM bookings WHERE seats IS NOT NULL";
    assert_eq!(stored(db, seats).await?, "1[4,){[1,2)} 3[1,4){} 4[0,1){}");
    // Pages go on after a range.
    let bookings = db.repository::<Booking>();
    let sorted = || bookings.filter(|b| b.seats.is_not_null()).order_by(|b| b.seats.desc());
    let first = sorted().page(PageRequest::first(2)).await?;
    let second = sorted().page(PageRequest::first(2).after(first.next)).await?;
    let ids: Vec<i32> = first.items.iter().chain(&second.items).map(|booking| booking.id).collect();
    assert_eq!(ids, [1, 3, 4]);
    Ok(())
}

async fn keys(db: &Database) -> Result<(), persist::Error> {
    let rooms = db.repository::<Room>();
    rooms.insert(NewRoom::new(Range::from(day(1)..=day(2)), "a")).await?;
    rooms.insert(NewRoom::new(Range::from(day(5)..day(6)), "b")).await?;
    let key = Range::from(day(1)..day(3));
    assert_eq!(rooms.get(key).await?.label, "a");
    let many = rooms.find_many(&[Range::from(day(5)..day(6)), key]).await?;
    assert_eq!(many.iter().map(|room| room.label.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    let over = rooms.upsert(NewRoom::new(Range::from(day(1)..=day(2)), "c")).await?;
    assert_eq!((over.period, over.label.as_str()), (key, "c"));
    let uow = db.unit_of_work();
    let mut room = uow.repository::<Room>().get(key).await?;
    room.label = "d".into();
    uow.save(&room)?;
    uow.commit().await?;
    assert!(rooms.delete(key).await? && rooms.count().await? == 1);
    Ok(())
}
