//! What a flush would send.

use std::fmt;

use crate::error::Error;
use crate::outbox::event::{OUTBOX, insertion};
use crate::unit_of_work::pending::Saved;
use crate::unit_of_work::steps::Sort;
use crate::unit_of_work::to_be_read::to_be_read;
use crate::unit_of_work::unit::UnitOfWork;
use crate::unit_of_work::unit::lock;

/// The statements that a flush would send, in their order.
///
/// `Display` shows one line for each: what it does, the tables, the number of rows.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(uow: &persist::UnitOfWork<'_>, mut pipeline: Pipeline) -> Result {
/// pipeline.is_active = false;
/// uow.save(&pipeline)?;
/// uow.insert(NewExecution::new(pipeline.id, 1))?;
/// println!("{}", uow.plan()?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Plan {
    statements: Vec<PlannedStatement>,
    /// Tables of structs that have to be read before they can be compared.
    reads: Vec<&'static str>,
}

/// A statement that a flush would send.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
/// for statement in uow.plan()?.statements() {
///     println!("{} {} of {}", statement.verb(), statement.rows(), statement.table());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct PlannedStatement {
    verb: &'static str,
    tables: Vec<&'static str>,
    rows: usize,
    sql: String,
}

impl Plan {
    /// The statements, in their order.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// assert_eq!(uow.plan()?.statements().len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn statements(&self) -> &[PlannedStatement] {
        &self.statements
    }

    /// The tables whose rows were saved although they were read elsewhere: the flush reads them first, and
    /// only then knows what changed.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database, uow: &persist::UnitOfWork<'_>, id: Uuid) -> Result {
    /// let mut pipeline = db.repository::<Pipeline>().get(id).await?; // not by the unit of work
    /// pipeline.is_active = false;
    /// uow.save(&pipeline)?;
    /// assert_eq!(uow.plan()?.reads(), ["pipelines"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn reads(&self) -> &[&'static str] {
        &self.reads
    }
}

impl PlannedStatement {
    /// What it does: `insert`, `update`, `delete`, `upsert`, `link`, `unlink`, `lock`, `park` or `publish`.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// assert_eq!(uow.plan()?.statements()[0].verb(), "insert");
    /// # Ok(())
    /// # }
    /// ```
    pub fn verb(&self) -> &'static str {
        self.verb
    }

    /// The table, or of links the table on this side; the first of [`tables`](Self::tables).
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// assert_eq!(uow.plan()?.statements()[0].table(), "pipelines");
    /// # Ok(())
    /// # }
    /// ```
    pub fn table(&self) -> &'static str {
        self.tables.first().copied().unwrap_or_default()
    }

    /// All tables that it writes: tables that refer to each other are written by one statement, and links name the
    /// table on this side and the link table.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// assert_eq!(uow.plan()?.statements()[0].tables(), ["pipelines"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn tables(&self) -> &[&'static str] {
        &self.tables
    }

    /// How many rows it sends; 0 for a deletion by a condition, which sends none.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    /// uow.insert(NewPipeline::new("nightly", BTreeMap::new()))?;
    /// assert_eq!(uow.plan()?.statements()[0].rows(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The text, without values.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(uow: &persist::UnitOfWork<'_>) -> Result {
    /// for statement in uow.plan()?.statements() {
    ///     println!("{}", statement.sql());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn sql(&self) -> &str {
        &self.sql
    }
}

pub(super) fn plan(unit: &UnitOfWork<'_>) -> Result<Plan, Error> {
    let pending = lock(&unit.pending);
    let unknown = to_be_read(&lock(&unit.identity_map), &pending);
    let saved = unknown.saved.iter().filter_map(|place| pending.saved[*place].nodes.first());
    let roots = saved.chain(unknown.deleted.iter().filter_map(|place| pending.deleted[*place].nodes.first()));
    let mut reads: Vec<&'static str> = Vec::new();
    for table in roots.map(|root| root.model.table.shown) {
        if !reads.contains(&table) {
            reads.push(table);
        }
    }
    let known =
        pending.saved.iter().enumerate().filter(|(place, _)| unknown.saved.binary_search(place).is_err());
    let saved: Vec<&Saved> = known.map(|(_, saved)| saved).collect();
    let (_, steps) = unit.prepared(&pending, &saved, false)?;
    let planned = steps.iter().map(|step| PlannedStatement {
        verb: verb(step.sort),
        tables: std::iter::once(step.table).chain(step.others.iter().copied()).collect(),
        rows: step.rows,
        sql: step.statement.sql().to_owned(),
    });
    let mut statements: Vec<PlannedStatement> = planned.collect();
    if !pending.published.is_empty() {
        statements.push(PlannedStatement {
            verb: "publish",
            tables: vec![OUTBOX],
            rows: pending.published.len(),
            sql: insertion(&pending.published).0.sql().to_owned(),
        });
    }
    Ok(Plan { statements, reads })
}

fn verb(sort: Sort) -> &'static str {
    match sort {
        Sort::Lock => "lock",
        Sort::Park => "park",
        Sort::Unlink => "unlink",
        Sort::Delete | Sort::Remove => "delete",
        Sort::Insert => "insert",
        Sort::Upsert => "upsert",
        Sort::Link => "link",
        Sort::Update => "update",
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.reads {
            writeln!(f, "read {table}")?;
        }
        for PlannedStatement { verb, tables, rows, .. } in &self.statements {
            let table = tables.join(", ");
            match rows {
                0 => writeln!(f, "{verb} {table}")?,
                1 => writeln!(f, "{verb} {table} (1 row)")?,
                rows => writeln!(f, "{verb} {table} ({rows} rows)")?,
            }
        }
        Ok(())
    }
}
