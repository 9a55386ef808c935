//! Links to rows that are not there, equal links, rows of tables that others inherit from, and rows that swap places.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Tag {
    #[persist(id)]
    id: i32,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Mark {
    #[persist(id)]
    id: i64,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Note {
    #[persist(id)]
    id: i32,
    text: String,
    #[persist(many_to_many(through = "note_tags"))]
    tags: Vec<Tag>,
    #[persist(many_to_many(through = "note_marks"))]
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Animal {
    #[persist(id)]
    id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "people")]
struct Person {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_one)]
    passport: Option<Passport>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Passport {
    #[persist(id)]
    id: i32,
    person_id: i32,
    code: String,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    to_rows_that_are_not_there(db).await?;
    that_are_equal(db).await?;
    of_tables_that_others_inherit_from(db).await?;
    that_swap_places(db).await
}

async fn to_rows_that_are_not_there(db: &Database) -> Result<(), persist::Error> {
    db.repository::<Note>().insert(NewNote::new(1, "text")).await?;
    let uow = db.unit_of_work();
    let mut note = uow.repository::<Note>().get(1).await?;
    note.tags.push(Tag { id: 9, word: "new".into() });
    uow.save(&note)?;
    assert_eq!(uow.plan()?.to_string(), "link notes, note_tags (1 row)\n");
    let error = uow.commit().await.expect_err("the tag is not there");
    assert!(error.is_foreign_key_violation() && error.to_string().contains("insert it first"), "{error}");

    let uow = db.unit_of_work();
    let mut note = uow.repository::<Note>().get(1).await?;
    note.marks.push(Mark { id: 0, word: "new".into() });
    uow.save(&note)?;
    let error = uow.plan().expect_err("the database makes its key");
    assert!(error.to_string().contains("insert the row of `marks` first"), "{error}");

    let uow = db.unit_of_work();
    let mut note = uow.repository::<Note>().get(1).await?;
    uow.insert(NewTag::new(9, "new"))?;
    note.tags.push(Tag { id: 9, word: "new".into() });
    uow.save(&note)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', note_id, tag_id) FROM note_tags").await?, "1:9");
    Ok(())
}

async fn that_are_equal(db: &Database) -> Result<(), persist::Error> {
    let links = "SELECT concat_ws(':', note_id, tag_id) FROM note_tags";
    let uow = db.unit_of_work();
    let mut note = uow.repository::<Note>().get(1).await?;
    note.tags.push(note.tags[0].clone());
    uow.save(&note)?;
    uow.commit().await?;
    assert_eq!(stored(db, links).await?, "1:9 1:9");
    let uow = db.unit_of_work();
    let mut note = uow.repository::<Note>().get(1).await?;
    note.tags.pop();
    uow.save(&note)?;
    let error = uow.plan().expect_err("which of them?");
    assert!(error.to_string().contains("give the link table a PRIMARY KEY"), "{error}");
    note.tags.clear();
    uow.save(&note)?;
    uow.commit().await?;
    assert_eq!(stored(db, links).await?, "");
    Ok(())
}

async fn of_tables_that_others_inherit_from(db: &Database) -> Result<(), persist::Error> {
    for row in ["INTO animals VALUES (1, 'one')", "INTO dogs VALUES (1, 'dog')", "INTO dogs VALUES (2, 'two')"] {
        persist::Sql::unchecked(format!("INSERT {row}")).execute(db).await?;
    }
    let uow = db.unit_of_work();
    let mut two = uow.repository::<Animal>().get(2).await?;
    two.name = "changed".into();
    uow.save(&two)?;
    uow.delete(&Animal { id: 1, name: "one".into() })?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT name FROM animals").await?, "changed");
    let uow = db.unit_of_work();
    uow.delete(&two)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT name FROM animals").await?, "");
    Ok(())
}

async fn that_swap_places(db: &Database) -> Result<(), persist::Error> {
    for id in [1, 2] {
        let passport = NewPassport::new(id, persist::Parent, format!("{id}"));
        db.repository::<Person>().insert(NewPerson::new(id, "x").passport(passport)).await?;
    }
    let uow = db.unit_of_work();
    let people = uow.repository::<Person>();
    let (mut one, mut two) = (people.get(1).await?, people.get(2).await?);
    std::mem::swap(&mut one.passport, &mut two.passport);
    uow.save(&one)?;
    uow.save(&two)?;
    let error = uow.plan().expect_err("nobody can be without one for a moment");
    assert!(error.to_string().contains("declare it DEFERRABLE INITIALLY IMMEDIATE"), "{error}");
    Ok(())
}
