//! Rows of other aggregates that a struct shows: they are not written with it unless this unit of work has read them, and what
//! is new below them is not lost.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Sign {
    #[persist(id)]
    id: i32,
    word: String,
    #[persist(has_many, order_by = "id")]
    hints: Vec<Hint>,
    #[persist(many_to_many(through = "sign_colors"), order_by = "id", insert = true)]
    colors: Vec<Color>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Hint {
    #[persist(id)]
    id: i32,
    sign_id: i32,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Color {
    #[persist(id)]
    id: i32,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Letter {
    #[persist(id)]
    id: i32,
    title: String,
    #[persist(many_to_many(through = "letter_signs"), order_by = "id", insert = true)]
    signs: Vec<Sign>,
}

/// The same without `insert`.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "letters")]
struct Linked {
    #[persist(id)]
    id: i32,
    #[persist(many_to_many(through = "letter_signs"), order_by = "id")]
    signs: Vec<Sign>,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    what_is_stored_is_linked(db).await?;
    what_is_not_stored_is_refused(db).await?;
    what_is_written_by_itself_is_there(db).await
}

const TAGS: &str = "SELECT concat_ws(':', letter_id, sign_id) FROM letter_signs";
const HINTS: &str = "SELECT concat_ws(':', id, sign_id, text) FROM hints";
const COLORS: &str = "SELECT concat_ws(':', sign_id, color_id) FROM sign_colors";

async fn run(db: &Database, sql: &'static str) -> Result<(), persist::Error> {
    persist::Sql::unchecked(sql).execute(db).await.map(drop)
}

async fn set_up(db: &Database) -> Result<(), persist::Error> {
    for sql in [
        "DELETE FROM letter_signs",
        "DELETE FROM sign_colors",
        "DELETE FROM hints",
        "DELETE FROM signs",
        "DELETE FROM letters",
    ] {
        run(db, sql).await?;
    }
    run(db, "INSERT INTO colors VALUES (1, 'red'), (2, 'blue') ON CONFLICT DO NOTHING").await?;
    run(db, "INSERT INTO letters VALUES (1, 'x'), (2, 'y')").await?;
    run(db, "INSERT INTO signs VALUES (1, 'one'), (2, 'two')").await?;
    run(db, "INSERT INTO hints VALUES (1, 1, 'a'), (2, 2, 'b')").await?;
    run(db, "INSERT INTO sign_colors VALUES (1, 1)").await?;
    run(db, "INSERT INTO letter_signs VALUES (2, 1)").await
}

fn hint(id: i32, sign_id: i32) -> Hint {
    Hint { id, sign_id, text: "new".into() }
}

async fn what_is_stored_is_linked(db: &Database) -> Result<(), persist::Error> {
    set_up(db).await?;
    let mut copy = db.repository::<Sign>().get(1).await?;
    // Another session adds what the copy does not show.
    run(db, "INSERT INTO hints VALUES (3, 1, 'c')").await?;
    // The columns of a row that is only linked are not written.
    copy.word = "changed".into();
    copy.hints[0].text = "changed".into();
    let uow = db.unit_of_work();
    let mut letter = uow.repository::<Letter>().get(1).await?;
    letter.signs.push(copy);
    letter.signs.push(Sign { id: 9, word: "nine".into(), hints: vec![hint(9, 9)], colors: Vec::new() });
    uow.save(&letter)?;
    uow.commit().await?;
    assert_eq!(stored(db, TAGS).await?, "1:1 1:9 2:1");
    assert_eq!(stored(db, HINTS).await?, "1:1:a 2:2:b 3:1:c 9:9:new");
    assert_eq!(stored(db, "SELECT word FROM signs").await?, "nine one two");
    // A letter that was read elsewhere, and is saved as it was, also where others have changed what it shows.
    let detached = db.repository::<Letter>().get(1).await?;
    run(db, "UPDATE signs SET word = 'uno' WHERE id = 1").await?;
    run(db, "UPDATE hints SET text = 'z' WHERE id = 1").await?;
    run(db, "INSERT INTO hints VALUES (4, 1, 'd')").await?;
    for is_linked in [true, false] {
        let uow = db.unit_of_work();
        uow.save(&detached)?;
        uow.commit().await?;
        assert_eq!(stored(db, TAGS).await?, "1:1 1:9 2:1", "{is_linked}");
        run(db, "DELETE FROM letter_signs WHERE (letter_id, sign_id) = (1, 1)").await?;
    }
    assert_eq!(stored(db, HINTS).await?, "1:1:z 2:2:b 3:1:c 4:1:d 9:9:new");
    Ok(())
}

async fn what_is_not_stored_is_refused(db: &Database) -> Result<(), persist::Error> {
    set_up(db).await?;
    let copy = db.repository::<Sign>().get(1).await?;
    let two = db.repository::<Sign>().get(2).await?;
    let color = db.repository::<Color>().get(2).await?;
    let changes: [(&str, &dyn Fn(&mut Sign)); 4] = [
        ("hints", &|sign| sign.hints.push(hint(7, 1))),
        ("hints", &|sign| sign.hints.extend(two.hints.clone())),
        ("colors", &|sign| sign.colors.push(color.clone())),
        ("colors", &|sign| sign.colors.push(Color { id: 7, word: "new".into() })),
    ];
    for (index, (table, change)) in changes.into_iter().enumerate() {
        let refused = async |uow: persist::UnitOfWork<'_>, what: &str| {
            let error = uow.commit().await.expect_err(what);
            assert!(
                error.to_string().contains(&format!("`{table}` that is not stored")),
                "{index} {what}: {error}"
            );
        };
        let uow = db.unit_of_work();
        let mut letter = uow.repository::<Letter>().get(1).await?;
        letter.signs.push(copy.clone());
        change(&mut letter.signs[0]);
        uow.save(&letter)?;
        refused(uow, "it is linked").await;
        let uow = db.unit_of_work();
        let mut linked = uow.repository::<Linked>().get(1).await?;
        linked.signs.push(copy.clone());
        change(&mut linked.signs[0]);
        uow.save(&linked)?;
        refused(uow, "it is linked without `insert`").await;
        let uow = db.unit_of_work();
        uow.merge(&Letter { id: 3, title: "z".into(), signs: letter.signs })?;
        refused(uow, "it is linked to a new one").await;
        let mut detached = db.repository::<Letter>().get(2).await?;
        change(&mut detached.signs[0]);
        let uow = db.unit_of_work();
        uow.save(&detached)?;
        refused(uow, "it was linked").await;
        let uow = db.unit_of_work();
        uow.replace(&detached)?;
        refused(uow, "it is replaced").await;
    }
    assert_eq!(stored(db, TAGS).await?, "2:1");
    assert_eq!(stored(db, HINTS).await?, "1:1:a 2:2:b");
    Ok(())
}

async fn what_is_written_by_itself_is_there(db: &Database) -> Result<(), persist::Error> {
    set_up(db).await?;
    let mut copy = db.repository::<Sign>().get(1).await?;
    copy.hints.push(hint(7, 1));
    // In the same flush.
    let uow = db.unit_of_work();
    let mut letter = uow.repository::<Letter>().get(1).await?;
    letter.signs.push(copy.clone());
    uow.save(&letter)?;
    uow.insert(NewHint::new(7, 1, "new"))?;
    uow.commit().await?;
    assert_eq!(stored(db, HINTS).await?, "1:1:a 2:2:b 7:1:new");
    // Before, in a savepoint, which is rolled back.
    set_up(db).await?;
    let uow = db.unit_of_work();
    let mut letter = uow.repository::<Letter>().get(1).await?;
    letter.signs.push(copy.clone());
    let savepoint = uow.savepoint().await?;
    uow.repository::<Hint>().insert(NewHint::new(7, 1, "new")).await?;
    uow.save(&letter)?;
    uow.flush().await?;
    savepoint.rollback().await?;
    uow.save(&letter)?;
    let error = uow.commit().await.expect_err("the hint is gone with the savepoint");
    assert!(error.to_string().contains("that is not stored"), "{error}");
    // The row that this unit of work has read is written.
    let uow = db.unit_of_work();
    let mut letter = uow.repository::<Letter>().get(1).await?;
    uow.repository::<Sign>().get(1).await?;
    letter.signs.push(copy.clone());
    uow.save(&letter)?;
    uow.commit().await?;
    assert_eq!(stored(db, HINTS).await?, "1:1:a 2:2:b 7:1:new");
    assert_eq!(stored(db, TAGS).await?, "1:1 2:1");
    // The same row by two structs, in one flush.
    copy.hints.push(hint(8, 1));
    let uow = db.unit_of_work();
    let mut letter = uow.repository::<Letter>().get(2).await?;
    let mut detached = db.repository::<Letter>().get(1).await?;
    letter.signs[0].hints.push(hint(8, 1));
    detached.signs[0] = copy;
    uow.save(&detached)?;
    uow.save(&letter)?;
    uow.commit().await?;
    assert_eq!(stored(db, HINTS).await?, "1:1:a 2:2:b 7:1:new 8:1:new");
    assert_eq!(stored(db, COLORS).await?, "1:1");
    Ok(())
}
