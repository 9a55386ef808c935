//! UNIQUE keys over expressions, over some rows, and in which NULL is a value; times that the schema has no default for.

use chrono::{DateTime, NaiveDateTime, Utc};
use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Account {
    #[persist(id)]
    id: i32,
    slug: String,
    email: String,
    nick: Option<String>,
    tenant: Option<i32>,
    kind: String,
    deleted: bool,
    visits: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Folder {
    #[persist(id)]
    id: i32,
    parent: Option<i32>,
    title: String,
    size: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Note {
    #[persist(id)]
    id: i32,
    label: String,
    #[persist(created_at)]
    made: DateTime<Utc>,
    #[persist(updated_at)]
    changed: NaiveDateTime,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    expressions(db).await?;
    some_rows(db).await?;
    nulls(db).await?;
    in_units(db).await?;
    times(db).await
}

async fn times(db: &Database) -> Result<(), persist::Error> {
    let notes = db.repository::<Note>();
    let made: DateTime<Utc> = "2001-02-03T04:05:06Z".parse().expect("a time");
    let own = notes.insert(NewNote::new(1, "own")).await?;
    assert!(own.made > made && own.changed > made.naive_utc());
    let given = notes.insert(NewNote::new(2, "given").made(made).changed(made.naive_utc())).await?;
    assert_eq!((given.made, given.changed), (made, made.naive_utc()));
    let uow = db.unit_of_work();
    for (id, label) in (3..).zip(["a", "b", "c"]) {
        let new = NewNote::new(id, label);
        uow.insert(if label == "b" { new.made(made) } else { new })?;
    }
    uow.commit().await?;
    let times = "SELECT label FROM notes WHERE made < '2002-01-01'";
    assert_eq!(stored(db, times).await?, "b given");
    let over = notes.upsert_by_label(NewNote::new(9, "given").changed(made.naive_utc())).await?;
    assert_eq!((over.id, over.changed), (2, made.naive_utc()));
    let over = notes.upsert_by_label(NewNote::new(9, "given")).await?;
    assert!(over.changed > made.naive_utc() && over.made == made);
    Ok(())
}

fn account(id: i32, slug: &str) -> NewAccount {
    NewAccount::new(id, slug, format!("{id}@Example.org")).nick(format!("nick {id}"))
}

async fn expressions(db: &Database) -> Result<(), persist::Error> {
    let accounts = db.repository::<Account>();
    accounts.insert(account(1, "one")).await?;
    let found = accounts.find_by_email("1@EXAMPLE.org").await?;
    assert_eq!(found.as_ref().map(|account| account.id), Some(1), "without regard to case, as the index says");
    assert_eq!(accounts.find_by_email("2@example.org").await?, None);

    // The row with the key takes what is given, also the other spelling of the key.
    let new = NewAccount::new(9, "uno", "1@example.ORG");
    let changed = accounts.upsert_by_email(new.clone()).await?;
    assert_eq!((changed.id, changed.slug.as_str(), changed.email.as_str()), (1, "uno", "1@example.ORG"));
    let counted = accounts.upsert_by_email(new.clone()).set(|old, _| old.visits.set(old.visits + 1)).await?;
    assert_eq!((counted.id, counted.visits), (1, 1));
    let (same, is_new) = accounts.get_or_insert_by_email(new).await?;
    assert_eq!((same.id, is_new), (1, false));
    let (other, is_new) = accounts.get_or_insert_by_email(account(2, "two")).await?;
    assert_eq!((other.id, is_new), (2, true));

    // NULL is what the expression makes of it.
    let nobody = NewAccount::new(3, "three", "3");
    let nobody = accounts.upsert_by_nick_and_tenant(nobody).await?;
    assert_eq!(accounts.find_by_nick_and_tenant(None, None).await?, Some(nobody.clone()));
    assert_eq!(accounts.find_by_nick_and_tenant("nobody", None).await?, Some(nobody));
    assert_eq!(accounts.find_by_nick_and_tenant("nobody", 7).await?, None);
    let again = accounts.upsert_by_nick_and_tenant(NewAccount::new(4, "four", "4").nick("nobody")).await?;
    assert_eq!((again.id, again.slug.as_str(), again.nick.as_deref()), (3, "four", Some("nobody")));
    let (same, is_new) = accounts.get_or_insert_by_nick_and_tenant(NewAccount::new(4, "four", "4")).await?;
    assert_eq!((same.id, is_new), (3, false), "nick and tenant are not given, so they are NULL");
    Ok(())
}

async fn some_rows(db: &Database) -> Result<(), persist::Error> {
    let accounts = db.repository::<Account>();
    accounts.query().delete().await?;
    accounts.insert(account(1, "a").deleted(true)).await?;
    assert_eq!(accounts.find_by_slug("a").await?, None, "a deleted row has no key of the index");
    let live = accounts.upsert_by_slug(account(2, "a")).await?;
    assert_eq!((live.id, accounts.find_by_slug("a").await?.map(|account| account.id)), (2, Some(2)));
    let changed = accounts.upsert_by_slug(account(3, "a").visits(4)).await?;
    assert_eq!((changed.id, changed.visits), (2, 4));
    // A row that the index is not about is inserted beside it.
    let dead = accounts.upsert_by_slug(account(4, "a").deleted(true).tenant(4)).await?;
    assert_eq!(dead.id, 4);
    let (same, is_new) = accounts.get_or_insert_by_slug(account(5, "a")).await?;
    assert_eq!((same.id, is_new), (2, false));
    let error = accounts.get_or_insert_by_slug(account(6, "b").deleted(true).tenant(6)).await.unwrap_err();
    assert!(format!("{error:?}").contains("the index is about other rows"), "{error:?}");
    let ids = "SELECT id::text FROM accounts";
    assert_eq!(stored(db, ids).await?, "1 2 4 6", "it says that it was inserted");

    // A second index over the same column goes by its own name.
    let by_slug = accounts.find_by_slug_and_tenant("a", 4).await?;
    assert_eq!(by_slug.map(|account| account.id), Some(4));
    assert_eq!(accounts.find_by_slug_again("a").await?, None);
    accounts.filter(|a| a.id.eq(2)).update(|a| a.visits.set(6)).await?;
    assert_eq!(accounts.find_by_slug_again("a").await?.map(|account| account.id), Some(2));
    // `citext` compares by its own operator.
    accounts.filter(|a| a.id.eq(2)).update(|a| a.kind.set("Special")).await?;
    assert_eq!(accounts.find_by_kind_and_slug("SPECIAL", "a").await?.map(|account| account.id), Some(2));
    Ok(())
}

async fn nulls(db: &Database) -> Result<(), persist::Error> {
    let folders = db.repository::<Folder>();
    let root = folders.insert(NewFolder::new("home")).await?;
    let inner = folders.insert(NewFolder::new("home").parent(root.id)).await?;
    assert_eq!(folders.find_by_parent_and_title(None, "home").await?, Some(root.clone()));
    assert_eq!(folders.find_by_parent_and_title(root.id, "home").await?, Some(inner.clone()));
    assert_eq!(folders.find_by_parent_and_title(Some(inner.id), "home").await?, None);
    let grown = folders.upsert_by_parent_and_title(NewFolder::new("home").size(3)).await?;
    assert_eq!((grown.id, grown.size), (root.id, 3));
    let (same, is_new) = folders.get_or_insert_by_parent_and_title(NewFolder::new("home")).await?;
    assert_eq!((same.id, is_new), (root.id, false));
    let (same, is_new) = folders.get_or_insert_by_parent_and_title(NewFolder::new("home").parent(None)).await?;
    assert_eq!((same.id, is_new), (root.id, false));
    let (other, is_new) = folders.get_or_insert_by_parent_and_title(NewFolder::new("work")).await?;
    assert!(is_new && other.parent.is_none());
    Ok(())
}

async fn in_units(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let accounts = uow.repository::<Account>();
    uow.queue(accounts.upsert_by_slug(account(7, "a")).set(|old, new| old.visits.set(old.visits + new.id)))?;
    uow.queue(accounts.upsert_by_email(NewAccount::new(8, "z", "3@EXAMPLE.ORG")).set(|old, _| old.slug.set("queued")))?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT id || slug || visits FROM accounts WHERE id = 2").await?, "2queued13");
    Ok(())
}
