//! Natural keys: what rows refer to changes together with the rows that refer.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Region {
    #[persist(id)]
    id: i32,
    code: String,
    #[persist(version)]
    version: i64,
    #[persist(has_many, order_by = "id")]
    cities: Vec<City>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct City {
    #[persist(id)]
    id: i32,
    region_code: String,
    name: String,
    #[persist(has_many(foreign_key = "region_code, city"), order_by = "id")]
    streets: Vec<Street>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Street {
    #[persist(id)]
    id: i32,
    region_code: String,
    city: String,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Zone {
    #[persist(id)]
    id: i32,
    code: String,
    #[persist(has_many, order_by = "number")]
    plots: Vec<Plot>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Plot {
    #[persist(id)]
    zone_code: String,
    #[persist(id)]
    number: i32,
    owner: String,
    #[persist(has_many, order_by = "number")]
    trees: Vec<Tree>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Tree {
    #[persist(id)]
    zone_code: String,
    #[persist(id)]
    plot: i32,
    #[persist(id)]
    number: i32,
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Code {
    #[persist(id)]
    id: i32,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Entry {
    #[persist(id)]
    id: i32,
    code: String,
    note: String,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    with_a_new_child(db).await?;
    in_the_key_of_children(db).await?;
    where_nothing_refers_yet(db).await
}

async fn with_a_new_child(db: &Database) -> Result<(), persist::Error> {
    let street = |id, name: &str| NewStreet::new(id, persist::Parent, persist::Parent, name);
    let city = NewCity::new(1, persist::Parent, "old").streets([street(1, "first")]);
    db.repository::<Region>().insert(NewRegion::new(1, "N2").cities([city])).await?;
    let uow = db.unit_of_work();
    let mut region = uow.repository::<Region>().get(1).await?;
    region.code = "N3".into();
    region.cities[0].streets[0].name = "changed".into();
    let new = |id, name: &str| Street { id, region_code: String::new(), city: String::new(), name: name.into() };
    region.cities[0].streets.push(new(2, "second"));
    let city = City { id: 2, region_code: String::new(), name: "new".into(), streets: vec![new(3, "third")] };
    region.cities.push(city);
    uow.save(&region)?;
    uow.flush().await?;
    // Once more in the same unit, and renamed in the middle.
    uow.refresh(&mut region).await?;
    region.code = "N4".into();
    region.cities[0].name = "renamed".into();
    region.cities[0].streets.push(new(4, "fourth"));
    uow.save(&region)?;
    uow.commit().await?;
    let cities = stored(db, "SELECT concat_ws(':', region_code, name) FROM cities").await?;
    assert_eq!(cities, "N4:new N4:renamed");
    let streets = stored(db, "SELECT concat_ws(':', id, region_code, city, name) FROM streets").await?;
    assert_eq!(streets, "1:N4:renamed:changed 2:N4:renamed:second 3:N4:new:third 4:N4:renamed:fourth");
    Ok(())
}

async fn in_the_key_of_children(db: &Database) -> Result<(), persist::Error> {
    let tree = |number| NewTree::new(persist::Parent, persist::Parent, number, "oak");
    let plot = |number| NewPlot::new(persist::Parent, number, "nobody").trees([tree(1), tree(2)]);
    db.repository::<Zone>().insert(NewZone::new(1, "A").plots([plot(1), plot(2)])).await?;
    let uow = db.unit_of_work();
    let mut zone = renamed(&uow).await?;
    // The keys are others now: the struct has to be read again.
    zone.plots[0].owner = "again".into();
    uow.save(&zone)?;
    let error = uow.plan().expect_err("its rows have other keys");
    assert!(error.to_string().contains("`refresh` it"), "{error}");
    uow.rollback().await?;
    let uow = db.unit_of_work();
    let mut zone = renamed(&uow).await?;
    uow.refresh(&mut zone).await?;
    zone.plots[0].owner = "again".into();
    uow.save(&zone)?;
    uow.commit().await?;
    let plots = stored(db, "SELECT concat_ws(':', zone_code, number, owner) FROM plots").await?;
    assert_eq!(plots, "B:1:again B:2:nobody B:3:new");
    let trees = stored(db, "SELECT concat_ws(':', zone_code, plot, number, kind) FROM trees").await?;
    assert_eq!(trees, "B:1:1:elm B:2:1:oak B:2:2:oak B:2:3:ash B:3:1:fir");
    Ok(())
}

/// The zone with another code, which is in the keys of all that belongs to it.
async fn renamed(uow: &persist::UnitOfWork<'_>) -> Result<Zone, persist::Error> {
    let mut zone = uow.repository::<Zone>().get(1).await?;
    zone.code = "B".into();
    zone.plots[0].owner = "somebody".into();
    zone.plots[0].trees[0].kind = "elm".into();
    zone.plots[0].trees.remove(1);
    zone.plots[1].trees.push(Tree { zone_code: String::new(), plot: 0, number: 3, kind: "ash".into() });
    let tree = Tree { zone_code: String::new(), plot: 0, number: 1, kind: "fir".into() };
    zone.plots.push(Plot { zone_code: String::new(), number: 3, owner: "new".into(), trees: vec![tree] });
    uow.save(&zone)?;
    uow.flush().await?;
    Ok(zone)
}

async fn where_nothing_refers_yet(db: &Database) -> Result<(), persist::Error> {
    db.repository::<Code>().insert(NewCode::new(1, "x")).await?;
    db.repository::<Code>().insert(NewCode::new(2, "y")).await?;
    db.repository::<Entry>().insert(NewEntry::new(2, "y", "old")).await?;
    let uow = db.unit_of_work();
    let mut code = uow.repository::<Code>().get(1).await?;
    let mut entry = uow.repository::<Entry>().get(2).await?;
    code.code = "z".into();
    entry.code = "z".into();
    uow.insert(NewEntry::new(1, "z", "new"))?;
    uow.save(&entry)?;
    uow.save(&code)?;
    uow.commit().await?;
    let entries = stored(db, "SELECT concat_ws(':', id, code) FROM entries").await?;
    assert_eq!(entries, "1:z 2:z");
    Ok(())
}
