//! Orders by name: the enum that the derive makes for an entity.

mod domain;

use std::collections::BTreeMap;

use domain::{NewPipeline, Pipeline, PipelineOrder, PipelineStepOrder, database};
use persist::prelude::*;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn filled(db: &Database) -> Result {
    for (name, description) in [("a", Some("x")), ("b", None), ("c", Some("x"))] {
        let new = NewPipeline::new(name, BTreeMap::new()).description(description.map(str::to_owned));
        db.repository::<Pipeline>().insert(new).await?;
    }
    Ok(())
}

#[tokio::test]
async fn sorts_by_names_from_outside() -> Result {
    let (_server, db) = database().await;
    filled(&db).await?;
    let p = db.repository::<Pipeline>();
    let sorted = async |orders: Vec<PipelineOrder>| -> Result<String> {
        Ok(p.order_by(|_| orders).select(|p| p.name).all().await?.concat())
    };
    assert_eq!(sorted(vec!["name".parse()?]).await?, "abc");
    assert_eq!(sorted(vec![PipelineOrder::NameDesc]).await?, "cba");
    assert_eq!(sorted(vec!["description".parse()?, "-name".parse()?]).await?, "cab", "NULLs last");
    assert_eq!(sorted(vec![]).await?.len(), 3);
    let order = PipelineOrder::DescriptionDesc;
    assert_eq!(p.order_by(|_| order).select(|p| p.name).first().await?.as_deref(), Some("b"), "NULLs first");
    let mixed =
        p.order_by(|p| (PipelineOrder::DescriptionAsc, p.name.desc())).select(|p| p.name).all().await?;
    assert_eq!(mixed.concat(), "cab");

    let first = p.order_by(|_| order).page(PageRequest::first(1)).await?;
    let second = p.order_by(|_| order).page(PageRequest::first(2).after(first.next)).await?;
    assert_eq!((first.items.len(), second.items.len(), second.next), (1, 2, None));
    Ok(())
}

#[test]
fn names_lead_back_to_their_orders() -> Result {
    for name in ["id", "-id", "is_active", "-created_at"] {
        assert_eq!(name.parse::<PipelineOrder>()?.to_string(), name);
        assert_eq!(serde_json::from_str::<PipelineOrder>(&format!("\"{name}\""))?.to_string(), name);
    }
    assert_eq!(serde_json::to_string(&PipelineOrder::NameDesc)?, "\"-name\"");
    assert_eq!(serde_json::from_value::<PipelineOrder>("name".into())?, PipelineOrder::NameAsc);
    Ok(())
}

#[test]
fn an_unknown_name_gets_the_names_there_are() {
    let error = "naem".parse::<PipelineStepOrder>().unwrap_err();
    assert!(error.is_invalid_query());
    assert_eq!(
        error.to_string(),
        "there is no order `naem`: expected `id`, `pipeline_id`, `position`, `name`, `enabled`, `depends_on`, or one of \
         these after `-` for the largest first"
    );
    let long = "x".repeat(1000).parse::<PipelineOrder>().unwrap_err().to_string();
    assert!(long.len() < 400, "{long}");
    assert!(
        serde_json::from_str::<PipelineOrder>("\"--name\"")
            .unwrap_err()
            .to_string()
            .contains("no order `--name`")
    );
}
