//! Reads rows whose keys are composite, quoted, enums, domains, of another type, or only UNIQUE.

mod claiming;
mod deleting;
mod matching;
mod merging;
mod moving;
mod referring;
mod releasing;
mod unique;
mod writing;

use std::collections::{BTreeMap, HashMap};

use persist::Sql;
use persist::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
enum Color {
    Red,
    #[persist(rename = "not red")]
    NotRed,
    Blue,
}

#[derive(Debug, Clone, Copy, PartialEq, Domain)]
#[persist(type = "owner_key")]
struct OwnerKey(Uuid);

#[derive(Debug, PartialEq, Repository)]
#[persist(table = "Other Schema.Owner")]
struct Owner {
    #[persist(id, column = "Primary Key")]
    key: OwnerKey,
    user: String,
    #[persist(has_many(foreign_key = "Owner Id"), order_by = "\"order\" desc")]
    parts: Vec<PartNumber>,
    #[persist(has_many(table = "Other Schema.Part", foreign_key = "user"))]
    used: Vec<PartNumber>,
}

#[derive(Debug, PartialEq, View)]
#[persist(of = Owner, table = "Other Schema.Owner")]
struct OwnerName {
    user: String,
    #[persist(count = "Other Schema.Part", foreign_key = "Owner Id", filter = "\"order\" > 1")]
    late_parts: i64,
}

#[derive(Debug, PartialEq, Repository)]
#[persist(table = "Other Schema.Part")]
struct Part {
    #[persist(id, column = "Tenant")]
    tenant: i32,
    #[persist(id)]
    number: i32,
    #[persist(column = "Owner Id")]
    owner_id: OwnerKey,
    order: i32,
    #[persist(belongs_to(foreign_key = "Owner Id"))]
    owner: OwnerName,
    #[persist(belongs_to)]
    user: Option<Box<OwnerName>>,
    #[persist(many_to_many(through = "part_notes"), order_by = "note_id desc")]
    notes: Vec<NoteText>,
    #[persist(has_many(table = "part_notes"), limit = 1)]
    links: Vec<PartNote>,
}

#[derive(Debug, PartialEq, View)]
#[persist(of = Part, table = "Other Schema.Part")]
struct PartNumber {
    number: i32,
}

#[derive(Debug, PartialEq, Repository)]
struct PartNote {
    #[persist(id)]
    note_id: i64,
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    part: i32,
    #[persist(belongs_to)]
    note: NoteText,
    #[persist(belongs_to(foreign_key = "tenant, part"))]
    of: PartNumber,
}

#[derive(Debug, PartialEq, Repository)]
struct Note {
    #[persist(id)]
    id: i64,
    text: String,
    #[persist(has_many, key_by = "slot")]
    boxes: HashMap<String, BoxRow>,
    #[persist(many_to_many(through = "part_notes"))]
    parts: Vec<PartNumber>,
}

#[derive(Debug, PartialEq, View)]
#[persist(of = Note)]
struct NoteText {
    text: String,
}

#[derive(Debug, PartialEq, Repository)]
struct Kind {
    #[persist(id)]
    name: Color,
    #[persist(has_many)]
    below: Vec<Kind>,
    #[persist(has_many(table = "boxes"))]
    boxes: Vec<BoxRow>,
    #[persist(has_one(table = "boxes"), filter = "is_open")]
    open: Option<BoxRow>,
}

#[derive(Debug, PartialEq, Repository)]
#[persist(table = "boxes")]
struct BoxRow {
    #[persist(id)]
    id: i32,
    kind: Color,
    slot: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), persist::Error> {
    let url = std::env::args().nth(1).expect("the server's URL is the first argument");
    let db = Database::connect(&url).await?;
    for file in [
        include_str!("../schema/0001_odd_keys.sql"),
        include_str!("../schema/0002_writing.sql"),
        include_str!("../schema/0003_deleting.sql"),
        include_str!("../schema/0004_referring.sql"),
        include_str!("../schema/0005_releasing.sql"),
        include_str!("../schema/0006_moving.sql"),
        include_str!("../schema/0007_claiming.sql"),
        include_str!("../schema/0008_merging.sql"),
        include_str!("../schema/0009_matching.sql"),
        include_str!("../schema/0010_unique.sql"),
    ] {
        for statement in file.split(";\n") {
            Sql::unchecked(statement).execute(&db).await?;
        }
    }
    quoted_and_unique(&db).await?;
    composite(&db).await?;
    of_another_type(&db).await?;
    enums(&db).await?;
    deleting::all(&db).await?;
    referring::all(&db).await?;
    claiming::all(&db).await?;
    matching::all(&db).await?;
    merging::all(&db).await?;
    moving::all(&db).await?;
    releasing::all(&db).await?;
    unique::read_and_written(&db).await?;
    unique::counted(&db).await?;
    unique::numbered(&db).await?;
    writing::all(&db).await
}

