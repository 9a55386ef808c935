//! The escape hatch: SQL that nothing checks.

use std::borrow::Cow;

use tokio_postgres::types::Oid;

use crate::error::Error;
use crate::load::from_row::{FromRow, fits};
use crate::query::raw_text::{leaves_traces, refused_word};
use crate::query::running::Running;
use crate::session::link::{IntoSession, Session};
use crate::value::parameters::Collected;
use crate::value::scalar::{Parameter, Scalar};
use crate::wire::access::Access;
use crate::wire::statement::Statement;
use crate::write::identity_map::IdentityMap;

/// A statement whose text is the caller's own, with rows that are read into tuples or single values.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database) -> Result {
/// use persist::Sql;
///
/// let busy: Vec<(String, i64)> = Sql::unchecked(
///     "SELECT p.name, count(*) FROM pipelines p JOIN pipeline_executions e ON e.pipeline_id = p.id
///      WHERE p.is_active = $1 GROUP BY p.name ORDER BY 2 DESC",
/// )
/// .bind(true)
/// .all(db)
/// .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a statement does nothing until one of its methods such as `all` is awaited"]
pub struct Sql {
    text: Cow<'static, str>,
    values: Vec<Box<dyn Parameter>>,
    oids: Vec<Oid>,
}

impl Sql {
    /// Takes SQL as it is. Nothing is checked: never put values into the text, [`bind`](Self::bind) them.
    ///
    /// Each statement runs on a connection of the pool, which other calls use afterwards. What would outlive
    /// it there, such as `BEGIN`, `SET` or `LISTEN`, is refused when it runs. After `DO`, `CALL`, a temporary table without
    /// `ON COMMIT DROP` or `set_config(…, false)` the connection is closed when it is given back. Functions that do such
    /// things, and others such as `pg_advisory_lock`, are not recognized.
    ///
    /// ```
    /// use persist::Sql;
    ///
    /// let names = Sql::unchecked("SELECT name FROM pipelines WHERE id = ANY ($1)");
    /// ```
    pub fn unchecked(text: impl Into<Cow<'static, str>>) -> Sql {
        Sql { text: text.into(), values: Vec::new(), oids: Vec::new() }
    }

    /// Gives the next of the parameters `$1`, `$2`, …. An enum is bound as text: write
    /// `$1::text::order_status`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// use persist::Sql;
    ///
    /// let found = Sql::unchecked("SELECT name FROM pipelines WHERE is_active = $1 AND version > $2");
    /// let names: Vec<String> = found.bind(true).bind(3_i64).all(db).await?;
    /// let one: Option<Uuid> =
    ///     Sql::unchecked("SELECT id FROM pipelines WHERE name = $1").bind("nightly").first(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn bind<V: Bindable>(mut self, value: V) -> Sql {
        let (oid, value) = value.bound();
        self.oids.push(oid);
        self.values.push(value);
        self
    }

    /// Runs the statement and reads all rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// use persist::Sql;
    ///
    /// let names: Vec<String> = Sql::unchecked("SELECT name FROM pipelines ORDER BY name").all(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or its columns do not fit the tuple.
    pub fn all<'s, T: FromRow + 's>(self, session: impl IntoSession<'s>) -> Running<'s, Vec<T>> {
        Running::new(all(self, session.into_session()))
    }

    /// Runs the statement and reads the first row, if there is one.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// use persist::Sql;
    ///
    /// let newest: Option<String> =
    ///     Sql::unchecked("SELECT name FROM pipelines ORDER BY created_at DESC LIMIT 1").first(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`all`](Self::all).
    pub fn first<'s, T: FromRow + 's>(self, session: impl IntoSession<'s>) -> Running<'s, Option<T>> {
        let session = session.into_session();
        Running::new(async { Ok(all(self, session).await?.into_iter().next()) })
    }

    /// Runs the statement and reads its only row.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// use persist::Sql;
    ///
    /// let size: i64 = Sql::unchecked("SELECT pg_database_size(current_database())").one(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] where there is none, [`Error::is_too_many_rows`] where there are several, and
    /// those of [`all`](Self::all).
    pub fn one<'s, T: FromRow + 's>(self, session: impl IntoSession<'s>) -> Running<'s, T> {
        let session = session.into_session();
        Running::new(async {
            let mut rows = all(self, session).await?.into_iter();
            match (rows.next(), rows.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(Error::not_found("the answer of the statement")),
                (Some(_), Some(_)) => Err(Error::too_many_rows("the answer of the statement")),
            }
        })
    }

    /// Runs the statement and answers how many rows it affected.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// use persist::Sql;
    ///
    /// let refreshed = Sql::unchecked("REFRESH MATERIALIZED VIEW pipeline_overview").execute(db).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed.
    pub fn execute<'s>(self, session: impl IntoSession<'s>) -> Running<'s, u64> {
        let session = session.into_session();
        Running::new(async { run(self, session, &mut |_| Ok(())).await })
    }
}

impl std::fmt::Debug for Sql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sql").field("text", &self.text).field("parameters", &self.values.len()).finish()
    }
}

/// A value that can be bound where no column says its type: a [`Scalar`], `&str`, or `Option` of them for NULL.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be bound", label = "no SQL type is known for it")]
pub trait Bindable {
    /// The type under which it travels, and the value.
    #[doc(hidden)]
    fn bound(self) -> (Oid, Box<dyn Parameter>);
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Bindable for T {
    fn bound(self) -> (Oid, Box<dyn Parameter>) {
        (T::OIDS[0], Box::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> Bindable for Option<T> {
    fn bound(self) -> (Oid, Box<dyn Parameter>) {
        (T::OIDS[0], Box::new(self))
    }
}

#[diagnostic::do_not_recommend]
impl Bindable for &str {
    fn bound(self) -> (Oid, Box<dyn Parameter>) {
        self.to_owned().bound()
    }
}

#[diagnostic::do_not_recommend]
impl Bindable for Option<&str> {
    fn bound(self) -> (Oid, Box<dyn Parameter>) {
        self.map(str::to_owned).bound()
    }
}

async fn all<T: FromRow>(sql: Sql, session: Session<'_>) -> Result<Vec<T>, Error> {
    let mut rows = Vec::new();
    let each = &mut |row: &tokio_postgres::Row| {
        if rows.is_empty() {
            fits::<T>(row)?;
        }
        rows.push(T::from_row(row, 0)?);
        Ok(())
    };
    run(sql, session, each).await?;
    Ok(rows)
}

async fn run(
    sql: Sql,
    session: Session<'_>,
    each: &mut (dyn FnMut(&tokio_postgres::Row) -> Result<(), Error> + Send),
) -> Result<u64, Error> {
    if let Some(word) = refused_word(&sql.text) {
        let word = word.to_ascii_uppercase();
        return Err(Error::invalid(format!(
            "`{word}` would change the connection for the calls that use it afterwards"
        )));
    }
    let leaves_traces = leaves_traces(&sql.text);
    let statement = Statement::dynamic(Access::writes(&[]), sql.text.into_owned(), sql.oids, &[]);
    let statement = if leaves_traces { statement.leaving_traces() } else { statement };
    let values = Collected(sql.values.iter().map(AsRef::as_ref).collect());
    IdentityMap::wrote_unknown_rows(&session, None);
    let answer = session.run(&statement, &values, each).await;
    // What waited was flushed ahead of it, and may have read structs.
    IdentityMap::wrote_unknown_rows(&session, None);
    answer
}
