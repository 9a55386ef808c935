//! What is stored, and what a unit of work does to it.

use persist::outbox::Event;
use persist::prelude::*;
use persist::{Error, UnitOfWork};
use serde::{Deserialize, Serialize};

pub(crate) const ACCOUNTS: i64 = 160;
pub(crate) const BALANCE: i64 = 1_000;

/// The tables, full.
pub(crate) fn script() -> String {
    let tables = include_str!("../schema/0001_bank.sql");
    format!(
        "{tables} INSERT INTO accounts (id, balance) SELECT n, {BALANCE} FROM generate_series(1, {ACCOUNTS}) AS n;"
    )
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "accounts")]
pub(crate) struct Account {
    #[persist(id)]
    pub(crate) id: i64,
    pub(crate) balance: i64,
    #[persist(version)]
    pub(crate) version: i64,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "transfers")]
pub(crate) struct Transfer {
    #[persist(id)]
    pub(crate) id: i64,
    pub(crate) unit: i64,
    pub(crate) source: i64,
    pub(crate) target: i64,
    pub(crate) amount: i64,
}

/// What a unit of work is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) unit: i64,
    pub(crate) source: i64,
    pub(crate) target: i64,
    pub(crate) amount: i64,
    /// Is a part of it sent before the commit?
    pub(crate) flushes: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Transferred {
    pub(crate) unit: i64,
    source: i64,
}

impl Event for Transferred {
    const TOPIC: &'static str = "transferred";

    fn key(&self) -> String {
        self.source.to_string()
    }
}

/// A row of another key than that which was asked for.
pub(crate) const WRONG_ROW: &str = "another row was read than that which was asked for";

/// All but the commit.
pub(crate) async fn transfer(uow: &UnitOfWork<'_>, order: Order) -> Result<(), Error> {
    let accounts = uow.repository::<Account>();
    let mut source = accounts.get(order.source).await?;
    let mut target = accounts.get(order.target).await?;
    if (source.id, target.id) != (order.source, order.target) {
        return Err(Error::other(WRONG_ROW));
    }
    source.balance -= order.amount;
    target.balance += order.amount;
    uow.save(&source)?;
    uow.save(&target)?;
    if order.flushes {
        uow.flush().await?;
    }
    uow.insert(NewTransfer::new(order.unit, order.source, order.target, order.amount))?;
    uow.publish(&Transferred { unit: order.unit, source: order.source })
}
