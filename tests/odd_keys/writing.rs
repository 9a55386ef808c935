//! Writes rows whose keys come in no usual order, and rows that exchange what only the server can compare.

use persist::prelude::*;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Ticket {
    #[persist(id)]
    id: i64,
    title: String,
    #[persist(has_many)]
    lines: Vec<TicketLine>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "ticket_lines")]
struct TicketLine {
    #[persist(id)]
    id: i64,
    ticket_id: i64,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Receipt {
    #[persist(id)]
    id: i64,
    title: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Invoice {
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    id: i64,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Account {
    #[persist(id)]
    id: i32,
    holder: String,
    is_main: bool,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Label {
    #[persist(id)]
    id: i32,
    #[persist(version)]
    version: i64,
    name: String,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    keys_that_go_down(db).await?;
    keys_that_are_given(db).await?;
    a_key_made_in_part(db).await?;
    a_row_leaves_a_partial_index(db).await?;
    a_value_that_is_compared_by_an_expression(db).await
}

/// Every row is nested where it belongs.
async fn keys_that_go_down(db: &Database) -> Result<(), persist::Error> {
    let titles = ["a", "b", "c"];
    let uow = db.unit_of_work();
    let mut handles = Vec::new();
    for title in titles {
        handles.push(uow.insert(NewTicket::new(title).lines([NewTicketLine::new(Parent, title)]))?);
    }
    uow.flush().await?;
    for (handle, title) in handles.into_iter().zip(titles) {
        let key = uow.key(handle).expect("it was inserted");
        let ticket = uow.repository::<Ticket>().get(key).await?;
        let texts: Vec<&str> = ticket.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!((ticket.title.as_str(), texts), (title, vec![title]));
    }
    uow.commit().await?;
    Ok(())
}

/// A key that is given is no key that the database makes.
async fn keys_that_are_given(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let given = [7, 3, 5].map(|id| uow.insert(NewReceipt::new("given").id(id)).map(|handle| (id, handle)));
    uow.flush().await?;
    for inserted in given {
        let (id, handle) = inserted?;
        assert_eq!(uow.key(handle), Some(id));
    }
    uow.commit().await?;
    Ok(())
}

/// Which row got which key could not be known.
async fn a_key_made_in_part(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let refused = uow.insert(NewInvoice::new(1)).expect_err("the database makes `id`");
    assert!(refused.to_string().contains("the primary key of `invoices` has several columns"), "{refused}");
    let given = uow.insert(NewInvoice::new(1).id(7))?;
    uow.flush().await?;
    assert_eq!(uow.key(given), Some((1, 7)));
    uow.commit().await?;
    let invoice = db.repository::<Invoice>().insert(NewInvoice::new(2)).await?;
    assert_eq!(invoice.tenant, 2);
    Ok(())
}

/// The value is free as soon as the row is out of the index, whatever its columns say.
async fn a_row_leaves_a_partial_index(db: &Database) -> Result<(), persist::Error> {
    let accounts = db.repository::<Account>();
    let mut first = accounts.insert(NewAccount::new(1, "h", true)).await?;
    let uow = db.unit_of_work();
    uow.insert(NewAccount::new(2, "h", true))?;
    first.is_main = false;
    uow.save(&first)?;
    uow.commit().await?;
    assert_eq!(accounts.get(1).await?, first);
    Ok(())
}

/// What is deleted has given up its value before another row takes it.
async fn a_value_that_is_compared_by_an_expression(db: &Database) -> Result<(), persist::Error> {
    let labels = db.repository::<Label>();
    let gone = labels.insert(NewLabel::new(1, "name")).await?;
    let mut other = labels.insert(NewLabel::new(2, "other")).await?;
    other.name = "NAME".to_owned();
    let uow = db.unit_of_work();
    uow.delete(&gone)?;
    uow.save(&other)?;
    uow.commit().await?;
    assert_eq!(labels.get(2).await?.name, "NAME");
    Ok(())
}
