//! Composite types.

use chrono::{DateTime, TimeZone, Utc};
use persist::prelude::*;
use persist::{Interval, Range, Sql};
use uuid::Uuid;

use crate::stored;

#[derive(Debug, Clone, Copy, PartialEq, Enum)]
enum Mood {
    Calm,
    #[persist(rename = "wild, (odd)")]
    Wild,
}

#[derive(Debug, Clone, Copy, PartialEq, Composite)]
struct Geo {
    lon: Option<f64>,
    lat: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Domain)]
struct Zip(String);

#[derive(Debug, Clone, PartialEq, Composite)]
struct Address {
    street: String,
    zip: Option<Zip>,
    #[persist(rename = "houseNo")]
    house_no: Option<i32>,
    since: Option<DateTime<Utc>>,
    tags: Vec<Option<String>>,
    here: Option<Geo>,
    mood: Option<Mood>,
    moods: Option<Vec<Mood>>,
    data: Option<Json<serde_json::Value>>,
    raw: Option<Vec<u8>>,
    key: Option<Uuid>,
    days: Option<Range<chrono::NaiveDate>>,
    span: Option<Interval>,
    there: Option<Vec<Option<Geo>>>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "people")]
struct Person {
    #[persist(id)]
    id: i32,
    home: Address,
    away: Option<Address>,
    others: Vec<Address>,
    spot: Option<Geo>,
}

#[derive(Debug, Clone, Copy, PartialEq, Composite)]
struct Grid {
    x: i32,
    y: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "fields")]
struct Field {
    #[persist(id)]
    at: Grid,
    label: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pieces")]
struct Piece {
    #[persist(id)]
    id: i32,
    at: Option<Grid>,
    name: String,
}

fn plain(street: &str) -> Address {
    Address {
        street: street.to_owned(),
        zip: None,
        house_no: None,
        since: None,
        tags: Vec::new(),
        here: None,
        mood: None,
        moods: None,
        data: None,
        raw: None,
        key: None,
        days: None,
        span: None,
        there: None,
    }
}

fn full() -> Result<Address, Box<dyn std::error::Error>> {
    let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 12, day).ok_or("a day");
    Ok(Address {
        zip: Some(Zip("NULL".to_owned())),
        house_no: Some(-7),
        since: Some(Utc.with_ymd_and_hms(1999, 12, 31, 23, 59, 58).single().ok_or("a time")?),
        tags: vec![Some("a \"b\", \\ (c)".to_owned()), None, Some(String::new()), Some("NULL".to_owned())],
        here: Some(Geo { lon: Some(0.1), lat: None }),
        mood: Some(Mood::Wild),
        moods: Some(vec![Mood::Wild, Mood::Calm]),
        data: Some(Json(serde_json::json!({"a": ["x, y", null, 1.5]}))),
        raw: Some(vec![0, 255, 92, 34]),
        key: Some(Uuid::from_u128(0x0123_4567_89ab_cdef)),
        days: Some((day(1)?..day(24)?).into()),
        span: Some(Interval { months: -1, days: 2, microseconds: -3_500_000 }),
        there: Some(vec![Some(Geo { lon: Some(-1e-300), lat: Some(f64::INFINITY) }), None]),
        ..plain("Ümläut \"quoted\" \\ (1), 🐎")
    })
}

pub(crate) async fn all(db: &Database) -> Result<(), Box<dyn std::error::Error>> {
    rows(db).await?;
    nulls(db).await?;
    keys(db).await
}

async fn rows(db: &Database) -> Result<(), Box<dyn std::error::Error>> {
    let people = db.repository::<Person>();
    let (full, empty) = (full()?, plain(""));
    let new = NewPerson::new(1, full.clone()).others([full.clone(), empty.clone()]);
    let first = people.insert(new).await?;
    assert_eq!((&first.home, &first.away, &first.others[..]), (&full, &None, &[full.clone(), empty.clone()][..]));
    assert_eq!(people.get(1).await?, first);
    let second = people.insert(NewPerson::new(2, empty.clone()).away(full.clone())).await?;
    // The server reads what was written.
    let parts = "SELECT (home).street || '|' || (home).\"houseNo\" || '|' || array_length((home).tags, 1) || '|' || \
                 ((home).here).lon || '|' || (home).mood || '|' || (((home).there)[1]).lat || '|' || (home).span \
                 FROM people WHERE id = 1";
    assert_eq!(
        stored(db, parts).await?,
        "Ümläut \"quoted\" \\ (1), 🐎|-7|4|0.1|wild, (odd)|Infinity|-1 mons +2 days -00:00:03.5"
    );
    // What the server has made itself is read: arrays and rows that are quoted only where they must be.
    let made = "INSERT INTO people (id, home) VALUES (3, ROW('a b', 'z', 3, '2026-12-01 10:00:00.25+02', '{x,y}', \
                ROW(1, 2), 'calm', '{calm}', '{\"k\": 1}', '\\x01', NULL, NULL, '1 day', ARRAY[ROW(1.5, NULL)::geo]))";
    Sql::unchecked(made).execute(db).await?;
    let third = people.get(3).await?;
    assert_eq!((third.home.street.as_str(), third.home.house_no, third.home.mood), ("a b", Some(3), Some(Mood::Calm)));
    assert_eq!(third.home.since.map(|since| since.timestamp_micros()), Some(1_796_112_000_250_000));
    assert_eq!(third.home.there, Some(vec![Some(Geo { lat: Some(1.5), lon: None })]));
    assert_eq!(third.home.tags, [Some("x".to_owned()), Some("y".to_owned())]);

    // Conditions, lists, orders, pages.
    let by_home = people.filter(|p| p.home.eq(full.clone())).all().await?;
    assert_eq!(by_home, [first.clone()]);
    assert_eq!(people.filter(|p| p.home.in_([full.clone(), empty.clone()])).count().await?, 2);
    assert_eq!(people.filter(|p| p.away.eq(Some(full.clone()))).all().await?, [second.clone()]);
    assert_eq!(people.filter(|p| p.others.contains([empty.clone()])).count().await?, 1);
    let mut seen = Vec::new();
    let mut request = PageRequest::first(1);
    loop {
        let page = people.order_by(|p| (p.away.asc(), p.home.desc())).page(request).await?;
        seen.extend(page.items.iter().map(|person| person.id));
        match page.next {
            Some(next) => request = PageRequest::first(1).after(next),
            None => break,
        }
    }
    let sorted = people.order_by(|p| (p.away.asc(), p.home.desc())).select(|p| p.id).all().await?;
    assert_eq!(seen, sorted);

    // A unit of work writes what differs, and nothing where nothing does.
    let uow = db.unit_of_work();
    let mut person = uow.repository::<Person>().get(1).await?;
    uow.save(&person)?;
    assert_eq!(uow.plan()?.statements().len(), 0);
    person.home.house_no = None;
    person.away = Some(plain("away"));
    person.others.pop();
    uow.save(&person)?;
    uow.commit().await?;
    assert_eq!(people.get(1).await?, person);
    people.filter(|p| p.id.eq(2)).update(|p| (p.home.set(full.clone()), p.away.set(None))).await?;
    assert_eq!(people.get(2).await?.home, full);
    people.filter(|p| p.id.gt(0)).delete().await?;
    Ok(())
}

