//! Services take a struct of repositories, and with it a database or a unit of work alike.

mod domain;

use std::collections::BTreeMap;

use domain::{NewPipeline, NewPlugin, Pipeline, PipelineRepository, PluginRepository, PluginType};
use persist::prelude::*;
use persist::{Error, Session};

#[derive(Repositories)]
struct Store<'a> {
    pipelines: PipelineRepository<'a>,
    extensions: Extensions<'a>,
}

/// A struct of repositories in another one.
#[derive(Repositories)]
struct Extensions<'a> {
    plugins: PluginRepository<'a>,
}

impl Store<'_> {
    async fn create(&self, name: &str) -> Result<Pipeline, Error> {
        let plugin = NewPlugin::new(name, "1.0", PluginType::Source);
        self.extensions.plugins.insert(plugin).await?;
        self.pipelines.insert(NewPipeline::new(name, BTreeMap::new())).await
    }

    async fn counts(&self) -> Result<(i64, i64), Error> {
        Ok((
            self.pipelines.filter(|p| p.name.ilike("%")).count().await?,
            self.extensions.plugins.filter(|p| p.name.ilike("%")).count().await?,
        ))
    }
}

/// Code that does not ask where it runs.
async fn service<'a>(store: impl Into<Store<'a>>, name: &str) -> Result<Pipeline, Error> {
    store.into().create(name).await
}

#[tokio::test]
async fn a_struct_of_repositories_works_on_a_database_and_in_a_unit_of_work() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    service(&db, "borrowed").await?;
    service(db.clone(), "owned").await?;
    service(Session::from(&db), "session").await?;

    let work = db.unit_of_work();
    service(&work, "rolled back").await?;
    assert_eq!(Store::new(&work).counts().await?, (4, 4));
    assert_eq!(Store::new(&db).counts().await?, (3, 3));
    work.rollback().await?;
    assert_eq!(Store::new(&db).counts().await?, (3, 3));

    let work = db.unit_of_work();
    service(&work, "committed").await?;
    work.commit().await?;
    assert_eq!(Store::new(&db).counts().await?, (4, 4));
    Ok(())
}

#[tokio::test]
async fn one_of_an_owned_database_outlives_the_function_that_makes_it() -> Result<(), Error> {
    fn made(db: &Database) -> Store<'static> {
        Store::new(db.clone())
    }

    let (_server, db) = domain::database().await;
    let store = made(&db);
    let created =
        tokio::spawn(async move { store.create("nightly").await }).await.map_err(Error::other)??;
    assert_eq!(created.name, "nightly");
    Ok(())
}
