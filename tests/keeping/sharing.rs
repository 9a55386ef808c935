//! UNIQUE values that are the same for the server although their bytes differ.

use persist::prelude::*;

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Login {
    #[persist(id)]
    id: i32,
    login: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Mail {
    #[persist(id)]
    id: i32,
    email: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Nick {
    #[persist(id)]
    id: i32,
    nick: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Amount {
    #[persist(id)]
    id: i32,
    amount: String,
}

macro_rules! exchanged {
    ($db:expr, $entity:ident $new:ident $table:literal $field:ident) => {{
        let rows = $db.repository::<$entity>();
        for (id, value) in [(1, "alice"), (2, "bob"), (3, "carl")] {
            rows.insert($new::new(id, value)).await?;
        }
        let uow = $db.unit_of_work();
        let mut all = uow.repository::<$entity>().order_by(|row| row.id.asc()).all().await?;
        all[0].$field = "BOB".into();
        all[1].$field = "Alice".into();
        all.iter().try_for_each(|row| uow.save(row))?;
        uow.flush().await?;
        // Taken over from a row that is deleted, and handed on to a new one.
        all[0].$field = "CARL".into();
        uow.save(&all[0])?;
        uow.delete(&all[2])?;
        uow.insert($new::new(4, "bOb"))?;
        uow.commit().await?;
        let query = concat!("SELECT concat_ws(':', id, ", stringify!($field), ") FROM ", $table);
        assert_eq!(stored($db, query).await?, "1:CARL 2:Alice 4:bOb");
    }};
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    exchanged!(db, Login NewLogin "logins" login);
    exchanged!(db, Mail NewMail "mails" email);
    exchanged!(db, Nick NewNick "nicks" nick);

    // What cannot be parked is refused, if it is known to be an exchange.
    let rows = db.repository::<Amount>();
    rows.insert(NewAmount::new(1, "a")).await?;
    rows.insert(NewAmount::new(2, "b")).await?;
    let uow = db.unit_of_work();
    let (mut one, mut two) = (uow.repository::<Amount>().get(1).await?, uow.repository::<Amount>().get(2).await?);
    (one.amount, two.amount) = ("B".into(), "A".into());
    uow.save(&one)?;
    uow.save(&two)?;
    let error = uow.plan().expect_err("nothing can be parked");
    assert!(error.to_string().contains("takes over a value of the UNIQUE key"), "{error}");
    (one.amount, two.amount) = ("c".into(), "d".into());
    uow.save(&one)?;
    uow.save(&two)?;
    uow.commit().await?;
    Ok(())
}
