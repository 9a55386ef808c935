//! The SQL that writes many rows at once. No text depends on the number of rows.
//!
//! Rows come as one array per column, numbered by their place. Every statement may travel after a BEGIN whose
//! answer was not read yet, so each is an error outside of the transaction that BEGIN was meant to begin. Each counts
//! its rows, because triggers that no migration shows may keep one out.

use std::borrow::Cow;

use tokio_postgres::types::{Oid, Type};

use crate::sql::document::assigned;
use crate::sql::expression::Condition;
use crate::sql::scope::Alias;
use crate::sql::source::Source;
use crate::sql::table::TableRef;
use crate::sql::writer::Writer;
use crate::table::column::ColumnModel;
use crate::table::facts::{Parking, Table};
use crate::table::link::Through;
use crate::wire::mark::{guard, raise};

/// Holds inside of the unit of work; elsewhere it is an error.
pub(crate) const GUARD: &str = guard!();

/// Raises that a row was kept out.
pub(crate) const KEPT: &str = raise!("kept");

/// Raises that a row is gone.
pub(crate) const GONE: &str = raise!("stale:{}");

/// Raises the places of the rows of `d` that are not in `u`. The text that cannot be read as a boolean is the
/// message. The rows are counted first: joined, they would be compared one by one, because the planner
/// expects few of them.
const CHECK: &str = ", s AS (SELECT (SELECT count(*) FROM d) - (SELECT count(*) FROM u) AS n) SELECT 1 FROM s \
                     WHERE CASE WHEN s.n = 0 THEN false ELSE ('persist:' || current_setting('persist.tx') || ':stale:' || \
                     coalesce((SELECT (pg_catalog.array_agg(d.n ORDER BY d.n))[1:16] FROM d WHERE d.n NOT IN (SELECT u.n FROM u))::text, \
                     '{}'))::bool END";

/// The check of the rows of a table. Where others inherit from it, several rows may be found by one key.
fn check(table: &Table) -> Cow<'static, str> {
    if table.is_inherited {
        return CHECK.replace("SELECT count(*) FROM u", "SELECT count(DISTINCT u.n) FROM u").into();
    }
    CHECK.into()
}

/// Deletes the rows for which a condition holds.
pub(crate) fn remove<'v>(table: &Table, condition: &'v Condition) -> Writer<'v> {
    let mut sql = Writer::new();
    let mut conditions = sql.delete(table, Alias::ROOT);
    conditions.and(&mut sql).push("(").condition(condition).push(")");
    conditions.and(&mut sql).push(GUARD);
    conditions.finish(&mut sql);
    sql
}

/// A statement for many rows, in the making.
pub(crate) struct Text {
    pub(crate) sql: String,
    pub(crate) oids: Vec<Oid>,
    /// What the parameters are, in their order.
    pub(crate) sources: Vec<Source>,
    /// How many parameters come before those of this text.
    before: usize,
    /// The expression that counts the rows that are sent.
    count: String,
}

/// A column of the rows that are sent, and where its values are.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) column: &'static ColumnModel,
    /// Its place in the images of the rows.
    pub(crate) place: usize,
}

impl Text {
    /// A text whose parameters come after so many others.
    fn after(before: usize) -> Text {
        Text { sql: String::new(), oids: Vec::new(), sources: Vec::new(), before, count: String::new() }
    }

    fn push(&mut self, text: &str) -> &mut Text {
        self.sql.push_str(text);
        self
    }

    /// Adds a parameter.
    fn bind(&mut self, source: Source, oid: Oid) -> usize {
        self.oids.push(oid);
        self.sources.push(source);
        self.before + self.oids.len()
    }

