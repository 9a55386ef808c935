//! Structs that do not show what their own unit of work has written since, or contradict themselves.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Team {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, order_by = "id")]
    members: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Member {
    #[persist(id)]
    id: i32,
    team_id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Menu {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, key_by = "slot")]
    dishes: std::collections::BTreeMap<String, Dish>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "dishes")]
struct Dish {
    #[persist(id)]
    id: i32,
    menu_id: i32,
    slot: String,
}

/// The same row without its members.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "teams")]
struct TeamName {
    #[persist(id)]
    id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "shelves")]
struct Rack {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many(foreign_key = "shelf_id"), orphans = "delete", order_by = "id")]
    volumes: Vec<Volume>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Volume {
    #[persist(id)]
    id: i32,
    shelf_id: Option<i32>,
    note: String,
}

const ROWS: &str = "SELECT concat_ws(':', 'team', id) FROM teams UNION ALL SELECT concat_ws(':', id, team_id) FROM members";

/// What happens between the reading of team 1, with members 1 and 2, and its deletion.
#[derive(Debug, Clone, Copy)]
enum Between {
    Inserted,
    InsertedAtOnce,
    Upserted,
    MovedHere,
    MovedByQuery,
    Removed,
    RemovedByQuery,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    use Between::*;

    for between in [Inserted, InsertedAtOnce, Upserted, MovedHere, MovedByQuery, Removed, RemovedByQuery] {
        deleted_with_all_that_belongs_to_it_now(db, between).await?;
    }
    what_was_removed_is_not_stale(db).await?;
    what_a_struct_does_not_show_was_not_read_again(db).await?;
    what_others_wrote_is_not_written_over(db).await?;
    what_a_flush_reads_is_not_what_was_written_after_it(db).await?;
    what_is_deleted_by_name_goes_wherever_it_is(db).await?;
    what_a_map_says_is_what_its_rows_say(db).await
}

async fn fill(db: &Database) -> Result<(), persist::Error> {
    for table in ["members", "teams"] {
        persist::Sql::unchecked(format!("DELETE FROM {table}")).execute(db).await?;
    }
    let member = |id| NewMember::new(id, persist::Parent, "m");
    db.repository::<Team>().insert(NewTeam::new(1, "one").members([member(1), member(2)])).await?;
    db.repository::<Team>().insert(NewTeam::new(2, "two").members([member(3)])).await?;
    Ok(())
}

async fn deleted_with_all_that_belongs_to_it_now(db: &Database, between: Between) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let team = uow.repository::<Team>().get(1).await?;
    let members = uow.repository::<Member>();
    match between {
        Between::Inserted => drop(uow.insert(NewMember::new(4, 1, "new"))?),
        Between::InsertedAtOnce => drop(members.insert(NewMember::new(4, 1, "new")).await?),
        Between::Upserted => uow.upsert(NewMember::new(3, 1, "moved"))?,
        Between::MovedHere => {
            let mut moved = members.get(3).await?;
            moved.team_id = 1;
            uow.save(&moved)?;
        }
        Between::MovedByQuery => {
            members.filter(|m| m.id.eq(1)).update(|m| m.team_id.set(2)).await?;
        }
        Between::Removed => uow.delete_where::<Member>(|m| m.id.eq(1)),
        Between::RemovedByQuery => drop(members.delete(1).await?),
    }
    uow.flush().await?;
    uow.delete(&team)?;
    uow.commit().await?;
    let left = match between {
        Between::Upserted | Between::MovedHere => "team:2",
        Between::MovedByQuery => "1:2 3:2 team:2",
        _ => "3:2 team:2",
    };
    assert_eq!(stored(db, ROWS).await?, left, "{between:?}");
    Ok(())
}

async fn what_was_removed_is_not_stale(db: &Database) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let mut team = uow.repository::<Team>().get(1).await?;
    uow.delete_where::<Member>(|m| m.id.eq(1));
    uow.flush().await?;
    // What another session changes meanwhile is not written over.
    db.repository::<Team>().filter(|t| t.id.eq(1)).update(|t| t.name.set("by another")).await?;
    team.members.remove(0);
    team.members[0].name = "changed".into();
    uow.save(&team)?;
    uow.commit().await?;
    let rows = "SELECT concat_ws(':', id, name) FROM members UNION ALL SELECT concat_ws(':', 'team', name) FROM teams";
    assert_eq!(stored(db, rows).await?, "2:changed 3:m team:by another team:two");
    Ok(())
}

