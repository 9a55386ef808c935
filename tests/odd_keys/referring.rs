//! Changes rows so that they refer to others of the same flush, which are not found by the bytes of their
//! keys.

use persist::prelude::*;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Depot {
    #[persist(id)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Cart {
    #[persist(id)]
    id: i32,
    depot_id: Option<i32>,
    #[persist(version)]
    version: i64,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "countries")]
struct Country {
    #[persist(id)]
    id: i32,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Port {
    #[persist(id)]
    id: i32,
    country: Option<String>,
    #[persist(version)]
    version: i64,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    for is_read_in_the_unit in [true, false] {
        keys_of_other_widths(db, is_read_in_the_unit).await?;
        keys_that_a_trigger_makes(db, is_read_in_the_unit).await?;
    }
    Ok(())
}

async fn keys_of_other_widths(db: &Database, is_read_in_the_unit: bool) -> Result<(), persist::Error> {
    let first = db.repository::<Depot>().insert(NewDepot::new(1, "first")).await?;
    db.repository::<Cart>().insert(NewCart::new(1).depot_id(1)).await?;
    let uow = db.unit_of_work();
    let mut cart = match is_read_in_the_unit {
        true => uow.repository::<Cart>().get(1).await?,
        false => db.repository::<Cart>().get(1).await?,
    };
    uow.insert(NewDepot::new(2, "second"))?;
    cart.depot_id = Some(2);
    uow.save(&cart)?;
    uow.delete(&first)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Cart>().get(1).await?.depot_id, Some(2));
    assert_eq!(db.repository::<Depot>().find(1).await?, None);
    db.repository::<Cart>().delete(1).await?;
    db.repository::<Depot>().delete(2).await?;
    Ok(())
}

async fn keys_that_a_trigger_makes(db: &Database, is_read_in_the_unit: bool) -> Result<(), persist::Error> {
    db.repository::<Port>().insert(NewPort::new(1)).await?;
    let uow = db.unit_of_work();
    let mut port = match is_read_in_the_unit {
        true => uow.repository::<Port>().get(1).await?,
        false => db.repository::<Port>().get(1).await?,
    };
    uow.insert(NewCountry::new(1, "de"))?;
    port.country = Some("DE".into());
    uow.save(&port)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Port>().get(1).await?.country.as_deref(), Some("DE"));
    db.repository::<Port>().delete(1).await?;
    db.repository::<Country>().delete(1).await?;
    Ok(())
}
