//! Reads trees of keys that are no uuid.

use persist::Sql;
use persist::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Enum)]
#[persist(type = "org.kind")]
enum Kind {
    Root,
    Branch,
    Leaf,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "org.people", filter_by(bosses: Vec<Person>, ancestors(foreign_key = "bossCode")))]
struct Person {
    #[persist(id)]
    code: String,
    #[persist(column = "bossCode")]
    boss_code: Option<String>,
    deputy_of: Option<String>,
    #[persist(column = "fullName")]
    name: String,
    kind: Kind,
    #[persist(ancestors(foreign_key = "bossCode"))]
    chain: Vec<Name>,
    #[persist(ancestors(foreign_key = "deputy_of"), max_depth = 1)]
    nearest: Vec<Name>,
}

#[derive(Debug, Clone, View)]
#[persist(of = Person, table = "org.people")]
struct Name {
    #[persist(column = "fullName")]
    name: String,
}

#[derive(Debug, View)]
#[persist(of = Person, table = "org.people")]
struct Place {
    #[persist(path = "fullName", foreign_key = "bossCode")]
    names: Vec<String>,
    #[persist(path = "kind", foreign_key = "bossCode")]
    kinds: Vec<Kind>,
    #[persist(depth, foreign_key = "bossCode")]
    depth: i32,
    #[persist(depth, foreign_key = "deputy_of")]
    deputies: i32,
}

#[derive(Debug, Repository)]
#[persist(table = "tree")]
struct Node {
    #[persist(id)]
    id: i64,
    parent: Option<i32>,
    mail: String,
    #[persist(ancestors)]
    above: Vec<NodeName>,
}

#[derive(Debug, View)]
#[persist(of = Node, table = "tree")]
struct NodeName {
    mail: String,
    #[persist(depth)]
    depth: i32,
    #[persist(path = "mail")]
    path: Vec<String>,
}

/// It refers to a name, and its own key is not read.
#[derive(Debug, Repository)]
#[persist(table = "climb")]
struct Climb {
    #[persist(id)]
    id: i32,
    above: Option<String>,
    name: String,
    #[persist(ancestors)]
    all: Vec<ClimbId>,
}

#[derive(Debug, View)]
#[persist(of = Climb, table = "climb")]
struct ClimbId {
    id: i32,
    #[persist(path = "id")]
    path: Vec<i32>,
}

/// The other side is found by a column that this view does not show.
#[derive(Debug, View)]
#[persist(of = Climb, table = "climb")]
struct Line {
    #[persist(ancestors)]
    all: Vec<ClimbId>,
}

#[derive(Debug, Repository)]
#[persist(table = "words", filter_by(roots: Vec<Word>, ancestors))]
struct Word {
    #[persist(id)]
    word: String,
    root: Option<String>,
    length: i32,
}

#[derive(Debug, View)]
#[persist(of = Word, table = "words")]
struct WordPath {
    #[persist(path = "word")]
    path: Vec<String>,
    #[persist(depth)]
    depth: i32,
}

#[derive(Debug, Repository)]
#[persist(table = "kinds")]
struct KindOfKind {
    #[persist(id)]
    kind: Kind,
    part_of: Option<Kind>,
    #[persist(ancestors)]
    above: Vec<KindAlone>,
}

#[derive(Debug, View)]
#[persist(of = KindOfKind, table = "kinds")]
struct KindAlone {
    kind: Kind,
}

