//! Statements on real connections: trips, caches, refusals, outdated plans, dropped calls.

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::{Duration, Instant};

use persist_testkit::{Point, Proxy, TestDatabase, assert_round_trips};
use tokio_postgres::types::{Oid, Type};

use crate::database::Database;
use crate::error::Error;
use crate::session::link::Session;
use crate::value::parameters::Collected;
use crate::wire::access::Access;
use crate::wire::bracket::{Begin, Bracket, End};
use crate::wire::call::Call;
use crate::wire::config::{Config, StatementMode};
use crate::wire::connection::Connection;
use crate::wire::connection_state::Commit;
use crate::wire::connector::Connector;
use crate::wire::receiver::{Discard, Each, EachRow};
use crate::wire::statement::Statement;
use crate::wire::transaction_start::TransactionStart;

const INT4: Oid = 23;
const INT8: Oid = 20;
const TEXT: Oid = 25;
const INT4_ARRAY: Oid = 1007;

async fn one_connection(url: &str) -> Database {
    Database::builder().url(url).pool_size(1).connect().await.unwrap()
}

/// A connection that no pool looks after.
async fn bare_connection(url: &str) -> Connection {
    let mut config = Config::default();
    crate::wire::url::read(url, &mut config.parameters).unwrap();
    Connector::new(&config).unwrap().connect().await.unwrap()
}

async fn run(connection: &mut Connection, statement: &Statement, each: Each<'_>) -> Result<u64, Error> {
    let call = Call { statement, params: &() };
    connection.send(&[call], &Bracket::NONE, &mut EachRow::new(each)).await
}

/// The first column of all rows, as text.
async fn texts(db: &Database, statement: &Statement) -> Result<Vec<String>, Error> {
    let mut texts = Vec::new();
    let each = &mut |row: &tokio_postgres::Row| {
        texts.push(row.get(0));
        Ok(())
    };
    Session::from(db).run(statement, &(), each).await?;
    Ok(texts)
}

async fn text(db: &Database, sql: &str) -> String {
    texts(db, &Statement::dynamic(Access::reads(&[]), sql.into(), vec![], &[])).await.unwrap().remove(0)
}

async fn backend(db: &Database) -> String {
    text(db, "SELECT pg_backend_pid()::text").await
}

// The body of a test runs where the body of `#[tokio::main]` runs: on the thread that started the runtime.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_one_round_trip_cold_and_warm() {
    static FIXED: Statement = Statement::fixed(Access::reads(&[]), "SELECT $1 + 1", &[INT8], &[INT8]);
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = one_connection(proxy.url()).await;
    let session = Session::from(&db);
    for round in 0..1_000_i64 {
        let mut answer = 0;
        let each = &mut |row: &tokio_postgres::Row| {
            answer = row.get::<_, i64>(0);
            Ok(())
        };
        let affected = assert_round_trips!(proxy, 1, session.run(&FIXED, &round, each).await.unwrap());
        assert_eq!((affected, answer), (1, round + 1));

        let slotted =
            Statement::slotted(Access::reads(&[]), format!("SELECT {round}::text"), vec![], &[TEXT]);
        for _cold_then_warm in 0..2 {
            let answer = assert_round_trips!(proxy, 1, texts(&db, &slotted).await.unwrap());
            assert_eq!(answer, [round.to_string()]);
        }
    }
}

/// COMMIT answers no error then, and rolls back.
#[tokio::test]
async fn a_transaction_that_has_failed_is_not_committed() {
    let database = TestDatabase::empty().await;
    let mut connection = bare_connection(database.url()).await;
    let start = TransactionStart::DEFAULT;
    let begin = Bracket::begin(Begin::Transaction(&start));
    connection.send(&[], &begin, &mut Discard).await.unwrap();
    let fails = Statement::dynamic(Access::reads(&[]), "SELECT 1 / 0".into(), vec![], &[]);
    run(&mut connection, &fails, &mut |_| Ok(())).await.unwrap_err();
    let error = connection.send(&[], &Bracket::end(End::Commit), &mut Discard).await.unwrap_err();
    assert!(
        error.is_rolled_back() && connection.commit() == Commit::Failed && !connection.is_busy(),
        "{error:?}"
    );
}