async fn what_a_map_says_is_what_its_rows_say(db: &Database) -> Result<(), persist::Error> {
    let dish = NewDish::new(1, persist::Parent, "noon");
    db.repository::<Menu>().insert(NewMenu::new(1, "x").dishes([dish])).await?;
    let uow = db.unit_of_work();
    let mut menu = uow.repository::<Menu>().get(1).await?;
    let mut dish = menu.dishes.remove("noon").expect("it is there");
    menu.dishes.insert("night".into(), dish.clone());
    let error = uow.save(&menu).expect_err("the dish says noon");
    assert!(error.to_string().contains("stands under another key"), "{error}");
    dish.slot = "night".into();
    menu.dishes.insert("night".into(), dish);
    uow.save(&menu)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT concat_ws(':', id, slot) FROM dishes").await?, "1:night");
    Ok(())
}

async fn what_a_struct_does_not_show_was_not_read_again(db: &Database) -> Result<(), persist::Error> {
    fill(db).await?;
    let uow = db.unit_of_work();
    let team = uow.repository::<Team>().get(1).await?;
    uow.insert(NewMember::new(4, 1, "new"))?;
    uow.flush().await?;
    uow.repository::<TeamName>().get(1).await?;
    uow.delete(&team)?;
    uow.commit().await?;
    assert_eq!(stored(db, ROWS).await?, "3:2 team:2");
    Ok(())
}

/// The shelf that is deleted is read again, with a volume that another struct has got from it.
async fn what_others_wrote_is_not_written_over(db: &Database) -> Result<(), persist::Error> {
    let volume = |id| NewVolume::new(id, "n").shelf_id(persist::Parent);
    db.repository::<Rack>().insert(NewRack::new(1, "one").volumes([volume(1), volume(2)])).await?;
    db.repository::<Rack>().insert(NewRack::new(2, "two")).await?;
    let uow = db.unit_of_work();
    let racks = uow.repository::<Rack>();
    let (one, mut two) = (racks.get(1).await?, racks.get(2).await?);
    db.repository::<Volume>().filter(|v| v.id.eq(1)).update(|v| v.note.set("by another")).await?;
    uow.insert(NewVolume::new(3, "n").shelf_id(1))?;
    uow.flush().await?;
    two.volumes.push(one.volumes[0].clone());
    uow.save(&two)?;
    uow.delete(&one)?;
    uow.commit().await?;
    let volumes = "SELECT concat_ws(':', id, shelf_id, note) FROM volumes";
    assert_eq!(stored(db, volumes).await?, "1:2:by another");
    Ok(())
}

async fn what_a_flush_reads_is_not_what_was_written_after_it(db: &Database) -> Result<(), persist::Error> {
    fill(db).await?;
    let elsewhere = db.repository::<Team>().get(1).await?;
    let uow = db.unit_of_work();
    uow.save(&elsewhere)?;
    let teams = uow.repository::<Team>();
    teams.filter(|t| t.id.eq(1)).update(|t| t.name.set("new")).await?;
    assert_eq!(uow.repository::<Team>().get(1).await?.name, "new");
    Ok(())
}

/// Another session has moved it, and it is deleted with the team that showed it.
async fn what_is_deleted_by_name_goes_wherever_it_is(db: &Database) -> Result<(), persist::Error> {
    for is_before in [true, false] {
        fill(db).await?;
        let uow = db.unit_of_work();
        let team = uow.repository::<Team>().get(1).await?;
        db.repository::<Member>().filter(|m| m.id.eq(1)).update(|m| m.team_id.set(2)).await?;
        if is_before {
            uow.delete(&team.members[0])?;
        }
        uow.delete(&team)?;
        if !is_before {
            uow.delete(&team.members[0])?;
        }
        uow.commit().await?;
        assert_eq!(stored(db, ROWS).await?, "3:2 team:2");
    }
    Ok(())
}
