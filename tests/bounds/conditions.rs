//! Conditions and orders that are nested deep, or long.

use std::collections::BTreeMap;

use persist::PageRequest;
use persist::prelude::*;
use persist::query::{Order, Predicate};
use uuid::Uuid;

use crate::{Result, on_a_worker};

#[derive(Debug, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
}

#[derive(Debug, Repository)]
#[persist(table = "categories")]
struct Category {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    #[persist(belongs_to)]
    parent: Option<Root>,
    #[persist(has_many)]
    children: Vec<Category>,
}

#[derive(Debug, Repository)]
#[persist(table = "categories")]
struct Root {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
}

/// As many as a statement has parameters.
const MANY: i32 = 65_535;

/// Far more than any stack has room for.
const DEEP: usize = 100_000;

async fn stored(db: &Database, name: &str) -> Result {
    db.repository::<Pipeline>().insert(NewPipeline::new(name, BTreeMap::new())).await?;
    Ok(())
}

fn any(columns: PipelineColumns, parts: i32, fold: fn(Predicate, Predicate) -> Predicate) -> Predicate {
    let parts = (0..parts).map(|part| columns.name.eq(format!("name {part}")));
    parts.reduce(fold).expect("there are parts")
}

/// It is an error that says so, and can be copied, printed and dropped.
async fn is_too_deep(db: &Database, condition: impl FnOnce(PipelineColumns) -> Predicate) {
    let query = db.repository::<Pipeline>().filter(|p| {
        let condition = condition(p);
        assert!(format!("{:?}", condition.clone()).len() < 100_000);
        condition
    });
    let error = query.all().await.expect_err("it is too deep");
    assert!(error.is_encode() && error.to_string().contains("200 levels"), "{error:?}");
}

#[test]
fn parts_are_joined_from_either_side() -> Result {
    on_a_worker(|db| async move {
        stored(&db, "name 0").await?;
        stored(&db, "name 1000").await?;
        let pipelines = db.repository::<Pipeline>();
        let count = async |fold| pipelines.filter(|p| any(p, 5_000, fold)).count().await;
        assert_eq!(count(|all, part| all | part).await?, 2);
        assert_eq!(count(|all, part| part | all).await?, 2);
        let none = async |fold| pipelines.filter(|p| !any(p, 5_000, fold)).count().await;
        assert_eq!(none(|all, part| part | all).await?, 0);
        assert_eq!(count(|all, part| all & part).await?, 0);
        assert_eq!(count(|all, part| part & all).await?, 0);
        // Both in turn, and halves of halves.
        let zigzag = pipelines.filter(|p| {
            let parts = (0..5_000).map(|part| p.name.eq(format!("name {part}")));
            let joined = parts.enumerate().fold(None, |all, (index, part)| match all {
                None => Some(part),
                Some(all) if index % 2 == 0 => Some(all | part),
                Some(all) => Some(part | all),
            });
            joined.expect("there are parts")
        });
        assert_eq!(zigzag.count().await?, 2);
        let halves = pipelines.filter(|p| {
            let mut parts: Vec<Predicate> =
                (0..4_096).map(|part| p.name.eq(format!("name {part}"))).collect();
            while parts.len() > 1 {
                let pairs = std::mem::take(&mut parts).into_iter().collect::<Vec<_>>();
                let mut pairs = pairs.into_iter();
                while let (Some(one), Some(other)) = (pairs.next(), pairs.next()) {
                    parts.push(one | other);
                }
            }
            parts.remove(0)
        });
        assert_eq!(halves.count().await?, 2);
        // Filters are joined, too.
        let query = (0..5_000).fold(pipelines.query(), |query, _| query.filter(|p| p.name.eq("name 0")));
        assert_eq!(query.count().await?, 1);
        // Twice is not at all.
        let doubled = pipelines.filter(|p| (0..DEEP).fold(p.name.eq("name 0"), |inner, _| !inner));
        assert_eq!(doubled.count().await?, 1);
        Ok(())
    })
}

#[test]
fn more_parameters_than_a_statement_has_are_an_error() -> Result {
    on_a_worker(|db| async move {
        let pipelines = db.repository::<Pipeline>();
        for fold in [(|all, part| all | part) as fn(_, _) -> _, |all, part| part | all] {
            let query = pipelines.filter(|p| any(p, MANY + 1, fold));
            let error = query.count().await.expect_err("there are too many");
            assert!(error.is_encode(), "{error:?}");
            assert!(error.to_string().contains("65535 parameters, and this one has 65536"), "{error}");
        }
        // An error of a call is one of its unit of work, although nothing was sent.
        let uow = db.unit_of_work();
        let query = uow.repository::<Pipeline>().filter(|p| any(p, MANY + 1, |all, part| all | part));
        query.exists().await.expect_err("there are too many");
        let error = uow.commit().await.expect_err("a call has failed");
        assert!(error.is_rolled_back(), "{error:?}");
        Ok(())
    })
}

