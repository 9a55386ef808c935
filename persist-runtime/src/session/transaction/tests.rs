//! Writes that fail in unusual places: what is committed, and what the answer says.

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
use crate::session::terms::Terms;
use crate::session::token;
use crate::session::token::Token;
use crate::session::transaction::Transaction;
use crate::value::parameters::Parameters;
use crate::wire::access::Access;
use crate::wire::bracket::Bracket;
use crate::wire::call::Call;
use crate::wire::mark::guard;
use crate::wire::receiver::{Discard, Receiver};
use crate::wire::statement::Statement;
use crate::wire::transaction_start::{Setting, TransactionStart};

const INT4: u32 = 23;

/// As all statements that leave before BEGIN was answered.
static INSERT: Statement = Statement::fixed(
    Access::writes(&["t"]),
    concat!("INSERT INTO t SELECT $1 WHERE ", guard!(), " RETURNING a"),
    &[INT4],
    &[INT4],
);

const TABLES: &str = "CREATE TABLE t (a int UNIQUE);
    CREATE TABLE persist_token (id uuid PRIMARY KEY, committed boolean NOT NULL DEFAULT true, at timestamptz NOT NULL DEFAULT now())";

struct Fixture {
    db: Database,
    _server: TestDatabase,
}

async fn fixture() -> Fixture {
    let server = TestDatabase::with_sql(TABLES).await;
    let db = Database::builder().url(server.url()).pool_size(2).connect().await.unwrap();
    Fixture { db, _server: server }
}

impl Fixture {
    fn transaction(&self, terms: Terms) -> Transaction<'static> {
        Transaction::new(Session::from(&self.db).pool().unwrap().clone(), terms)
    }

    async fn rows(&self) -> i64 {
        Sql::unchecked("SELECT count(*) FROM t").one(&self.db).await.unwrap()
    }
}

fn with_setting(setting: Setting) -> Terms {
    let settings = vec![setting].into();
    Terms { start: TransactionStart { settings, ..TransactionStart::DEFAULT }, ..Terms::default() }
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
    let fixture = fixture().await;
    for commits in [true, false] {
        let transaction = fixture.transaction(with_setting(Setting::fixed("no name", "1")));
        let error = transaction.flush(&[insert(&1), insert(&2)], commits, &mut Discard).await.unwrap_err();
        assert_eq!(error.code(), Some("42601"), "{error:?}");
        if !commits {
            static RAW: Statement =
                Statement::fixed(Access::writes(&["t"]), "INSERT INTO t VALUES (3)", &[], &[]);
            let raw = Call { statement: &RAW, params: &() };
            let error = transaction.send(&[raw], &Bracket::NONE, &mut Discard).await.unwrap_err();
            assert!(error.is_rolled_back(), "{error:?}");
            assert!(transaction.flush(&[], true, &mut Discard).await.unwrap_err().is_rolled_back());
        }
        assert_eq!(fixture.rows().await, 0);
    }
}

#[tokio::test]
async fn what_could_not_be_encoded_keeps_everything_around_it_from_being_committed() {
    let fixture = fixture().await;
    let unwritable = Call { statement: &INSERT, params: &Unwritable };
    for _cold_then_warm in 0..2 {
        let transaction = fixture.transaction(Terms::default());
        let mut receiver = Picky::default();
        let error =
            transaction.flush(&[insert(&1), unwritable, insert(&2)], true, &mut receiver).await.unwrap_err();
        assert!(error.is_encode() && !error.is_commit_unknown(), "{error:?}");
        assert_eq!(receiver.failed, Some(1));
        assert_eq!(fixture.rows().await, 0);
    }
    fixture.transaction(Terms::default()).flush(&[insert(&1)], true, &mut Discard).await.unwrap();
    assert_eq!(fixture.rows().await, 1);
}

