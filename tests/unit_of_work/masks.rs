//! Rows of one table that change different columns: more sets of columns than get a statement each.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{NewPipeline, NewUser, Pipeline, User};

/// A pipeline whose columns differ where the bits of `set` say so.
fn changed(pipeline: &Pipeline, set: usize, owner: Uuid) -> Pipeline {
    let mut changed = pipeline.clone();
    if set & 1 != 0 {
        changed.name.push('!');
    }
    if set & 2 != 0 {
        changed.description = Some(format!("set {set}"));
    }
    if set & 4 != 0 {
        changed.environment_variables = Json(BTreeMap::from([("SET".to_owned(), set.to_string())]));
    }
    if set & 8 != 0 {
        changed.is_active = false;
    }
    if set & 16 != 0 {
        changed.owner_id = Some(owner);
    }
    changed
}

#[tokio::test]
async fn each_row_changes_its_own_columns() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let owner = db.repository::<User>().insert(NewUser::new("o@example.org", "Olga")).await?.id;
    for set in 0..32 {
        db.repository::<Pipeline>().insert(NewPipeline::new(format!("p{set:02}"), BTreeMap::new())).await?;
    }
    let uow = db.unit_of_work();
    let pipelines = uow.repository::<Pipeline>().order_by(|p| p.name.asc()).all().await?;
    let mut expected = Vec::new();
    for (set, pipeline) in pipelines.iter().enumerate() {
        let changed = changed(pipeline, set, owner);
        uow.save(&changed)?;
        let version = changed.version + i64::from(set > 0);
        expected.push(Pipeline { version, ..changed });
    }
    // One for the rows that keep their names, and one for those that give up a UNIQUE value.
    let plan = uow.plan()?;
    assert_eq!(plan.statements().len(), 2, "{plan}");
    // What another session writes meanwhile into a column that is not dirty stays.
    server
        .client()
        .await
        .execute("UPDATE pipelines SET description = 'kept' WHERE name = 'p01'", &[])
        .await?;
    expected[1].description = Some("kept".into());
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().order_by(|p| p.name.asc()).all().await?;
    assert_eq!(stored, expected);
    Ok(())
}

/// A pipeline whose time of change every write of it sets.
#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines")]
struct Stamped {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<BTreeMap<String, String>>,
    is_active: bool,
    owner_id: Option<Uuid>,
    #[persist(updated_at)]
    updated_at: DateTime<Utc>,
}

/// One whose time of change the program says.
#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines")]
struct Dated {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    updated_at: DateTime<Utc>,
}

/// What one struct sets in each row that it writes, another changes in one of them.
#[tokio::test]
async fn one_row_says_what_is_set_in_the_others() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let owner = db.repository::<User>().insert(NewUser::new("o@example.org", "Olga")).await?.id;
    for set in 0..32 {
        db.repository::<Pipeline>().insert(NewPipeline::new(format!("p{set:02}"), BTreeMap::new())).await?;
    }
    server.client().await.execute("UPDATE pipelines SET updated_at = '2000-01-01Z'", &[]).await?;

    let uow = db.unit_of_work();
    let pipelines = uow.repository::<Stamped>().order_by(|p| p.name.asc()).all().await?;
    let mut dated = uow.repository::<Dated>().get(pipelines[2].id).await?;
    for (set, pipeline) in pipelines.iter().enumerate() {
        let mut changed = pipeline.clone();
        if set & 2 != 0 {
            changed.description = Some(format!("set {set}"));
        }
        if set & 4 != 0 {
            changed.environment_variables = Json(BTreeMap::from([("SET".to_owned(), set.to_string())]));
        }
        if set & 8 != 0 {
            changed.is_active = false;
        }
        if set & 16 != 0 {
            changed.owner_id = Some(owner);
        }
        uow.save(&changed)?;
    }
    let said = pipelines[2].updated_at + chrono::TimeDelta::days(366);
    dated.updated_at = said;
    uow.save(&dated)?;
    uow.commit().await?;

    let stored = db.repository::<Stamped>().order_by(|p| p.name.asc()).all().await?;
    for (set, (stored, before)) in stored.iter().zip(&pipelines).enumerate() {
        match set {
            0 | 1 => assert_eq!(stored.updated_at, before.updated_at, "{set} has not changed"),
            2 => {
                assert_eq!((stored.updated_at, stored.description.clone()), (said, Some("set 2".to_owned())))
            }
            _ => assert!(stored.updated_at > said, "{set} was written at {}", stored.updated_at),
        }
    }
    Ok(())
}
