//! Names as other tools choose them: tables like types, columns in camelCase, labels in capitals.

use chrono::{DateTime, Utc};
use persist::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Enum)]
#[persist(type = "BookState", rename_all = "SCREAMING_SNAKE_CASE")]
enum BookState {
    InPrint,
    OutOfPrint,
}

/// One that knows a label only, and keeps what others there are.
#[derive(Debug, Clone, PartialEq, Enum)]
#[persist(type = "BookState", rename_all = "SCREAMING_SNAKE_CASE")]
enum KnownState {
    InPrint,
    #[persist(other)]
    Other(String),
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "Book", rename_all = "camelCase")]
struct BookStateRow {
    #[persist(id)]
    id: i32,
    author_id: i32,
    shelf_mark: String,
    state: KnownState,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(rename_all = "camelCase")]
struct Author {
    #[persist(id)]
    id: i32,
    full_name: String,
    #[persist(has_many, order_by = "id")]
    books: Vec<Book>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(rename_all = "camelCase")]
struct Book {
    #[persist(id)]
    id: i32,
    author_id: i32,
    shelf_mark: String,
    state: BookState,
    sold_copies: i32,
    #[persist(created_at)]
    created_at: DateTime<Utc>,
    #[persist(column = "odd_one")]
    odd: Option<String>,
}

#[derive(Debug, PartialEq, View)]
#[persist(of = Book, rename_all = "camelCase")]
struct BookCard {
    shelf_mark: String,
    sold_copies: i32,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    let (authors, books) = (db.repository::<Author>(), db.repository::<Book>());
    let book = |id, state| NewBook::new(id, Parent, format!("m{id}"), state);
    let new = NewAuthor::new(1, "Ada").books([book(1, BookState::InPrint), book(2, BookState::OutOfPrint)]);
    let author = authors.insert(new).await?;
    assert_eq!(authors.find_by_full_name("Ada").await?, Some(author.clone()));
    let sold = books.filter(|b| b.state.eq(BookState::InPrint)).update(|b| b.sold_copies.set(b.sold_copies + 3));
    assert_eq!(sold.returning().view::<BookCard>().await?, [BookCard { shelf_mark: "m1".into(), sold_copies: 3 }]);
    // Sorted by the name of the field, or by that of the column.
    for (order, first) in [("-sold_copies", 1), ("-soldCopies", 1), ("soldCopies", 2), ("odd_one", 1), ("odd", 1)] {
        let order: BookOrder = order.parse()?;
        let found = books.order_by(|b| (order, b.id.asc())).all().await?;
        assert_eq!(found[0].id, first, "{order}");
    }
    // A label that was added after the program was built.
    persist::Sql::unchecked(r#"ALTER TYPE public."BookState" ADD VALUE 'LOST'"#).execute(db).await?;
    persist::Sql::unchecked(r#"UPDATE public."Book" SET state = 'LOST' WHERE id = 2"#).execute(db).await?;
    assert!(books.all().await.expect_err("it has no variant").is_decode());
    let states = db.repository::<BookStateRow>();
    let mut found = states.order_by(|b| b.id.asc()).all().await?;
    let lost = KnownState::Other("LOST".into());
    assert_eq!(found.iter().map(|b| b.state.clone()).collect::<Vec<_>>(), [KnownState::InPrint, lost.clone()]);
    assert_eq!(states.filter(|b| b.state.eq(lost)).count().await?, 1);
    found[0].state = KnownState::Other("OUT_OF_PRINT".into());
    states.update(&found[0]).await?;
    found[0].state = KnownState::Other("NEVER".into());
    assert!(states.update(&found[0]).await.is_err(), "the type has no such label");
    states.filter(|b| b.id.eq(2)).update(|b| b.state.set(KnownState::InPrint)).await?;

    let uow = db.unit_of_work();
    let mut author = uow.repository::<Author>().get(1).await?;
    author.books[1].shelf_mark = "new".into();
    author.books.remove(0);
    uow.save(&author)?;
    uow.commit().await?;
    assert_eq!(books.query().select(|b| b.shelf_mark).all().await?, ["new"]);
    Ok(())
}
