//! Rows that move by their own foreign key column, while the struct that they leave is saved or deleted.

use persist::prelude::*;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Rack {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many)]
    units: Vec<Unit>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Unit {
    #[persist(id)]
    id: i32,
    rack_id: i32,
    label: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Crate {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(version)]
    version: i32,
    #[persist(has_many)]
    bottles: Vec<Bottle>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Bottle {
    #[persist(id)]
    id: i32,
    crate_id: i32,
    label: String,
    #[persist(has_many)]
    corks: Vec<Cork>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Cork {
    #[persist(id)]
    id: i32,
    bottle_id: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Desk {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, orphans = "delete")]
    lamps: Vec<Lamp>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Lamp {
    #[persist(id)]
    id: i32,
    desk_id: Option<i32>,
    label: String,
    #[persist(version)]
    version: i32,
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
    person_id: Option<i32>,
    label: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "branches")]
struct Branch {
    #[persist(id)]
    id: i32,
    parent_id: Option<i32>,
    name: String,
    #[persist(has_many)]
    children: Vec<Branch>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    TakenOut,
    SavedBefore,
    StillHeld,
    Deleted,
    DeletedWithout,
    DeletedElsewhere,
    FlushedAndTakenOut,
    FlushedAndDeleted,
}

const WAYS: [Way; 8] = [
    Way::TakenOut,
    Way::SavedBefore,
    Way::StillHeld,
    Way::Deleted,
    Way::DeletedWithout,
    Way::DeletedElsewhere,
    Way::FlushedAndTakenOut,
    Way::FlushedAndDeleted,
];

impl Way {
    fn deletes(self) -> bool {
        matches!(self, Way::Deleted | Way::DeletedWithout | Way::DeletedElsewhere | Way::FlushedAndDeleted)
    }
}

/// The first child of the parent 1 goes to the parent 2, which is there or new.
macro_rules! moves {
    ($db:expr, $parent:ident.$list:ident, $child:ident.$key:ident, $two:expr, $read:expr) => {
        for way in WAYS {
            for is_new in [false, true] {
                let uow = $db.unit_of_work();
                match is_new {
                    true => drop(uow.insert($two)?),
                    false => drop($db.repository::<$parent>().insert($two).await?),
                }
                let mut parent = match way {
                    Way::DeletedElsewhere => $db.repository::<$parent>().get(1).await?,
                    _ => uow.repository::<$parent>().get(1).await?,
                };
                let mut child: $child = parent.$list[0].clone();
                child.$key = child.$key.clone().map_key(2);
                match way {
                    Way::TakenOut => {
                        parent.$list.remove(0);
                        uow.save(&child)?;
                        uow.save(&parent)?;
                    }
                    Way::SavedBefore => {
                        parent.$list.remove(0);
                        uow.save(&parent)?;
                        uow.save(&child)?;
                    }
                    Way::StillHeld => {
                        parent.name = "changed".into();
                        uow.save(&child)?;
                        uow.save(&parent)?;
                    }
                    Way::Deleted | Way::DeletedElsewhere => {
                        uow.save(&child)?;
                        uow.delete(&parent)?;
                    }
                    Way::DeletedWithout => {
                        parent.$list.remove(0);
                        uow.delete(&parent)?;
                        uow.save(&child)?;
                    }
                    Way::FlushedAndTakenOut => {
                        uow.save(&child)?;
                        uow.flush().await?;
                        parent.$list.remove(0);
                        uow.save(&parent)?;
                    }
                    Way::FlushedAndDeleted => {
                        uow.save(&child)?;
                        uow.flush().await?;
                        uow.delete(&parent)?;
                    }
                }
                let outcome = uow.commit().await;
                outcome.unwrap_or_else(|error| {
                    panic!("{way:?}, {}, new: {is_new}: {error:?}", stringify!($parent))
                });
                let read = $read;
                read($db, way, is_new).await?;
            }
        }
    };
}

/// A key that may be NULL or not.
trait MapKey {
    fn map_key(self, to: i32) -> Self;
}

impl MapKey for i32 {
    fn map_key(self, to: i32) -> i32 {
        to
    }
}

impl MapKey for Option<i32> {
    fn map_key(self, to: i32) -> Option<i32> {
        Some(to)
    }
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    units(db).await?;
    bottles(db).await?;
    lamps(db).await?;
    passports(db).await?;
    branches(db).await?;
    read_in_a_savepoint(db).await?;
    exchanged_and_let_go(db).await?;
    moved_meanwhile(db).await
}

async fn units(db: &Database) -> Result<(), persist::Error> {
    let fill = async || {
        let units = [10, 11].map(|id| NewUnit::new(id, Parent, "unit"));
        db.repository::<Rack>().insert(NewRack::new(1, "one").units(units)).await
    };
    fill().await?;
    moves!(db, Rack.units, Unit.rack_id, NewRack::new(2, "two"), async |db: &Database, way: Way, is_new| {
        let units = db.repository::<Unit>().order_by(|u| u.id.asc()).all().await?;
        let found: Vec<_> = units.iter().map(|unit| (unit.id, unit.rack_id)).collect();
        let expected: &[_] = if way.deletes() { &[(10, 2)] } else { &[(10, 2), (11, 1)] };
        assert_eq!(found, expected, "{way:?}, new: {is_new}");
        db.repository::<Unit>().query().delete().await?;
        db.repository::<Rack>().query().delete().await?;
        fill().await.map(drop)
    });
    db.repository::<Unit>().query().delete().await?;
    db.repository::<Rack>().query().delete().await.map(drop)
}

async fn bottles(db: &Database) -> Result<(), persist::Error> {
    let fill = async || {
        let bottles =
            [10, 11].map(|id| NewBottle::new(id, Parent, "bottle").corks([NewCork::new(10 * id, Parent)]));
        db.repository::<Crate>().insert(NewCrate::new(1, "one").bottles(bottles)).await
    };
    fill().await?;
    moves!(
        db,
        Crate.bottles,
        Bottle.crate_id,
        NewCrate::new(2, "two"),
        async |db: &Database, way: Way, is_new| {
            let bottles = db.repository::<Bottle>().order_by(|b| b.id.asc()).all().await?;
            let found: Vec<_> =
                bottles.iter().map(|bottle| (bottle.id, bottle.crate_id, bottle.corks.len())).collect();
            let expected: &[_] = if way.deletes() { &[(10, 2, 1)] } else { &[(10, 2, 1), (11, 1, 1)] };
            assert_eq!(found, expected, "{way:?}, new: {is_new}");
            db.repository::<Crate>().query().delete().await?;
            fill().await.map(drop)
        }
    );
    Ok(())
}

async fn lamps(db: &Database) -> Result<(), persist::Error> {
    let fill = async || {
        let lamps = [10, 11].map(|id| NewLamp::new(id, "lamp").desk_id(Parent));
        db.repository::<Desk>().insert(NewDesk::new(1, "one").lamps(lamps)).await
    };
    fill().await?;
    moves!(db, Desk.lamps, Lamp.desk_id, NewDesk::new(2, "two"), async |db: &Database, way: Way, is_new| {
        let lamps = db.repository::<Lamp>().order_by(|l| l.id.asc()).all().await?;
        let found: Vec<_> = lamps.iter().map(|lamp| (lamp.id, lamp.desk_id)).collect();
        let expected: &[_] = if way.deletes() { &[(10, Some(2))] } else { &[(10, Some(2)), (11, Some(1))] };
        assert_eq!(found, expected, "{way:?}, new: {is_new}");
        db.repository::<Lamp>().query().delete().await?;
        db.repository::<Desk>().query().delete().await?;
        fill().await.map(drop)
    });
    Ok(())
}

async fn passports(db: &Database) -> Result<(), persist::Error> {
    let fill = || NewPerson::new(1, "one").passport(NewPassport::new(10, "passport").person_id(Parent));
    for way in WAYS {
        db.repository::<Person>().insert(fill()).await?;
        db.repository::<Person>().insert(NewPerson::new(2, "two")).await?;
        let uow = db.unit_of_work();
        let mut person = match way {
            Way::DeletedElsewhere => db.repository::<Person>().get(1).await?,
            _ => uow.repository::<Person>().get(1).await?,
        };
        let passport = person.passport.clone().map(|passport| Passport { person_id: Some(2), ..passport });
        let passport = passport.expect("there is one");
        uow.save(&passport)?;
        if matches!(way, Way::FlushedAndTakenOut | Way::FlushedAndDeleted) {
            uow.flush().await?;
        }
        if !matches!(way, Way::StillHeld | Way::Deleted | Way::DeletedElsewhere) {
            person.passport = None;
        }
        person.name = "changed".into();
        match way.deletes() {
            true => uow.delete(&person)?,
            false => uow.save(&person)?,
        }
        uow.commit().await?;
        assert_eq!(db.repository::<Passport>().all().await?, [passport], "{way:?}");
        db.repository::<Passport>().query().delete().await?;
        db.repository::<Person>().query().delete().await?;
    }
    Ok(())
}

/// A branch moves with all that is below it.
async fn branches(db: &Database) -> Result<(), persist::Error> {
    for way in WAYS {
        let leaf = NewBranch::new(100, "leaf").parent_id(Parent);
        let branch = NewBranch::new(10, "branch").parent_id(Parent).children([leaf]);
        db.repository::<Branch>().insert(NewBranch::new(1, "one").children([branch])).await?;
        db.repository::<Branch>().insert(NewBranch::new(2, "two")).await?;
        let uow = db.unit_of_work();
        let mut root = match way {
            Way::DeletedElsewhere => db.repository::<Branch>().get(1).await?,
            _ => uow.repository::<Branch>().get(1).await?,
        };
        let branch = Branch { parent_id: Some(2), ..root.children[0].clone() };
        uow.save(&branch)?;
        if matches!(way, Way::FlushedAndTakenOut | Way::FlushedAndDeleted) {
            uow.flush().await?;
        }
        if !matches!(way, Way::StillHeld | Way::Deleted | Way::DeletedElsewhere) {
            root.children.clear();
        }
        root.name = "changed".into();
        match way.deletes() {
            true => uow.delete(&root)?,
            false => uow.save(&root)?,
        }
        uow.commit().await?;
        assert_eq!(db.repository::<Branch>().get(2).await?.children, [branch], "{way:?}");
        let roots = db.repository::<Branch>().filter(|b| b.parent_id.is_null()).count().await?;
        assert_eq!(roots, if way.deletes() { 1 } else { 2 }, "{way:?}");
        db.repository::<Branch>().query().delete().await?;
    }
    Ok(())
}

/// A struct that was read inside of a savepoint was read by the unit of work, also where that is rolled back.
async fn read_in_a_savepoint(db: &Database) -> Result<(), persist::Error> {
    let units = [NewUnit::new(10, Parent, "unit"), NewUnit::new(11, Parent, "unit")];
    db.repository::<Rack>().insert(NewRack::new(1, "rack").units(units)).await?;
    let uow = db.unit_of_work();
    let savepoint = uow.savepoint().await?;
    let mut rack = uow.repository::<Rack>().get(1).await?;
    savepoint.rollback().await?;
    rack.units.remove(0);
    uow.save(&rack)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Rack>().get(1).await?, rack);
    db.repository::<Unit>().query().delete().await?;
    db.repository::<Rack>().query().delete().await.map(drop)
}

