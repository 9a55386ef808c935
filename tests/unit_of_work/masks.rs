//! Rows of one table that change different columns: more sets of columns than get a statement each.

use std::collections::BTreeMap;

use persist::prelude::*;
use persist_testkit::TestDatabase;

use crate::Result;
use crate::shapes::{NewPipeline, NewUser, Pipeline, User};

/// A pipeline whose columns differ where the bits of `set` say so.
fn changed(pipeline: &Pipeline, set: usize, owner: uuid::Uuid) -> Pipeline {
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
    // What somebody else writes meanwhile into a column that is not dirty stays.
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
