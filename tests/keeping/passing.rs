//! Names to which rows and links refer, and which pass from one row to another in the same flush; and rows that two
//! foreign keys with a column in common claim.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Topic {
    #[persist(id)]
    id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Article {
    #[persist(id)]
    id: i32,
    title: String,
    #[persist(many_to_many(through = "article_topics"), order_by = "id")]
    topics: Vec<Topic>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Gate {
    #[persist(id)]
    id: i32,
    code: String,
    #[persist(has_many, order_by = "number")]
    lanes: Vec<Lane>,
    #[persist(has_many, order_by = "id")]
    lamps: Vec<Lamp>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "gates")]
struct GateCode {
    #[persist(id)]
    id: i32,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Lane {
    #[persist(id)]
    gate_code: String,
    #[persist(id)]
    number: i32,
    note: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Lamp {
    #[persist(id)]
    id: i32,
    gate_code: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Room {
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    id: i32,
    #[persist(has_many)]
    stays: Vec<Stay>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Guest {
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    id: i32,
    #[persist(has_many)]
    stays: Vec<Stay>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Stay {
    #[persist(id)]
    id: i32,
    tenant: Option<i32>,
    room_id: Option<i32>,
    guest_id: Option<i32>,
}

const LINKS: &str = "SELECT concat_ws(':', article_id, t.id, name) FROM article_topics JOIN topics AS t ON t.name = topic";

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    links_lead_to_rows_and_not_to_names(db).await?;
    whoever_has_renamed_them(db).await?;
    rows_stay_with_their_owners(db).await?;
    rows_come_to_owners_that_others_have_renamed(db).await?;
    nobody_guesses_with_whom_rows_stay(db).await?;
    two_keys_agree_in_what_they_share(db).await
}

async fn links_lead_to_rows_and_not_to_names(db: &Database) -> Result<(), persist::Error> {
    for (id, name) in [(1, "a"), (2, "b")] {
        db.repository::<Topic>().insert(NewTopic::new(id, name)).await?;
        db.repository::<Article>().insert(NewArticle::new(id, "x")).await?;
        let uow = db.unit_of_work();
        let mut article = uow.repository::<Article>().get(id).await?;
        article.topics.push(uow.repository::<Topic>().get(id).await?);
        uow.save(&article)?;
        uow.commit().await?;
    }
    // The names are exchanged, and so are the links: those of the link table have the same bytes as before.
    let uow = db.unit_of_work();
    let articles = uow.repository::<Article>();
    let (mut one, mut two) = (articles.get(1).await?, articles.get(2).await?);
    let topics = uow.repository::<Topic>();
    let (mut a, mut b) = (topics.get(1).await?, topics.get(2).await?);
    std::mem::swap(&mut a.name, &mut b.name);
    std::mem::swap(&mut one.topics, &mut two.topics);
    uow.save(&one)?;
    uow.save(&two)?;
    uow.save(&a)?;
    uow.save(&b)?;
    uow.commit().await?;
    assert_eq!(stored(db, LINKS).await?, "1:2:a 2:1:b");
    // One is renamed, and a new one takes its name; another article gets the one that was renamed, by a copy with the old name.
    let uow = db.unit_of_work();
    let mut two = uow.repository::<Article>().get(2).await?;
    let mut topic = uow.repository::<Topic>().get(2).await?;
    two.topics.push(topic.clone());
    topic.name = "c".into();
    uow.save(&two)?;
    uow.insert(NewTopic::new(3, "a"))?;
    uow.save(&topic)?;
    uow.commit().await?;
    assert_eq!(stored(db, LINKS).await?, "1:2:c 2:1:b 2:2:c");
    Ok(())
}

/// Another session passes a name on, and links the row that has it now; a copy with an old name is put in.
async fn whoever_has_renamed_them(db: &Database) -> Result<(), persist::Error> {
    let run = async |sql: &'static str| persist::Sql::unchecked(sql).execute(db).await;
    run("DELETE FROM article_topics").await?;
    run("DELETE FROM topics").await?;
    run("INSERT INTO topics VALUES (1, 'a'), (2, 'b'), (3, 'c')").await?;
    run("INSERT INTO article_topics VALUES (1, 'a'), (1, 'c')").await?;
    let copy = db.repository::<Topic>().get(2).await?;
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Article>().get(1).await?;
    run("UPDATE topics SET name = 'z' WHERE id = 1").await?;
    run("UPDATE topics SET name = 'a' WHERE id = 2").await?;
    run("UPDATE topics SET name = 'b' WHERE id = 3").await?;
    run("INSERT INTO article_topics VALUES (1, 'a')").await?;
    one.topics.retain(|topic| topic.id == 3);
    uow.save(&one)?;
    let mut two = uow.repository::<Article>().get(2).await?;
    two.topics.push(copy);
    uow.save(&two)?;
    uow.commit().await?;
    assert_eq!(stored(db, LINKS).await?, "1:2:a 1:3:b 2:2:a");
    run("DELETE FROM article_topics").await?;
    Ok(())
}

async fn rows_stay_with_their_owners(db: &Database) -> Result<(), persist::Error> {
    for (id, code) in [(1, "A"), (2, "B")] {
        let (lane, lamp) = (NewLane::new(persist::Parent, 1, code), NewLamp::new(id, persist::Parent));
        db.repository::<Gate>().insert(NewGate::new(id, code).lanes([lane]).lamps([lamp])).await?;
    }
    let uow = db.unit_of_work();
    let (one, two) = exchanged(&uow).await?;
    uow.save(&one)?;
    uow.save(&two)?;
    uow.commit().await?;
    let lanes = stored(db, "SELECT concat_ws(':', gate_code, number, note) FROM lanes").await?;
    assert_eq!(lanes, "A:1:B B:1:A");
    assert_eq!(stored(db, "SELECT concat_ws(':', id, gate_code) FROM lamps").await?, "1:B 2:A");
    Ok(())
}

/// Two gates that have exchanged their codes.
async fn exchanged(uow: &persist::UnitOfWork<'_>) -> Result<(Gate, Gate), persist::Error> {
    let gates = uow.repository::<Gate>();
    let (mut one, mut two) = (gates.get(1).await?, gates.get(2).await?);
    std::mem::swap(&mut one.code, &mut two.code);
    Ok((one, two))
}

/// Another struct over the gates has renamed one, and another has got its code.
async fn rows_come_to_owners_that_others_have_renamed(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Gate>().get(1).await?;
    let codes = uow.repository::<GateCode>();
    let (mut first, mut second) = (codes.get(1).await?, codes.get(2).await?);
    let code = std::mem::replace(&mut first.code, "C".into());
    uow.save(&first)?;
    uow.flush().await?;
    second.code = code;
    uow.save(&second)?;
    uow.flush().await?;
    one.lamps.push(Lamp { id: 9, gate_code: String::new() });
    uow.save(&one)?;
    uow.flush().await?;
    let lamp = uow.repository::<Lamp>().get(9).await?;
    assert_eq!(lamp.gate_code, "C");
    uow.rollback().await
}

async fn nobody_guesses_with_whom_rows_stay(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let refused = |uow: persist::UnitOfWork<'_>, what: &str| {
        let error = uow.plan().expect_err(what);
        assert!(error.to_string().contains("do that in two flushes"), "{what}: {error}");
    };
    // They have the codes already that they are to have, but not for long.
    let (mut one, mut two) = exchanged(&uow).await?;
    std::mem::swap(&mut one.lamps, &mut two.lamps);
    uow.save(&one)?;
    uow.save(&two)?;
    refused(uow, "lamps are exchanged as well");
    let uow = db.unit_of_work();
    let (one, two) = exchanged(&uow).await?;
    uow.save(&one)?;
    uow.save(&two)?;
    uow.insert(NewLamp::new(3, "A"))?;
    refused(uow, "which gate is A?");
    // The lane is found by a key that changes with the gate.
    let uow = db.unit_of_work();
    let (mut one, two) = exchanged(&uow).await?;
    one.lanes[0].note = "changed".into();
    uow.save(&one)?;
    uow.save(&two)?;
    refused(uow, "which lane is A:1?");
    Ok(())
}

async fn two_keys_agree_in_what_they_share(db: &Database) -> Result<(), persist::Error> {
    for tenant in [1, 2] {
        db.repository::<Room>().insert(NewRoom::new(tenant, 1)).await?;
        db.repository::<Guest>().insert(NewGuest::new(tenant, 1)).await?;
    }
    db.repository::<Stay>().insert(NewStay::new(1).tenant(1).guest_id(1)).await?;
    let uow = db.unit_of_work();
    let guest = uow.repository::<Guest>().get((1, 1)).await?;
    let mut room = uow.repository::<Room>().get((2, 1)).await?;
    room.stays.push(guest.stays[0].clone());
    uow.save(&room)?;
    uow.save(&guest)?;
    let error = uow.plan().expect_err("the room is one of tenant 2, the guest one of tenant 1");
    assert!(error.to_string().contains("two foreign keys that share `tenant`"), "{error}");
    let uow = db.unit_of_work();
    let guest = uow.repository::<Guest>().get((1, 1)).await?;
    let mut room = uow.repository::<Room>().get((1, 1)).await?;
    room.stays.push(guest.stays[0].clone());
    uow.save(&room)?;
    uow.save(&guest)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', tenant, room_id, guest_id) FROM stays").await?, "1:1:1");
    Ok(())
}
