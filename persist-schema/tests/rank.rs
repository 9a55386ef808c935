//! The order in which tables can be written.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use persist_schema::{Catalog, Source, fold};

/// The tables with their levels, those in circles with a star.
fn ranks(text: &str) -> String {
    let (catalog, diagnostics) = fold(&[Source { file: "schema/0001.sql".into(), text: text.into() }]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let shown = |name: &str| shown(&catalog, name);
    catalog.tables().map(|table| shown(&table.name.to_string())).collect::<Vec<_>>().join(" ")
}

fn shown(catalog: &Catalog, name: &str) -> String {
    let rank = catalog.rank(&catalog.table(name).unwrap().name);
    format!("{name}{}{}", rank.level, if rank.is_circular { "*" } else { "" })
}

/// `a` with the keys `b` and `c` for `a: b c`; they are added at the end, so that any may lead to any.
fn schema(tables: &[&str]) -> String {
    let tables = tables.iter().map(|table| table.split_once(':').unwrap());
    let (creates, alters): (String, String) = tables
        .map(|(table, parents)| {
            let key = |parent: &str| {
                format!(
                    "ALTER TABLE {table} ADD to_{parent} int, ADD FOREIGN KEY (to_{parent}) REFERENCES {parent};"
                )
            };
            let alters: String = parents.split_whitespace().map(key).collect();
            (format!("CREATE TABLE {table} (id int PRIMARY KEY);"), alters)
        })
        .unzip();
    creates + &alters
}

#[test]
fn a_table_is_above_all_that_it_refers_to() {
    assert_eq!(ranks(&schema(&["a:", "b:"])), "a0 b0");
    assert_eq!(ranks(&schema(&["a: b", "b: c", "c:"])), "a2 b1 c0");
    // The longest way counts.
    assert_eq!(ranks(&schema(&["a: b d", "b: c", "c: d", "d:"])), "a3 b2 c1 d0");
    assert_eq!(
        ranks(&schema(&["top:", "left: top", "right: top", "bottom: left right"])),
        "bottom2 left1 right1 top0"
    );
    assert_eq!(
        ranks(&schema(&["top:", "a: top", "b: top x", "bottom: a b", "x: a"])),
        "a1 b3 bottom4 top0 x2"
    );
}

#[test]
fn a_table_that_refers_to_itself_is_in_no_circle() {
    assert_eq!(ranks(&schema(&["a: a", "b: b a"])), "a0 b1");
}

#[test]
fn a_circle_is_on_one_level() {
    assert_eq!(ranks(&schema(&["a: b", "b: a"])), "a0* b0*");
    assert_eq!(ranks(&schema(&["a: b", "b: c", "c: a b"])), "a0* b0* c0*");
    // With one that leads to it, and one that it leads to.
    assert_eq!(ranks(&schema(&["a: b", "b: a below", "below:", "above: a"])), "a1* above2 b1* below0");
    assert_eq!(
        ranks(&schema(&["above: c", "a: b", "b: c", "c: a below", "below: below"])),
        "a1* above2 b1* below0 c1*"
    );
    // Two circles one after the other, and two that meet.
    assert_eq!(ranks(&schema(&["a: b", "b: a c", "c: d", "d: c"])), "a1* b1* c0* d0*");
    assert_eq!(ranks(&schema(&["a: b", "b: a c", "c: b"])), "a0* b0* c0*");
}

#[test]
fn partitions_are_one_table() {
    let text = "CREATE TABLE owner (id int PRIMARY KEY);
        CREATE TABLE region (id int PRIMARY KEY, owner int REFERENCES owner);
        CREATE TABLE event (id int PRIMARY KEY, parent int REFERENCES event) PARTITION BY RANGE (id);
        CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (9) PARTITION BY RANGE (id);
        CREATE TABLE event_1_1 PARTITION OF event_1 FOR VALUES FROM (0) TO (5);
        ALTER TABLE event_1_1 ADD FOREIGN KEY (id) REFERENCES region;
        CREATE TABLE note (event int REFERENCES event);";
    assert_eq!(ranks(text), "event2 event_12 event_1_12 note3 owner0 region1");
}

#[test]
fn what_the_migrations_do_not_create_is_on_no_level() {
    assert_eq!(ranks("CREATE TABLE a (id int PRIMARY KEY, other int REFERENCES elsewhere.b (id));"), "a0");
}
