//! Tables, types and functions of one name in two schemas, and a type whose operators are in a third.

use persist::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum Mood {
    Calm,
    Angry,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "public.accounts", filter_by(posts: Vec<Post>, has_many(table = "public.posts")))]
struct Account {
    #[persist(id)]
    id: i32,
    name: String,
    login: String,
    contact: Option<String>,
    mood: Mood,
    moods: Vec<Mood>,
    #[persist(version)]
    version: i64,
    #[persist(many_to_many(through = "public.account_labels"), filter = "labels.word <> 'HIDDEN'")]
    labels: Vec<Label>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "app.accounts")]
struct AppAccount {
    #[persist(id)]
    id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(filter_by(accounts: Vec<Account>, many_to_many(through = "public.account_labels")))]
struct Label {
    #[persist(id)]
    word: String,
    is_old: bool,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "public.posts")]
struct Post {
    #[persist(id)]
    id: i32,
    author: String,
    text: String,
    #[persist(belongs_to(foreign_key = "author"))]
    writer: AccountName,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Account, table = "public.accounts")]
struct AccountName {
    name: String,
    #[persist(sql = "shout(name)")]
    loud: Option<String>,
    #[persist(sql = "mood = 'angry'::mood")]
    is_angry: bool,
    #[persist(sql = "login LIKE 'B%'")]
    is_b: bool,
    #[persist(sql = "name COLLATE nocase = 'BOB'")]
    is_bob: bool,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Account, table = "public.accounts")]
struct AccountWords {
    id: i32,
    #[persist(count = "public.posts")]
    posts: i64,
    #[persist(max = "public.account_labels.word")]
    last: Option<String>,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    let accounts = db.repository::<Account>();
    let labels = db.repository::<Label>();
    for word in ["a", "B", "c"] {
        labels.insert(NewLabel::new(word)).await?;
    }
    let new = |id, name: &str, login: &str| {
        NewAccount::new(id, name, login, Mood::Calm, vec![Mood::Angry]).contact(Some(format!("{login}@x")))
    };
    accounts.insert(new(1, "bob", "Bob")).await?;
    accounts.insert(new(2, "ann", "Ann")).await?;

    // The tables of the other schema are untouched, and have structs of their own.
    let others = db.repository::<AppAccount>();
    assert_eq!(others.get(1).await?.name, "of the app");
    assert_eq!((others.count().await?, accounts.count().await?), (2, 2));

    // Values that differ in case are the same.
    let by_login = accounts.find_by_login("bOB").await?.map(|account| account.id);
    assert_eq!(by_login, Some(1));
    let ids = |found: Vec<Account>| found.iter().map(|account| account.id).collect::<Vec<_>>();
    assert_eq!(ids(accounts.filter(|a| a.login.eq("BOB")).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.login.ne("BOB")).all().await?), [2]);
    assert_eq!(ids(accounts.filter(|a| a.login.in_(["BOB", "x"])).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.login.not_in(["BOB", "x"])).all().await?), [2]);
    assert_eq!(ids(accounts.filter(|a| a.login.between("BOB", "boc")).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.login.like("bO%")).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.login.not_like("bO%")).all().await?), [2]);
    assert_eq!(ids(accounts.filter(|a| a.login.ilike("bO%")).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.login.starts_with("bO")).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.contact.eq("BOB@X")).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.contact.is_distinct_from("BOB@X")).all().await?), [2]);
    assert_eq!(ids(accounts.filter(|a| a.contact.is_not_distinct_from("BOB@X")).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.login.eq(a.name)).all().await?), [0_i32; 0]);
    assert_eq!(ids(accounts.filter(|a| a.mood.eq(Mood::Calm) & a.moods.contains([Mood::Angry])).order_by(|a| a.login.asc()).all().await?), [2, 1]);
    assert_eq!(accounts.query().max(|a| a.login).await?.as_deref(), Some("Bob"));
    assert_eq!(accounts.query().limit(5).min(|a| a.login).await?.as_deref(), Some("Ann"));
    let page = accounts.order_by(|a| a.login.asc()).page(persist::PageRequest::first(1)).await?;
    let next = accounts.order_by(|a| a.login.asc());
    let next = next.page(persist::PageRequest::first(1).after(page.next)).await?;
    assert_eq!((page.items[0].id, next.items[0].id), (2, 1));

    // As keys of rows, and as foreign keys.
    assert!(labels.find("A".to_owned()).await?.is_some());
    let found = labels.find_many(&["C".to_owned(), "b".to_owned()]).await?;
    assert_eq!(found.iter().map(|label| label.word.as_str()).collect::<Vec<_>>(), ["c", "B"]);
    assert_eq!(labels.filter(|l| l.word.eq("A")).limit(1).update(|l| l.is_old.set(true)).await?, 1);
    let posts = db.repository::<Post>();
    let post = posts.insert(NewPost::new(1, "bOb".to_owned(), "text")).await?;
    assert_eq!(
        post.writer,
        AccountName { name: "bob".into(), loud: Some("BOB".into()), is_angry: false, is_b: true, is_bob: true }
    );
    assert_eq!(posts.filter(|p| p.writer.is(|w| w.name.eq("bob"))).count().await?, 1);
    assert_eq!(ids(accounts.filter(|a| a.posts.any(|p| p.text.eq("text"))).all().await?), [1]);
    assert_eq!(ids(accounts.filter(|a| a.posts.is_empty()).all().await?), [2]);

    // In a unit of work.
    let work = db.unit_of_work();
    let mut account = work.repository::<Account>().get(1).await?;
    account.labels = vec![labels.get("B".to_owned()).await?, labels.get("a".to_owned()).await?];
    account.login = "Rob".into();
    account.mood = Mood::Angry;
    account.moods.push(Mood::Calm);
    work.save(&account)?;
    work.commit().await?;
    let mut account = accounts.get(1).await?;
    assert_eq!(account.labels.iter().map(|label| label.word.as_str()).collect::<Vec<_>>(), ["a", "B"]);
    let words = accounts.query().view::<AccountWords>().filter(|a| a.id.eq(1)).one().await?;
    assert_eq!((words.posts, words.last.as_deref()), (1, Some("B")));
    let of_rob = labels.filter(|l| l.accounts.any(|a| a.login.eq("ROB"))).order_by(|l| l.word.asc());
    assert_eq!(of_rob.select(|l| l.word).all().await?, ["a", "B"]);
    let work = db.unit_of_work();
    account.labels.remove(0);
    work.replace(&account)?;
    let mut label = work.repository::<Label>().get("C".to_owned()).await?;
    label.is_old = true;
    work.save(&label)?;
    work.commit().await?;
    assert!(labels.get("c".to_owned()).await?.is_old);
    assert_eq!(accounts.get(1).await?.labels.len(), 1);
    assert!(labels.delete("A".to_owned()).await?);
    assert_eq!(others.get(1).await?.name, "of the app");
    Ok(())
}
