//! What is said of a commit beside what was, for every kind of error at every moment.

use std::sync::atomic::{AtomicU32, Ordering};

use persist_runtime::{Database, Error, Retry, Sql, UnitOfWork};
use persist_testkit::{Proxy, ServerError, TestDatabase};

use crate::{connect, publish, published, server};

/// One code of every class that there is, of some several, and of one that there is not.
const CODES: [&str; 54] = [
    "01000", "02000", "03000", "08000", "08006", "08P01", "09000", "0A000", "0B000", "0F000", "0L000",
    "0P000", "0Z000", "20000", "21000", "22012", "23505", "24000", "25000", "25001", "25P02", "25P03",
    "25P04", "26000", "27000", "28000", "2B000", "2D000", "2F000", "34000", "38000", "39000", "3B000",
    "3D000", "3F000", "40001", "40003", "40P01", "42501", "44000", "53300", "54000", "55P03", "57014",
    "57P01", "57P03", "57P05", "58000", "72000", "F0000", "HV000", "P0001", "XX000", "ZZ999",
];

/// Where the transaction was when the error came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// COMMIT was lost on its way: the transaction is rolled back.
    Before,
    /// It was done, and its answer was lost.
    After,
}

struct Behind {
    server: TestDatabase,
    proxy: Proxy,
    db: Database,
    direct: Database,
}

async fn behind_a_proxy() -> Behind {
    let server = server().await;
    let proxy = Proxy::start(&server).await;
    let db = connect(proxy.url(), 1).await;
    let direct = connect(server.url(), 1).await;
    Behind { server, proxy, db, direct }
}

impl Behind {
    /// Has a connection on which nothing is unusual.
    async fn prepare(&self) {
        while Sql::unchecked("SELECT 1").execute(&self.db).await.is_err() {}
    }

    fn replace(&self, moment: Moment, answer: &ServerError) {
        if moment == Moment::Before {
            self.proxy.lose_commit();
        }
        self.proxy.answer_commit(answer.clone());
    }

    async fn is_there(&self, number: i32) -> bool {
        let there =
            Sql::unchecked("SELECT EXISTS (SELECT FROM persist_outbox WHERE payload ->> 'number' = $1)");
        there.bind(number.to_string()).one(&self.direct).await.unwrap()
    }
}

/// `begun`: did the transaction begin in an earlier write?
async fn committed(db: &Database, number: i32, with_token: bool, begun: bool) -> Result<(), Error> {
    let builder = db.unit_of_work_builder();
    let uow = if with_token { builder.with_token().build() } else { builder.build() };
    if begun {
        Sql::unchecked("SELECT 1").execute(&uow).await?;
    }
    publish(&uow, number)?;
    uow.commit().await.map(drop)
}

#[track_caller]
fn is_true(outcome: &Result<(), Error>, is_there: bool, with_token: bool, what: &str) {
    match outcome {
        Ok(()) => assert!(is_there, "{what}: committed is said"),
        Err(error) if error.is_commit_unknown() => {
            assert!(!with_token, "{what}: the token was not asked");
            assert!(
                !error.is_retryable() && !error.is_rolled_back() && !error.is_committed(),
                "{what}: {error:?}"
            );
        }
        Err(error) if error.is_committed() => assert!(is_there, "{what}: {error:?}"),
        Err(error) => assert!(!is_there, "{what}: {error:?}"),
    }
}

fn answers(code: &str) -> impl Iterator<Item = ServerError> {
    ["ERROR", "FATAL", "PANIC"].into_iter().flat_map(move |severity| {
        let answer = ServerError::new(severity, code);
        [answer.clone(), answer.without_severity()]
    })
}

#[tokio::test]
async fn an_error_in_the_place_of_the_answer() {
    let behind = behind_a_proxy().await;
    let answers = CODES.into_iter().flat_map(answers);
    let moments = [Moment::Before, Moment::After];
    let cases = answers.flat_map(|answer| moments.map(|moment| (answer.clone(), moment)));
    for (number, (answer, moment)) in (0..).zip(cases) {
        for with_token in [false, true] {
            let number = 2 * number + i32::from(with_token);
            behind.prepare().await;
            behind.replace(moment, &answer);
            let outcome = committed(&behind.db, number, with_token, number % 4 < 2).await;
            let is_there = behind.is_there(number).await;
            assert_eq!(is_there, moment == Moment::After);
            is_true(&outcome, is_there, with_token, &format!("{moment:?} {answer:?} {with_token}"));
        }
    }
}