/// COMMIT answers no error then, either. Whether something was committed before, nobody knows.
#[tokio::test]
async fn a_commit_that_finds_no_transaction() {
    let database = TestDatabase::empty().await;
    let mut connection = bare_connection(database.url()).await;
    let error = connection.send(&[], &Bracket::end(End::Commit), &mut Discard).await.unwrap_err();
    assert!(error.to_string().contains("COMMIT found no transaction"), "{error:?}");
    assert_eq!((connection.commit(), connection.is_usable()), (Commit::Sent, false));
}

#[tokio::test]
async fn statements_built_at_run_time_are_kept_up_to_a_limit() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = Database::builder().url(proxy.url()).pool_size(1).statement_cache(2).connect().await.unwrap();
    let kept = Statement::slotted(Access::reads(&[]),
        "SELECT string_agg(statement, '|' ORDER BY statement) FROM pg_prepared_statements WHERE statement ~ '^SELECT ''.'''"
            .into(),
        vec![],
        &[TEXT],
    );
    for sql in ["SELECT 'a'", "SELECT 'b'", "SELECT 'a'", "SELECT 'c'"] {
        assert_round_trips!(proxy, 1, text(&db, sql).await);
    }
    // `b` was used longest ago. Its end travels with the next statement.
    let answer = assert_round_trips!(proxy, 1, texts(&db, &kept).await.unwrap());
    assert_eq!(answer, ["SELECT 'a'|SELECT 'c'"]);
}

#[tokio::test]
async fn one_text_with_other_parameter_types_is_another_statement() {
    let database = TestDatabase::empty().await;
    let db = one_connection(database.url()).await;
    for (oid, name) in [(INT4, "integer"), (TEXT, "text"), (INT4, "integer")] {
        let statement =
            Statement::dynamic(Access::reads(&[]), "SELECT pg_typeof($1)::text".into(), vec![oid], &[]);
        let mut found = String::new();
        let each = &mut |row: &tokio_postgres::Row| {
            found = row.get(0);
            Ok(())
        };
        let session = Session::from(&db);
        match oid {
            INT4 => session.run(&statement, &1_i32, each).await.unwrap(),
            _ => session.run(&statement, &"one".to_owned(), each).await.unwrap(),
        };
        assert_eq!(found, name);
    }
}

#[tokio::test]
async fn nothing_is_named_in_unnamed_mode() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let builder = Database::builder().url(proxy.url()).pool_size(1);
    let db = builder.statement_mode(StatementMode::Unnamed).connect().await.unwrap();
    let count = Statement::slotted(
        Access::reads(&[]),
        "SELECT count(*)::text FROM pg_prepared_statements".into(),
        vec![],
        &[TEXT],
    );
    for _ in 0..3 {
        assert_eq!(assert_round_trips!(proxy, 1, texts(&db, &count).await.unwrap()), ["0"]);
    }
}

#[tokio::test]
async fn columns_that_changed_since_the_build_are_an_error() {
    let database = TestDatabase::with_sql(
        "CREATE TABLE t (a varchar(9), b int, c name); INSERT INTO t VALUES ('x', 1, 'y')",
    )
    .await;
    let db = one_connection(database.url()).await;
    let fits = Statement::slotted(Access::reads(&[]), "SELECT a, c FROM t".into(), vec![], &[TEXT, TEXT]);
    let other_type =
        Statement::slotted(Access::reads(&[]), "SELECT a, b FROM t".into(), vec![], &[TEXT, INT8]);
    let fewer = Statement::slotted(Access::reads(&[]), "SELECT a FROM t".into(), vec![], &[TEXT, INT8]);
    let empty = Statement::slotted(Access::reads(&[]), "SELECT b FROM t WHERE false".into(), vec![], &[INT8]);
    let pid = backend(&db).await;
    for _cold_then_warm in 0..2 {
        texts(&db, &fits).await.unwrap();
        let error = texts(&db, &other_type).await.unwrap_err();
        assert!(error.is_invalid_query());
        assert_eq!(
            error.to_string(),
            "column 2 `b` is `int4` in the database, but was `int8` when the program was built; apply the \
             migrations or rebuild"
        );
        assert!(texts(&db, &fewer).await.unwrap_err().is_invalid_query());
        assert!(texts(&db, &empty).await.unwrap_err().is_invalid_query());
    }
    assert_eq!(backend(&db).await, pid, "the connection is still good");
}

