//! The sides that load aggregates: the same tables, the same structs, the same order.

mod by_hand;
#[cfg(feature = "rivals")]
pub(super) mod diesel;
mod loader;
mod ours;
#[cfg(feature = "rivals")]
pub(super) mod sea_orm;
mod shapes;
#[cfg(feature = "rivals")]
mod sqlx;
#[cfg(feature = "rivals")]
pub(super) mod toasty;

use serde_json::Value;
use tokio_postgres::Client;

use crate::error::Error;
use crate::load::Load;
use crate::task::{Contender, Later};
use crate::time::{Time, time_of};
use crate::who::Who;

use self::by_hand::ByHand;
use self::loader::Loader;
use self::ours::Ours;
#[cfg(feature = "rivals")]
use self::{diesel::Diesel, sea_orm::SeaOrm, sqlx::Sqlx, toasty::Toasty};

/// Opens the connection of this side to the database at this URL.
pub async fn connect(who: Who, url: &str) -> Result<Box<dyn Contender<Load>>, Error> {
    Ok(match who {
        Who::ByHand => Box::new(Loading::<ByHand<false>>::connect(url).await?),
        Who::ByHandSnapshot => Box::new(Loading::<ByHand<true>>::connect(url).await?),
        Who::Ours => Box::new(Loading::<Ours>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::Sqlx => Box::new(Loading::<Sqlx>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::Diesel => Box::new(Loading::<Diesel>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::SeaOrm => Box::new(Loading::<SeaOrm>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::Toasty => Box::new(Loading::<Toasty>::connect(url).await?),
        #[cfg(feature = "rivals")]
        Who::SqlAlchemy => return Err("SQLAlchemy is not among those that load".into()),
    })
}

/// A side, and how often it is going to load.
struct Loading<L> {
    loader: L,
    repetitions: usize,
}

impl<L: Loader> Loading<L> {
    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Loading { loader: L::connect(url).await?, repetitions: 0 })
    }

    /// Loads over and over, and fails unless the pipelines are as many as they should be.
    async fn load(&self, load: Load) -> Result<(), Error> {
        for _ in 0..self.repetitions {
            let pipelines = match load {
                Load::TwoRelations => std::hint::black_box(self.loader.two_relations().await?).len(),
                Load::TwoLevels => std::hint::black_box(self.loader.two_levels().await?).len(),
                Load::Latest => std::hint::black_box(self.loader.latest().await?).len(),
                Load::Page => std::hint::black_box(self.loader.page().await?).items.len(),
            };
            if pipelines != load.pipelines() {
                return Err(format!("{pipelines} pipelines were read, not {}", load.pipelines()).into());
            }
        }
        Ok(())
    }
}

impl<L: Loader> Contender<Load> for Loading<L> {
    fn prepare(&mut self, _load: Load, repetitions: usize) -> Later<'_, ()> {
        self.repetitions = repetitions;
        Box::pin(async { Ok(()) })
    }

    fn work(&mut self, load: Load) -> Later<'_, Time> {
        Box::pin(time_of(self.load(load), self.repetitions))
    }

    fn discard(&mut self) -> Later<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn show<'a>(&'a mut self, load: Load, _stage: &'a Client) -> Later<'a, Value> {
        Box::pin(async move {
            Ok(match load {
                Load::TwoRelations => serde_json::to_value(self.loader.two_relations().await?),
                Load::TwoLevels => serde_json::to_value(self.loader.two_levels().await?),
                Load::Latest => serde_json::to_value(self.loader.latest().await?),
                Load::Page => serde_json::to_value(self.loader.page().await?),
            }?)
        })
    }
}
