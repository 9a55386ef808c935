//! Owners that are a user or a team.

use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, OneOf)]
enum Owner {
    User(Uuid),
    Team(i32),
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "users", filter_by(documents: Vec<Document>, has_many))]
struct User {
    #[persist(id)]
    id: Uuid,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "teams")]
struct Team {
    #[persist(id(database))]
    id: i32,
    name: String,
    #[persist(has_many, order_by = "title")]
    documents: Vec<Document>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "documents", filter_by(user: Option<User>, belongs_to))]
struct Document {
    #[persist(id)]
    id: Uuid,
    #[persist(one_of)]
    owner: Owner,
    title: String,
}

/// With the rows themselves: the relations of the same keys.
#[derive(Debug, View)]
#[persist(of = Document)]
struct Listed {
    title: String,
    #[persist(one_of)]
    owner: Owner,
    #[persist(belongs_to)]
    user: Option<User>,
    #[persist(belongs_to)]
    team: Option<TeamName>,
}

#[derive(Debug, View)]
#[persist(of = Team)]
struct TeamName {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "notes")]
struct Note {
    #[persist(id)]
    id: i32,
    body: String,
    #[persist(version)]
    version: i64,
    #[persist(one_of)]
    about: Option<Owner>,
}

#[derive(Debug, Clone, PartialEq, OneOf)]
#[persist(table = "shares")]
enum Sharer {
    #[persist(foreign_key = "byTeam")]
    Group(i32),
    #[persist(foreign_key = "byUser")]
    Person(Uuid),
}

#[derive(Debug, Clone, PartialEq, OneOf)]
enum Shared {
    Document(Uuid),
    Note(i32),
    #[persist(foreign_key = "of_user")]
    Profile(String),
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "shares")]
struct Share {
    #[persist(id)]
    id: i32,
    #[persist(one_of(foreign_keys = "byUser, byTeam"))]
    by: Sharer,
    #[persist(one_of(foreign_keys = "of_user, note_id, document_id"))]
    what: Shared,
}

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let server = TestDatabase::empty().await;
    server.client().await.batch_execute(include_str!("../schema/0001_arcs.sql")).await?;
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    let ada = db.repository::<User>().insert(NewUser::new("Ada")).await?;
    let team = db.repository::<Team>().insert(NewTeam::new("Tools")).await?;
    repository(&db, &proxy, &ada, &team).await?;
    units(&db, &proxy, &ada, &team).await?;
    optional(&db, &ada, &team).await?;
    several(&db, &ada, &team).await?;
    drifted(&db, &server).await
}

async fn repository(db: &Database, proxy: &Proxy, ada: &User, team: &Team) -> Result {
    let documents = db.repository::<Document>();
    let of_ada = Owner::User(ada.id);
    let of_team = Owner::Team(team.id);
    let mut plan = assert_round_trips!(proxy, 1, documents.insert(NewDocument::new(of_ada, "plan")).await?);
    assert_eq!(plan.owner, of_ada);
    let named = NewDocument::from(DocumentFields { owner: of_team.into(), title: "map".into() });
    let map = assert_round_trips!(proxy, 1, documents.insert(named).await?);
    assert_eq!(assert_round_trips!(proxy, 1, documents.get(map.id).await?), map);
    // The repository writes all that the struct holds.
    plan.owner = of_team;
    plan = assert_round_trips!(proxy, 1, documents.update(&plan).await?);
    assert_eq!((plan.owner, documents.get(plan.id).await?.owner), (of_team, of_team));
    plan.owner = of_ada;
    documents.update(&plan).await?;

    let titles = async |query: persist::query::Query<'_, Document>| -> Result<String> {
        Ok(query.order_by(|d| d.title.asc()).select(|d| d.title).all().await?.join(" "))
    };
    assert_eq!(titles(documents.filter(|d| d.owner.eq(of_ada))).await?, "plan");
    assert_eq!(titles(documents.filter(|d| d.owner.eq(of_team))).await?, "map");
    assert_eq!(titles(documents.filter(|d| d.owner.ne(of_team))).await?, "plan");
    assert_eq!(titles(documents.filter(|d| d.owner.in_([of_ada, of_team]))).await?, "map plan");
    assert_eq!(titles(documents.filter(|d| d.owner.in_([]))).await?, "");
    assert_eq!(titles(documents.filter(|d| d.team_id.is_not_null())).await?, "map");
    assert_eq!(titles(documents.filter(|d| d.user.is(|u| u.name.eq("Ada")))).await?, "plan");
    assert_eq!(db.repository::<User>().filter(|u| u.documents.any(|d| d.owner.eq(of_ada))).count().await?, 1);
    assert_eq!(documents.find_by_user_id_and_title(ada.id, "plan").await?.map(|d| d.id), Some(plan.id));
    // Set by its columns, both at once.
    let moved = documents.filter(|d| d.id.eq(plan.id)).update(|d| (d.user_id.set(None), d.team_id.set(Some(team.id))));
    assert_eq!(moved.await?, 1);
    assert_eq!(db.repository::<Team>().get(team.id).await?.documents.len(), 2);
    documents.update(&plan).await?;

    let listed = documents.query().order_by(|d| d.title.asc()).view::<Listed>();
    let listed = assert_round_trips!(proxy, 1, listed.all().await?);
    let owners: Vec<(Owner, Option<&str>, Option<&str>)> = listed
        .iter()
        .map(|l| (l.owner, l.user.as_ref().map(|u| u.name.as_str()), l.team.as_ref().map(|t| t.name.as_str())))
        .collect();
    assert_eq!(owners, [(of_team, None, Some("Tools")), (of_ada, Some("Ada"), None)]);
    assert_eq!(listed[0].title, "map");
    Ok(())
}