    /// Writes `unnest(…) WITH ORDINALITY AS d(…)`; answers the expression of each column.
    fn rows(&mut self, sent: &[Sent], more: &[Source]) -> Vec<String> {
        let mut arrays = Vec::new();
        let mut names = Vec::new();
        let mut values = Vec::new();
        for (index, Sent { column, place }) in sent.iter().enumerate() {
            if column.is_array() {
                // An array of arrays would be one long list of elements: the list is sent, and where each
                // row's part is.
                let list = self.bind(Source::Elements(*place), column.oid);
                let first = self.bind(Source::First(*place), Type::INT4_ARRAY.oid());
                let last = self.bind(Source::Last(*place), Type::INT4_ARRAY.oid());
                arrays.extend([format!("${first}"), format!("${last}")]);
                names.extend([format!("a{index}"), format!("b{index}")]);
                let cast = column.read_cast;
                values.push(format!("(${list}{cast})[d.a{index}:d.b{index}]{}", column.cast));
            } else {
                let number = self.bind(Source::Column(*place), column.array_oid);
                let (of_list, of_value) = column.unnested();
                arrays.push(format!("${number}{of_list}"));
                names.push(format!("c{index}"));
                values.push(format!("d.c{index}{of_value}"));
            }
        }
        for (index, source) in more.iter().enumerate() {
            let number = self.bind(source.clone(), Type::INT4_ARRAY.oid());
            arrays.push(format!("${number}"));
            names.push(format!("w{index}"));
            values.push(format!("d.w{index}"));
        }
        if arrays.is_empty() {
            let number = self.bind(Source::Count, Type::INT4.oid());
            self.count = format!("${number}");
            self.push(&format!("generate_series(1, ${number}) AS d(n)"));
        } else {
            // Of the columns that are arrays the places of the parts are as many.
            let first = arrays[0].split("::").next().unwrap_or_default();
            self.count = format!("cardinality({first})");
            let (arrays, names) = (arrays.join(", "), names.join(", "));
            self.push(&format!("unnest({arrays}) WITH ORDINALITY AS d({names}, n)"));
        }
        values
    }

    /// The key that an earlier statement made, at a place among all that it made.
    fn waiting(&mut self, waiting: &WaitingColumn, place: &str) -> String {
        let setting = self.bind(waiting.setting.clone(), Type::TEXT.oid());
        let ty = Type::from_oid(waiting.column.oid);
        let ty = ty.map_or_else(|| "text".to_owned(), |ty| ty.name().to_owned());
        format!("(SELECT current_setting(${setting})::{ty}[])[{place}]{}", waiting.column.cast)
    }

    /// Begins with `WITH d AS (…)`: the rows that are sent, whose columns are the values.
    fn data(sent: &[Sent]) -> Text {
        Text::data_and_places(sent, &[])
    }

    /// The same with places among keys that earlier statements made.
    fn data_and_places(sent: &[Sent], waiting: &[WaitingColumn]) -> Text {
        let mut rows = Text::after(0);
        let places: Vec<Source> = waiting.iter().map(|waiting| waiting.places.clone()).collect();
        let values = rows.rows(sent, &places);
        let names = values.iter().enumerate().map(|(index, value)| format!("{value} AS v{index}"));
        let names: String = names.map(|name| format!("{name}, ")).collect();
        rows.sql = format!("WITH d AS MATERIALIZED (SELECT {names}d.n FROM {} WHERE {GUARD})", rows.sql);
        rows
    }
}

/// What an INSERT writes.
pub(crate) struct Inserting<'i> {
    pub(crate) table: &'i Table,
    pub(crate) sent: &'i [Sent],
    /// Columns whose values are keys that an earlier statement made: the column, the type of the keys, and
    /// the setting and the places where they are.
    pub(crate) waiting: &'i [WaitingColumn],
    /// What the server writes: column, then expression.
    pub(crate) computed: &'i [(&'static ColumnModel, &'static str)],
    /// ` ON CONFLICT …`, or nothing.
    pub(crate) conflict: &'i str,
    /// The key that the server makes, and that later statements need.
    pub(crate) made: Option<(&'static ColumnModel, Source)>,
}

/// A column whose value is a key that an earlier statement made.
#[derive(Clone)]
pub(crate) struct WaitingColumn {
    pub(crate) column: &'static ColumnModel,
    pub(crate) setting: Source,
    pub(crate) places: Source,
}

