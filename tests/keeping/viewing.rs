//! Relations whose rows are views: they are read, and never written.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Kid {
    #[persist(id)]
    id: i32,
    parent_id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Toy {
    #[persist(id)]
    id: i32,
    kid_id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Kid)]
struct KidName {
    id: i32,
    name: String,
    #[persist(count = "toys")]
    toy_count: i64,
    #[persist(has_many, order_by = "id")]
    toys: Vec<Toy>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Hat {
    #[persist(id)]
    parent_id: i32,
    color: String,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Hat)]
struct HatColor {
    color: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "tags")]
struct Word {
    #[persist(id)]
    id: i32,
    word: String,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Word, table = "tags")]
struct WordOnly {
    word: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Parent {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, order_by = "id")]
    kids: Vec<KidName>,
    #[persist(has_one)]
    hat: Option<HatColor>,
    #[persist(many_to_many(through = "parent_tags", table = "tags"))]
    words: Vec<WordOnly>,
    #[persist(belongs_to(foreign_key = "best_id"))]
    best: Option<ParentName>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Parent)]
struct ParentName {
    name: String,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    for row in [
        "INTO parents VALUES (1, 'a', NULL), (2, 'b', 1)",
        "INTO kids VALUES (1, 2, 'x'), (2, 2, 'y')",
        "INTO toys VALUES (1, 1, 'toy')",
        "INTO hats VALUES (2, 'red')",
        "INTO tags VALUES (70, 'w') ON CONFLICT DO NOTHING",
        "INTO parent_tags VALUES (2, 70)",
    ] {
        persist::Sql::unchecked(format!("INSERT {row}")).execute(db).await?;
    }
    let changes: [(&str, fn(&mut Parent)); 8] = [
        ("`Parent.kids`", |parent| drop(parent.kids.remove(0))),
        ("`Parent.kids`", |parent| parent.kids[0].name = "changed".into()),
        ("`Parent.kids`", |parent| parent.kids.push(parent.kids[0].clone())),
        ("`Parent.kids`", |parent| parent.kids[0].toys[0].name = "changed".into()),
        ("`Parent.kids`", |parent| parent.kids[0].toys.clear()),
        ("`hats`", |parent| parent.hat = None),
        ("`Parent.words`", |parent| parent.words.clear()),
        ("`parents`", |parent| parent.best.as_mut().expect("it has one").name = "changed".into()),
    ];
    for (named, change) in changes {
        for is_detached in [false, true] {
            let uow = db.unit_of_work();
            let mut parent = match is_detached {
                true => db.repository::<Parent>().get(2).await?,
                false => uow.repository::<Parent>().get(2).await?,
            };
            change(&mut parent);
            uow.save(&parent)?;
            match uow.commit().await {
                // It is another aggregate, which may have changed meanwhile.
                Ok(_) if is_detached && named == "`parents`" => {}
                Ok(_) => panic!("a change of {named} was dropped"),
                Err(error) => assert!(error.to_string().contains(named), "{error}"),
            }
        }
    }
    // Nor are those of a struct that is new.
    let uow = db.unit_of_work();
    let mut parent = db.repository::<Parent>().get(2).await?;
    parent.id = 3;
    uow.merge(&parent)?;
    let error = uow.commit().await.expect_err("its kids are views");
    assert!(error.to_string().contains("`Parent.kids`"), "{error}");
    // What is not changed does not stand in the way, in whatever order it is.
    let uow = db.unit_of_work();
    let mut parent = uow.repository::<Parent>().get(2).await?;
    parent.name = "new".into();
    parent.kids.reverse();
    uow.save(&parent)?;
    uow.commit().await?;
    assert_eq!(stored(db, "SELECT name FROM parents WHERE id = 2").await?, "new");
    assert_eq!(stored(db, "SELECT name FROM kids").await?, "x y");
    Ok(())
}
