//! Pipelines that fail where nobody expects it: what is committed, and what the answer says.

use std::time::Duration;

use bytes::BytesMut;
use persist_testkit::TestDatabase;
use tokio_postgres::types::{IsNull, Type};

use crate::database::Database;
use crate::error::BoxError;
use crate::error::Error;
use crate::error::UnknownCommit;
use crate::query::unchecked::Sql;
use crate::session::link::Session;
use crate::session::token;
use crate::session::token::Token;
use crate::session::transaction::{Nobody, Terms, Transaction};
use crate::value::parameters::Parameters;
use crate::wire::connection::Connection;
use crate::wire::connection::pipeline::{Call, Pipeline, Receiver};
use crate::wire::statement::Statement;

const INT4: u32 = 23;

/// As all statements that leave before BEGIN was answered.
static INSERT: Statement = Statement::fixed(
    "INSERT INTO t SELECT $1 WHERE current_setting('persist.tx', true) = '1' RETURNING a",
    &[INT4],
    &[INT4],
);

const TABLES: &str = "CREATE TABLE t (a int UNIQUE);
    CREATE TABLE persist_token (id uuid PRIMARY KEY, committed boolean NOT NULL DEFAULT true, at timestamptz NOT NULL DEFAULT now())";

struct Setting {
    db: Database,
    _server: TestDatabase,
}

async fn setting() -> Setting {
    let server = TestDatabase::with_sql(TABLES).await;
    let db = Database::builder().url(server.url()).pool_size(2).connect().await.unwrap();
    Setting { db, _server: server }
}

impl Setting {
    fn transaction(&self, terms: Terms) -> Transaction<'static> {
        Transaction::new(Session::from(&self.db).pool().unwrap().clone(), terms)
    }

    async fn rows(&self) -> i64 {
        Sql::unchecked("SELECT count(*) FROM t").one(&self.db).await.unwrap()
    }
}

fn insert(value: &i32) -> Call<'_> {
    Call { statement: &INSERT, params: value }
}

/// A value that has no equivalent in SQL.
struct Unwritable;

impl Parameters for Unwritable {
    fn count(&self) -> usize {
        1
    }

    fn write(&self, _: usize, _: &Type, _: &mut BytesMut) -> Result<IsNull, BoxError> {
        Err("not a number".into())
    }
}

/// Refuses rows; notes which call failed.
#[derive(Default)]
struct Picky {
    failed: Option<usize>,
    refuses: bool,
}

impl Receiver for Picky {
    fn accept(&mut self, _: usize, _: tokio_postgres::Row) -> Result<(), Error> {
        if self.refuses { Err(Error::other("no row is good enough")) } else { Ok(()) }
    }

    fn restart(&mut self) {}

    fn failed(&mut self, call: usize) {
        self.failed = Some(call);
    }
}

#[tokio::test]
async fn where_begin_alone_fails_nothing_is_written_by_that_call_or_any_other() {
    let setting = setting().await;
    for commits in [true, false] {
        let broken = Terms { begin: "BEGIN ISOLATION LEVEL NONE".into(), ..Terms::default() };
        let transaction = setting.transaction(broken);
        let error = transaction.flush(&[insert(&1), insert(&2)], commits, &mut Nobody).await.unwrap_err();
        assert_eq!(error.code(), Some("42601"), "{error:?}");
        if !commits {
            static RAW: Statement = Statement::fixed("INSERT INTO t VALUES (3)", &[], &[]);
            let error = transaction.run(&RAW, &(), &mut |_| Ok(())).await.unwrap_err();
            assert!(error.is_rolled_back(), "{error:?}");
            assert!(transaction.flush(&[], true, &mut Nobody).await.unwrap_err().is_rolled_back());
        }
        assert_eq!(setting.rows().await, 0);
    }
}

#[tokio::test]
async fn what_could_not_be_encoded_keeps_everything_around_it_from_being_committed() {
    let setting = setting().await;
    let unwritable = Call { statement: &INSERT, params: &Unwritable };
    for _cold_then_warm in 0..2 {
        let transaction = setting.transaction(Terms::default());
        let mut receiver = Picky::default();
        let error =
            transaction.flush(&[insert(&1), unwritable, insert(&2)], true, &mut receiver).await.unwrap_err();
        assert!(error.is_encode() && !error.is_commit_unknown(), "{error:?}");
        assert_eq!(receiver.failed, Some(1));
        assert_eq!(setting.rows().await, 0);
    }
    setting.transaction(Terms::default()).flush(&[insert(&1)], true, &mut Nobody).await.unwrap();
    assert_eq!(setting.rows().await, 1);
}