/// INSERT … SELECT … FROM unnest(…), with so many parameters before its own: a part of a [statement](together) that counts
/// the rows of all.
pub(crate) fn insert_part(inserting: &Inserting<'_>, before: usize) -> Text {
    let Inserting { table, sent, waiting, computed, conflict, made } = inserting;
    let names =
        sent.iter().map(|sent| sent.column.name).chain(waiting.iter().map(|waiting| waiting.column.name));
    let names: Vec<&str> = names.chain(computed.iter().map(|(column, _)| column.name)).collect();
    let mut text = Text::after(before);
    let places: Vec<Source> = waiting.iter().map(|waiting| waiting.places.clone()).collect();
    let mut values = text.rows(sent, &places);
    for (value, waiting) in values[sent.len()..].iter_mut().zip(*waiting) {
        *value = text.waiting(waiting, value);
    }
    values.extend(computed.iter().map(|(_, expression)| (*expression).to_owned()));
    let list = if names.is_empty() { String::new() } else { format!("({}) ", names.join(", ")) };
    text.sql = format!(
        "INSERT INTO {} AS t0 {list}SELECT {} FROM {} WHERE {GUARD}{}{conflict}",
        table.sql,
        values.join(", "),
        text.sql,
        // The server makes the keys in this order.
        if made.is_some() { " ORDER BY d.n" } else { "" },
    );
    text
}

/// INSERT … SELECT … FROM unnest(…): every row must get there.
pub(crate) fn insert(inserting: &Inserting<'_>) -> Text {
    let mut text = insert_part(inserting, 0);
    let sql = std::mem::take(&mut text.sql);
    let missing = format!("CASE WHEN (SELECT count(*) FROM i) = {} THEN false ELSE {KEPT} END", text.count);
    text.sql = match &inserting.made {
        Some((key, setting)) => {
            let setting = text.bind(setting.clone(), Type::TEXT.oid());
            // Asked for by a condition that depends on no row, so that it is asked for where there is none,
            // too.
            format!(
                "WITH i AS ({sql} RETURNING t0.{name} AS k), s AS MATERIALIZED (SELECT set_config(${setting}, \
                 coalesce((SELECT pg_catalog.array_agg(k ORDER BY k) FROM i)::text, '{{}}'), true) WHERE NOT {missing}) \
                 SELECT i.k{cast} FROM i WHERE (SELECT count(*) FROM s) = 1 ORDER BY i.k",
                name = key.name,
                cast = key.read_cast,
            )
        }
        None => format!("WITH i AS ({sql} RETURNING 1) SELECT 1 WHERE {missing}"),
    };
    text
}

/// Rows of a table by their keys, and by their versions where they have one.
pub(crate) struct Rows<'r> {
    pub(crate) table: &'r Table,
    pub(crate) key: Vec<Sent>,
    pub(crate) version: Option<Sent>,
    /// Columns in which they must be the same besides.
    pub(crate) same: Vec<Sent>,
}

impl Rows<'_> {
    /// The columns that are compared, and then others.
    fn sent(&self, others: &[Sent]) -> Vec<Sent> {
        self.compared().chain(others).copied().collect()
    }

    fn compared(&self) -> impl Iterator<Item = &Sent> {
        self.key.iter().chain(&self.version).chain(&self.same)
    }

    /// The place of the first of the others.
    fn others_at(&self) -> usize {
        self.compared().count()
    }

    /// `t0.id = d.v0 AND t0.version = d.v1`
    fn matches(&self) -> String {
        let found_by = self.compared().map(|sent| (sent.column.name, sent.column));
        equal("t0", found_by, (0..).map(|index| format!("d.v{index}")))
    }

    fn keys(&self) -> String {
        self.key.iter().map(|sent| format!("t0.{}", sent.column.name)).collect::<Vec<_>>().join(", ")
    }
}