const ROWS: &str = "
    INSERT INTO org.people VALUES ('a', NULL, NULL, 'Ann', 'root', NULL), ('b', 'a', NULL, 'Bob', 'branch', NULL),
        ('c', 'b', 'b', 'Cem', 'leaf', NULL), ('d', 'b', 'c', 'Dan', 'leaf', NULL);
    INSERT INTO tree VALUES (1, NULL, 'One'), (2, 1, 'Two'), (3, 2, 'Three'), (4, 4, 'itself');
    INSERT INTO climb VALUES (7, 'top', NULL), (5, 'middle', 'top'), (6, 'low', 'middle');
    INSERT INTO words VALUES ('Go', NULL, 2), ('Goes', 'GO', 4), ('Undergoes', 'goes', 9);
    INSERT INTO kinds VALUES ('root', NULL), ('branch', 'root'), ('leaf', 'branch')";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), persist::Error> {
    let url = std::env::args().nth(1).expect("the server's URL is the first argument");
    let db = Database::connect(&url).await?;
    for statements in [include_str!("../schema/0001_trees.sql"), ROWS] {
        for statement in statements.split(";\n").filter(|sql| !sql.trim().is_empty()) {
            Sql::unchecked(statement).execute(&db).await?;
        }
    }
    // Nothing is found by the search path.
    let more = if url.contains('?') { '&' } else { '?' };
    let away = Database::connect(&format!("{url}{more}options=-c%20search_path%3Dorg")).await?;
    for db in [&db, &away] {
        people(db).await?;
        others(db).await?;
    }
    Ok(())
}

async fn people(db: &Database) -> Result<(), persist::Error> {
    let people = db.repository::<Person>();
    let names = |names: &[Name]| names.iter().map(|name| name.name.as_str()).collect::<Vec<_>>().join(" ");
    let all = people.order_by(|p| p.code.asc()).all().await?;
    let chains: Vec<String> = all.iter().map(|p| names(&p.chain)).collect();
    assert_eq!(chains, ["", "Ann", "Ann Bob", "Ann Bob"]);
    let nearest: Vec<String> = all.iter().map(|p| names(&p.nearest)).collect();
    assert_eq!(nearest, ["", "", "Bob", "Cem"]);
    let found = people.filter(|p| p.bosses.any(|b| b.kind.eq(Kind::Branch) & b.name.eq("Bob"))).count().await?;
    assert_eq!(found, 2);
    let dan = people.view::<Place>().find("d".to_owned()).await?.expect("he is there");
    assert_eq!((dan.names.join(" ").as_str(), dan.depth, dan.deputies), ("Ann Bob Dan", 2, 2));
    assert_eq!(dan.kinds, [Kind::Root, Kind::Branch, Kind::Leaf]);
    Ok(())
}

async fn others(db: &Database) -> Result<(), persist::Error> {
    let nodes = db.repository::<Node>().order_by(|n| n.id.asc()).all().await?;
    let above: Vec<Vec<(i32, String)>> =
        nodes.iter().map(|n| n.above.iter().map(|a| (a.depth, a.path.join("/"))).collect()).collect();
    let (one, two) = ((0, "One".to_owned()), (1, "One/Two".to_owned()));
    assert_eq!(above, [vec![], vec![one.clone()], vec![one, two], vec![]]);
    let in_it = db.repository::<Node>().filter(|n| n.above.any(|a| a.mail.eq("ONE"))).count().await?;
    assert_eq!(in_it, 2);
    let low = db.repository::<Climb>().get(6).await?;
    assert_eq!(low.all.iter().map(|above| above.id).collect::<Vec<_>>(), [7, 5]);
    let low = db.repository::<Climb>().view::<Line>().find(6).await?.expect("it is there");
    assert_eq!(low.all[1].path, [7, 5]);
    let words = db.repository::<Word>();
    assert_eq!(words.filter(|w| w.roots.any(|r| r.word.eq("go"))).count().await?, 2);
    let longest = words.query().view::<WordPath>().order_by_view(|w| w.depth.desc()).first().await?.expect("one");
    assert_eq!((longest.path.join(" ").as_str(), longest.depth), ("Go Goes Undergoes", 2));
    let kinds = db.repository::<KindOfKind>().all().await?;
    assert_eq!(kinds[2].above.iter().map(|above| above.kind).collect::<Vec<_>>(), [Kind::Root, Kind::Branch]);
    Ok(())
}