#[tokio::test]
async fn the_first_call_that_failed_is_named_and_all_is_rolled_back() {
    let setting = setting().await;
    let mut receiver = Picky::default();
    let transaction = setting.transaction(Terms::default());
    let calls = [insert(&1), insert(&2), insert(&1), insert(&2)];
    let error = transaction.flush(&calls, true, &mut receiver).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((receiver.failed, setting.rows().await), (Some(2), 0));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_does_not_hide_that_all_was_committed() {
    let setting = setting().await;
    let mut receiver = Picky { refuses: true, ..Picky::default() };
    let transaction = setting.transaction(Terms::default());
    let error = transaction.flush(&[insert(&1)], true, &mut receiver).await.unwrap_err();
    assert!(error.is_committed() && !error.is_rolled_back() && !error.is_retryable(), "{error:?}");
    assert_eq!(setting.rows().await, 1);
    let mut receiver = Picky { refuses: true, ..Picky::default() };
    let transaction = setting.transaction(Terms::default());
    let error = transaction.flush(&[insert(&2), insert(&1)], true, &mut receiver).await.unwrap_err();
    assert!(!error.is_committed() && !error.is_commit_unknown(), "{error:?}");
    assert_eq!(setting.rows().await, 1);
}

#[tokio::test]
async fn a_whole_unit_is_sent_again_where_the_server_has_forgotten_its_statements() {
    let setting = setting().await;
    for value in [1, 2] {
        let forget = Pipeline { write: None, begin: "DEALLOCATE ALL", calls: &[], end: "" };
        let mut lease = Session::from(&setting.db).pool().unwrap().acquire().await.unwrap();
        let connection: &mut Connection = lease.connection();
        connection.run_all(Pipeline { end: "ROLLBACK", ..forget }, &mut Nobody).await.unwrap();
        drop(lease);
        setting.transaction(Terms::default()).flush(&[insert(&value)], true, &mut Nobody).await.unwrap();
    }
    assert_eq!(setting.rows().await, 2);
}

fn with_token() -> (Terms, UnknownCommit) {
    let token = Token::new();
    (Terms { token: Some(token), ..Terms::default() }, UnknownCommit::new(token.bytes()))
}

#[tokio::test]
async fn a_token_tells_what_became_of_its_unit_and_tells_everybody_the_same() {
    let setting = setting().await;
    let (terms, unknown) = with_token();
    setting.transaction(terms).flush(&[insert(&1)], true, &mut Nobody).await.unwrap();
    for _ in 0..3 {
        assert!(unknown.resolve(&setting.db).await.unwrap());
    }

    // Whoever asks before it is committed keeps it from being committed.
    let (terms, unknown) = with_token();
    let late = setting.transaction(terms);
    late.flush(&[insert(&2)], false, &mut Nobody).await.unwrap();
    let asking = (0..8).map(|_| {
        let (db, unknown) = (setting.db.clone(), unknown.clone());
        tokio::spawn(async move { unknown.resolve(&db).await })
    });
    for asked in asking.collect::<Vec<_>>() {
        assert!(!asked.await.unwrap().unwrap());
    }
    let error = late.flush(&[], true, &mut Nobody).await.unwrap_err();
    assert!(error.is_fenced() && !error.is_unique_violation() && !error.is_commit_unknown(), "{error:?}");
    assert_eq!(setting.rows().await, 1);
}

#[tokio::test]
async fn whoever_asks_while_the_unit_is_about_to_end_is_told_to_ask_again() {
    let setting = setting().await;
    let (_, unknown) = with_token();
    let transaction = setting.transaction(Terms::default());
    let token = Token::of(&unknown);
    transaction.flush(&[insert(&1), token.call()], false, &mut Nobody).await.unwrap();
    let error = unknown.resolve(&setting.db).await.unwrap_err();
    assert!(error.is_commit_unknown() && error.unknown_commit().is_some(), "{error:?}");
    transaction.flush(&[], true, &mut Nobody).await.unwrap();
    assert!(unknown.resolve(&setting.db).await.unwrap());
}

#[tokio::test]
async fn a_token_is_not_asked_for_after_its_row_may_be_gone() {
    let setting = setting().await;
    let old = UnknownCommit::new([7; 16]).aged(token::RETENTION);
    let error = old.resolve(&setting.db).await.unwrap_err();
    assert!(!error.is_commit_unknown() && error.to_string().contains("24 hours"), "{error:?}");
}

#[tokio::test]
async fn the_limit_is_that_of_each_statement_not_of_all_that_leave_together() {
    static SLOW: Statement = Statement::fixed("SELECT 1 FROM pg_sleep(0.2)", &[], &[INT4]);
    let setting = setting().await;
    let begin = format!("{}; SET LOCAL statement_timeout = 300", Terms::default().begin);
    let limit = Duration::from_millis(300);
    let terms = Terms { begin: begin.into(), statement_timeout: Some(limit), ..Terms::default() };
    // Together they take longer than one of them may, and than what is waited beyond that.
    let mut calls = vec![Call { statement: &SLOW, params: &() }; 13];
    calls.push(insert(&1));
    setting.transaction(terms).flush(&calls, true, &mut Nobody).await.unwrap();
    assert_eq!(setting.rows().await, 1);
}