/// `t0.id = … AND t0.version = …`: each name with the column by whose operators it is compared.
fn equal<'n>(
    alias: &str,
    columns: impl Iterator<Item = (&'n str, &'n ColumnModel)>,
    values: impl Iterator<Item = impl std::fmt::Display>,
) -> String {
    let mut sql = Writer::new();
    for (index, ((name, column), value)) in columns.zip(values).enumerate() {
        sql.push(if index > 0 { " AND " } else { "" }).push(alias).push(".").push(name);
        sql.operator(column.operators, "=").push(&value.to_string());
    }
    sql.into_text()
}

/// UPDATE … FROM unnest(…): every row must be there, and have its version. Where rows change different
/// columns, the bits of the `mask` say which of `dirty`, the first by the lowest; no column waits then.
pub(crate) fn update(
    rows: &Rows<'_>,
    dirty: &[Sent],
    mask: Option<Sent>,
    waiting: &[WaitingColumn],
    touched: &[(usize, &str)],
) -> Text {
    let others: Vec<Sent> = dirty.iter().copied().chain(mask).collect();
    let sent = rows.sent(&others);
    let mut text = Text::data_and_places(&sent, waiting);
    let adopted: Vec<String> = waiting
        .iter()
        .zip(sent.len()..)
        .map(|(waiting, place)| {
            format!("{} = {}", waiting.column.name, text.waiting(waiting, &format!("d.v{place}")))
        })
        .collect();
    let mask = mask.map(|_| rows.others_at() + dirty.len());
    let set = dirty.iter().enumerate().map(|(index, sent)| {
        let name = sent.column.name;
        let value = assigned(sent.column, &format!("d.v{}", index + rows.others_at()));
        match mask {
            None => format!("{name} = {value}"),
            Some(mask) => {
                format!(
                    "{name} = CASE WHEN d.v{mask} & {} <> 0 THEN {value} ELSE t0.{name} END",
                    1_u64 << index
                )
            }
        }
    });
    let is_dirty = |place: usize| {
        let waits = |waiting: &WaitingColumn| std::ptr::eq(waiting.column, &rows.table.columns[place]);
        dirty.iter().any(|sent| sent.place == place) || waiting.iter().any(waits)
    };
    let touched = touched.iter().filter(|(place, _)| !is_dirty(*place));
    let touched = touched.map(|(place, value)| format!("{} = {value}", rows.table.columns[*place].name));
    let set: Vec<String> = set.chain(adopted).chain(touched).collect();
    let mut sql = Writer::new();
    let mut conditions = sql.push(", u AS (").update(rows.table, Alias::ROOT);
    sql.push(" SET ").push(&set.join(", ")).push(" FROM d");
    conditions.and(&mut sql).push(&rows.matches());
    conditions.finish(&mut sql);
    text.push(sql.push(" RETURNING d.n)").text());
    text.push(&check(rows.table));
    text
}

/// DELETE … USING unnest(…): every row must be there, and have its version.
pub(crate) fn delete(rows: &Rows<'_>) -> Text {
    let mut text = Text::data(&rows.sent(&[]));
    let mut sql = Writer::new();
    let mut conditions = sql.push(", u AS (").delete(rows.table, Alias::ROOT);
    conditions.and(sql.push(" USING d")).push(&rows.matches());
    conditions.finish(&mut sql);
    text.push(sql.push(" RETURNING d.n)").text());
    text.push(&check(rows.table));
    text
}

/// Locks rows that later statements write: every one must be there, and have its version.
pub(crate) fn lock(rows: &Rows<'_>) -> Text {
    let mut text = locked(rows, Hold::ToWrite, &[]);
    text.push(&check(rows.table));
    text
}

/// Locks those rows that are there, and answers their places.
pub(crate) fn present(rows: &Rows<'_>, hold: Hold) -> Text {
    let mut text = locked(rows, hold, &[]);
    text.push(" SELECT u.n FROM u");
    text
}

/// Locks those rows that are there, so that others can refer to them by these columns, and answers their places and what they
/// have in the columns.
pub(crate) fn named(rows: &Rows<'_>, columns: &[Sent]) -> Text {
    let mut text = locked(rows, Hold::ToReferTo, columns);
    let names: String = (0..columns.len()).map(|index| format!(", u.c{index}")).collect();
    text.push(&format!(" SELECT u.n{names} FROM u"));
    text
}

