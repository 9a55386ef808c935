//! What becomes of rows that are taken out of a relation, and of those that are nested in new ones.

mod domain;

use std::collections::BTreeMap;

use persist::prelude::*;
use persist::{Error, Parent};
use uuid::Uuid;

/// Its keys are NULL where a user is gone.
#[derive(Debug, Clone, Repository)]
#[persist(table = "users")]
struct Author {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
    #[persist(has_many(table = "pipelines"), order_by = "name", index = "none")]
    pipelines: Vec<Owned>,
    #[persist(has_many, order_by = "body", orphans = "delete")]
    comments: Vec<Comment>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines")]
struct Owned {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    owner_id: Option<Uuid>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "comments")]
struct Comment {
    #[persist(id)]
    id: i64,
    pipeline_id: Uuid,
    author_id: Option<Uuid>,
    body: String,
}

/// A struct whose rows could not be linked.
#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines")]
struct Name {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
}

#[derive(Debug, Repository)]
#[persist(table = "users")]
struct Namer {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
    #[persist(has_many(table = "pipelines"), index = "none")]
    names: Vec<Name>,
}

fn author(email: &str) -> NewAuthor {
    let owned = ["daily", "hourly", "nightly"].map(|name| NewOwned::new(name, BTreeMap::new()));
    NewAuthor::new(email, "Ada").pipelines(owned)
}

fn names(author: &Author) -> Vec<&str> {
    author.pipelines.iter().map(|pipeline| &*pipeline.name).collect()
}

fn bodies(author: &Author) -> Vec<&str> {
    author.comments.iter().map(|comment| &*comment.body).collect()
}

#[tokio::test]
async fn orphans_are_kept_where_their_key_may_be_null_and_deleted_where_that_is_said() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let authors = db.repository::<Author>();
    let id = authors.insert(author("ada@example.org")).await?.id;
    let ada = authors.get(id).await?;
    assert_eq!(names(&ada), ["daily", "hourly", "nightly"]);
    let comments = db.repository::<Comment>();
    for body in ["first", "last"] {
        comments.insert(NewComment::new(ada.pipelines[0].id, body).author_id(id)).await?;
    }

    let work = db.unit_of_work();
    let mut ada = work.repository::<Author>().get(id).await?;
    assert_eq!(bodies(&ada), ["first", "last"]);
    let gone = ada.pipelines.remove(1);
    ada.comments.remove(0);
    work.save(&ada)?;
    work.commit().await?;

    let ada = authors.get(id).await?;
    assert_eq!((names(&ada), bodies(&ada)), (vec!["daily", "nightly"], vec!["last"]));
    assert_eq!(db.repository::<Owned>().get(gone.id).await?.owner_id, None);
    assert_eq!(comments.count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn with_their_parent_go_those_that_are_not_kept() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let authors = db.repository::<Author>();
    let ada = authors.insert(author("ada@example.org")).await?;
    let new = NewComment::new(ada.pipelines[0].id, "only").author_id(ada.id);
    db.repository::<Comment>().insert(new).await?;
    let work = db.unit_of_work();
    let ada = work.repository::<Author>().get(ada.id).await?;
    work.delete(&ada)?;
    work.commit().await?;
    assert_eq!(authors.count().await?, 0);
    // ON DELETE SET NULL: they are the database's, not the program's, to keep.
    assert_eq!(db.repository::<Owned>().filter(|p| p.owner_id.is_null()).count().await?, 3);
    assert_eq!(db.repository::<Comment>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_row_that_could_not_refer_to_the_one_it_is_nested_in_is_refused() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let new = NewNamer::new("ada@example.org", "Ada").names([NewName::new("daily", BTreeMap::new())]);
    let error = db.unit_of_work().insert(new).expect_err("there is no field for the owner");
    assert_eq!(
        error.to_string(),
        "a row of `pipelines` cannot be nested in another one, because its struct has no field for `owner_id`, by which it would \
         refer to that; add one"
    );
    let alone = NewComment::new(Parent, "alone");
    assert!(db.repository::<Comment>().insert(alone).await.is_err());
    Ok(())
}