#[tokio::test]
async fn a_refused_row_leaves_a_clean_connection() {
    let database = TestDatabase::empty().await;
    let db = one_connection(database.url()).await;
    let few =
        Statement::slotted(Access::reads(&[]), "SELECT generate_series(1, 100)".into(), vec![], &[INT4]);
    let many =
        Statement::slotted(Access::reads(&[]), "SELECT generate_series(1, 1000000)".into(), vec![], &[INT4]);
    for _cold_then_warm in 0..2 {
        for (statement, same_connection) in [(&few, true), (&many, false)] {
            let pid = backend(&db).await;
            let mut seen = 0;
            let each = &mut |_: &tokio_postgres::Row| {
                seen += 1;
                if seen == 3 { Err(Error::other("enough")) } else { Ok(()) }
            };
            let error = Session::from(&db).run(statement, &(), each).await.unwrap_err();
            assert_eq!((seen, error.to_string().as_str()), (3, "enough"));
            assert_eq!(backend(&db).await == pid, same_connection);
        }
    }
}

#[tokio::test]
async fn a_refused_answer_is_not_read_to_its_end() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = one_connection(proxy.url()).await;
    let statement = Statement::slotted(
        Access::reads(&[]),
        "SELECT repeat('x', 10000) FROM generate_series(1, 20000)".into(),
        vec![],
        &[TEXT],
    );
    let pid = backend(&db).await;
    let each = &mut |_: &tokio_postgres::Row| Err(Error::other("enough"));
    Session::from(&db).run(&statement, &(), each).await.unwrap_err();
    assert!(proxy.traffic().server_bytes < 100_000_000, "{} bytes", proxy.traffic().server_bytes);
    assert_ne!(backend(&db).await, pid);
}

#[tokio::test]
async fn a_write_whose_columns_do_not_fit_says_that_it_ran() {
    let database = TestDatabase::with_sql("CREATE TABLE t (a int)").await;
    let db = one_connection(database.url()).await;
    let insert = Statement::slotted(
        Access::writes(&[]),
        "INSERT INTO t VALUES (1) RETURNING a".into(),
        vec![],
        &[INT8],
    );
    let error = texts(&db, &insert).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "column 1 `a` is `int4` in the database, but was `int8` when the program was built; apply the migrations or \
         rebuild; the statement had run before this was seen, so what it wrote may be there"
    );
    assert_eq!(text(&db, "SELECT count(*)::text FROM t").await, "1");
}

#[tokio::test]
async fn too_few_parameters_are_an_error_that_costs_no_connection() {
    let database = TestDatabase::empty().await;
    for mode in [StatementMode::Named, StatementMode::Unnamed] {
        let builder = Database::builder().url(database.url()).pool_size(1);
        let db = builder.statement_mode(mode).connect().await.unwrap();
        let pid = backend(&db).await;
        let statement =
            Statement::slotted(Access::reads(&[]), "SELECT $1 + $2::int4".into(), vec![INT4], &[INT4]);
        for _not_cached in 0..2 {
            let error = Session::from(&db).run(&statement, &1_i32, &mut |_| Ok(())).await.unwrap_err();
            assert!(error.is_invalid_query() && !error.is_connection_lost(), "{error:?}");
            if mode == StatementMode::Named {
                assert_eq!(
                    error.to_string(),
                    "the statement takes 2 parameters, but 1 were given: SELECT $1 + $2::int4"
                );
            }
        }
        assert_eq!(backend(&db).await, pid);
    }
}

