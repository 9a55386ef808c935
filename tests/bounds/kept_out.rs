//! Rows that a trigger or a rule keeps out: one meaning, by whatever they are written.

use persist::prelude::*;
use persist::{Error, Sql};
use uuid::Uuid;

use crate::{Result, on_a_worker};

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
struct Category {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    #[persist(has_many(table = "categories"))]
    children: Vec<Child>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
struct Child {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
}

/// With a version.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<std::collections::BTreeMap<String, String>>,
    #[persist(version)]
    version: i64,
}

async fn run(db: &Database, script: &str) -> Result {
    Sql::unchecked(format!("DO $do$ BEGIN {script} END $do$")).execute(db).await?;
    Ok(())
}

const TRIGGER: &str = "
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON categories FOR EACH ROW EXECUTE FUNCTION keep();
    CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON pipelines FOR EACH ROW EXECUTE FUNCTION keep();";

fn is_kept_out(error: Error, table: &str) {
    assert!(error.is_kept_out() && error.to_string().contains(table), "{error:?}");
    assert!(!error.is_stale() && !error.is_not_found() && !error.is_committed(), "{error:?}");
}

fn kept<T>(outcome: std::result::Result<T, Error>, table: &str) {
    is_kept_out(outcome.err().expect("the row was kept out"), table);
}

#[test]
fn by_a_trigger() -> Result {
    on_a_worker(|db| async move {
        let (categories, pipelines) = (db.repository::<Category>(), db.repository::<Pipeline>());
        let (flat, nothing) = (db.repository::<Child>(), std::collections::BTreeMap::<String, String>::new);
        let mut category = categories.insert(NewCategory::new("a")).await?;
        let mut pipeline = pipelines.insert(NewPipeline::new("a", nothing())).await?;
        let gone = flat.insert(NewChild::new("gone")).await?;
        assert!(flat.delete(gone.id).await?);
        let old = pipeline.clone();
        pipeline = pipelines.update(&Pipeline { name: "b".into(), ..pipeline }).await?;
        run(&db, TRIGGER).await?;
        // New rows: alone, with others, found again, in a unit of work.
        kept(categories.insert(NewCategory::new("b")).await, "categories");
        kept(flat.insert(NewChild::new("b")).await, "categories");
        kept(categories.insert(NewCategory::new("b").children([NewChild::new("c")])).await, "categories");
        kept(flat.upsert(NewChild::new("b").id(category.id)).await, "categories");
        kept(pipelines.upsert(NewPipeline::new("b", nothing())).await, "pipelines");
        let uow = db.unit_of_work();
        uow.insert(NewChild::new("b"))?;
        let error = uow.commit().await.expect_err("the row was kept out");
        is_kept_out(error, "categories");
        let uow = db.unit_of_work();
        kept(uow.repository::<Child>().insert(NewChild::new("b")).await, "categories");
        drop(uow);
        // Changed rows, in a struct with a version and without.
        category.name = "changed".into();
        kept(categories.update(&category).await, "categories");
        kept(pipelines.update(&Pipeline { name: "changed".into(), ..pipeline.clone() }).await, "pipelines");
        let uow = db.unit_of_work();
        kept(uow.repository::<Pipeline>().update(&pipeline).await, "pipelines");
        drop(uow);
        assert!(flat.update(&gone).await.expect_err("it is gone").is_not_found());
        assert!(pipelines.update(&old).await.expect_err("it was changed").is_stale());
        for row in [true, false] {
            let uow = db.unit_of_work();
            match row {
                true => uow.save(&category)?,
                false => uow.save(&Pipeline { name: "changed".into(), ..pipeline.clone() })?,
            }
            let error = uow.commit().await.expect_err("the row was kept as it is");
            assert!(error.is_stale() && error.to_string().contains("trigger"), "{error:?}");
        }
        // Deleted rows: none was.
        assert!(!flat.delete(category.id).await?);
        assert_eq!(flat.query().delete().await?, 0);
        assert_eq!(flat.query().update(|c| c.name.set("all")).await?, 0);
        let uow = db.unit_of_work();
        uow.delete(&category)?;
        assert!(uow.commit().await.expect_err("the row was kept").is_stale());
        assert_eq!((flat.query().count().await?, pipelines.query().count().await?), (1, 1));
        Ok(())
    })
}

#[test]
fn by_a_rule() -> Result {
    on_a_worker(|db| async move {
        let flat = db.repository::<Child>();
        let stored = flat.insert(NewChild::new("a")).await?;
        for when in ["", "WHERE true"] {
            for (event, name) in [("INSERT", "i"), ("UPDATE", "u")] {
                let rule = format!(
                    "CREATE OR REPLACE RULE {name} AS ON {event} TO categories {when} DO INSTEAD NOTHING;"
                );
                run(&db, &rule).await?;
            }
            let failed = [
                flat.insert(NewChild::new("b")).await.map(drop),
                flat.update(&Child { name: "b".into(), ..stored.clone() }).await.map(drop),
                {
                    let uow = db.unit_of_work();
                    uow.insert(NewChild::new("b"))?;
                    uow.commit().await.map(drop)
                },
                {
                    let uow = db.unit_of_work();
                    uow.save(&Child { name: "b".into(), ..stored.clone() })?;
                    uow.commit().await.map(drop)
                },
            ];
            for outcome in failed {
                let error = outcome.expect_err("nothing was written");
                assert!(
                    error.is_kept_out() || error.is_stale() || error.code() == Some("0A000"),
                    "{error:?}"
                );
            }
            assert_eq!(flat.query().count().await?, 1);
            assert_eq!(flat.get(stored.id).await?, stored);
        }
        Ok(())
    })
}
