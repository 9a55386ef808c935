//! Trees and nested rows of many levels.

use persist::Sql;
use persist::prelude::*;
use uuid::Uuid;

use crate::{Result, on_a_worker};

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
struct Category {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    #[persist(has_many, order_by = "name")]
    children: Vec<Category>,
}

/// A chain of this many rows below the first, whose key is 0.
async fn chain(db: &Database, levels: i32) -> Result<Uuid> {
    Sql::unchecked(
        "INSERT INTO categories (id, parent_id, name)
         SELECT lpad(to_hex(n), 32, '0')::uuid, CASE WHEN n > 0 THEN lpad(to_hex(n - 1), 32, '0')::uuid END, 'c'
         FROM generate_series(0, $1) AS n",
    )
    .bind(levels)
    .execute(db)
    .await?;
    Ok(Uuid::nil())
}

fn depth(category: &Category) -> usize {
    let mut depth = 0;
    let mut level = &category.children;
    while let Some(child) = level.first() {
        (depth, level) = (depth + 1, &child.children);
    }
    depth
}

#[test]
fn the_deepest_tree_that_may_be_is_loaded_and_saved() -> Result {
    on_a_worker(|db| async move {
        let root = chain(&db, 500).await?;
        let loaded = db.repository::<Category>().get(root).await?;
        assert_eq!(depth(&loaded), 500);
        assert!(format!("{:?}", loaded.clone()).len() > 500);
        let uow = db.unit_of_work();
        let mut read = uow.repository::<Category>().get(root).await?;
        assert_eq!(read, loaded);
        read.children[0].children[0].name = "changed".into();
        uow.save(&read)?;
        uow.commit().await?;
        assert_eq!(db.repository::<Category>().get(root).await?, read);
        Ok(())
    })
}

#[test]
fn a_deeper_one_is_an_error_that_says_so() -> Result {
    on_a_worker(|db| async move {
        for levels in [501, 3_000] {
            Sql::unchecked("TRUNCATE categories CASCADE").execute(&db).await?;
            let root = chain(&db, levels).await?;
            let error = db.repository::<Category>().get(root).await.expect_err("it is too deep");
            assert!(
                error.to_string().contains("500 levels") && error.to_string().contains("max_depth"),
                "{error}"
            );
        }
        // Not of the rows that are near the end of the chain.
        let near = Uuid::from_u128(2_900);
        assert_eq!(depth(&db.repository::<Category>().get(near).await?), 100);
        Ok(())
    })
}

#[test]
fn rows_that_are_nested_deeper_are_not_written() -> Result {
    on_a_worker(|db| async move {
        let new = |levels: usize| {
            (0..levels).fold(NewCategory::new("c"), |inner, _| NewCategory::new("c").children([inner]))
        };
        let stored = db.repository::<Category>().insert(new(500)).await?;
        assert_eq!(depth(&stored), 500);
        let error = db.repository::<Category>().insert(new(501)).await.expect_err("it is too deep");
        assert!(error.is_encode() && error.to_string().contains("500 levels"), "{error:?}");
        let uow = db.unit_of_work();
        let error = uow.insert(new(501)).expect_err("it is too deep");
        assert!(error.is_encode(), "{error:?}");
        let mut deep = stored.clone();
        for _ in 0..2 {
            deep = Category { id: Uuid::now_v7(), parent_id: None, name: "c".into(), children: vec![deep] };
        }
        let error = uow.save(&deep).expect_err("it is too deep");
        assert!(error.is_encode(), "{error:?}");
        Ok(())
    })
}
