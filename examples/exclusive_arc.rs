//! An exclusive arc: a document belongs to a user or to a team, which a CHECK of the migrations says.
//!
//! The table is in `schema/0012_limits_and_documents.sql`. `cargo run --example exclusive_arc`

use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, round_trips};
use uuid::Uuid;

#[derive(Debug, Clone, Repository)]
#[persist(table = "users")]
struct User {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "teams")]
struct Team {
    #[persist(id)]
    id: Uuid,
    name: String,
}

/// Each variant is a foreign key: `user_id` and `team_id`. One of the two is set, which the derive has read in the CHECK.
#[derive(Debug, Clone, Copy, PartialEq, OneOf)]
enum Owner {
    User(Uuid),
    Team(Uuid),
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "documents")]
struct Document {
    #[persist(id)]
    id: Uuid,
    title: String,
    #[persist(one_of)]
    owner: Owner,
}

/// A document with the row that it belongs to.
#[derive(Debug, View)]
#[persist(of = Document)]
struct Listed {
    title: String,
    #[persist(belongs_to)]
    user: Option<User>,
    #[persist(belongs_to)]
    team: Option<Team>,
}

impl Listed {
    fn owner(&self) -> &str {
        match (&self.user, &self.team) {
            (Some(user), _) => &user.display_name,
            (None, Some(team)) => &team.name,
            (None, None) => "nobody",
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestDatabase::try_new().await?;
    // The proxy only counts: it stands between the program and the server.
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;

    let uow = db.unit_of_work();
    let olga = uow.insert(NewUser::new("olga@example.org", "Olga"))?;
    let tools = uow.insert(NewTeam::new("Tools"))?;
    uow.insert(NewDocument::new("minutes", Owner::new_user(olga)))?;
    uow.insert(NewDocument::new("roadmap", Owner::new_team(tools)))?;
    let (_, trips) = round_trips!(proxy, uow.commit().await?);
    println!("a user, a team and a document of each: {trips} round trip");

    let team = db.repository::<Team>().filter(|t| t.name.eq("Tools")).one().await?;
    let documents = db.repository::<Document>();
    let mut minutes = documents.filter(|d| d.title.eq("minutes")).one().await?;
    minutes.owner = Owner::Team(team.id);
    let (_, trips) = round_trips!(proxy, documents.update(&minutes).await?);
    println!("the minutes are the team's now: {trips} round trip");

    let of_team = documents.filter(|d| d.owner.eq(Owner::Team(team.id))).order_by(|d| d.title.asc());
    let (listed, trips) = round_trips!(proxy, of_team.view::<Listed>().all().await?);
    for document in &listed {
        println!("{} of {}", document.title, document.owner());
    }
    println!("listed with their owners: {trips} round trip");
    assert_eq!(listed.iter().map(Listed::owner).collect::<Vec<_>>(), ["Tools", "Tools"]);
    Ok(())
}
