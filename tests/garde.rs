//! `#[persist(garde)]`: the rules of another crate.

mod domain;

use std::collections::BTreeMap;
use std::error::Error as _;

use garde::Validate;
use persist::Error;
use persist::prelude::*;
use uuid::Uuid;

#[derive(Debug, Repository, Validate)]
#[persist(table = "pipelines", garde, validate = is_no_secret)]
#[garde(allow_unvalidated)]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    #[garde(length(min = 3))]
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
}

fn is_no_secret(pipeline: &Pipeline) -> Result<(), &'static str> {
    if pipeline.name == "secret" { Err("a secret has no name") } else { Ok(()) }
}

#[tokio::test]
async fn rules_of_garde_are_asked_before_those_of_the_function() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let pipelines = db.repository::<Pipeline>();
    let mut pipeline = pipelines.insert(NewPipeline::new("nightly", BTreeMap::new())).await?;
    for (name, reason) in [("no", "name: length is lower than 3\n"), ("secret", "a secret has no name")] {
        name.clone_into(&mut pipeline.name);
        let work = db.unit_of_work();
        for error in [pipelines.update(&pipeline).await.map(drop), work.save(&pipeline)] {
            let error = error.expect_err("it is refused");
            assert!(error.is_refused());
            assert_eq!(error.source().expect("a refusal has a reason").to_string(), reason);
        }
    }
    "hourly".clone_into(&mut pipeline.name);
    pipelines.update(&pipeline).await?;
    Ok(())
}