/// The places of rows that this transaction itself has changed so that they are not the `same` any more. Who changed a row
/// that is seen and whose transaction has not ended is this one; so a number that is long gone is not asked for.
pub(crate) fn moved(rows: &Rows<'_>) -> Text {
    let mut text = Text::data(&rows.sent(&[]));
    let columns = |sent: &[Sent], first: usize| {
        let names = sent.iter().map(|sent| (sent.column.name, sent.column));
        equal("t0", names, (first..).map(|index| format!("d.v{index}")))
    };
    let same = columns(&rows.same, rows.key.len());
    let mut sql = Writer::new();
    sql.push(" SELECT d.n FROM d");
    let mut conditions = sql.join(" JOIN ", rows.table, Alias::ROOT);
    conditions.and(&mut sql).push(&columns(&rows.key, 0));
    conditions.and(&mut sql).push("CASE WHEN ").push(&same).push(" THEN false ELSE ").push(OURS).push(" END");
    conditions.finish(&mut sql);
    text.push(sql.text());
    text
}

/// Is the transaction that wrote the row under way? Its number has 32 bits, and is near to that of this one.
const OURS: &str =
    "txid_status(txid_current() + (t0.xmin::text::bigint - txid_current())::bit(32)::int) = 'in progress'";

/// What rows are locked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// They are written afterwards.
    ToWrite,
    /// Others come to refer to them, which any number of transactions may do at a time.
    ToReferTo,
}

fn locked(rows: &Rows<'_>, hold: Hold, answered: &[Sent]) -> Text {
    let strength = match hold {
        Hold::ToWrite => " FOR NO KEY UPDATE OF t0)",
        Hold::ToReferTo => " FOR KEY SHARE OF t0)",
    };
    let mut text = Text::data(&rows.sent(&[]));
    let mut sql = Writer::new();
    sql.push(", u AS MATERIALIZED (SELECT d.n");
    for (index, Sent { column, place: _ }) in answered.iter().enumerate() {
        sql.push(&format!(", t0.{}{} AS c{index}", column.name, column.read_cast));
    }
    sql.push(" FROM d");
    let mut conditions = sql.join(" JOIN ", rows.table, Alias::ROOT);
    conditions.and(&mut sql).push(&rows.matches());
    conditions.finish(&mut sql);
    text.push(sql.push(" ORDER BY ").push(&rows.keys()).push(strength).text());
    text
}

/// Gives rows, for a moment, a value that no other row has.
pub(crate) fn park(rows: &Rows<'_>, column: &ColumnModel, parking: Parking) -> Text {
    let mut text = Text::after(0);
    let sent = rows.sent(&[]);
    let values = text.rows(&sent, &[]);
    let value = match parking {
        Parking::Null => "NULL".to_owned(),
        Parking::Uuid => "gen_random_uuid()".to_owned(),
        Parking::Text => "'~' || gen_random_uuid()".to_owned(),
        Parking::High => {
            let base = text.bind(Source::HighBase, Type::INT4.oid());
            format!("${base} + d.n::int")
        }
    };
    let matches = equal("t0", sent.iter().map(|sent| (sent.column.name, sent.column)), values.iter());
    let mut sql = Writer::new();
    let mut conditions = sql.update(rows.table, Alias::ROOT);
    sql.push(" SET ").push(column.name).push(" = ").push(&value).push(" FROM ").push(&text.sql);
    conditions.and(&mut sql).push(&matches);
    conditions.and(&mut sql).push(GUARD);
    conditions.finish(&mut sql);
    text.sql = sql.into_text();
    text
}

/// Rows of a link table.
pub(crate) struct Links<'l> {
    pub(crate) through: &'l Through,
    /// What is sent of each link.
    pub(crate) sent: &'l [Sent],
    /// Its columns.
    pub(crate) columns: &'l [LinkColumn],
}

