//! Rows that come to others which they refer to by a name: what those are called now is what counts, whatever structs show.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Pier {
    #[persist(id)]
    id: i32,
    town: String,
    code: Option<String>,
    #[persist(has_many, order_by = "id")]
    boats: Vec<Boat>,
    #[persist(has_many, order_by = "number")]
    rings: Vec<Ring>,
    #[persist(has_one)]
    bell: Option<Bell>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "piers")]
struct PierCode {
    #[persist(id)]
    id: i32,
    code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Boat {
    #[persist(id)]
    id: i32,
    town: Option<String>,
    pier_code: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Ring {
    #[persist(id)]
    pier_code: String,
    #[persist(id)]
    number: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Bell {
    #[persist(id)]
    id: i32,
    pier_code: Option<String>,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    new_rows_come_to_rows(db).await?;
    rows_are_moved_to_rows(db).await?;
    a_name_that_was_read_before_may_be_of_another(db).await?;
    what_this_unit_has_done_counts_too(db).await?;
    whoever_renames_in_the_same_flush(db).await?;
    nothing_comes_to_what_is_gone_or_has_no_name(db).await
}

async fn set_up(db: &Database) -> Result<(), persist::Error> {
    run(db, "DELETE FROM rings").await?;
    run(db, "DELETE FROM bells").await?;
    run(db, "DELETE FROM boats").await?;
    run(db, "DELETE FROM piers").await?;
    run(db, "INSERT INTO piers VALUES (1, 'x', 'A'), (2, 'x', 'B'), (3, 'x', NULL)").await?;
    run(db, "INSERT INTO boats VALUES (1, 'x', 'A'), (2, 'x', 'B')").await?;
    run(db, "INSERT INTO bells VALUES (2, 'B')").await
}

async fn run(db: &Database, sql: &'static str) -> Result<(), persist::Error> {
    persist::Sql::unchecked(sql).execute(db).await.map(drop)
}

/// Another session gives pier 1 another code, and its code to pier 2.
async fn pass_on(db: &Database) -> Result<(), persist::Error> {
    run(db, "UPDATE piers SET code = 'Z' WHERE id = 1").await?;
    run(db, "UPDATE piers SET code = 'A' WHERE id = 2").await
}

const BOATS: &str = "SELECT concat_ws(':', b.id, p.id, b.pier_code) FROM boats AS b LEFT JOIN piers AS p ON (p.town, p.code) = (b.town, b.pier_code)";
const RINGS: &str = "SELECT concat_ws(':', pier_code, number) FROM rings";
const BELLS: &str = "SELECT concat_ws(':', id, pier_code) FROM bells";

fn boat(id: i32, code: &str) -> Boat {
    Boat { id, town: Some("x".into()), pier_code: Some(code.into()) }
}

async fn new_rows_come_to_rows(db: &Database) -> Result<(), persist::Error> {
    set_up(db).await?;
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Pier>().get(1).await?;
    pass_on(db).await?;
    one.boats.push(boat(9, "A"));
    one.rings.push(Ring { pier_code: "A".into(), number: 1 });
    one.bell = Some(Bell { id: 9, pier_code: None });
    uow.save(&one)?;
    uow.flush().await?;
    let old = one;
    let mut one = uow.repository::<Pier>().get(1).await?;
    assert_eq!(one.code.as_deref(), Some("Z"));
    one.boats.push(boat(10, "A"));
    uow.save(&one)?;
    uow.commit().await?;
    assert_eq!(stored(db, BOATS).await?, "10:1:Z 1:1:Z 2:2:A 9:1:Z");
    assert_eq!(stored(db, RINGS).await?, "Z:1");
    assert_eq!(stored(db, BELLS).await?, "2:A 9:Z");
    // What a struct shows after that is not what it holds.
    set_up(db).await?;
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Pier>().get(1).await?;
    pass_on(db).await?;
    one.boats = old.boats;
    uow.save(&one)?;
    uow.flush().await?;
    uow.save(&one)?;
    let error = uow.commit().await.expect_err("the struct has an old code");
    assert!(error.to_string().contains("`refresh` it"), "{error}");
    Ok(())
}

async fn rows_are_moved_to_rows(db: &Database) -> Result<(), persist::Error> {
    set_up(db).await?;
    let uow = db.unit_of_work();
    let piers = uow.repository::<Pier>();
    let (mut one, mut two) = (piers.get(1).await?, piers.get(2).await?);
    pass_on(db).await?;
    one.boats.append(&mut two.boats);
    one.bell = two.bell.take();
    uow.save(&one)?;
    uow.save(&two)?;
    uow.commit().await?;
    assert_eq!(stored(db, BOATS).await?, "1:1:Z 2:1:Z");
    assert_eq!(stored(db, BELLS).await?, "2:Z");
    Ok(())
}

/// The boat was read as one of `B`, and `B` is pier 1 now.
async fn a_name_that_was_read_before_may_be_of_another(db: &Database) -> Result<(), persist::Error> {
    set_up(db).await?;
    let uow = db.unit_of_work();
    let boat = uow.repository::<Boat>().get(2).await?;
    run(db, "UPDATE piers SET code = 'C' WHERE id = 2").await?;
    run(db, "UPDATE piers SET code = 'B' WHERE id = 1").await?;
    let mut one = uow.repository::<Pier>().get(1).await?;
    one.boats.push(boat);
    uow.save(&one)?;
    uow.commit().await?;
    assert_eq!(stored(db, BOATS).await?, "1:1:B 2:1:B");
    Ok(())
}

async fn what_this_unit_has_done_counts_too(db: &Database) -> Result<(), persist::Error> {
    set_up(db).await?;
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Pier>().get(1).await?;
    let codes = uow.repository::<PierCode>();
    // What is rolled back has not happened.
    let savepoint = uow.savepoint().await?;
    codes.filter(|pier| pier.id.eq(1)).update(|pier| pier.code.set("Q")).await?;
    savepoint.rollback().await?;
    one.boats.push(boat(9, "?"));
    uow.save(&one)?;
    uow.flush().await?;
    codes.filter(|pier| pier.id.eq(1)).update(|pier| pier.code.set("Z")).await?;
    codes.filter(|pier| pier.id.eq(2)).update(|pier| pier.code.set("A")).await?;
    one.boats.push(boat(10, "A"));
    uow.save(&one)?;
    uow.commit().await?;
    assert_eq!(stored(db, BOATS).await?, "10:1:Z 1:1:Z 2:2:A 9:1:Z");
    Ok(())
}

async fn whoever_renames_in_the_same_flush(db: &Database) -> Result<(), persist::Error> {
    for is_first in [true, false] {
        set_up(db).await?;
        let uow = db.unit_of_work();
        let mut one = uow.repository::<Pier>().get(1).await?;
        let mut code = uow.repository::<PierCode>().get(1).await?;
        code.code = Some("Q".into());
        one.boats.push(boat(9, "A"));
        if is_first {
            uow.save(&code)?;
        }
        uow.save(&one)?;
        if !is_first {
            uow.save(&code)?;
        }
        uow.commit().await?;
        assert_eq!(stored(db, BOATS).await?, "1:1:Q 2:2:B 9:1:Q", "{is_first}");
    }
    // The struct itself, whose code another session has changed before.
    set_up(db).await?;
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Pier>().get(1).await?;
    pass_on(db).await?;
    one.code = Some("Q".into());
    one.boats.push(boat(9, "A"));
    uow.save(&one)?;
    uow.commit().await?;
    assert_eq!(stored(db, BOATS).await?, "1:1:Q 2:2:A 9:1:Q");
    Ok(())
}

async fn nothing_comes_to_what_is_gone_or_has_no_name(db: &Database) -> Result<(), persist::Error> {
    set_up(db).await?;
    let refused = async |id: i32, sql: &'static str, what: &str| {
        let uow = db.unit_of_work();
        let mut pier = uow.repository::<Pier>().get(id).await?;
        run(db, sql).await?;
        pier.boats.push(boat(9, "A"));
        uow.save(&pier)?;
        Ok::<_, persist::Error>(uow.commit().await.expect_err(what))
    };
    let error = refused(3, "SELECT", "it has no code").await?;
    assert!(error.to_string().contains("`code` is NULL"), "{error}");
    let error = refused(2, "UPDATE piers SET code = NULL WHERE id = 2", "it has no code any more").await?;
    assert!(error.to_string().contains("`code` is NULL"), "{error}");
    let error = refused(3, "DELETE FROM piers WHERE id = 3", "it is gone").await?;
    assert!(error.is_stale(), "{error}");
    let uow = db.unit_of_work();
    let mut new = Pier {
        id: 4,
        town: "x".into(),
        code: None,
        boats: vec![boat(9, "A")],
        rings: Vec::new(),
        bell: None,
    };
    uow.merge(&new)?;
    let error = uow.commit().await.expect_err("a new one without a code");
    assert!(error.to_string().contains("`code` is NULL"), "{error}");
    new.code = Some("D".into());
    let uow = db.unit_of_work();
    uow.merge(&new)?;
    uow.commit().await?;
    assert_eq!(stored(db, BOATS).await?, "1:1:A 2 9:4:D");
    Ok(())
}