#[test]
fn what_cannot_be_flattened_is_an_error() -> Result {
    on_a_worker(|db| async move {
        is_too_deep(&db, |p| {
            (0..DEEP).fold(p.name.eq("a"), |inner, level| match level % 2 {
                0 => p.name.eq("b") | inner,
                _ => inner & p.name.eq("c"),
            })
        })
        .await;
        is_too_deep(&db, |p| (0..DEEP).fold(p.name.eq("a"), |inner, _| !(inner | p.name.eq("b")))).await;
        is_too_deep(&db, |p| (0..DEEP).fold(p.name.eq("a"), |inner, _| p.name.eq("b") & !inner)).await;
        // Whatever holds it is one, too: a change, a page, a group, a relation.
        let deep = |p: PipelineColumns| (0..DEEP).fold(p.name.eq("a"), |inner, _| !(inner | p.name.eq("b")));
        let pipelines = db.repository::<Pipeline>();
        let error = pipelines.filter(deep).delete().await.expect_err("it is too deep");
        assert!(error.is_encode(), "{error:?}");
        let error = pipelines.filter(deep).page(PageRequest::first(10)).await.expect_err("it is too deep");
        assert!(error.is_encode(), "{error:?}");
        // The connection goes on.
        assert_eq!(pipelines.query().count().await?, 0);
        Ok(())
    })
}

#[test]
fn relations_inside_of_relations_end_somewhere() -> Result {
    on_a_worker(|db| async move {
        let categories = db.repository::<Category>();
        let nested = |c: CategoryColumns, levels: usize| {
            (0..levels).fold(c.name.eq("a"), |inner, _| c.children.any(|_| inner))
        };
        assert_eq!(categories.filter(|c| nested(c, 20)).count().await?, 0);
        for levels in [250, DEEP] {
            let query = categories.filter(|c| nested(c, levels));
            let error = query.count().await.expect_err("it is too deep");
            assert!(error.is_encode() && error.to_string().contains("levels"), "{error:?}");
        }
        let all = |c: CategoryColumns| (0..DEEP).fold(c.name.eq("a"), |inner, _| c.children.all(|_| inner));
        let error = categories.filter(all).count().await.expect_err("it is too deep");
        assert!(error.is_encode(), "{error:?}");
        let counted = |c: CategoryColumns| {
            (0..DEEP).fold(c.name.eq("a"), |inner, _| c.children.count_where(|_| inner).gt(0))
        };
        let error = categories.filter(counted).count().await.expect_err("it is too deep");
        assert!(error.is_encode(), "{error:?}");
        let sorted =
            |c: CategoryColumns| -> Order { (0..DEEP).fold(c.name.asc(), |order, _| c.parent.by(|_| order)) };
        let error = categories.order_by(sorted).all().await.expect_err("it is too deep");
        assert!(error.is_encode() && error.to_string().contains("levels"), "{error:?}");
        Ok(())
    })
}

#[test]
fn the_deepest_condition_that_may_be_is_sent() -> Result {
    on_a_worker(|db| async move {
        stored(&db, "a").await?;
        let pipelines = db.repository::<Pipeline>();
        let mixed = |p: PipelineColumns| {
            (0..199).fold(p.name.eq("a"), |inner, level| match level % 2 {
                0 => p.name.eq("b") | inner,
                _ => p.name.eq("a") & inner,
            })
        };
        assert_eq!(pipelines.filter(mixed).count().await?, 1);
        let shown = pipelines.filter(|p| {
            let condition = mixed(p);
            assert!(format!("{condition:?}").contains("OR"));
            condition.clone()
        });
        assert_eq!(shown.all().await?.len(), 1);
        Ok(())
    })
}

#[test]
fn a_long_order_is_answered_or_refused() -> Result {
    on_a_worker(|db| async move {
        stored(&db, "a").await?;
        let pipelines = db.repository::<Pipeline>();
        let sorted = |p: PipelineColumns, columns: usize| -> Vec<Order> {
            (0..columns).map(|column| if column % 2 == 0 { p.name.asc() } else { p.id.desc() }).collect()
        };
        assert_eq!(pipelines.order_by(|p| sorted(p, 20_000)).all().await?.len(), 1);
        let page = pipelines.order_by(|p| sorted(p, 20_000)).page(PageRequest::first(10)).await?;
        assert_eq!(page.items.len(), 1);
        Ok(())
    })
}