#[tokio::test]
async fn what_was_done_is_not_run_again() {
    let behind = behind_a_proxy().await;
    for (number, answer) in (0..).zip(CODES.into_iter().flat_map(answers)) {
        let with_token = number % 2 == 0;
        let builder = behind.db.unit_of_work_builder().retry(Retry::default());
        let builder = if with_token { builder.with_token() } else { builder };
        behind.prepare().await;
        behind.replace(Moment::After, &answer);
        let runs = AtomicU32::new(0);
        let work = async |uow: &UnitOfWork<'_>| {
            runs.fetch_add(1, Ordering::Relaxed);
            publish(uow, number)
        };
        let outcome = builder.transact(work).await;
        assert_eq!(outcome.is_ok(), with_token, "{answer:?}: {outcome:?}");
        assert_eq!(runs.into_inner(), 1, "{answer:?}");
    }
    let all: Vec<i32> = published(&behind.direct).await;
    assert!(all.is_sorted_by(|one, other| one < other), "nothing is there twice");
}

/// Without an error: the server says that it has rolled back.
#[tokio::test]
async fn a_commit_that_answers_another_tag() {
    let behind = behind_a_proxy().await;
    for (number, with_token) in (0..).zip([false, true, false, true]) {
        behind.prepare().await;
        behind.proxy.lose_commit();
        let outcome = committed(&behind.db, number, with_token, number < 2).await;
        let is_there = behind.is_there(number).await;
        assert!(!is_there);
        is_true(&outcome, is_there, with_token, "ROLLBACK");
        let error = outcome.unwrap_err();
        assert!(!error.is_commit_unknown(), "{error:?}");
    }
}

/// An error in the place of an answer before that of COMMIT, which nothing was wrong with.
#[tokio::test]
async fn an_error_in_the_place_of_an_earlier_answer() {
    let behind = behind_a_proxy().await;
    for (number, answer) in (0..).zip(CODES.into_iter().flat_map(answers)) {
        let with_token = number % 2 == 0;
        behind.prepare().await;
        behind.proxy.answer_begin(answer.clone());
        let outcome = committed(&behind.db, number, with_token, false).await;
        // A connection that is given up on the way is cancelled, so it may be there or not.
        let is_there = behind.is_there(number).await;
        is_true(&outcome, is_there, with_token, &format!("{answer:?} {with_token}"));
    }
}

/// What PostgreSQL raises itself, from inside of COMMIT.
#[tokio::test]
async fn an_error_of_a_deferred_trigger() {
    let behind = behind_a_proxy().await;
    let sql = "CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.payload ->> 'number' = '-1' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            RAISE EXCEPTION 'no' USING ERRCODE = current_setting('test.code');
        END $$;
        CREATE CONSTRAINT TRIGGER complain AFTER INSERT ON persist_outbox DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION complain()";
    behind.server.client().await.batch_execute(sql).await.unwrap();
    const KNOWN: [&str; 8] = ["22", "23", "25", "2D", "40", "42", "44", "P0"];
    for (number, code) in (0..).zip(CODES) {
        for with_token in [false, true] {
            behind.prepare().await;
            let builder = behind.db.unit_of_work_builder();
            let uow = if with_token { builder.with_token().build() } else { builder.build() };
            let set = Sql::unchecked("SELECT set_config('test.code', $1, true)").bind(code.to_owned());
            set.execute(&uow).await.unwrap();
            publish(&uow, if code == "57P01" { -1 } else { number }).unwrap();
            let outcome = uow.commit().await.map(drop);
            assert!(published(&behind.direct).await.is_empty());
            is_true(&outcome, false, with_token, code);
            let is_known = code == "57014" || KNOWN.iter().any(|class| code.starts_with(class));
            let is_unknown = outcome.unwrap_err().is_commit_unknown();
            assert_eq!(is_unknown, !is_known && !with_token, "{code}");
        }
    }
}
