//! Texts of `citext` begin with a prefix as they match a pattern: whatever the case.

use persist::prelude::*;
use persist::query::Predicate;

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "mailboxes")]
struct Mailbox {
    #[persist(id)]
    id: i32,
    name: String,
    address: Option<String>,
    plain: String,
    code: String,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    let mailboxes = db.repository::<Mailbox>();
    let texts = [r"Ann_50%\x", "ANN", "AnnX50%y", "bob"];
    for (id, text) in (1..).zip(texts) {
        mailboxes.insert(NewMailbox::new(id, text, text, "ann").address(text)).await?;
    }
    let found = async |condition: fn(MailboxColumns) -> Predicate| -> Result<Vec<i32>, persist::Error> {
        let rows = mailboxes.filter(condition).order_by(|m| m.id.asc()).all().await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    };
    assert_eq!(found(|m| m.name.starts_with("ann")).await?, [1, 2, 3]);
    assert_eq!(found(|m| m.name.like("ann%")).await?, [1, 2, 3]);
    assert_eq!(found(|m| m.address.starts_with("aNN")).await?, [1, 2, 3]);
    assert_eq!(found(|m| m.address.like("aNN%")).await?, [1, 2, 3]);
    assert_eq!(found(|m| m.plain.starts_with("ann")).await?, [0; 0]);
    assert_eq!(found(|m| m.plain.starts_with("Ann")).await?, [1, 3]);
    // Nothing in it has a meaning.
    assert_eq!(found(|m| m.name.starts_with("ann_50%")).await?, [1]);
    assert_eq!(found(|m| m.name.starts_with(r"ann_50%\")).await?, [1]);
    assert_eq!(found(|m| m.name.starts_with("%")).await?, [0; 0]);
    assert_eq!(found(|m| m.plain.starts_with("Ann_")).await?, [1]);
    assert_eq!(found(|m| m.name.starts_with("")).await?, [1, 2, 3, 4]);
    // Nor in a column.
    assert_eq!(found(|m| m.name.starts_with(m.code)).await?, [1, 2, 3]);
    assert_eq!(found(|m| m.name.starts_with(m.name) & !m.name.starts_with("b")).await?, [1, 2, 3]);
    Ok(())
}
