//! What becomes of rows that are taken out of the struct that they belong to.

use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{Account, Category, NewAccount, NewCategory, NewUser, User};

/// A tree out of which nothing is taken without being deleted.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "categories")]
struct Branch {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    #[persist(has_many, order_by = "name", orphans = "delete")]
    children: Vec<Branch>,
}

async fn stored() -> Result<(TestDatabase, Database, Uuid)> {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let child =
        |name: &str, below: Vec<NewCategory>| NewCategory::new(name).parent_id(Parent).children(below);
    let leaves = vec![child("a1", vec![]), child("a2", vec![])];
    let new = NewCategory::new("root").children([child("a", leaves), child("b", vec![])]);
    let id = db.repository::<Category>().insert(new).await?.id;
    Ok((server, db, id))
}

async fn names(db: &Database) -> Result<Vec<(String, bool)>> {
    let rows = db.repository::<Category>().order_by(|c| c.name.asc()).all().await?;
    Ok(rows.into_iter().map(|row| (row.name, row.parent_id.is_some())).collect())
}

fn named(names: &[(&str, bool)]) -> Vec<(String, bool)> {
    names.iter().map(|(name, has_parent)| ((*name).to_owned(), *has_parent)).collect()
}

#[tokio::test]
async fn they_are_without_a_parent_where_they_can_be() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    let mut root = uow.repository::<Category>().get(id).await?;
    root.children.remove(0);
    uow.save(&root)?;
    uow.commit().await?;
    let expected = [("a", false), ("a1", true), ("a2", true), ("b", true), ("root", false)];
    assert_eq!(names(&db).await?, named(&expected));
    Ok(())
}

/// With what is below them; but not what has gone to another place before.
#[tokio::test]
async fn they_are_deleted_where_the_attribute_says_so() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    let mut root = uow.repository::<Branch>().get(id).await?;
    let mut gone = root.children.remove(0);
    let mut kept = gone.children.remove(1);
    kept.parent_id = Some(id);
    root.children.push(kept);
    uow.save(&root)?;
    uow.commit().await?;
    assert_eq!(names(&db).await?, named(&[("a2", true), ("b", true), ("root", false)]));
    Ok(())
}

/// The foreign key says RESTRICT: the row goes before the one that it refers to.
#[tokio::test]
async fn they_go_before_their_parent_where_the_database_would_not_let_it_go() -> Result {
    let (_server, db, _) = stored().await?;
    let new = NewUser::new("a@example.org", "a").account(NewAccount::new("1", Parent));
    let uow = db.unit_of_work();
    let id = uow.insert(new)?;
    let id = uow.key(id).ok_or("made by the client")?;
    uow.commit().await?;
    let uow = db.unit_of_work();
    let mut user = uow.repository::<User>().get(id).await?;
    let old = user.account.take().ok_or("it was inserted")?;
    user.account = Some(Account { id: Uuid::now_v7(), ..old.clone() });
    uow.save(&user)?;
    uow.commit().await?;
    let accounts = db.repository::<Account>().all().await?;
    assert!(accounts.len() == 1 && accounts[0].id != old.id && accounts[0].number == old.number);
    let uow = db.unit_of_work();
    let user = uow.repository::<User>().get(id).await?;
    uow.delete(&user)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Account>().count().await? + db.repository::<User>().count().await?, 0);
    // The same of a struct that was read elsewhere.
    let new = NewUser::new("b@example.org", "b").account(NewAccount::new("2", Parent));
    let user = db.repository::<User>().insert(new).await?;
    let uow = db.unit_of_work();
    uow.delete(&user)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Account>().count().await? + db.repository::<User>().count().await?, 0);
    Ok(())
}
