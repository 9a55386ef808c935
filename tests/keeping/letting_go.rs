//! Rows that are taken out of structs after their own unit of work has moved or added some by other means.

use persist::Sql;
use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Crew {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, order_by = "id")]
    sailors: Vec<Sailor>,
    #[persist(has_one)]
    flag: Option<Flag>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Sailor {
    #[persist(id)]
    id: i32,
    crew_id: i32,
    name: String,
    #[persist(has_many, order_by = "id")]
    medals: Vec<Medal>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Medal {
    #[persist(id)]
    id: i32,
    sailor_id: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Flag {
    #[persist(id)]
    id: i32,
    crew_id: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Port {
    #[persist(id)]
    id: i32,
    code: String,
    #[persist(has_many, order_by = "id")]
    docks: Vec<Dock>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Dock {
    #[persist(id)]
    id: i32,
    port_code: String,
}

/// The same row without its docks.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "ports")]
struct PortCode {
    #[persist(id)]
    id: i32,
    code: String,
}

const ROWS: &str = "SELECT concat_ws(':', 'c', id, name) FROM crews UNION ALL SELECT concat_ws(':', 's', id, crew_id) FROM sailors \
                    UNION ALL SELECT concat_ws(':', 'm', id, sailor_id) FROM medals UNION ALL SELECT concat_ws(':', 'f', id, crew_id) FROM flags";

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    for is_raw in [true, false] {
        what_the_unit_has_moved_stays_there(db, is_raw).await?;
    }
    for shows_it in [true, false] {
        both_may_be_saved(db, shows_it).await?;
    }
    a_change_of_what_has_moved_is_not_lost(db).await?;
    for replaces in [true, false] {
        what_came_below_goes_along(db, replaces).await?;
    }
    what_has_left_from_below_stays(db).await?;
    what_another_session_does_is_stale(db).await?;
    what_a_rolled_back_savepoint_moved_goes(db).await?;
    one_that_was_freed_makes_room(db).await?;
    what_follows_a_code_belongs_where_it_did(db).await?;
    new_rows_below_what_goes_are_refused(db).await
}

async fn fill(db: &Database) -> Result<(), persist::Error> {
    for statement in [
        "TRUNCATE crews, sailors, medals, flags",
        "INSERT INTO crews VALUES (1, 'one'), (2, 'two')",
        "INSERT INTO sailors VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')",
        "INSERT INTO medals VALUES (1, 1), (2, 2)",
        "INSERT INTO flags VALUES (1, 1)",
    ] {
        Sql::unchecked(statement).execute(db).await?;
    }
    Ok(())
}

async fn what_the_unit_has_moved_stays_there(db: &Database, is_raw: bool) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let mut crew = uow.repository::<Crew>().get(1).await?;
    if is_raw {
        Sql::unchecked("UPDATE sailors SET crew_id = 2 WHERE id = 1").execute(&uow).await?;
    } else {
        uow.repository::<Sailor>().filter(|s| s.id.eq(1)).update(|s| s.crew_id.set(2)).await?;
    }
    crew.sailors.remove(0);
    uow.save(&crew)?;
    uow.commit().await?;
    assert_eq!(stored(db, ROWS).await?, "c:1:one c:2:two f:1:1 m:1:1 m:2:2 s:1:2 s:2:1 s:3:2");
    Ok(())
}

async fn both_may_be_saved(db: &Database, shows_it: bool) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Crew>().get(1).await?;
    Sql::unchecked("UPDATE sailors SET crew_id = 2 WHERE id = 1").execute(&uow).await?;
    let mut two = uow.repository::<Crew>().get(2).await?;
    (one.name, two.name) = ("o".into(), "t".into());
    if !shows_it {
        one.sailors.remove(0);
    }
    uow.save(&one)?;
    uow.save(&two)?;
    uow.commit().await?;
    assert_eq!(stored(db, ROWS).await?, "c:1:o c:2:t f:1:1 m:1:1 m:2:2 s:1:2 s:2:1 s:3:2");
    Ok(())
}

async fn a_change_of_what_has_moved_is_not_lost(db: &Database) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Crew>().get(1).await?;
    Sql::unchecked("UPDATE sailors SET crew_id = 2 WHERE id = 1").execute(&uow).await?;
    let two = uow.repository::<Crew>().get(2).await?;
    one.sailors[0].name = "changed".into();
    uow.save(&one)?;
    uow.save(&two)?;
    uow.commit().await.expect_err("two structs hold it, and one has changed it");
    Ok(())
}

