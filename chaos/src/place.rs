//! Where the programs find the server, and what stands in between.

use std::fmt;
use std::time::{Duration, Instant};

use persist::{Database, StatementMode};
use persist_testkit::{Cluster, PgBouncer, PgPool, Proxy};

use crate::bank;

/// What stands between the programs and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Nothing,
    PgBouncer { is_unnamed: bool, followed: Option<u32> },
    PgPool,
}

impl Place {
    pub(crate) const ALL: [Place; 6] = [
        Place::Nothing,
        Place::PgBouncer { is_unnamed: false, followed: None },
        Place::PgBouncer { is_unnamed: true, followed: None },
        Place::PgBouncer { is_unnamed: false, followed: Some(0) },
        Place::PgBouncer { is_unnamed: false, followed: Some(200) },
        Place::PgPool,
    ];
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Nothing => f.write_str("direct"),
            Place::PgBouncer { is_unnamed: true, .. } => f.write_str("PgBouncer, unnamed"),
            Place::PgBouncer { followed: None, .. } => f.write_str("PgBouncer"),
            Place::PgBouncer { followed: Some(followed), .. } => write!(f, "PgBouncer, follows {followed}"),
            Place::PgPool => f.write_str("pgpool-II"),
        }
    }
}

/// Connections of each program.
const POOL: usize = 10;
const PROGRAMS: usize = 2;

/// A place that stands: programs > `front` > pooler > `behind` > `cluster`.
pub(crate) struct Standing {
    /// Two programs, which do not know of each other.
    pub(crate) programs: Vec<Database>,
    pub(crate) front: Proxy,
    _pooler: Option<Box<dyn Send>>,
    /// Nothing passes it where there is no pooler.
    pub(crate) behind: Proxy,
    pub(crate) cluster: Cluster,
}

impl Standing {
    /// An error says what is missing.
    pub(crate) async fn build(place: Place) -> Result<Standing, String> {
        let cluster = Cluster::new().await;
        cluster.client().await.batch_execute(&bank::script()).await.expect("the tables can be made");
        let behind = Proxy::start(&cluster).await;
        let (front, pooler): (Proxy, Option<Box<dyn Send>>) = match place {
            Place::Nothing => (Proxy::start(&cluster).await, None),
            Place::PgBouncer { followed, .. } => {
                let mut builder = PgBouncer::builder().pool_size(8).setting("server_login_retry", "1");
                if let Some(followed) = followed {
                    builder = builder.max_prepared_statements(followed);
                }
                let pooler = builder.start(behind.url()).await.ok_or("there is no PgBouncer")?;
                if followed.is_some() && !pooler.can_follow_statements() {
                    return Err("this PgBouncer knows no max_prepared_statements".to_owned());
                }
                (Proxy::start(&pooler).await, Some(Box::new(pooler)))
            }
            Place::PgPool => {
                let clients = (POOL * PROGRAMS + 20) as u32;
                let pooler = PgPool::start(behind.url(), clients).await.ok_or("there is no pgpool-II")?;
                (Proxy::start(&pooler).await, Some(Box::new(pooler)))
            }
        };
        let mut programs = Vec::new();
        for _ in 0..PROGRAMS {
            programs.push(program(place, front.url()).await);
        }
        Ok(Standing { programs, front, _pooler: pooler, behind, cluster })
    }
}

/// pgpool-II may not have all of its processes yet.
async fn program(place: Place, url: &str) -> Database {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let builder = Database::builder().url(url).pool_size(POOL).acquire_timeout(Duration::from_secs(5));
        let builder = match place {
            Place::PgBouncer { is_unnamed: true, .. } => builder.statement_mode(StatementMode::Unnamed),
            _ => builder,
        };
        match builder.connect().await {
            Ok(program) => return program,
            Err(error) if Instant::now() > deadline => panic!("{place}: {error:?}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
