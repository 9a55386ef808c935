//! What is measured of loading: what is said about it, who does it, and how often.

use tokio_postgres::Client;

use crate::error::Error;
use crate::load::{self, Load};
use crate::side::loads;
use crate::task::{About, Contender, Task};
use crate::who::Who;

impl Task for Load {
    const ALL: &'static [Load] = &[Load::TwoRelations, Load::TwoLevels, Load::Latest, Load::Page];
    const SIDES: &'static [Who] = &[
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
    const EQUAL: Who = Who::ByHandSnapshot;
    const ABOUT: About = About {
        file: "loads",
        title: "Loading from several tables",
        text: TEXT,
        rivals: RIVALS,
        packages: "",
        budget: "The budget of the first two is 1.00.",
    };

    fn name(self) -> &'static str {
        match self {
            Load::TwoRelations => "two-relations",
            Load::TwoLevels => "two-levels",
            Load::Latest => "latest",
            Load::Page => "page",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Load::TwoRelations => "100 x (10 steps + 10 executions)",
            Load::TwoLevels => "100 x 10 executions x 5 logs",
            Load::Latest => "100 x latest 3 executions",
            Load::Page => "page of 20 with total",
        }
    }

    fn repetitions(self) -> usize {
        match self {
            Load::TwoRelations | Load::Latest => 5,
            Load::TwoLevels => 2,
            Load::Page => 20,
        }
    }

    async fn fill(stage: &Client) -> Result<(), Error> {
        load::fill(stage).await
    }

    async fn reset(self, _stage: &Client, _repetitions: usize) -> Result<(), Error> {
        // Nothing is changed.
        Ok(())
    }

    async fn connect(who: Who, url: &str) -> Result<Option<Box<dyn Contender<Load>>>, Error> {
        loads::connect(who, url).await.map(Some)
    }
}

const TEXT: &str = "\
Of 200 pipelines the 100 active ones are loaded, ordered by name, with what belongs to them in its order; every column but the generated \
`interval` goes into a struct with owned values (uuid, text, jsonb, timestamptz, numeric, enums). All sides have to load the same, and \
are compared before anything is measured. In parentheses: the ratio to *by hand*, which is tokio-postgres as an expert writes it: prepared, \
bound by reference, read by index, streamed into structs, all statements in one pipeline. *By hand, one snapshot* is the same between \
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY and COMMIT, in the same pipeline: else a row that is inserted between two statements shows \
children without their parent.

All in one process on one thread, with `fsync` off; over a Unix socket, and over TCP through a proxy that answers {latency} later. The sides \
take turns in {rounds} rounds, in changing order, after a warm-up; a ratio is the median of the rounds' ratios. Instructions and allocations \
are those of the client process, as valgrind counts them: a run of 2n repetitions less one of n. Times depend on the machine; counts hardly do.";

const RIVALS: &str = "\
The other libraries, each in the best way that it has, none in a snapshot. sqlx: statements with `= ANY($1)` one after \
the other, `count(*) OVER ()` for the total. diesel-async: `belonging_to` and `grouped_by`, what does not depend on each other pipelined. \
SeaORM: `load_many`, a paginator. Toasty: `include`, one query for the page and one for its total; it has no limit per parent, so it loads all executions and keeps three. sqlx, diesel-async and SeaORM take the latest executions by LATERAL in a text of SQL. sqlx and SeaORM do not test connections before use; that each is tested \
when it is given back counts as a round trip, but the next load does not wait for it.";
