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

#[derive(Debug, Clone, PartialEq, Repository)]
struct Site {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, order_by = "slug")]
    pages: Vec<Page>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Page {
    #[persist(id)]
    id: i32,
    site_id: i32,
    slug: String,
    #[persist(many_to_many(through = "page_words"), order_by = "id", insert = true)]
    words: Vec<PageWord>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "words_of_pages")]
struct PageWord {
    #[persist(id)]
    id: i32,
    word: String,
}

/// A key that a program makes, and a column that has a default.
#[derive(Debug, Clone, PartialEq, Repository)]
struct Ticket {
    #[persist(id)]
    id: uuid::Uuid,
    word: String,
}

/// A site in a struct that it is linked to, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "papers")]
struct SitePaper {
    #[persist(id)]
    id: i32,
    title: String,
    #[persist(many_to_many(through = "paper_sites"))]
    sites: Vec<Site>,
}

/// The same row in a struct of its own.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "labels")]
struct LabelAgain {
    #[persist(id)]
    id: i32,
    word: String,
}

const LINKS: &str = "SELECT concat_ws(':', paper_id, word) FROM paper_labels JOIN labels ON label_id = id
    UNION ALL SELECT concat_ws(':', paper_id, word) FROM paper_stamps JOIN stamps ON stamp_id = id";

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    new_ones_are_inserted_and_the_others_linked(db).await?;
    of_a_struct_that_was_read_elsewhere(db).await?;
    of_a_struct_that_is_merged(db).await?;
    what_is_there_is_not_inserted(db).await?;
    two_that_differ_are_refused(db).await?;
    by_names_of_rows_whose_keys_are_made(db).await?;
    what_would_be_lost_is_refused(db).await
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

async fn what_is_there_is_not_inserted(db: &Database) -> Result<(), persist::Error> {
    // Another struct over its table has read it; and a struct that got rows which were there is saved again at once.
    let uow = db.unit_of_work();
    uow.repository::<LabelAgain>().get(5).await?;
    let mut two = uow.repository::<Paper>().get(2).await?;
    two.labels.extend([label(5, "fifth"), label(1, "old")]);
    uow.save(&two)?;
    uow.flush().await?;
    two.title = "again".into();
    uow.save(&two)?;
    uow.commit().await?;
    let labels = "SELECT concat_ws(':', label_id) FROM paper_labels WHERE paper_id = 2";
    assert_eq!(stored(db, labels).await?, "1 2 3 4 5");
    Ok(())
}

async fn two_that_differ_are_refused(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let papers = uow.repository::<Paper>();
    let (mut one, mut two) = (papers.get(1).await?, papers.get(2).await?);
    one.labels.push(label(9, "a"));
    two.labels.push(label(9, "b"));
    uow.save(&one)?;
    uow.save(&two)?;
    let error = uow.commit().await.expect_err("is it a or b?");
    assert!(error.to_string().contains("twice, with different values of `word`"), "{error}");
    assert_eq!(stored(db, "SELECT word FROM labels WHERE id = 9").await?, "");
    Ok(())
}

async fn by_names_of_rows_whose_keys_are_made(db: &Database) -> Result<(), persist::Error> {
    // A page whose name is the key that the next one will get.
    db.repository::<Site>().insert(NewSite::new(1, "x").pages([NewPage::new(persist::Parent, "2")])).await?;
    let word = |word: &str| PageWord { id: 0, word: word.into() };
    let uow = db.unit_of_work();
    let mut site = uow.repository::<Site>().get(1).await?;
    site.pages.push(Page { id: 0, site_id: 1, slug: "new".into(), words: vec![word("w")] });
    site.pages[0].words.push(word("v"));
    uow.save(&site)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', page_slug, word) FROM page_words").await?, "2:v new:w");
    Ok(())
}

async fn what_would_be_lost_is_refused(db: &Database) -> Result<(), persist::Error> {
    // Two rows with a nil UUID would be one.
    let uow = db.unit_of_work();
    uow.merge(&Ticket { id: uuid::Uuid::nil(), word: "p".into() })?;
    let error = uow.commit().await.expect_err("nobody makes the key");
    assert!(error.to_string().contains("id(database)"), "{error}");
    // A site that was not read here is only linked.
    let site = db.repository::<Site>().get(1).await?;
    let uow = db.unit_of_work();
    let mut paper = uow.repository::<SitePaper>().get(1).await?;
    paper.sites.push(site);
    paper.sites[0].pages.push(Page { id: 0, site_id: 1, slug: "lost".into(), words: Vec::new() });
    uow.save(&paper)?;
    let error = uow.commit().await.expect_err("the page would be lost");
    assert!(error.to_string().contains("holds a new row of `pages`"), "{error}");
    Ok(())
}
