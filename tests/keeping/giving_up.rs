//! Rows that leave a partial UNIQUE index while others take their place, and UNIQUE keys over generated columns.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Desk {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_one, filter = "is_active")]
    seat: Option<Seat>,
    #[persist(has_many, filter = "NOT is_active", order_by = "id")]
    past: Vec<Seat>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Seat {
    #[persist(id)]
    id: i32,
    desk_id: i32,
    is_active: bool,
    note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "job_state")]
enum JobState {
    Open,
    Done,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Job {
    #[persist(id)]
    id: i32,
    desk_id: i32,
    state: JobState,
    #[persist(version)]
    version: i64,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Word {
    #[persist(id)]
    id: i32,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Slug {
    #[persist(id)]
    id: i32,
    slug: String,
}

const SEATS: &str = "SELECT concat_ws(':', id, desk_id, is_active) FROM seats";

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    for (id, name) in [(1, "one"), (2, "two")] {
        db.repository::<Desk>().insert(NewDesk::new(id, name)).await?;
        db.repository::<Seat>().insert(NewSeat::new(10 * id, id, "first")).await?;
    }
    one_is_retired_for_a_new_one(db).await?;
    two_change_places(db).await?;
    shown_by_two_because_another_has_moved_it(db).await?;
    by_the_label_of_an_enum(db).await?;
    made_of_another_column(db).await
}

async fn one_is_retired_for_a_new_one(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let mut seat = uow.repository::<Seat>().get(10).await?;
    seat.is_active = false;
    uow.insert(NewSeat::new(11, 1, "second"))?;
    uow.save(&seat)?;
    uow.commit().await?;
    assert_eq!(stored(db, SEATS).await?, "10:1:f 11:1:t 20:2:t");
    // The same by the relations of the desk.
    let uow = db.unit_of_work();
    let mut desk = uow.repository::<Desk>().get(1).await?;
    let mut retired = desk.seat.replace(Seat { id: 9, desk_id: 1, is_active: true, note: "third".into() });
    retired.iter_mut().for_each(|seat| seat.is_active = false);
    desk.past.extend(retired);
    uow.save(&desk)?;
    uow.commit().await?;
    assert_eq!(stored(db, SEATS).await?, "10:1:f 11:1:f 20:2:t 9:1:t");
    Ok(())
}

async fn two_change_places(db: &Database) -> Result<(), persist::Error> {
    // Whichever of the two the server comes to first.
    for (leaving, entering) in [(9, 10), (10, 11), (11, 9)] {
        let uow = db.unit_of_work();
        let seats = uow.repository::<Seat>();
        let (mut one, mut other) = (seats.get(leaving).await?, seats.get(entering).await?);
        (one.is_active, other.is_active) = (false, true);
        uow.save(&other)?;
        uow.save(&one)?;
        uow.commit().await?;
    }
    assert_eq!(stored(db, SEATS).await?, "10:1:f 11:1:f 20:2:t 9:1:t");
    // Both stay in the index, and no column of it may be something else for a moment.
    let uow = db.unit_of_work();
    let seats = uow.repository::<Seat>();
    let (mut one, mut two) = (seats.get(9).await?, seats.get(20).await?);
    (one.desk_id, two.desk_id) = (2, 1);
    uow.save(&one)?;
    uow.save(&two)?;
    let error = uow.plan().expect_err("neither leaves it");
    assert!(error.to_string().contains("no column that could be changed for a moment"), "{error}");
    Ok(())
}

async fn shown_by_two_because_another_has_moved_it(db: &Database) -> Result<(), persist::Error> {
    let moved = |desk_id: i32| persist::Sql::unchecked(format!("UPDATE seats SET desk_id = {desk_id} WHERE id = 10"));
    let uow = db.unit_of_work();
    let one = uow.repository::<Desk>().get(1).await?;
    moved(2).execute(db).await?;
    // By another relation over the same key.
    let two = uow.repository::<Desk>().get(2).await?;
    assert!(one.past.iter().chain(&two.past).filter(|seat| seat.id == 10).count() == 2);
    uow.save(&one)?;
    uow.save(&two)?;
    let error = uow.commit().await.expect_err("one of them is out of date");
    assert!(error.is_stale(), "{error:?}");
    moved(1).execute(db).await?;
    Ok(())
}

async fn by_the_label_of_an_enum(db: &Database) -> Result<(), persist::Error> {
    for (id, state) in [(1, JobState::Done), (2, JobState::Open)] {
        db.repository::<Job>().insert(NewJob::new(id, 1, state)).await?;
    }
    let uow = db.unit_of_work();
    let (mut one, mut two) = (uow.repository::<Job>().get(1).await?, uow.repository::<Job>().get(2).await?);
    (one.state, two.state) = (JobState::Open, JobState::Done);
    uow.save(&one)?;
    uow.save(&two)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', id, state, version) FROM jobs").await?, "1:open:2 2:done:2");
    Ok(())
}

async fn made_of_another_column(db: &Database) -> Result<(), persist::Error> {
    for (id, word) in [(1, "Al"), (2, "bob")] {
        db.repository::<Word>().insert(NewWord::new(id, word)).await?;
        db.repository::<Slug>().insert(NewSlug::new(id, word)).await?;
    }
    let uow = db.unit_of_work();
    uow.repository::<Word>().all().await?;
    uow.repository::<Slug>().all().await?;
    for (id, word) in [(1, "BOB"), (2, "al")] {
        uow.save(&Word { id, word: word.into() })?;
    }
    for (id, slug) in [(1, "bob"), (2, "Al")] {
        uow.save(&Slug { id, slug: slug.into() })?;
    }
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', id, word) FROM words").await?, "1:BOB 2:al");
    assert_eq!(stored(db, "SELECT concat_ws(':', id, slug) FROM slugs").await?, "1:bob 2:Al");
    Ok(())
}