#[tokio::test]
async fn the_first_call_that_failed_is_named_and_all_is_rolled_back() {
    let fixture = fixture().await;
    let mut receiver = Picky::default();
    let transaction = fixture.transaction(Terms::default());
    let calls = [insert(&1), insert(&2), insert(&1), insert(&2)];
    let error = transaction.flush(&calls, true, &mut receiver).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((receiver.failed, fixture.rows().await), (Some(2), 0));
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_does_not_hide_that_all_was_committed() {
    let fixture = fixture().await;
    let mut receiver = Picky { refuses: true, ..Picky::default() };
    let transaction = fixture.transaction(Terms::default());
    let error = transaction.flush(&[insert(&1)], true, &mut receiver).await.unwrap_err();
    assert!(error.is_committed() && !error.is_rolled_back() && !error.is_retryable(), "{error:?}");
    assert_eq!(fixture.rows().await, 1);
    let mut receiver = Picky { refuses: true, ..Picky::default() };
    let transaction = fixture.transaction(Terms::default());
    let error = transaction.flush(&[insert(&2), insert(&1)], true, &mut receiver).await.unwrap_err();
    assert!(!error.is_committed() && !error.is_commit_unknown(), "{error:?}");
    assert_eq!(fixture.rows().await, 1);
}

#[tokio::test]
async fn a_whole_unit_is_sent_again_where_the_server_has_forgotten_its_statements() {
    let fixture = fixture().await;
    for value in [1, 2] {
        let forget = Statement::passing(Access::writes(&[]), "DEALLOCATE ALL".into(), Vec::new(), Vec::new());
        let forget = Call { statement: &forget, params: &() };
        Session::from(&fixture.db).send(&[forget], &Bracket::NONE, &mut Discard).await.unwrap();
        fixture.transaction(Terms::default()).flush(&[insert(&value)], true, &mut Discard).await.unwrap();
    }
    assert_eq!(fixture.rows().await, 2);
}

fn with_token() -> (Terms, UnknownCommit) {
    let token = Token::new();
    (Terms { token: Some(token), ..Terms::default() }, UnknownCommit::new(token.bytes()))
}

#[tokio::test]
async fn a_token_shows_what_became_of_its_unit_and_shows_all_the_same() {
    let fixture = fixture().await;
    let (terms, unknown) = with_token();
    fixture.transaction(terms).flush(&[insert(&1)], true, &mut Discard).await.unwrap();
    for _ in 0..3 {
        assert!(unknown.resolve(&fixture.db).await.unwrap());
    }

    // Asking for the token before it is committed keeps it from being committed.
    let (terms, unknown) = with_token();
    let late = fixture.transaction(terms);
    late.flush(&[insert(&2)], false, &mut Discard).await.unwrap();
    let asking = (0..8).map(|_| {
        let (db, unknown) = (fixture.db.clone(), unknown.clone());
        tokio::spawn(async move { unknown.resolve(&db).await })
    });
    for asked in asking.collect::<Vec<_>>() {
        assert!(!asked.await.unwrap().unwrap());
    }
    let error = late.flush(&[], true, &mut Discard).await.unwrap_err();
    assert!(error.is_fenced() && !error.is_unique_violation() && !error.is_commit_unknown(), "{error:?}");
    assert_eq!(fixture.rows().await, 1);
}

#[tokio::test]
async fn whoever_asks_while_the_unit_is_about_to_end_has_to_ask_again() {
    let fixture = fixture().await;
    let (_, unknown) = with_token();
    let transaction = fixture.transaction(Terms::default());
    let token = Token::of(&unknown);
    transaction.flush(&[insert(&1), token.call()], false, &mut Discard).await.unwrap();
    let error = unknown.resolve(&fixture.db).await.unwrap_err();
    assert!(error.is_commit_unknown() && error.unknown_commit().is_some(), "{error:?}");
    transaction.flush(&[], true, &mut Discard).await.unwrap();
    assert!(unknown.resolve(&fixture.db).await.unwrap());
}

#[tokio::test]
async fn a_token_is_not_asked_for_after_its_row_may_be_gone() {
    let fixture = fixture().await;
    let old = UnknownCommit::new([7; 16]).aged(token::RETENTION);
    let error = old.resolve(&fixture.db).await.unwrap_err();
    assert!(!error.is_commit_unknown() && error.to_string().contains("24 hours"), "{error:?}");
}

#[tokio::test]
async fn the_limit_is_that_of_each_statement_not_of_all_that_leave_together() {
    static SLOW: Statement =
        Statement::fixed(Access::reads(&[]), "SELECT 1 FROM pg_sleep(0.2)", &[], &[INT4]);
    let fixture = fixture().await;
    let limit = Duration::from_millis(300);
    let with_limit = with_setting(Setting::fixed("statement_timeout", "300"));
    let terms = Terms { statement_timeout: Some(limit), ..with_limit };
    // Together they take longer than one of them may, and than what is waited beyond that.
    let mut calls = vec![Call { statement: &SLOW, params: &() }; 13];
    calls.push(insert(&1));
    fixture.transaction(terms).flush(&calls, true, &mut Discard).await.unwrap();
    assert_eq!(fixture.rows().await, 1);
}
