//! The sides that load aggregates: the same tables, the same structs, the same order.

mod by_hand;
#[cfg(feature = "rivals")]
mod diesel;
mod ours;
#[cfg(feature = "rivals")]
mod sea_orm;
mod shapes;
#[cfg(feature = "rivals")]
mod sqlx;
#[cfg(feature = "rivals")]
mod toasty;

use std::pin::Pin;

use serde::Serialize;
use serde_json::Value;

use super::Error;
use crate::load::{Load, Page};

pub use self::by_hand::ByHand;
pub use self::ours::Ours;
#[cfg(feature = "rivals")]
pub use self::{diesel::Diesel, sea_orm::SeaOrm, sqlx::Sqlx, toasty::Toasty};

/// One way to load what is active: pipelines by name, steps by position, executions by number, log entries by key.
pub trait Loader: Sized {
    /// Opens its connection to the database at this URL.
    async fn connect(url: &str) -> Result<Self, Error>;

    /// [`Load::TwoRelations`].
    async fn two_relations(&self) -> Result<Vec<impl Serialize>, Error>;

    /// [`Load::TwoLevels`].
    async fn two_levels(&self) -> Result<Vec<impl Serialize>, Error>;

    /// [`Load::Latest`], the latest first.
    async fn latest(&self) -> Result<Vec<impl Serialize>, Error>;

    /// [`Load::Page`].
    async fn page(&self) -> Result<Page<impl Serialize>, Error>;
}

/// What both the rounds and the counts do with a side, whichever it is.
pub trait AnyLoader {
    /// Loads over and over, and fails unless the pipelines are as many as they should be.
    fn run<'a>(&'a self, load: Load, repetitions: usize) -> Later<'a, ()>;

    /// What it loads, for the comparison with the others.
    fn show(&self, load: Load) -> Later<'_, Value>;
}

/// One future for all sides; it is boxed outside of what is repeated.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + 'a>>;

impl<L: Loader> AnyLoader for L {
    fn run<'a>(&'a self, load: Load, repetitions: usize) -> Later<'a, ()> {
        Box::pin(async move {
            for _ in 0..repetitions {
                let pipelines = match load {
                    Load::TwoRelations => std::hint::black_box(self.two_relations().await?).len(),
                    Load::TwoLevels => std::hint::black_box(self.two_levels().await?).len(),
                    Load::Latest => std::hint::black_box(self.latest().await?).len(),
                    Load::Page => std::hint::black_box(self.page().await?).items.len(),
                };
                if pipelines != load.pipelines() {
                    return Err(format!("{pipelines} pipelines were read, not {}", load.pipelines()).into());
                }
            }
            Ok(())
        })
    }

    fn show(&self, load: Load) -> Later<'_, Value> {
        Box::pin(async move {
            Ok(match load {
                Load::TwoRelations => serde_json::to_value(self.two_relations().await?),
                Load::TwoLevels => serde_json::to_value(self.two_levels().await?),
                Load::Latest => serde_json::to_value(self.latest().await?),
                Load::Page => serde_json::to_value(self.page().await?),
            }?)
        })
    }
}

/// Who loads, on the command line and in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// tokio-postgres, one connection, everything in one pipeline.
    ByHand,
    /// The same between BEGIN and COMMIT, so that all statements see one snapshot.
    ByHandSnapshot,
    /// persist.
    Ours,
    /// sqlx.
    #[cfg(feature = "rivals")]
    Sqlx,
    /// diesel-async.
    #[cfg(feature = "rivals")]
    Diesel,
    /// SeaORM.
    #[cfg(feature = "rivals")]
    SeaOrm,
    /// Toasty.
    #[cfg(feature = "rivals")]
    Toasty,
}

impl Who {
    /// In the order of the report.
    pub const ALL: &[Who] = &[
        Who::ByHand,
        Who::ByHandSnapshot,
        Who::Ours,
        #[cfg(feature = "rivals")]
        Who::Sqlx,
        #[cfg(feature = "rivals")]
        Who::Diesel,
        #[cfg(feature = "rivals")]
        Who::SeaOrm,
        #[cfg(feature = "rivals")]
        Who::Toasty,
    ];

    /// The name for the command line.
    pub fn name(self) -> &'static str {
        match self {
            Who::ByHand => "by-hand",
            Who::ByHandSnapshot => "by-hand-snapshot",
            Who::Ours => "ours",
            #[cfg(feature = "rivals")]
            Who::Sqlx => "sqlx",
            #[cfg(feature = "rivals")]
            Who::Diesel => "diesel",
            #[cfg(feature = "rivals")]
            Who::SeaOrm => "sea-orm",
            #[cfg(feature = "rivals")]
            Who::Toasty => "toasty",
        }
    }

    /// The one with this name.
    pub fn by_name(name: &str) -> Option<Who> {
        Who::ALL.iter().copied().find(|who| who.name() == name)
    }

    /// The name for the report.
    pub fn title(self) -> &'static str {
        match self {
            Who::ByHand => "by hand",
            Who::ByHandSnapshot => "by hand, one snapshot",
            Who::Ours => "ours",
            #[cfg(feature = "rivals")]
            Who::Sqlx => "sqlx",
            #[cfg(feature = "rivals")]
            Who::Diesel => "diesel-async",
            #[cfg(feature = "rivals")]
            Who::SeaOrm => "SeaORM",
            #[cfg(feature = "rivals")]
            Who::Toasty => "Toasty",
        }
    }

    /// Opens its connection to the database at this URL.
    pub async fn connect(self, url: &str) -> Result<Box<dyn AnyLoader>, Error> {
        Ok(match self {
            Who::ByHand => Box::new(ByHand::<false>::connect(url).await?),
            Who::ByHandSnapshot => Box::new(ByHand::<true>::connect(url).await?),
            Who::Ours => Box::new(Ours::connect(url).await?),
            #[cfg(feature = "rivals")]
            Who::Sqlx => Box::new(Sqlx::connect(url).await?),
            #[cfg(feature = "rivals")]
            Who::Diesel => Box::new(Diesel::connect(url).await?),
            #[cfg(feature = "rivals")]
            Who::SeaOrm => Box::new(SeaOrm::connect(url).await?),
            #[cfg(feature = "rivals")]
            Who::Toasty => Box::new(Toasty::connect(url).await?),
        })
    }
}
