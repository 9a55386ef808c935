//! What is measured of writing in one transaction: what is said about it, who does it, and how often.

use tokio_postgres::Client;

use crate::error::Error;
use crate::side::units;
use crate::task::{About, Contender, Task};
use crate::unit::{self, Unit};
use crate::who::Who;

impl Task for Unit {
    const ALL: &'static [Unit] = &[Unit::FourteenRows, Unit::Updates, Unit::Upserts];
    const SIDES: &'static [Who] = &[
        Who::ByHand,
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
    const EQUAL: Who = Who::ByHand;
    const ABOUT: About = About {
        file: "units",
        title: "Writing in one transaction",
        text: TEXT,
        rivals: RIVALS,
        packages: include_str!("../../python/requirements.txt"),
        budget: "The budget of the first is 1.00, and one round trip.",
    };

    fn name(self) -> &'static str {
        match self {
            Unit::FourteenRows => "fourteen-rows",
            Unit::Updates => "updates",
            Unit::Upserts => "upserts",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Unit::FourteenRows => "12 rows inserted, 1 updated, 1 deleted",
            Unit::Updates => "1,000 updates",
            Unit::Upserts => "1,000 upserts",
        }
    }

    fn repetitions(self) -> usize {
        match self {
            Unit::FourteenRows => 10,
            Unit::Updates | Unit::Upserts => 1,
        }
    }

    async fn fill(stage: &Client) -> Result<(), Error> {
        unit::fill(stage).await
    }

    async fn reset(self, stage: &Client, repetitions: usize) -> Result<(), Error> {
        unit::reset(self, stage, repetitions).await
    }

    async fn connect(who: Who, url: &str) -> Result<Option<Box<dyn Contender<Unit>>>, Error> {
        units::connect(who, url).await
    }
}

const TEXT: &str = "\
Each transaction is measured from its first change to the answer of COMMIT, and each side has to leave the same rows. \
*12 rows inserted, 1 updated, 1 deleted*: a pipeline with ten steps and an execution; another execution, which was read before, ends if \
its version is still the same; a tag goes, if it is still there. *1,000 updates*: a thousand pipelines that were read in the transaction, \
before the measurement, get a description each, all if their versions are still the same. *1,000 upserts* by primary key: half of the \
pipelines exist. In parentheses: the ratio to *by hand*, which is tokio-postgres as an expert writes it: prepared, one statement for each \
table and kind with `unnest`, versions checked in SQL, everything from BEGIN to COMMIT in one write.

All Rust sides in one process on one thread, with `fsync` off; over a Unix socket, and over TCP through a proxy that answers {latency} \
later. The sides take turns in {rounds} rounds, in changing order, after a warm-up; a ratio is the median of the rounds' ratios. \
Instructions and allocations are those of the client process, as valgrind counts them: a run of 2n transactions less one of n, both of \
which read what 2n transactions need. Times depend on the machine; counts hardly do.";

const RIVALS: &str = "\
The other libraries, each in the best way that it has. sqlx: hand-written SQL with `unnest`, one statement after the other. \
diesel-async: what does not depend on each other pipelined, BEGIN and COMMIT beside it. SeaORM: `insert_many`, one `UPDATE` for each row \
with the version in its filter. Toasty: its `#[version]`, one statement for each row. SQLAlchemy: a session of its ORM \
over asyncpg, `version_id_col`, in a Python process of its own, whose processor time this is.";
