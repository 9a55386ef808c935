//! Names as other tools choose them: tables like types, columns in camelCase, labels in capitals.

use chrono::{DateTime, Utc};
use persist::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Enum)]
#[persist(type = "BookState", rename_all = "SCREAMING_SNAKE_CASE")]
enum BookState {
    InPrint,
    OutOfPrint,
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
    let uow = db.unit_of_work();
    let mut author = uow.repository::<Author>().get(1).await?;
    author.books[1].shelf_mark = "new".into();
    author.books.remove(0);
    uow.save(&author)?;
    uow.commit().await?;
    assert_eq!(books.query().select(|b| b.shelf_mark).all().await?, ["new"]);
    Ok(())
}
