//! Rows whose keys are moments, and moments without a zone, whatever the session says of dates.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use persist::Sql;
use persist::prelude::*;

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "days")]
struct Day {
    #[persist(id)]
    day: DateTime<Utc>,
    name: String,
    #[persist(has_many, order_by = "at")]
    talks: Vec<Talk>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "talks")]
struct Talk {
    #[persist(id)]
    at: DateTime<Utc>,
    day: DateTime<Utc>,
    #[persist(created_at)]
    written_at: NaiveDateTime,
    #[persist(updated_at)]
    updated_at: NaiveDateTime,
    #[persist(has_many, order_by = "id")]
    seats: Vec<Seat>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "seats")]
struct Seat {
    #[persist(id)]
    id: i32,
    at: DateTime<Utc>,
    #[persist(created_at)]
    created_at: NaiveDateTime,
    #[persist(updated_at)]
    updated_at: NaiveDateTime,
}

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// India's, whose abbreviation is that of Israel, too; and another order of day and month.
const ODD: &str = "SELECT set_config('TimeZone', 'Asia/Kolkata', true), set_config('DateStyle', 'SQL, DMY', true), \
                   set_config('IntervalStyle', 'sql_standard', true)";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let url = std::env::args().nth(1).ok_or("the URL of a database is missing")?;
    let db = Database::builder().url(&url).pool_size(1).connect().await?;
    let day: DateTime<Utc> = "2026-03-04T05:06:07.000008Z".parse()?;
    for hour in [1, 2] {
        db.repository::<Day>().insert(NewDay::new(day + Duration::hours(hour), "a day")).await?;
    }
    let at = day + Duration::days(9);
    db.repository::<Talk>().insert(NewTalk::new(at, day + Duration::hours(1))).await?;
    db.repository::<Seat>().insert(NewSeat::new(1, at)).await?;

    // As the database has it, as a unit of work sets it, and as a client of the program does.
    let days = db.repository::<Day>().order_by(|d| d.day.asc()).all().await?;
    check(&days)?;
    let uow = db.unit_of_work();
    Sql::unchecked(ODD).execute(&uow).await?;
    assert_eq!(read(uow.repository::<Day>()).await?, days);
    let mut talk = uow.repository::<Talk>().get(at).await?;
    talk.day = day + Duration::hours(2);
    talk.seats.push(seat(2, at));
    uow.save(&talk)?;
    uow.commit().await?;
    let moved = db.repository::<Talk>().get(at).await?;
    assert_eq!((moved.day, moved.seats.len()), (day + Duration::hours(2), 2));
    now(moved.updated_at)?;

    let (mut client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let mut transaction = client.transaction().await?;
    transaction.batch_execute(ODD).await?;
    let uow = persist::UnitOfWork::within(&mut transaction);
    let mut days = read(uow.repository::<Day>()).await?;
    assert_eq!(days, db.repository::<Day>().order_by(|d| d.day.asc()).all().await?);
    days[1].talks[0].seats.push(seat(3, at));
    uow.save(&days[1])?;
    uow.commit().await?;
    transaction.commit().await?;
    check(&db.repository::<Day>().order_by(|d| d.day.asc()).all().await?)?;

    // What a session was made to say does not reach the next caller.
    Sql::unchecked("SELECT set_config('DateStyle', 'SQL, DMY', false), set_config('TimeZone', 'Asia/Kolkata', false)")
        .execute(&db)
        .await?;
    let shown = "SELECT current_setting('DateStyle') || ' ' || current_setting('TimeZone')";
    let shown: String = Sql::unchecked(shown).one(&db).await?;
    assert!(shown.starts_with("ISO") && shown.ends_with("UTC"), "{shown}");
    Ok(())
}

async fn read(days: DayRepository<'_>) -> Result<Vec<Day>> {
    Ok(days.order_by(|d| d.day.asc()).limit(10).all().await?)
}

fn seat(id: i32, at: DateTime<Utc>) -> Seat {
    Seat { id, at, created_at: NaiveDateTime::default(), updated_at: NaiveDateTime::default() }
}

fn check(days: &[Day]) -> Result {
    assert_eq!(days.len(), 2);
    let talks: Vec<&Talk> = days.iter().flat_map(|day| &day.talks).collect();
    assert_eq!(talks.len(), 1);
    assert!(!talks[0].seats.is_empty());
    now(talks[0].written_at)?;
    now(talks[0].updated_at)?;
    talks[0].seats.iter().try_for_each(|seat| now(seat.created_at).and_then(|()| now(seat.updated_at)))
}

/// It is in UTC.
fn now(moment: NaiveDateTime) -> Result {
    let off = (Utc::now().naive_utc() - moment).num_seconds().abs();
    if off < 600 { Ok(()) } else { Err(format!("{moment} is {off} s off UTC").into()) }
}