async fn what_came_below_goes_along(db: &Database, replaces: bool) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let mut crew = uow.repository::<Crew>().get(1).await?;
    uow.repository::<Medal>().insert(NewMedal::new(8, 1)).await?;
    uow.insert(NewMedal::new(9, 1))?;
    uow.insert(NewSailor::new(7, 1, "not seen"))?;
    uow.flush().await?;
    crew.sailors.remove(0);
    if replaces { uow.replace(&crew)? } else { uow.save(&crew)? }
    uow.commit().await?;
    assert_eq!(stored(db, ROWS).await?, "c:1:one c:2:two f:1:1 m:2:2 s:2:1 s:3:2 s:7:1");
    Ok(())
}

async fn what_has_left_from_below_stays(db: &Database) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let mut crew = uow.repository::<Crew>().get(1).await?;
    let medals = uow.repository::<Medal>();
    medals.filter(|m| m.id.eq(1)).update(|m| m.sailor_id.set(3)).await?;
    crew.sailors.remove(0);
    uow.save(&crew)?;
    uow.commit().await?;
    assert_eq!(stored(db, ROWS).await?, "c:1:one c:2:two f:1:1 m:1:3 m:2:2 s:2:1 s:3:2");
    Ok(())
}

/// Also where the unit of work itself has moved another row of the table.
async fn what_another_session_does_is_stale(db: &Database) -> Result<(), persist::Error> {
    let elsewhere = [
        "UPDATE sailors SET crew_id = 2 WHERE id = 1",
        "UPDATE medals SET sailor_id = 2 WHERE id = 1; UPDATE sailors SET crew_id = 2 WHERE id = 1",
    ];
    for elsewhere in elsewhere {
        fill(db).await?;
        let uow = db.unit_of_work();
        let mut crew = uow.repository::<Crew>().get(1).await?;
        uow.repository::<Sailor>().filter(|s| s.id.eq(2)).update(|s| s.crew_id.set(2)).await?;
        for statement in elsewhere.split("; ") {
            Sql::unchecked(statement).execute(db).await?;
        }
        crew.sailors.clear();
        uow.save(&crew)?;
        let error = uow.commit().await.expect_err("another session has moved it");
        assert!(error.is_stale(), "{error}");
    }
    Ok(())
}

async fn what_a_rolled_back_savepoint_moved_goes(db: &Database) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let mut crew = uow.repository::<Crew>().get(1).await?;
    let savepoint = uow.savepoint().await?;
    uow.repository::<Sailor>().filter(|s| s.id.eq(1)).update(|s| s.crew_id.set(2)).await?;
    savepoint.rollback().await?;
    let savepoint = uow.savepoint().await?;
    uow.repository::<Sailor>().filter(|s| s.id.eq(2)).update(|s| s.crew_id.set(2)).await?;
    savepoint.release().await?;
    crew.sailors.clear();
    uow.save(&crew)?;
    uow.commit().await?;
    assert_eq!(stored(db, ROWS).await?, "c:1:one c:2:two f:1:1 m:2:2 s:2:2 s:3:2");
    Ok(())
}

async fn one_that_was_freed_makes_room(db: &Database) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let mut crew = uow.repository::<Crew>().get(1).await?;
    uow.repository::<Flag>().filter(|f| f.id.eq(1)).update(|f| f.crew_id.set(None)).await?;
    crew.flag = Some(Flag { id: 2, crew_id: None });
    uow.save(&crew)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', id, crew_id) FROM flags").await?, "1 2:1");
    Ok(())
}

async fn what_follows_a_code_belongs_where_it_did(db: &Database) -> Result<(), persist::Error> {
    for statement in
        ["INSERT INTO ports VALUES (1, 'A'), (2, 'B')", "INSERT INTO docks VALUES (1, 'A'), (2, 'B')"]
    {
        Sql::unchecked(statement).execute(db).await?;
    }
    let uow = db.unit_of_work();
    let mut port = uow.repository::<Port>().get(1).await?;
    let codes = uow.repository::<PortCode>();
    let (mut one, mut two) = (codes.get(1).await?, codes.get(2).await?);
    std::mem::swap(&mut one.code, &mut two.code);
    uow.save(&one)?;
    uow.save(&two)?;
    uow.flush().await?;
    port.docks.clear();
    uow.save(&port)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', id, port_code) FROM docks").await?, "2:A");
    Ok(())
}

async fn new_rows_below_what_goes_are_refused(db: &Database) -> Result<(), persist::Error> {
    for is_deleted in [true, false] {
        fill(db).await?;
        let uow = db.unit_of_work();
        let mut crew = uow.repository::<Crew>().get(1).await?;
        uow.insert(NewMedal::new(9, 1))?;
        if is_deleted {
            uow.delete(&crew)?;
        } else {
            crew.sailors.remove(0);
            uow.save(&crew)?;
        }
        let error = uow.commit().await.expect_err("it would neither go along nor be there");
        assert!(error.to_string().contains("flush in between"), "{error}");
    }
    Ok(())
}