async fn quoted_and_unique(db: &Database) -> Result<(), persist::Error> {
    let owners = db.repository::<Owner>().order_by(|o| o.user.asc()).all().await?;
    let [first, second] = owners.as_slice() else { panic!("{owners:?}") };
    assert_eq!(
        (first.user.as_str(), numbers(&first.parts), numbers(&first.used)),
        ("u1", vec![2, 1], vec![])
    );
    assert_eq!(
        (second.user.as_str(), numbers(&second.parts), numbers(&second.used)),
        ("u2", vec![1], vec![1, 1])
    );
    assert_eq!(db.repository::<Owner>().get(first.key).await?, owners[0]);
    Ok(())
}

async fn composite(db: &Database) -> Result<(), persist::Error> {
    let parts = db.repository::<Part>();
    let all = parts.order_by(|p| (p.tenant.asc(), p.number.asc())).all().await?;
    let [first, second, third] = all.as_slice() else { panic!("{all:?}") };
    let texts = |part: &Part| part.notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>();
    assert_eq!([texts(first), texts(second), texts(third)], [vec!["two", "one"], vec!["three"], vec!["one"]]);
    assert_eq!(first.owner, OwnerName { user: "u1".to_owned(), late_parts: 1 });
    assert_eq!(first.user.as_deref(), Some(&third.owner));
    assert_eq!(second.user, None);
    assert_eq!((first.links.len(), first.links[0].note_id, first.links[0].of.number), (1, 1, 1));
    assert_eq!((second.links[0].note.text.as_str(), second.links[0].of.number), ("three", 2));
    assert_eq!(parts.find((1, 2)).await?.as_ref(), Some(second));
    let found = parts.find_many(&[(2, 1), (1, 2), (2, 1)]).await?;
    assert_eq!(found.iter().collect::<Vec<_>>(), [third, second, third]);
    let found =
        parts.filter(|p| p.notes.any(|n| n.text.eq("one")) & p.owner.is(|o| o.user.eq("u1"))).all().await?;
    assert_eq!(found.iter().collect::<Vec<_>>(), [first]);
    Ok(())
}

async fn of_another_type(db: &Database) -> Result<(), persist::Error> {
    let notes = db.repository::<Note>().order_by(|n| n.id.asc()).all().await?;
    let slots =
        |note: &Note| note.boxes.iter().map(|(slot, row)| (slot.clone(), row.id)).collect::<BTreeMap<_, _>>();
    assert_eq!(slots(&notes[0]), BTreeMap::from([("a".to_owned(), 4)]));
    assert_eq!(slots(&notes[1]), BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]));
    assert_eq!(slots(&notes[2]), BTreeMap::new());
    assert_eq!(
        notes.iter().map(|note| numbers(&note.parts)).collect::<Vec<_>>(),
        [vec![1, 1], vec![1], vec![2]]
    );
    Ok(())
}

async fn enums(db: &Database) -> Result<(), persist::Error> {
    let red = db.repository::<Kind>().get(Color::Red).await?;
    assert_eq!(red.boxes.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(red.open.map(|row| row.id), Some(2));
    let [not_red] = red.below.as_slice() else { panic!("{:?}", red.below) };
    let [blue] = not_red.below.as_slice() else { panic!("{:?}", not_red.below) };
    assert_eq!((not_red.name, not_red.boxes.len(), &not_red.open), (Color::NotRed, 0, &None));
    assert_eq!((blue.name, blue.boxes[0].slot.as_str(), blue.below.len()), (Color::Blue, "a", 0));
    let all = db.repository::<Kind>().order_by(|k| k.name.asc()).all().await?;
    assert_eq!(all.iter().map(|kind| kind.below.len()).collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!(&all[1], not_red);
    Ok(())
}

fn numbers(parts: &[PartNumber]) -> Vec<i32> {
    parts.iter().map(|part| part.number).collect()
}