/// A value whose fields are NULL is no NULL.
async fn nulls(db: &Database) -> Result<(), Box<dyn std::error::Error>> {
    let people = db.repository::<Person>();
    let hollow = Geo { lon: None, lat: None };
    let none = people.insert(NewPerson::new(11, plain("none"))).await?;
    let some = people.insert(NewPerson::new(12, plain("hollow")).spot(hollow)).await?;
    assert_eq!((none.spot, some.spot), (None, Some(hollow)));
    let ids = people.filter(|p| p.spot.is_null()).select(|p| p.id).all().await?;
    assert_eq!(ids, [11]);
    assert_eq!(people.filter(|p| p.spot.is_not_null()).select(|p| p.id).all().await?, [12]);
    assert_eq!(people.filter(|p| p.spot.eq(None)).select(|p| p.id).all().await?, [11]);
    assert_eq!(people.filter(|p| p.spot.ne(None)).select(|p| p.id).all().await?, [12]);
    assert_eq!(people.filter(|p| p.spot.eq(Some(hollow))).select(|p| p.id).all().await?, [12]);
    assert_eq!(people.find_by_spot(hollow).await?.map(|person| person.id), Some(12));
    let other = people.insert(NewPerson::new(13, plain("other")).spot(Geo { lon: Some(1.0), lat: Some(2.0) })).await?;
    let mut seen = Vec::new();
    let mut request = PageRequest::first(1);
    loop {
        let page = people.order_by(|p| p.spot.asc()).page(request).await?;
        seen.extend(page.items.iter().map(|person| person.id));
        match page.next {
            Some(next) => request = PageRequest::first(1).after(next),
            None => break,
        }
    }
    assert_eq!(seen, [other.id, 12, 11]);
    // What holds no NULL says which field it was.
    Sql::unchecked("UPDATE people SET home = ROW() WHERE id = 11").execute(db).await.unwrap_err();
    Sql::unchecked("UPDATE people SET home.street = NULL WHERE id = 11").execute(db).await?;
    let error = people.get(11).await.unwrap_err();
    assert!(error.is_decode(), "{error:?}");
    let whole = format!("{error:?}");
    assert!(whole.contains("in the field `street`: it is NULL"), "{whole}");
    Ok(())
}

/// Composite values as keys of rows, and in a column that refers to them.
async fn keys(db: &Database) -> Result<(), Box<dyn std::error::Error>> {
    let (here, there) = (Grid { x: 1, y: -2 }, Grid { x: 3, y: 4 });
    let (fields, pieces) = (db.repository::<Field>(), db.repository::<Piece>());
    let uow = db.unit_of_work();
    for (at, label) in [(here, "here"), (there, "there")] {
        uow.insert(NewField::new(at, label))?;
        uow.insert(NewPiece::new(at.x, label).at(Some(at)))?;
    }
    uow.commit().await?;
    let found = fields.find_many(&[there, here]).await?;
    assert_eq!(found.iter().map(|field| &*field.label).collect::<Vec<_>>(), ["there", "here"]);
    assert_eq!(pieces.filter(|p| p.at.eq(Some(there))).all().await?[0].name, "there");
    let uow = db.unit_of_work();
    let mut field = uow.repository::<Field>().get(here).await?;
    let mut piece = uow.repository::<Piece>().get(there.x).await?;
    field.label = "changed".to_owned();
    piece.at = Some(here);
    uow.save(&field)?;
    uow.save(&piece)?;
    uow.commit().await?;
    assert_eq!(fields.get(here).await?.label, "changed");
    assert_eq!(pieces.filter(|p| p.at.eq(Some(here))).count().await?, 2);
    let uow = db.unit_of_work();
    uow.delete_where::<Piece>(|p| p.at.eq(Some(here)));
    uow.delete(&field)?;
    uow.commit().await?;
    assert_eq!((fields.count().await?, pieces.count().await?), (1, 0));
    Ok(())
}