#[tokio::test]
async fn what_cannot_be_encoded_says_so() {
    let database = TestDatabase::empty().await;
    let db = one_connection(database.url()).await;
    let pid = backend(&db).await;
    let session = Session::from(&db);
    let list = Statement::slotted(Access::reads(&[]), "SELECT $1".into(), vec![TEXT], &[]);
    let list = session.run(&list, &vec![1_i32], &mut |_| Ok(())).await.unwrap_err();
    let nul = Statement::dynamic(Access::reads(&[]), "SELECT 'a\0b'".into(), vec![], &[]);
    let nul = session.run(&nul, &(), &mut |_| Ok(())).await.unwrap_err();
    let values: Vec<&dyn crate::value::scalar::Parameter> = vec![&1_i32; 70_000];
    let many = Statement::dynamic(Access::reads(&[]), "SELECT 1".into(), vec![INT4; 70_000], &[]);
    let many = session.run(&many, &Collected(values), &mut |_| Ok(())).await.unwrap_err();
    for error in [&list, &nul, &many] {
        assert!(error.is_encode() && !error.is_decode() && !error.is_invalid_query(), "{error:?}");
    }
    for error in [&list, &nul] {
        let said = error.to_string();
        assert!(said.split_once("nothing was sent: ").is_some_and(|(_, why)| !why.is_empty()), "{said}");
    }
    assert!(many.to_string().contains("at most 65535 parameters, and this one has 70000"), "{many}");
    let fits = Statement::slotted(Access::reads(&[]), "SELECT $1".into(), vec![INT4_ARRAY], &[]);
    session.run(&fits, &vec![1_i32], &mut |_| Ok(())).await.unwrap();
    assert_eq!(backend(&db).await, pid);
}

#[tokio::test]
async fn a_parameter_that_cannot_be_encoded_is_not_sent() {
    let database = TestDatabase::empty().await;
    let db = one_connection(database.url()).await;
    let statement = Statement::slotted(Access::reads(&[]), "SELECT $1::text".into(), vec![TEXT], &[TEXT]);
    let pid = backend(&db).await;
    for _cold_then_warm in 0..2 {
        let session = Session::from(&db);
        let error = session.run(&statement, &"a\0b".to_owned(), &mut |_| Ok(())).await.unwrap_err();
        assert!(error.is_encode() && error.code().is_none(), "{error:?}");
        let error = session.run(&statement, &(), &mut |_| Ok(())).await.unwrap_err();
        assert_eq!(error.to_string(), "the statement takes 1 parameters, but 0 were given: SELECT $1::text");
        session.run(&statement, &"ab".to_owned(), &mut |_| Ok(())).await.unwrap();
    }
    assert_eq!(backend(&db).await, pid);
}

#[tokio::test]
async fn an_altered_table_or_a_forgotten_statement_is_prepared_again() {
    let database = TestDatabase::with_sql("CREATE TABLE t (a text); INSERT INTO t VALUES ('x')").await;
    let db = one_connection(database.url()).await;
    let statement = Statement::slotted(Access::reads(&[]), "SELECT * FROM t".into(), vec![], &[]);
    let sql = |sql: &str| Statement::dynamic(Access::reads(&[]), sql.into(), vec![], &[]);
    let pid = backend(&db).await;
    texts(&db, &statement).await.unwrap();
    texts(&db, &sql("ALTER TABLE t ADD COLUMN b int")).await.unwrap();
    assert_eq!(texts(&db, &statement).await.unwrap(), ["x"]);
    texts(&db, &sql("DEALLOCATE ALL")).await.unwrap();
    assert_eq!(texts(&db, &statement).await.unwrap(), ["x"]);
    assert_eq!(backend(&db).await, pid);
}

#[tokio::test]
async fn a_dropped_call_gives_no_connection_back_and_stops_its_statement() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = one_connection(proxy.url()).await;
    let slow =
        Statement::slotted(Access::reads(&[]), "SELECT 'slow' FROM pg_sleep(60)".into(), vec![], &[TEXT]);
    for _ in 0..3 {
        let pid = backend(&db).await;
        let dropped = tokio::time::timeout(Duration::from_millis(50), texts(&db, &slow)).await;
        assert!(dropped.is_err());
        assert_eq!(db.status().in_use, 0);
        assert_ne!(backend(&db).await, pid);
        // The server was asked to stop it.
        let running =
            format!("SELECT count(*)::text FROM pg_stat_activity WHERE pid = {pid} AND state = 'active'");
        while text(&db, &running).await != "0" {}
    }
}

