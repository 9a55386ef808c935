//! The names of the sides that are compared.

use serde::Serialize;

/// Who does it, on the command line and in the report.
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
    /// SQLAlchemy, in a process of its own.
    #[cfg(feature = "rivals")]
    SqlAlchemy,
}

impl Who {
    const ALL: &[Who] = &[
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
        #[cfg(feature = "rivals")]
        Who::SqlAlchemy,
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
            #[cfg(feature = "rivals")]
            Who::SqlAlchemy => "sqlalchemy",
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
            #[cfg(feature = "rivals")]
            Who::SqlAlchemy => "SQLAlchemy",
        }
    }

    /// Does it run in a process of its own?
    pub fn is_a_child(self) -> bool {
        #[cfg(feature = "rivals")]
        return self == Who::SqlAlchemy;
        #[cfg(not(feature = "rivals"))]
        false
    }
}
