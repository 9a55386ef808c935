//! Deletes rows below rows that the database deletes by itself.

use persist::prelude::*;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Warehouse {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, cascade)]
    shelves: Vec<Shelf>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "shelves")]
struct Shelf {
    #[persist(id)]
    id: i32,
    warehouse_id: i32,
    label: Option<String>,
    #[persist(has_many(table = "pallets"))]
    pallets: Vec<Pallet>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pallets")]
struct Pallet {
    #[persist(id)]
    id: i32,
    shelf_id: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Stamp {
    #[persist(id)]
    id: i32,
    name: String,
}

/// Its links do not go by ON DELETE CASCADE.
#[derive(Debug, Clone, PartialEq, Repository)]
struct Sheet {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(many_to_many(through = "sheet_stamps"))]
    stamps: Vec<Stamp>,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    for is_read_in_the_unit in [true, false] {
        a_chain(db, is_read_in_the_unit).await?;
        a_link_of_a_chain(db, is_read_in_the_unit).await?;
    }
    a_pallet_that_moves(db).await?;
    a_label_of_a_shelf_that_a_pallet_leaves(db).await?;
    a_row_that_is_upserted(db).await?;
    links_that_another_has_added(db).await
}

/// Two shelves with two pallets each, the second of a warehouse of its own.
async fn stored(db: &Database) -> Result<[Warehouse; 2], persist::Error> {
    let shelf = |id: i32| {
        let pallets = [2 * id, 2 * id + 1].map(|id| NewPallet::new(id, Parent));
        NewShelf::new(id, Parent).label(format!("shelf {id}")).pallets(pallets)
    };
    let warehouses = db.repository::<Warehouse>();
    let gone = NewWarehouse::new(1, "gone").shelves([shelf(1), shelf(2)]);
    let stays = NewWarehouse::new(2, "stays").shelves([shelf(3)]);
    Ok([warehouses.insert(gone).await?, warehouses.insert(stays).await?])
}

async fn read(
    db: &Database,
    uow: &UnitOfWork<'_>,
    id: i32,
    in_the_unit: bool,
) -> Result<Warehouse, persist::Error> {
    match in_the_unit {
        true => uow.repository::<Warehouse>().get(id).await,
        false => db.repository::<Warehouse>().get(id).await,
    }
}

/// What is left, of which nothing stays for the next test.
async fn left(db: &Database) -> Result<(Vec<i32>, Vec<i32>, Vec<i32>), persist::Error> {
    let warehouses = db.repository::<Warehouse>().order_by(|w| w.id.asc()).all().await?;
    let shelves = db.repository::<Shelf>().order_by(|s| s.id.asc()).all().await?;
    let pallets = db.repository::<Pallet>().order_by(|b| b.id.asc()).all().await?;
    db.repository::<Pallet>().query().delete().await?;
    db.repository::<Warehouse>().query().delete().await?;
    Ok((
        warehouses.iter().map(|row| row.id).collect(),
        shelves.iter().map(|row| row.id).collect(),
        pallets.iter().map(|row| row.id).collect(),
    ))
}

/// The shelves go by ON DELETE CASCADE, which the pallets would not let them.
async fn a_chain(db: &Database, in_the_unit: bool) -> Result<(), persist::Error> {
    stored(db).await?;
    let uow = db.unit_of_work();
    let gone = read(db, &uow, 1, in_the_unit).await?;
    uow.delete(&gone)?;
    uow.commit().await?;
    assert_eq!(left(db).await?, (vec![2], vec![3], vec![6, 7]));
    Ok(())
}

async fn a_link_of_a_chain(db: &Database, in_the_unit: bool) -> Result<(), persist::Error> {
    stored(db).await?;
    let uow = db.unit_of_work();
    let mut changed = read(db, &uow, 1, in_the_unit).await?;
    changed.shelves.retain(|shelf| shelf.id != 1);
    uow.replace(&changed)?;
    uow.commit().await?;
    assert_eq!(left(db).await?, (vec![1, 2], vec![2, 3], vec![4, 5, 6, 7]));
    Ok(())
}

/// It leaves the shelf before that goes with its warehouse.
async fn a_pallet_that_moves(db: &Database) -> Result<(), persist::Error> {
    stored(db).await?;
    let uow = db.unit_of_work();
    let mut gone = uow.repository::<Warehouse>().get(1).await?;
    let mut stays = uow.repository::<Warehouse>().get(2).await?;
    stays.shelves[0].pallets.push(gone.shelves[0].pallets.remove(0));
    uow.save(&stays)?;
    uow.delete(&gone)?;
    uow.commit().await?;
    assert_eq!(left(db).await?, (vec![2], vec![3], vec![2, 6, 7]));
    Ok(())
}

/// The shelf goes with its warehouse only after the pallet has left it; its label is taken before.
async fn a_label_of_a_shelf_that_a_pallet_leaves(db: &Database) -> Result<(), persist::Error> {
    for is_inserted in [false, true] {
        stored(db).await?;
        let uow = db.unit_of_work();
        let mut gone = uow.repository::<Warehouse>().get(1).await?;
        let mut stays = uow.repository::<Warehouse>().get(2).await?;
        let pallet = gone.shelves[0].pallets.remove(0);
        stays.shelves[0].pallets.push(pallet);
        let label = gone.shelves[0].label.clone();
        if is_inserted {
            stays.shelves.push(Shelf { id: 4, warehouse_id: 2, label, pallets: Vec::new() });
        } else {
            stays.shelves[0].label = label;
        }
        uow.save(&stays)?;
        uow.delete(&gone)?;
        uow.commit().await?;
        let taken = db.repository::<Shelf>().filter(|s| s.label.eq("shelf 1")).all().await?;
        assert_eq!(taken.iter().map(|shelf| shelf.warehouse_id).collect::<Vec<_>>(), [2]);
        let shelves = if is_inserted { vec![3, 4] } else { vec![3] };
        assert_eq!(left(db).await?, (vec![2], shelves, vec![2, 6, 7]));
    }
    Ok(())
}

/// What is below it would be lost, and the upsert would write it anew: refused before anything is sent.
async fn a_row_that_is_upserted(db: &Database) -> Result<(), persist::Error> {
    for is_read_in_the_unit in [true, false] {
        for way in ["one taken out", "all taken out", "deleted by the database", "deleted one by one"] {
            stored(db).await?;
            let uow = db.unit_of_work();
            let mut gone = read(db, &uow, 1, is_read_in_the_unit).await?;
            match way {
                "deleted one by one" => drop(uow.upsert(NewPallet::new(2, 3))?),
                _ => drop(uow.upsert(NewShelf::new(1, 2).label("other".to_owned()))?),
            }
            match way {
                "one taken out" => drop(gone.shelves.remove(0)),
                "all taken out" => gone.shelves.clear(),
                _ => uow.delete(&gone)?,
            }
            if way.ends_with("taken out") {
                uow.replace(&gone)?;
            }
            let error = uow.commit().await.map(drop).expect_err(way);
            assert!(error.to_string().contains("upserted, and taken out of a struct"), "{way}: {error}");
            assert_eq!(left(db).await?, (vec![1, 2], vec![1, 2, 3], vec![2, 3, 4, 5, 6, 7]), "{way}");
        }
    }
    Ok(())
}

/// They are read before, as rows are that go one by one.
async fn links_that_another_has_added(db: &Database) -> Result<(), persist::Error> {
    for id in [1, 2, 3] {
        db.repository::<Stamp>().insert(NewStamp::new(id, "stamp")).await?;
    }
    let sheets = db.repository::<Sheet>();
    sheets.insert(NewSheet::new(1, "gone").stamps([1, 2])).await?;
    sheets.insert(NewSheet::new(2, "stays").stamps([1, 2, 3])).await?;
    let sheet = sheets.get(1).await?;
    let other = db.unit_of_work();
    let mut changed = other.repository::<Sheet>().get(1).await?;
    changed.stamps.remove(0);
    changed.stamps.push(Stamp { id: 3, name: "stamp".into() });
    other.save(&changed)?;
    other.commit().await?;

    let uow = db.unit_of_work();
    uow.delete(&sheet)?;
    uow.commit().await?;
    let left = sheets.all().await?;
    assert_eq!(left.iter().map(|sheet| (sheet.id, sheet.stamps.len())).collect::<Vec<_>>(), [(2, 3)]);
    Ok(())
}
