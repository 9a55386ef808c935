//! A page of search results: what a user may see, by any words, with what is shared with them, and the total, in one
//! round trip: `cargo run --example search_page`.
//!
//! The tables are in `schema/0010_teams_and_runbooks.sql` and `schema/0012_limits_and_documents.sql`.

use persist::prelude::*;
use persist::query::Predicate;
use persist::{Cursor, Page};
use persist_testkit::{Proxy, TestDatabase, round_trips};
use uuid::Uuid;

#[derive(Debug, Repository)]
#[persist(table = "users")]
struct User {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
}

#[derive(Debug, Repository)]
#[persist(table = "teams", filter_by(members: Vec<Member>, has_many))]
struct Team {
    #[persist(id)]
    id: Uuid,
    name: String,
}

#[derive(Debug, Repository)]
#[persist(table = "team_members")]
struct Member {
    #[persist(id)]
    id: Uuid,
    team_id: Uuid,
    rank: i32,
    name: String,
}

/// Relations that are named by `filter_by` are for conditions: they are neither loaded nor written.
#[derive(Debug, Repository)]
#[persist(
    table = "documents",
    filter_by(team: Option<Team>, belongs_to),
    filter_by(shares: Vec<Share>, has_many)
)]
struct Document {
    #[persist(id)]
    id: Uuid,
    title: String,
    body: String,
    user_id: Option<Uuid>,
    team_id: Option<Uuid>,
}

#[derive(Debug, Repository)]
#[persist(table = "document_shares")]
struct Share {
    #[persist(id)]
    document_id: Uuid,
    #[persist(id)]
    user_id: Uuid,
    can_write: bool,
}

/// A line of the page.
#[derive(Debug, View)]
#[persist(of = Document)]
struct Hit {
    id: Uuid,
    title: String,
    #[persist(belongs_to)]
    team: Option<TeamName>,
    #[persist(count = "document_shares")]
    share_count: i64,
    /// Narrowed to those of the user who asks.
    #[persist(has_many)]
    shares: Vec<Share>,
}

#[derive(Debug, View)]
#[persist(of = Team)]
struct TeamName {
    name: String,
}

/// Who searches, and for what.
struct Search<'s> {
    user: Uuid,
    member: &'s str,
    words: &'s [&'s str],
    /// Only documents of this team; of all where it is `None`.
    team: Option<Uuid>,
}

/// What the user may see: own documents, those of their teams, and those that were shared with them.
fn is_visible(d: DocumentColumns, search: &Search<'_>) -> Predicate {
    d.user_id.eq(search.user)
        | d.team.is(|t| t.members.any(|m| m.name.eq(search.member)))
        | d.shares.any(|s| s.user_id.eq(search.user))
}

impl DocumentRepository<'_> {
    async fn search(&self, search: &Search<'_>, after: Option<Cursor>) -> Result<Page<Hit>, persist::Error> {
        self.filter(|d| is_visible(d, search))
            // Each word somewhere; what is a pattern elsewhere (`%`, `_`) is a character like any other here.
            .filter(|d| {
                Predicate::all(search.words.iter().map(|w| d.title.contains_ci(*w) | d.body.contains_ci(*w)))
            })
            .filter_some(search.team, |d, team| d.team_id.eq(team))
            .view::<Hit>()
            .with(|hit| hit.shares, |s| s.user_id.eq(search.user))
            .order_by_view(|hit| (hit.share_count.desc(), hit.title.asc()))
            .page(PageRequest::first(2).after(after).with_total())
            .await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestDatabase::try_new().await?;
    // The proxy only counts: it stands between the program and the server.
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    let (olga, team) = fill(&db).await?;
    let documents = db.repository::<Document>();

    let search = Search { user: olga, member: "Olga", words: &["plan", "100%"], team: None };
    let (mut page, trips) = round_trips!(proxy, documents.search(&search, None).await?);
    println!("{:?} documents with `plan` and `100%`, two a page, in {trips} round trip:", page.total);
    let mut titles = Vec::new();
    loop {
        for hit in &page.items {
            let team = hit.team.as_ref().map_or("of a user", |team| team.name.as_str());
            let may_write = hit.shares.iter().any(|share| share.can_write);
            println!(
                "    {:<22} {team:<12} shared {} times, may write: {may_write}",
                hit.title, hit.share_count
            );
            titles.push(hit.title.clone());
        }
        match page.next {
            Some(next) => page = documents.search(&search, Some(next)).await?,
            None => break,
        }
    }
    assert_eq!(titles, ["Plan of the year", "Plan b: 100%", "Team plan"], "nothing of what she may not see");

    let of_team = documents.search(&Search { team: Some(team), ..search }, None).await?;
    assert_eq!((of_team.total, of_team.items.len()), (Some(1), 1));
    Ok(())
}

/// Writes what the story is about; answers a user and a team.
async fn fill(db: &Database) -> Result<(Uuid, Uuid), persist::Error> {
    let uow = db.unit_of_work();
    let [olga, rudi] =
        ["Olga", "Rudi"].map(|name| uow.insert(NewUser::new(format!("{name}@example.org"), name)));
    let (olga, rudi) = (olga?, rudi?);
    let [operations, sales] = ["Operations", "Sales"].map(|name| uow.insert(NewTeam::new(name)));
    let (operations, sales) = (operations?, sales?);
    uow.insert(NewMember::new(operations, 1, "Olga"))?;
    uow.insert(NewMember::new(sales, 1, "Rudi"))?;
    let new = |title: &str, body: &str| NewDocument::new(title).body(body);
    uow.insert(new("Plan b: 100%", "own").user_id(olga))?;
    uow.insert(new("Team plan", "100% of the on-call hours").team_id(operations))?;
    uow.insert(new("Plan of sales", "100% more").team_id(sales))?;
    uow.insert(new("plan of 1000", "no percent at all").user_id(olga))?;
    let shared = uow.insert(new("Plan of the year", "100% done").user_id(rudi))?;
    uow.insert(new("Rudi's own plan", "100% private").user_id(rudi))?;
    uow.insert(NewShare::new(shared, olga).can_write(true))?;
    uow.insert(NewShare::new(shared, rudi))?;
    let committed = uow.commit().await?;
    let known = |key: Option<Uuid>| key.unwrap_or_default();
    Ok((known(committed.key(olga)), known(committed.key(operations))))
}
