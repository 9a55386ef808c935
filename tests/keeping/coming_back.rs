//! Rows that come back: put in again after their deletion, linked to themselves, or put in while they are deleted.

use persist::Sql;
use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Bin {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, order_by = "id")]
    tools: Vec<Tool>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Tool {
    #[persist(id)]
    id: i32,
    bin_id: Option<i32>,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Neighbor {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(many_to_many(through = "neighbor_pairs", foreign_key = "neighbor_id", other_key = "other_id"), order_by = "id", insert = true)]
    others: Vec<Other>,
}

/// The same row without its links.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "neighbors")]
struct Other {
    #[persist(id)]
    id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Block {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(many_to_many(through = "block_neighbors"), order_by = "id", insert = true)]
    neighbors: Vec<Neighbor>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Writer {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many(foreign_key = "author_id"), order_by = "id")]
    written: Vec<Draft>,
    #[persist(has_many(foreign_key = "reviewer_id"), order_by = "id")]
    reviewed: Vec<Draft>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Draft {
    #[persist(id)]
    id: i32,
    author_id: Option<i32>,
    reviewer_id: Option<i32>,
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Quarter {
    #[persist(id)]
    id: i32,
    code: String,
    #[persist(has_many, order_by = "id")]
    stalls: Vec<Stall>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Stall {
    #[persist(id)]
    id: i32,
    quarter_code: String,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    what_was_deleted_and_let_go_is_inserted_again(db).await?;
    new_rows_lead_back_to_themselves(db).await?;
    what_is_deleted_is_not_linked(db).await?;
    a_new_row_in_two_structs_has_the_links_of_both(db).await?;
    a_row_that_a_struct_shows_twice_leaves_one_place(db).await?;
    a_new_row_does_not_take_the_rows_of_one_that_goes(db).await
}

/// The save that takes it out writes nothing, because it is gone already.
async fn what_was_deleted_and_let_go_is_inserted_again(db: &Database) -> Result<(), persist::Error> {
    let tools = [NewTool::new(1, "a"), NewTool::new(2, "b")];
    db.repository::<Bin>().insert(NewBin::new(1, "bin").tools(tools)).await?;
    for by_query in [false, true] {
        let uow = db.unit_of_work();
        let mut bin = uow.repository::<Bin>().get(1).await?;
        if by_query {
            uow.repository::<Tool>().filter(|tool| tool.id.eq(1)).delete().await?;
        } else {
            uow.delete(&bin.tools[0])?;
            uow.flush().await?;
        }
        let tool = bin.tools.remove(0);
        uow.save(&bin)?;
        uow.flush().await?;
        bin.tools.insert(0, tool);
        uow.save(&bin)?;
        uow.commit().await?;
        let tools = stored(db, "SELECT concat_ws(':', id, bin_id, word) FROM tools").await?;
        assert_eq!(tools, "1:1:a 2:1:b", "deleted by a query: {by_query}");
    }
    Ok(())
}

async fn new_rows_lead_back_to_themselves(db: &Database) -> Result<(), persist::Error> {
    let other = |id, name: &str| Other { id, name: name.into() };
    let neighbor = |id, name: &str, others| Neighbor { id, name: name.into(), others };
    let uow = db.unit_of_work();
    let mut one = neighbor(1, "one", vec![other(1, "one"), other(2, "two")]);
    uow.merge(&one)?;
    uow.flush().await?;
    one.others.push(other(3, "three"));
    uow.save(&one)?;
    uow.commit().await?;
    let pairs = "SELECT concat_ws(':', neighbor_id, other_id) FROM neighbor_pairs";
    assert_eq!(stored(db, pairs).await?, "1:1 1:2 1:3");

    // What is said of it twice must be the same.
    let uow = db.unit_of_work();
    uow.merge(&neighbor(4, "four", vec![other(4, "five")]))?;
    let error = uow.flush().await.expect_err("it has two names");
    assert!(error.to_string().contains("twice"), "{error}");
    Ok(())
}

async fn what_is_deleted_is_not_linked(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let mut two = uow.repository::<Neighbor>().get(2).await?;
    let three = uow.repository::<Other>().get(3).await?;
    uow.delete(&three)?;
    two.others.push(three);
    uow.save(&two)?;
    let error = uow.plan().expect_err("it cannot be both");
    assert!(error.to_string().contains("deleted and put into a relation"), "{error}");
    Ok(())
}

async fn a_new_row_in_two_structs_has_the_links_of_both(db: &Database) -> Result<(), persist::Error> {
    let block = |id, other: Other| Block {
        id,
        name: "block".into(),
        neighbors: vec![Neighbor { id: 9, name: "nine".into(), others: vec![other] }],
    };
    let uow = db.unit_of_work();
    uow.merge(&block(1, Other { id: 2, name: "two".into() }))?;
    uow.merge(&block(2, Other { id: 10, name: "ten".into() }))?;
    uow.commit().await?;
    let pairs = "SELECT concat_ws(':', neighbor_id, other_id) FROM neighbor_pairs WHERE neighbor_id = 9";
    assert_eq!(stored(db, pairs).await?, "9:10 9:2");
    Ok(())
}

/// By one key it was moved by its own unit of work, by the other it is still there.
async fn a_row_that_a_struct_shows_twice_leaves_one_place(db: &Database) -> Result<(), persist::Error> {
    Sql::unchecked("INSERT INTO writers VALUES (1, 'one'), (2, 'two')").execute(db).await?;
    Sql::unchecked("INSERT INTO drafts VALUES (1, 1, 1, 'note')").execute(db).await?;
    let uow = db.unit_of_work();
    let mut writer = uow.repository::<Writer>().get(1).await?;
    uow.repository::<Draft>().filter(|n| n.id.eq(1)).update(|n| n.reviewer_id.set(2)).await?;
    writer.name = "new".into();
    uow.save(&writer)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', id, author_id, reviewer_id) FROM drafts").await?, "1:1:2");

    // What the database has deleted below a row that was deleted by a query is not stale.
    for by_query in [true, false] {
        let uow = db.unit_of_work();
        let mut writer = uow.repository::<Writer>().get(1).await?;
        let writers = uow.repository::<Writer>();
        match by_query {
            true => assert_eq!(writers.filter(|w| w.id.eq(2)).delete().await?, 1),
            false => assert!(writers.delete(2).await?),
        }
        writer.written.clear();
        uow.save(&writer)?;
        uow.flush().await?;
        uow.rollback().await?;
    }
    Ok(())
}

/// Whether the stalls belong to the new quarter or go with the old one cannot be told by their code.
async fn a_new_row_does_not_take_the_rows_of_one_that_goes(db: &Database) -> Result<(), persist::Error> {
    Sql::unchecked("INSERT INTO quarters VALUES (1, 'A')").execute(db).await?;
    Sql::unchecked("INSERT INTO stalls VALUES (1, 'A')").execute(db).await?;
    let uow = db.unit_of_work();
    let mut old = uow.repository::<Quarter>().get(1).await?;
    let stalls = std::mem::take(&mut old.stalls);
    uow.delete(&old)?;
    uow.merge(&Quarter { id: 2, code: "A".into(), stalls })?;
    let error = uow.flush().await.expect_err("the code passes on");
    assert!(error.to_string().contains("rows of `stalls` refer to it"), "{error}");
    Ok(())
}
