//! Rows that come to belong to new ones, whose keys the database makes.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Basket {
    #[persist(id)]
    id: i64,
    name: String,
    #[persist(version)]
    version: i64,
    #[persist(has_many, order_by = "place")]
    items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Item {
    #[persist(id)]
    id: i64,
    basket_id: i64,
    place: i32,
    #[persist(version)]
    version: i64,
    #[persist(has_many, order_by = "id")]
    stickers: Vec<Sticker>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Sticker {
    #[persist(id)]
    id: i32,
    item_id: Option<i64>,
    words: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "teams")]
struct DocTeam {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many(foreign_key = "team_id"))]
    docs: Vec<Doc>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "baskets")]
struct DocBasket {
    #[persist(id)]
    id: i64,
    name: String,
    #[persist(has_many(foreign_key = "basket_id"))]
    docs: Vec<Doc>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Doc {
    #[persist(id)]
    id: i32,
    team_id: Option<i32>,
    basket_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "gates")]
struct LitGate {
    #[persist(id)]
    id: i32,
    code: String,
    #[persist(has_many(foreign_key = "gate_code"))]
    lamps: Vec<LitLamp>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "lamps")]
struct LitLamp {
    #[persist(id)]
    id: i32,
    gate_code: String,
}

const ITEMS: &str = "SELECT concat_ws(':', b.name, i.place, i.version) FROM items AS i JOIN baskets AS b ON b.id = basket_id";
const STICKERS: &str = "SELECT concat_ws(':', m.id, i.place, array_to_string(m.words, ',')) FROM stickers AS m JOIN items AS i ON i.id = item_id";

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    let item = |place| NewItem::new(persist::Parent, place).stickers([NewSticker::new(place, vec!["m".into()])]);
    db.repository::<Basket>().insert(NewBasket::new("one").items([item(1), item(2), item(3)])).await?;
    by_a_new_row_of_a_struct(db).await?;
    by_a_new_struct(db).await?;
    of_two_only_one_can(db).await?;
    let_go_by_another_key_while_a_code_changes(db).await
}

fn item(place: i32, stickers: Vec<Sticker>) -> Item {
    Item { id: 0, basket_id: 0, place, version: 1, stickers }
}

async fn by_a_new_row_of_a_struct(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Basket>().get(1).await?;
    // The old item goes, its sticker stays, and gets another word besides.
    let mut stickers = one.items.remove(0).stickers;
    stickers[0].words.push("n".into());
    one.items.push(item(4, stickers));
    let others = std::mem::take(&mut one.items[0].stickers);
    one.items.push(item(5, others));
    uow.save(&one)?;
    uow.commit().await?;
    assert_eq!(stored(db, ITEMS).await?, "one:2:2 one:3:1 one:4:1 one:5:1");
    assert_eq!(stored(db, STICKERS).await?, "1:4:m,n 2:5:m 3:3:m");
    Ok(())
}

async fn by_a_new_struct(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let mut one = uow.repository::<Basket>().get(1).await?;
    let mut moved = one.items.remove(1);
    let new = Basket { id: 0, name: "two".into(), version: 1, items: vec![moved.clone(), item(9, Vec::new())] };
    uow.merge(&new)?;
    // The one that it leaves is deleted, with all that is still in it.
    uow.delete(&one)?;
    let all = uow.repository::<Basket>().all().await?;
    let places = |basket: &Basket| basket.items.iter().map(|item| item.place).collect::<Vec<_>>();
    assert_eq!(all.iter().map(places).collect::<Vec<_>>(), [[3, 9]]);
    uow.rollback().await?;

    let uow = db.unit_of_work();
    let one = uow.repository::<Basket>().get(1).await?;
    uow.merge(&new)?;
    uow.save(&Basket { items: one.items.iter().filter(|item| item.id != moved.id).cloned().collect(), ..one })?;
    uow.flush().await?;
    // Its own column says so only now.
    uow.refresh(&mut moved).await?;
    moved.place = 8;
    uow.save(&moved)?;
    uow.commit().await?;
    let items = stored(db, ITEMS).await?;
    assert_eq!(items, "one:2:2 one:4:1 one:5:1 two:8:3 two:9:1");
    Ok(())
}

async fn of_two_only_one_can(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let sticker = uow.repository::<Sticker>().get(1).await?;
    for name in ["x", "y"] {
        let items = vec![item(1, vec![sticker.clone()])];
        uow.merge(&Basket { id: 0, name: name.into(), version: 1, items })?;
    }
    let error = uow.plan().expect_err("it is put into two");
    assert!(error.to_string().contains("twice"), "{error}");
    uow.rollback().await?;
    // Two that are new are two, although their keys look the same.
    let uow = db.unit_of_work();
    for name in ["x", "y"] {
        uow.merge(&Basket { id: 0, name: name.into(), version: 1, items: vec![item(1, Vec::new())] })?;
    }
    uow.commit().await?;
    let items = stored(db, &format!("SELECT * FROM ({ITEMS}) AS i(line) WHERE line ~ '^[xy]'")).await?;
    assert_eq!(items, "x:1:1 y:1:1");
    Ok(())
}

async fn let_go_by_another_key_while_a_code_changes(db: &Database) -> Result<(), persist::Error> {
    let doc = NewDoc::new(1).team_id(persist::Parent);
    db.repository::<DocTeam>().insert(NewDocTeam::new(9, "t").docs([doc])).await?;
    db.repository::<LitGate>().insert(NewLitGate::new(9, "X")).await?;
    let uow = db.unit_of_work();
    let mut team = uow.repository::<DocTeam>().get(9).await?;
    let mut gate = uow.repository::<LitGate>().get(9).await?;
    gate.code = "Y".into();
    gate.lamps.push(LitLamp { id: 9, gate_code: String::new() });
    uow.merge(&DocBasket { id: 0, name: "z".into(), docs: vec![team.docs.remove(0)] })?;
    uow.save(&gate)?;
    uow.save(&team)?;
    uow.commit().await?;
    let docs = "SELECT concat_ws(':', team_id, name) FROM docs JOIN baskets ON baskets.id = basket_id";
    assert_eq!(stored(db, docs).await?, "z");
    Ok(())
}