/// What was received is known to belong to the struct, and can be let go.
async fn exchanged_and_let_go(db: &Database) -> Result<(), persist::Error> {
    for id in [1, 2] {
        let units = [NewUnit::new(10 * id, Parent, "unit"), NewUnit::new(10 * id + 1, Parent, "unit")];
        db.repository::<Rack>().insert(NewRack::new(id, "rack").units(units)).await?;
    }
    let uow = db.unit_of_work();
    let mut racks = uow.repository::<Rack>().order_by(|r| r.id.asc()).all().await?;
    let [one, two] = racks.as_mut_slice() else { panic!("there are two") };
    std::mem::swap(&mut one.units[0], &mut two.units[0]);
    uow.save(one)?;
    uow.save(two)?;
    uow.flush().await?;
    one.units.remove(0);
    uow.save(one)?;
    uow.commit().await?;
    let units = db.repository::<Unit>().order_by(|u| u.id.asc()).all().await?;
    assert_eq!(
        units.iter().map(|unit| (unit.id, unit.rack_id)).collect::<Vec<_>>(),
        [(10, 2), (11, 1), (21, 2)]
    );
    db.repository::<Unit>().query().delete().await?;
    db.repository::<Rack>().query().delete().await.map(drop)
}

/// Another session moves a row between the reading and the flush.
async fn moved_meanwhile(db: &Database) -> Result<(), persist::Error> {
    for id in [1, 2] {
        let units = [NewUnit::new(10 * id, Parent, "unit")];
        db.repository::<Rack>().insert(NewRack::new(id, "rack").units(units)).await?;
        let passport = NewPassport::new(10 * id, "passport").person_id(Parent);
        db.repository::<Person>().insert(NewPerson::new(id, "person").passport(passport)).await?;
    }
    for is_deleted in [false, true] {
        let uow = db.unit_of_work();
        let mut rack = uow.repository::<Rack>().get(1).await?;
        db.repository::<Unit>().update(&Unit { id: 10, rack_id: 2, label: "moved".into() }).await?;
        match is_deleted {
            true => uow.delete(&rack)?,
            false => {
                rack.units.clear();
                uow.save(&rack)?;
            }
        }
        let error = uow.commit().await.expect_err("it belongs to another");
        assert!(error.is_stale() && error.stale_key::<Unit>() == Some(10), "{error:?}");
        let unit = db.repository::<Unit>().get(10).await?;
        assert_eq!((unit.rack_id, &*unit.label), (2, "moved"));
        db.repository::<Unit>().update(&Unit { rack_id: 1, ..unit }).await?;
    }
    // A key that becomes NULL, alone and where another row takes the place.
    db.repository::<Person>().insert(NewPerson::new(3, "person")).await?;
    for takes_place in [false, true] {
        let uow = db.unit_of_work();
        let mut person = uow.repository::<Person>().get(1).await?;
        let passport = person.passport.take().expect("there is one");
        db.repository::<Passport>().update(&Passport { person_id: Some(3), ..passport.clone() }).await?;
        if takes_place {
            person.passport = Some(Passport { id: 11, person_id: None, label: "new".into() });
        }
        uow.save(&person)?;
        let error = uow.commit().await.expect_err("it belongs to another");
        assert!(error.is_stale() && error.stale_key::<Passport>() == Some(10), "{error:?}");
        assert_eq!(db.repository::<Passport>().get(10).await?.person_id, Some(3));
        db.repository::<Passport>().update(&passport).await?;
    }
    // A row that was changed, and goes with the one that it belonged to.
    db.repository::<Crate>().query().delete().await?;
    for id in [1, 2] {
        let bottles = [NewBottle::new(10 * id, Parent, "bottle").corks([NewCork::new(10 * id, Parent)])];
        db.repository::<Crate>().insert(NewCrate::new(id, "crate").bottles(bottles)).await?;
    }
    for is_moved in [true, false] {
        let uow = db.unit_of_work();
        let mut one = uow.repository::<Crate>().get(1).await?;
        if is_moved {
            let bottle = db.repository::<Bottle>().get(10).await?;
            db.repository::<Bottle>().update(&Bottle { crate_id: 2, ..bottle }).await?;
        }
        one.bottles[0].label = "changed".into();
        uow.save(&one.bottles[0])?;
        uow.delete(&one)?;
        match uow.commit().await {
            Err(error) if is_moved => assert_eq!(error.stale_key::<Bottle>(), Some(10), "{error:?}"),
            outcome => assert!(!is_moved && outcome.is_ok(), "{outcome:?}"),
        }
        let bottle = db.repository::<Bottle>().find(10).await?;
        assert_eq!(bottle.as_ref().map(|bottle| bottle.crate_id), is_moved.then_some(2));
        if let Some(bottle) = bottle {
            db.repository::<Bottle>().update(&Bottle { crate_id: 1, ..bottle }).await?;
        }
    }
    db.repository::<Crate>().query().delete().await?;
    // It was read again.
    let uow = db.unit_of_work();
    let mut rack = uow.repository::<Rack>().get(1).await?;
    db.repository::<Unit>().update(&Unit { id: 10, rack_id: 2, label: "moved".into() }).await?;
    assert_eq!(uow.repository::<Rack>().get(2).await?.units.len(), 2);
    rack.units.clear();
    uow.save(&rack)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Rack>().get(2).await?.units.len(), 2);
    // The struct that held it was read elsewhere.
    let mut rack = db.repository::<Rack>().get(2).await?;
    db.repository::<Unit>().update(&Unit { id: 10, rack_id: 1, label: "moved".into() }).await?;
    rack.name = "changed".into();
    let uow = db.unit_of_work();
    uow.save(&rack)?;
    let error = uow.commit().await.expect_err("one of its rows is elsewhere");
    assert!(error.is_stale(), "{error:?}");
    assert_eq!(db.repository::<Rack>().get(1).await?.units.len(), 1);
    db.repository::<Unit>().query().delete().await?;
    db.repository::<Rack>().query().delete().await?;
    db.repository::<Passport>().query().delete().await?;
    db.repository::<Person>().query().delete().await.map(drop)
}