async fn units(db: &Database, proxy: &Proxy, ada: &User, team: &Team) -> Result {
    // A change of a struct that was read in the unit.
    let uow = db.unit_of_work();
    let mut plan = uow.repository::<Document>().filter(|d| d.title.eq("plan")).one().await?;
    plan.owner = Owner::Team(team.id);
    uow.save(&plan)?;
    assert_round_trips!(proxy, 1, uow.commit().await?);
    assert_eq!(db.repository::<Document>().get(plan.id).await?.owner, Owner::Team(team.id));
    // Of one that was read elsewhere.
    let uow = db.unit_of_work();
    plan.owner = Owner::User(ada.id);
    uow.save(&plan)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Document>().get(plan.id).await?.owner, Owner::User(ada.id));
    // Owners that are new themselves, referred to by handles, and above what is nested.
    let uow = db.unit_of_work();
    let bob = uow.insert(NewUser::new("Bob"))?;
    uow.insert(NewDocument::new(Owner::new_user(bob), "letter"))?;
    uow.insert(NewTeam::new("New").documents([NewDocument::new(Owner::new_team(Parent), "charter")]))?;
    assert_round_trips!(proxy, 1, uow.commit().await?);
    let listed = db.repository::<Document>().query().order_by(|d| d.title.asc()).view::<Listed>().all().await?;
    let named = |at: usize| {
        let Listed { user, team, .. } = &listed[at];
        user.as_ref().map(|u| u.name.clone()).or(team.as_ref().map(|t| t.name.clone()))
    };
    assert_eq!((named(0).as_deref(), named(1).as_deref()), (Some("New"), Some("Bob")));
    // Taken out of a list, and given to another owner in the same unit.
    let uow = db.unit_of_work();
    let mut new = uow.repository::<Team>().filter(|t| t.name.eq("New")).one().await?;
    let mut charter = new.documents.remove(0);
    charter.owner = Owner::User(ada.id);
    uow.save(&new)?;
    uow.save(&charter)?;
    assert_round_trips!(proxy, 1, uow.commit().await?);
    assert_eq!(db.repository::<Document>().get(charter.id).await?.owner, Owner::User(ada.id));
    // Without another owner it has none, which the server refuses.
    let uow = db.unit_of_work();
    charter.owner = Owner::Team(new.id);
    uow.save(&charter)?;
    uow.flush().await?;
    uow.refresh(&mut new).await?;
    new.documents.clear();
    uow.save(&new)?;
    let error = uow.commit().await.expect_err("a document has an owner");
    assert!(error.is_check_violation(), "{error}");
    let upserted = db.repository::<Document>().upsert(NewDocument::new(Owner::Team(team.id), "letter 2")).await?;
    assert_eq!(upserted.owner, Owner::Team(team.id));
    Ok(())
}

async fn optional(db: &Database, ada: &User, team: &Team) -> Result {
    let notes = db.repository::<Note>();
    let mut none = notes.insert(NewNote::new(1, "of nothing")).await?;
    assert_eq!(none.about, None);
    let some = notes.insert(NewNote::new(2, "of the team").about(Owner::Team(team.id))).await?;
    assert_eq!(some.about, Some(Owner::Team(team.id)));
    none.about = Some(Owner::User(ada.id));
    let uow = db.unit_of_work();
    uow.save(&none)?;
    uow.commit().await?;
    let mut none = notes.get(1).await?;
    assert_eq!((none.about, none.version), (Some(Owner::User(ada.id)), 2));
    let ids = notes.filter(|n| n.about.ne(Owner::Team(team.id))).select(|n| n.id).all().await?;
    assert_eq!(ids, [1]);
    none.about = None;
    notes.update(&none).await?;
    assert_eq!(notes.get(1).await?.about, None);
    // One that has none is another one, too.
    assert_eq!(notes.filter(|n| n.about.ne(Owner::Team(team.id))).count().await?, 1);
    Ok(())
}

async fn several(db: &Database, ada: &User, team: &Team) -> Result {
    let shares = db.repository::<Share>();
    let profile = Shared::Profile("Ada".to_owned());
    let mut share = shares.insert(NewShare::new(1, Sharer::Person(ada.id), profile.clone())).await?;
    assert_eq!((&share.by, &share.what), (&Sharer::Person(ada.id), &profile));
    share.by = Sharer::Group(team.id);
    share.what = Shared::Note(2);
    let uow = db.unit_of_work();
    uow.save(&share)?;
    uow.commit().await?;
    assert_eq!(shares.get(1).await?, share);
    assert_eq!(shares.filter(|s| s.what.eq(Shared::Note(2)) & s.by.eq(Sharer::Group(team.id))).count().await?, 1);
    assert_eq!(shares.filter(|s| s.what.eq(profile)).count().await?, 0);
    Ok(())
}

/// The server has another schema than the migrations say: never a guess.
async fn drifted(db: &Database, server: &TestDatabase) -> Result {
    server.client().await.batch_execute("ALTER TABLE documents DROP CONSTRAINT documents_check; UPDATE documents SET user_id = NULL, team_id = NULL").await?;
    let error = db.repository::<Document>().all().await.expect_err("they have no owner");
    assert!(error.to_string().contains("no key in `documents.owner`"), "{error}");
    server.client().await.batch_execute("UPDATE documents SET user_id = (SELECT min(id::text)::uuid FROM users), team_id = (SELECT min(id) FROM teams) WHERE title = 'plan'").await?;
    let error = db.repository::<Document>().filter(|d| d.title.eq("plan")).all().await.expect_err("it has two");
    assert!(error.to_string().contains("several keys in `documents.owner`"), "{error}");
    Ok(())
}