/// A column of a link table.
pub(crate) struct LinkColumn {
    pub(crate) name: &'static str,
    /// The column that it refers to.
    pub(crate) to: &'static ColumnModel,
    pub(crate) value: LinkValue,
}

/// The value of a column of a link.
pub(crate) enum LinkValue {
    /// What is sent, at this place.
    Sent(usize),
    /// A key that an earlier statement made.
    Waiting(WaitingColumn),
    /// What the row of this table has now whose key is sent at the place of each column of it; where there is no such row,
    /// what is sent at a place of its own.
    OfRow(&'static Table, usize, usize),
}

impl Links<'_> {
    /// The expression of each column, for what was sent and the places among keys that were made.
    fn values(&self, text: &mut Text, given: &[String]) -> Vec<String> {
        let mut made = given[self.sent.len()..].iter();
        let value = |column: &LinkColumn| match &column.value {
            LinkValue::Sent(at) => given[*at].clone(),
            LinkValue::Waiting(waiting) => text.waiting(waiting, made.next().map_or("", String::as_str)),
            LinkValue::OfRow(table, key, otherwise) => {
                let columns = table.key.iter().map(|place| &table.columns[*place]);
                let columns = columns.map(|column| (column.name, column));
                let is_it = equal("k", columns, given[*key..].iter());
                let (name, table) = (column.to.name, table.sql);
                format!("coalesce((SELECT k.{name} FROM {table} AS k WHERE {is_it}), {})", given[*otherwise])
            }
        };
        self.columns.iter().map(value).collect()
    }

    fn places(&self) -> Vec<Source> {
        let waiting = self.columns.iter().filter_map(|column| match &column.value {
            LinkValue::Waiting(waiting) => Some(waiting.places.clone()),
            LinkValue::Sent(_) | LinkValue::OfRow(..) => None,
        });
        waiting.collect()
    }

    fn names(&self) -> impl Iterator<Item = (&'static str, &'static ColumnModel)> + Clone {
        self.columns.iter().map(|column| (column.name, column.to))
    }
}

/// Adds links; those that are there already stay.
pub(crate) fn link(links: &Links<'_>) -> Text {
    let mut text = Text::after(0);
    let given = text.rows(links.sent, &links.places());
    let rows = std::mem::take(&mut text.sql);
    let values = links.values(&mut text, &given);
    let values = values.iter().enumerate().map(|(index, value)| format!("{value} AS v{index}"));
    let values: Vec<String> = values.collect();
    let given: Vec<String> = (0..links.columns.len()).map(|index| format!("d.v{index}")).collect();
    let matches = |alias| equal(alias, links.names(), given.iter());
    let (is_there, is_written) = (matches("l"), matches("w"));
    let (table, names) =
        (links.through.table, links.names().map(|(name, _)| name).collect::<Vec<_>>().join(", "));
    text.sql = format!(
        "WITH d AS MATERIALIZED (SELECT {} FROM {rows} WHERE {GUARD}), \
         w AS (INSERT INTO {table} ({names}) SELECT {} FROM d ON CONFLICT DO NOTHING RETURNING {names})",
        values.join(", "),
        given.join(", "),
    );
    let missing = format!(
        "EXISTS (SELECT FROM d WHERE NOT EXISTS (SELECT FROM {table} AS l WHERE {is_there}) \
         AND NOT EXISTS (SELECT FROM w WHERE {is_written}))"
    );
    text.push(&meddling(table, INSERTS, "(SELECT count(*) FROM w) = (SELECT count(*) FROM d)", &missing));
    text
}

/// Answers the places of those links that are there.
pub(crate) fn linked(links: &Links<'_>) -> Text {
    let mut text = Text::after(0);
    let given = text.rows(links.sent, &[]);
    let rows = std::mem::take(&mut text.sql);
    let values = links.values(&mut text, &given);
    let (table, matches) = (links.through.table, equal("l", links.names(), values.iter()));
    text.sql =
        format!("SELECT d.n FROM {rows} WHERE {GUARD} AND EXISTS (SELECT FROM {table} AS l WHERE {matches})");
    text
}