#[tokio::test]
async fn a_call_may_be_dropped_at_every_poll() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = one_connection(proxy.url()).await;
    for polls in 1..=6 {
        for cold in [true, false] {
            let statement =
                Statement::slotted(Access::reads(&[]), format!("SELECT 'a{polls}'"), vec![], &[TEXT]);
            if !cold {
                texts(&db, &statement).await.unwrap();
            }
            let mut call = Box::pin(texts(&db, &statement));
            for _ in 0..polls {
                let polled = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_ready())).await;
                if polled {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(call);
            // Whatever the dropped call has left, the next one reads its own answer.
            assert_eq!(text(&db, &format!("SELECT 'b{polls}'")).await, format!("b{polls}"));
        }
    }
}

#[tokio::test]
async fn a_call_ends_although_its_answer_is_read_while_it_is_sent() {
    const MANY: usize = 5_000;
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let mut connection = bare_connection(proxy.url()).await;
    let other = database.client().await;
    let listen = Statement::dynamic(Access::reads(&[]), "LISTEN news".into(), vec![], &[]);
    run(&mut connection, &listen, &mut |_| Ok(())).await.unwrap();
    let select = Statement::slotted(Access::reads(&[]), "SELECT 1".into(), vec![], &[]);
    let notify = format!("SELECT pg_notify('news', n::text) FROM generate_series(1, {MANY}) n");
    for _ in 0..20 {
        // The next call reads them, and while it does the server answers.
        proxy.reset();
        other.batch_execute(&notify).await.unwrap();
        while proxy.traffic().server_messages < MANY {
            tokio::task::yield_now().await;
        }
        let each = &mut |_: &tokio_postgres::Row| Ok(());
        let call = run(&mut connection, &select, each);
        let limit = Duration::from_secs(10);
        let started = Instant::now();
        // The time-out would wake a call that hangs, and so help it to its answer.
        tokio::time::timeout(limit, call).await.unwrap().unwrap();
        assert!(started.elapsed() < limit, "the call was asleep over its answer");
    }
}

#[tokio::test]
async fn a_lost_connection_says_what_it_was_lost_of() {
    let database = TestDatabase::empty().await;
    let mut connection = bare_connection(database.url()).await;
    let select = Statement::slotted(Access::reads(&[]), "SELECT pg_backend_pid()".into(), vec![], &[]);
    let mut pid = 0_i32;
    let each = &mut |row: &tokio_postgres::Row| {
        pid = row.get(0);
        Ok(())
    };
    run(&mut connection, &select, each).await.unwrap();
    let other = database.client().await;
    other.execute("SELECT pg_terminate_backend($1, 10000)", &[&pid]).await.unwrap();
    let error = run(&mut connection, &select, &mut |_| Ok(())).await.unwrap_err();
    assert!(error.is_connection_lost(), "{error:?}");
    assert_eq!((error.code(), error.source().is_some()), (Some("57P01"), true), "{error:?}");

    let proxy = Proxy::start(&database).await;
    let mut connection = bare_connection(proxy.url()).await;
    proxy.cut(Point::server_bytes(3));
    let error = run(&mut connection, &select, &mut |_| Ok(())).await.unwrap_err();
    assert!(error.is_connection_lost() && error.source().is_some(), "{error:?}");
}

#[tokio::test]
async fn calls_at_once_have_connections_of_their_own() {
    let database = TestDatabase::empty().await;
    let db = Database::builder().url(database.url()).pool_size(4).connect().await.unwrap();
    let calls = (0..200).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let statement =
                Statement::dynamic(Access::reads(&[]), "SELECT $1::text".into(), vec![INT4], &[TEXT]);
            let mut answer = String::new();
            let each = &mut |row: &tokio_postgres::Row| {
                answer = row.get(0);
                Ok(())
            };
            Session::from(db).run(&statement, &number, each).await.map(|_| answer)
        })
    });
    for (number, answer) in futures_util::future::join_all(calls).await.into_iter().enumerate() {
        assert_eq!(answer.unwrap().unwrap(), number.to_string());
    }
    assert_eq!((db.status().size <= 4, db.status().in_use), (true, 0));
}

#[test]
fn the_numbers_are_those_of_the_driver() {
    assert_eq!((INT4, INT8, TEXT), (Type::INT4.oid(), Type::INT8.oid(), Type::TEXT.oid()));
}
