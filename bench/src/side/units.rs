//! The sides that write in one transaction: the same rows in the same tables.

mod by_hand;
#[cfg(feature = "rivals")]
mod diesel;
mod ours;
#[cfg(feature = "rivals")]
mod sea_orm;
#[cfg(feature = "rivals")]
mod sql_alchemy;
#[cfg(feature = "rivals")]
mod sqlx;
#[cfg(feature = "rivals")]
mod toasty;
mod writer;

use std::pin::pin;

use serde_json::Value;
use tokio_postgres::Client;

use crate::error::Error;
use crate::task::{Contender, Later};
use crate::time::{Time, time_of};
use crate::unit::{self, Draft, NewUnit, Unit};
use crate::who::Who;

use self::by_hand::ByHand;
use self::ours::Ours;
use self::writer::Writer;
#[cfg(feature = "rivals")]
use self::{diesel::Diesel, sea_orm::SeaOrm, sql_alchemy::SqlAlchemy, sqlx::Sqlx, toasty::Toasty};

/// Opens the connection of this side to the database at this URL; `None` if it does not run here.
pub async fn connect(who: Who, url: &str) -> Result<Option<Box<dyn Contender<Unit>>>, Error> {
    Ok(Some(match who {
        Who::ByHand | Who::ByHandSnapshot => Box::new(Writing::<ByHand>::connect(url).await?),
        Who::Ours => Box::new(Writing::<Ours>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::Sqlx => Box::new(Writing::<Sqlx>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::Diesel => Box::new(Writing::<Diesel>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::SeaOrm => Box::new(Writing::<SeaOrm>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::Toasty => Box::new(Writing::<Toasty>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::SqlAlchemy => return Ok(SqlAlchemy::connect(url)?.map(|side| Box::new(side) as Box<_>)),
    }))
}

/// A side, and what it is going to write.
struct Writing<W: Writer> {
    writer: W,
    ready: Vec<Ready<W>>,
}

enum Ready<W: Writer> {
    FourteenRows(W::Read, NewUnit),
    Updates(W::Begun),
    Upserts(Vec<Draft>),
}

impl<W: Writer> Writing<W> {
    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Writing { writer: W::connect(url).await?, ready: Vec::new() })
    }

    async fn write(&mut self) -> Result<(), Error> {
        for ready in self.ready.drain(..) {
            match ready {
                Ready::FourteenRows(read, new) => self.writer.fourteen_rows(read, new).await?,
                Ready::Updates(begun) => self.writer.update(begun).await?,
                Ready::Upserts(drafts) => self.writer.upsert(drafts).await?,
            }
        }
        Ok(())
    }
}

impl<W: Writer> Contender<Unit> for Writing<W> {
    fn prepare(&mut self, unit: Unit, repetitions: usize) -> Later<'_, ()> {
        Box::pin(async move {
            for number in 1..=i64::try_from(repetitions)? {
                self.ready.push(match unit {
                    Unit::FourteenRows => {
                        Ready::FourteenRows(self.writer.read(number).await?, NewUnit::new(number))
                    }
                    Unit::Updates => Ready::Updates(self.writer.begin().await?),
                    Unit::Upserts => Ready::Upserts(Draft::thousand()),
                });
            }
            Ok(())
        })
    }

    fn work(&mut self, _unit: Unit) -> Later<'_, Time> {
        let repetitions = self.ready.len();
        // Where it is pinned it stays: to move it would be measured.
        Box::pin(async move { time_of(pin!(self.write()), repetitions).await })
    }

    fn discard(&mut self) -> Later<'_, ()> {
        Box::pin(async move {
            for ready in self.ready.drain(..) {
                if let Ready::Updates(begun) = ready {
                    self.writer.roll_back(begun).await?;
                }
            }
            Ok(())
        })
    }

    fn show<'a>(&'a mut self, _unit: Unit, stage: &'a Client) -> Later<'a, Value> {
        Box::pin(unit::outcome(stage))
    }
}
