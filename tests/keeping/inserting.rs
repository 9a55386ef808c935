//! Rows on the other side of a link table that are inserted with the struct that holds them.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Label {
    #[persist(id)]
    id: i32,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Stamp {
    #[persist(id)]
    id: i64,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Paper {
    #[persist(id)]
    id: i32,
    title: String,
    #[persist(many_to_many(through = "paper_labels"), order_by = "id", insert = true)]
    labels: Vec<Label>,
    #[persist(many_to_many(through = "paper_stamps"), order_by = "id", insert = true)]
    stamps: Vec<Stamp>,
}

const LINKS: &str = "SELECT concat_ws(':', paper_id, word) FROM paper_labels JOIN labels ON label_id = id
    UNION ALL SELECT concat_ws(':', paper_id, word) FROM paper_stamps JOIN stamps ON stamp_id = id";

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    new_ones_are_inserted_and_the_others_linked(db).await?;
    of_a_struct_that_was_read_elsewhere(db).await?;
    of_a_struct_that_is_merged(db).await
}

fn label(id: i32, word: &str) -> Label {
    Label { id, word: word.into() }
}

async fn new_ones_are_inserted_and_the_others_linked(db: &Database) -> Result<(), persist::Error> {
    db.repository::<Label>().insert(NewLabel::new(1, "old")).await?;
    for id in [1, 2] {
        db.repository::<Paper>().insert(NewPaper::new(id, "x")).await?;
    }
    let uow = db.unit_of_work();
    let mut one = filled(&uow).await?;
    one.stamps.push(Stamp { id: 0, word: "r".into() });
    uow.save(&one)?;
    let error = uow.plan().expect_err("its stamps have keys now, which it does not show");
    assert!(error.to_string().contains("`refresh` it"), "{error}");
    uow.rollback().await?;

    let uow = db.unit_of_work();
    let mut one = filled(&uow).await?;
    uow.refresh(&mut one).await?;
    one.stamps.remove(0);
    one.labels.push(label(3, "third"));
    uow.save(&one)?;
    uow.commit().await?;
    assert_eq!(stored(db, LINKS).await?, "1:new 1:old 1:q 1:third 2:new 2:p 2:q");
    assert_eq!(db.repository::<Stamp>().count().await?, 4);
    Ok(())
}

/// Both papers get labels and stamps.
async fn filled(uow: &persist::UnitOfWork<'_>) -> Result<Paper, persist::Error> {
    let papers = uow.repository::<Paper>();
    let (mut one, mut two) = (papers.get(1).await?, papers.get(2).await?);
    // The first is there, which this unit of work has not seen; what the struct says of it besides is not written.
    one.labels.extend([label(1, "another word"), label(2, "new")]);
    two.labels.push(label(2, "new"));
    for paper in [&mut one, &mut two] {
        paper.stamps.extend(["p", "q"].map(|word| Stamp { id: 0, word: word.into() }));
        uow.save(paper)?;
    }
    uow.flush().await?;
    Ok(one)
}

async fn of_a_struct_that_was_read_elsewhere(db: &Database) -> Result<(), persist::Error> {
    let mut two = db.repository::<Paper>().get(2).await?;
    two.labels.push(label(4, "fourth"));
    two.labels.push(label(3, "third"));
    let uow = db.unit_of_work();
    uow.save(&two)?;
    uow.commit().await?;
    assert_eq!(stored(db, LINKS).await?, "1:new 1:old 1:q 1:third 2:fourth 2:new 2:p 2:q 2:third");
    Ok(())
}

async fn of_a_struct_that_is_merged(db: &Database) -> Result<(), persist::Error> {
    let stamp = Stamp { id: 0, word: "s".into() };
    let paper = Paper { id: 3, title: "y".into(), labels: vec![label(1, "old"), label(5, "fifth")], stamps: vec![stamp] };
    let uow = db.unit_of_work();
    uow.merge(&paper)?;
    uow.commit().await?;
    let links = stored(db, &format!("SELECT * FROM ({LINKS}) AS l(line) WHERE line LIKE '3:%'")).await?;
    assert_eq!(links, "3:fifth 3:old 3:s");
    Ok(())
}