/// Takes links away; those that are gone already do no harm.
pub(crate) fn unlink(links: &Links<'_>) -> Text {
    let table = links.through.table;
    let mut text = Text::after(0);
    let given = text.rows(links.sent, &[]);
    let count = text.count.clone();
    let values = links.values(&mut text, &given);
    let matches = equal("l", links.names(), values.iter());
    let rows = text.sql.clone();
    delete_guarded(links.through, Alias::Link, &matches, &mut text);
    text.sql = format!("WITH w AS ({} RETURNING d.n)", text.sql);
    let missing = format!(
        "EXISTS (SELECT FROM {table} AS l, {rows} WHERE {matches} AND d.n NOT IN (SELECT w.n FROM w))"
    );
    text.push(&meddling(table, DELETES, &format!("(SELECT count(*) FROM w) = {count}"), &missing));
    text
}

/// The bits of `pg_trigger.tgtype`: what a trigger fires on.
const INSERTS: u8 = 4;
const DELETES: u8 = 8;

/// Raises that rows were kept where not all `are` written, something could keep them, and they are `missing`.
///
/// Without a trigger in front of the rows, they are missing because another session was faster.
fn meddling(table: &str, event: u8, are: &str, missing: &str) -> String {
    let table = table.replace('\'', "''");
    format!(
        " SELECT 1 WHERE CASE WHEN {are} THEN false WHEN NOT EXISTS (SELECT FROM pg_trigger AS g WHERE \
         (g.tgrelid = '{table}'::regclass OR g.tgrelid IN (SELECT relid FROM pg_partition_tree('{table}'))) \
         AND g.tgtype & 1 = 1 AND g.tgtype & 66 <> 0 AND g.tgtype & {event} <> 0 AND g.tgenabled <> 'D') THEN false \
         WHEN {missing} THEN {KEPT} ELSE false END"
    )
}

/// DELETE … USING unnest(…) without a look at what is missing, with so many parameters before its own.
pub(crate) fn delete_part(rows: &Rows<'_>, before: usize) -> Text {
    let mut text = Text::after(before);
    let sent = rows.sent(&[]);
    let values = text.rows(&sent, &[]);
    let matches = equal("t0", sent.iter().map(|sent| (sent.column.name, sent.column)), values.iter());
    delete_guarded(rows.table, Alias::ROOT, &matches, &mut text);
    text
}

/// Deletes the rows of a table that match those of the text so far.
fn delete_guarded(table: impl Into<TableRef>, alias: Alias, matches: &str, text: &mut Text) {
    let mut sql = Writer::new();
    let mut conditions = sql.delete(table, alias);
    sql.push(" USING ").push(&text.sql);
    conditions.and(&mut sql).push(matches);
    conditions.and(&mut sql).push(GUARD);
    conditions.finish(&mut sql);
    text.sql = sql.into_text();
}

/// Statements as one, for tables that refer to each other: their keys are checked when all rows are there. `missing`
/// is what is raised where a row is not written. Each part gets the number of parameters of those before it.
pub(crate) fn together(
    parts: impl Iterator<Item = impl FnOnce(usize) -> Text>,
    missing: &str,
) -> (String, Vec<Oid>, Vec<Vec<Source>>) {
    let (mut statements, mut counts) = (Vec::new(), Vec::new());
    let (mut oids, mut sources) = (Vec::new(), Vec::new());
    for (index, part) in parts.enumerate() {
        let text = part(oids.len());
        statements.push(format!("p{index} AS ({} RETURNING 1)", text.sql));
        counts.push(format!("(SELECT count(*) FROM p{index}) = {}", text.count));
        oids.extend(text.oids);
        sources.push(text.sources);
    }
    let (statements, counts) = (statements.join(", "), counts.join(" AND "));
    let sql = format!("WITH {statements} SELECT 1 WHERE CASE WHEN {counts} THEN false ELSE {missing} END");
    (sql, oids, sources)
}
