//! What is true of tables.

use persist_schema::{Source, fold};
use syn::DeriveInput;

use super::project;
use crate::context::Context;
use crate::model::{MadeKey, Meets, Parking, TableFacts};
use crate::{parse, resolve};

/// What is known of the table `t` with these columns and the statements after it, as a struct with these
/// fields.
fn facts(columns: &str, statements: &str, fields: &str) -> TableFacts {
    let text = format!(
        "CREATE TABLE parents (id uuid PRIMARY KEY, code text UNIQUE); CREATE TABLE t ({columns}); {statements}"
    );
    let (catalog, diagnostics) = fold(&[Source { file: "schema/0001.sql".into(), text }]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let input = format!("#[persist(table = \"t\")] struct T {{ {fields} }}");
    let input: DeriveInput = syn::parse_str(&input).expect("this is a struct");
    let ctx = Context::new();
    let entity = parse::entity(&ctx, &input, &project()).item.expect("the struct has fields");
    let bound = resolve::entity(&ctx, entity, &catalog);
    let mistakes: Vec<String> = ctx.finish().iter().map(ToString::to_string).collect();
    match bound {
        Ok(bound) => bound.facts.expect("it is no view"),
        Err(_) => panic!("the struct fits its table: {mistakes:?}"),
    }
}

/// Each UNIQUE key: its columns, what it is besides, and how its values are parked.
fn uniques(columns: &str, statements: &str, fields: &str) -> Vec<String> {
    let uniques = facts(columns, statements, fields).uniques.into_iter().map(|unique| {
        let nulls = if unique.nulls_not_distinct { " nulls" } else { "" };
        let partial = unique.scope.map_or(String::new(), |scope| format!(" if {:?}", scope.columns));
        let deferrable = if unique.is_deferrable { " deferrable" } else { "" };
        let parking = unique.parking.iter().map(|(at, parking)| format!(" {parking:?} at {at}"));
        let parking: String = parking.collect();
        format!("{:?}{nulls}{partial}{deferrable}{parking}", unique.columns)
    });
    uniques.collect()
}

/// The parking of the only UNIQUE key, which is over `a`.
fn parking(a: &str, statements: &str) -> String {
    let columns = format!("id uuid PRIMARY KEY, b int, a {a}");
    let found = uniques(&columns, statements, "#[persist(id)] id: Uuid, b: Option<i32>, a: A");
    match found.as_slice() {
        [only] => only.strip_prefix("[2]").expect("two come before it").trim().to_owned(),
        found => panic!("one key, not {found:?}"),
    }
}

const ID: &str = "#[persist(id)] id: Uuid";

#[test]
fn columns_are_places_in_their_tables() {
    // Whatever the struct holds, and in whichever order.
    let columns = "id uuid PRIMARY KEY, version bigint NOT NULL DEFAULT 1, parent uuid REFERENCES parents, a text, b text, \
        code text REFERENCES parents (code), made text GENERATED ALWAYS AS (a) STORED, UNIQUE (b, id), UNIQUE (made), \
        FOREIGN KEY (made) REFERENCES parents (code), UNIQUE (version, a)";
    for fields in ["#[persist(id)] id: Uuid", "a: A, #[persist(id)] id: Uuid, b: B, parent: P"] {
        let found = facts(columns, "", fields);
        let references: Vec<_> =
            found.references.iter().map(|key| (&*key.columns, &*key.table, &*key.target)).collect();
        let to = "public.parents";
        assert_eq!(references, [(&[2][..], to, &[0][..]), (&[5], to, &[1]), (&[6], to, &[1])]);
        assert_eq!(uniques(columns, "", fields), ["[4, 0] Null at 4", "[1, 3] Null at 3 High at 1"]);
        assert_eq!((&*found.key, &*found.unknown), (&[0][..], &[3][..]));
    }
}

#[test]
fn a_value_is_parked_in_the_first_way_that_fits() {
    for (declared, way) in [
        ("text UNIQUE", "Null at 2"),
        ("uuid NOT NULL UNIQUE", "Uuid at 2"),
        ("text NOT NULL UNIQUE", "Text at 2"),
        ("varchar NOT NULL UNIQUE", "Text at 2"),
        ("varchar(37) NOT NULL UNIQUE", "Text at 2"),
        ("varchar(36) NOT NULL UNIQUE", ""),
        ("int NOT NULL UNIQUE", "High at 2"),
        ("bigint NOT NULL UNIQUE", "High at 2"),
        ("smallint NOT NULL UNIQUE", ""),
        ("text[] NOT NULL UNIQUE", ""),
        ("bool NOT NULL UNIQUE", ""),
        ("text NOT NULL UNIQUE CHECK (a <> '')", ""),
        ("text CHECK (a <> '') UNIQUE", ""),
        ("uuid NOT NULL UNIQUE REFERENCES parents", ""),
        ("uuid UNIQUE REFERENCES parents", "Null at 2"),
        ("text UNIQUE NULLS NOT DISTINCT", "nulls Text at 2"),
        ("int NOT NULL UNIQUE DEFERRABLE", "deferrable High at 2"),
    ] {
        assert_eq!(parking(declared, ""), way, "{declared}");
    }
    let domain = "CREATE DOMAIN name AS text; ALTER TABLE t ADD a name NOT NULL UNIQUE";
    let found = uniques("id uuid PRIMARY KEY", domain, &format!("{ID}, a: A"));
    assert_eq!(found, ["[1]"]);
    for (action, way) in [
        ("", "High at 2"),
        (" ON UPDATE CASCADE", "High at 2"),
        (" ON UPDATE SET NULL", ""),
        (" ON UPDATE SET DEFAULT", ""),
    ] {
        let other = format!("CREATE TABLE other (t int REFERENCES t (a){action})");
        assert_eq!(parking("int UNIQUE", &other), way, "{action}");
    }
    assert_eq!(parking("int NOT NULL", "CREATE UNIQUE INDEX ON t (a) WHERE b > 0"), "if [1] High at 2");
}

#[test]
fn another_column_of_the_key_is_parked() {
    let fields = format!("{ID}, parent: P, place: i32, name: String");
    let columns = "id uuid PRIMARY KEY, parent uuid NOT NULL REFERENCES parents, place int NOT NULL, name text NOT NULL";
    let found =
        uniques(columns, "ALTER TABLE t ADD UNIQUE (parent, place), ADD UNIQUE (place, name)", &fields);
    assert_eq!(found, ["[1, 2] High at 2", "[2, 3] Text at 3 High at 2"]);
    let index =
        "CREATE UNIQUE INDEX ON t (place, lower(name)); CREATE UNIQUE INDEX ON t (place) INCLUDE (name)";
    assert_eq!(uniques(columns, index, &fields), ["[2, 3] Text at 3 High at 2", "[2] High at 2"]);
    let index = "CREATE UNIQUE INDEX ON t (place) WHERE name <> '' AND id IS NOT NULL";
    assert_eq!(uniques(columns, index, &fields), ["[2] if [0, 3] High at 2"]);
    // Even if the condition is about nothing that can change.
    assert_eq!(
        uniques(columns, "CREATE UNIQUE INDEX ON t (place) WHERE id IS NOT NULL", &fields),
        ["[2] if [0] High at 2"]
    );
}

#[test]
fn what_is_not_compared_by_its_bytes_is_known() {
    let loose = |statements: &str| {
        let before = "CREATE EXTENSION citext; CREATE COLLATION nocase (provider = icu, locale = 'und', deterministic = false); \
            ALTER TABLE t ADD login citext, ADD nick text COLLATE nocase";
        let fields = format!("{ID}, name: String, place: Option<i32>, login: String, nick: String");
        let statements = format!("{before}; {statements}");
        let facts = facts("id uuid PRIMARY KEY, name text NOT NULL, place int", &statements, &fields);
        let [unique] = facts.uniques.as_slice() else { panic!("one key") };
        let text = unique.parking.iter().any(|(_, parking)| *parking == Parking::Text);
        (unique.columns.clone(), unique.loose.clone(), text)
    };
    assert_eq!(loose("ALTER TABLE t ADD UNIQUE (name, place)"), (vec![1, 2], vec![], true));
    assert_eq!(loose("ALTER TABLE t ALTER login SET NOT NULL, ADD UNIQUE (login)"), (vec![3], vec![3], true));
    assert_eq!(loose("ALTER TABLE t ALTER nick SET NOT NULL, ADD UNIQUE (nick)"), (vec![4], vec![4], true));
    assert_eq!(loose("CREATE UNIQUE INDEX ON t (place, lower(name))"), (vec![2, 1], vec![1], true));
    assert_eq!(loose("CREATE UNIQUE INDEX ON t (upper((name)::text))"), (vec![1], vec![1], true));
    assert_eq!(loose("CREATE UNIQUE INDEX ON t (name COLLATE nocase)"), (vec![1], vec![1], true));
}

#[test]
fn what_is_made_of_a_column_stands_for_it() {
    let found = |statements: &str| {
        let columns = "id uuid PRIMARY KEY, name text NOT NULL, place int NOT NULL, span int4range, \
            lower_name text GENERATED ALWAYS AS (lower(name)) STORED, double int GENERATED ALWAYS AS (place * 2) STORED";
        let statements = format!("CREATE EXTENSION btree_gist; ALTER TABLE t {statements}");
        let facts = facts(columns, &statements, &format!("{ID}, name: String, place: i32"));
        let uniques: Vec<_> = facts
            .uniques
            .into_iter()
            .map(|unique| (unique.columns, unique.loose, unique.is_deferrable))
            .collect();
        (uniques, facts.unknown)
    };
    assert_eq!(found("ADD UNIQUE (lower_name)"), (vec![(vec![1], vec![1], false)], vec![]));
    assert_eq!(found("ADD UNIQUE (place, lower_name)"), (vec![(vec![2, 1], vec![1], false)], vec![]));
    assert_eq!(found("ADD UNIQUE (double)"), (vec![], vec![2]));
    // What is said of it alone would have to be known, too.
    assert_eq!(found("ADD UNIQUE (lower_name), ADD CHECK (lower_name <> '')"), (vec![], vec![1]));
    let other_type = "ADD rounded int GENERATED ALWAYS AS (price) STORED, ADD UNIQUE (rounded)";
    assert_eq!(found(&format!("ADD price numeric, {other_type}")), (vec![], vec![6]));
    // An exclusion of what is equal is a UNIQUE key.
    assert_eq!(found("ADD EXCLUDE USING gist (place WITH =)"), (vec![(vec![2], vec![], false)], vec![]));
    let two = "ADD EXCLUDE (place WITH =, name WITH =) DEFERRABLE";
    assert_eq!(found(two), (vec![(vec![2, 1], vec![], true)], vec![]));
    assert_eq!(found("ADD EXCLUDE USING gist (place WITH =, span WITH &&)"), (vec![], vec![2, 3]));
    assert_eq!(found("ADD EXCLUDE (lower(name) WITH =)"), (vec![], vec![1]));
}

#[test]
fn which_rows_are_in_a_partial_index_is_known_where_its_condition_is_plain() {
    let tests = |condition: &str| {
        let columns = "id uuid PRIMARY KEY, a int, done bool NOT NULL, \"Kept At\" timestamptz, name text, state mood, code citext";
        let statements = format!("CREATE UNIQUE INDEX ON t (a) WHERE {condition}");
        let text = format!(
            "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE t ({columns}); {statements}"
        );
        let (catalog, diagnostics) = fold(&[Source { file: "schema/0001.sql".into(), text }]);
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let table = catalog.tables().find(|table| table.name.name == "t").expect("it was made");
        let predicate = table.indexes[0].predicate.as_ref().expect("it is partial");
        resolve::scope::tests(table, &catalog, predicate)
    };
    let is = |text: &str| Meets::Is(text.to_owned());
    assert_eq!(tests("done"), Some(vec![(2, Meets::True)]));
    assert_eq!(tests("NOT done"), Some(vec![(2, Meets::False)]));
    assert_eq!(tests("done = true"), Some(vec![(2, Meets::True)]));
    assert_eq!(tests("(done IS FALSE)"), Some(vec![(2, Meets::False)]));
    assert_eq!(tests("\"Kept At\" IS NULL"), Some(vec![(3, Meets::Null)]));
    assert_eq!(tests("NOT (\"Kept At\" IS NULL)"), Some(vec![(3, Meets::NotNull)]));
    assert_eq!(tests("a IS NOT NULL AND (done)"), Some(vec![(1, Meets::NotNull), (2, Meets::True)]));
    assert_eq!(tests("name = 'AND x'"), Some(vec![(4, is("AND x"))]));
    assert_eq!(tests("state = 'sad'::mood\n AND done"), Some(vec![(5, is("sad")), (2, Meets::True)]));
    for unknown in [
        "a > 1",
        "done OR a = 1",
        "name <> 'x'",
        "NOT (done AND a IS NULL)",
        "code = 'x'",
        "name = 'a''b'",
        "a BETWEEN 1 AND 2",
        "lower(name) = 'x'",
        "name = E'x'",
        "done IS NOT TRUE",
    ] {
        assert_eq!(tests(unknown), None, "{unknown}");
    }
}

#[test]
fn a_row_stays_in_its_partition() {
    let statements = "CREATE TABLE s (id uuid, day int NOT NULL, place int NOT NULL, PRIMARY KEY (id, day), UNIQUE (day, place)) \
        PARTITION BY LIST (day); DROP TABLE t; ALTER TABLE s RENAME TO t";
    let found = uniques("id int", statements, "#[persist(id)] id: Uuid, #[persist(id)] day: i32, place: i32");
    assert_eq!(found, ["[1, 2] High at 2"]);
    let statements = "CREATE TABLE s (id uuid, day int NOT NULL, UNIQUE (day)) PARTITION BY LIST (day); \
        CREATE TABLE part PARTITION OF s FOR VALUES IN (1); ALTER TABLE part ADD PRIMARY KEY (id); \
        DROP TABLE t; ALTER TABLE part RENAME TO t";
    assert_eq!(uniques("id int", statements, &format!("{ID}, day: i32")), ["[1]"]);
}

#[test]
fn what_may_keep_a_row_out_is_known() {
    let is_meddled = |statements: &str| facts("id uuid PRIMARY KEY, a int", statements, ID).is_meddled;
    let trigger = |when: &str| is_meddled(&format!("CREATE TRIGGER g {when} EXECUTE FUNCTION f()"));
    assert!(!is_meddled(""));
    assert!(trigger("BEFORE INSERT ON t FOR EACH ROW"));
    assert!(!trigger("AFTER INSERT ON t FOR EACH ROW"));
    assert!(!trigger("BEFORE INSERT ON t FOR EACH STATEMENT"));
    assert!(is_meddled("CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING"));
    assert!(is_meddled("ALTER TABLE t ENABLE ROW LEVEL SECURITY"));
    assert!(is_meddled(
        "CREATE TABLE below () INHERITS (t); CREATE TRIGGER g BEFORE UPDATE ON below FOR EACH ROW EXECUTE FUNCTION f()"
    ));
}

#[test]
fn a_key_is_made_by_whoever_makes_it() {
    let made = |id: &str, field: &str| facts(&format!("id {id} PRIMARY KEY"), "", field).made;
    assert_eq!(made("serial", "#[persist(id)] id: i32"), MadeKey::Ascending);
    assert_eq!(made("bigint GENERATED ALWAYS AS IDENTITY", "#[persist(id)] id: i64"), MadeKey::Ascending);
    assert_eq!(made("bigint GENERATED BY DEFAULT AS IDENTITY", "#[persist(id)] id: i64"), MadeKey::Ascending);
    let uuid = "uuid DEFAULT gen_random_uuid()";
    assert_eq!(made(uuid, "#[persist(id(database))] id: Uuid"), MadeKey::Made);
    assert_eq!(made(uuid, "#[persist(id)] id: Uuid"), MadeKey::Given);
    assert_eq!(made("uuid", "#[persist(id)] id: Uuid"), MadeKey::Given);
    assert_eq!(made("text", "#[persist(id)] id: String"), MadeKey::Given);
}

#[test]
fn keys_that_may_come_in_another_order_are_known() {
    let made = |id: &str, statements: &str| {
        let statements = format!("CREATE SEQUENCE down INCREMENT -1; CREATE SEQUENCE up; {statements}");
        facts(&format!("id {id} PRIMARY KEY, a int"), &statements, "#[persist(id)] id: i64").made
    };
    let identity = "bigint GENERATED ALWAYS AS IDENTITY";
    for (id, statements) in [
        (identity, "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()"),
        (identity, "CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()"),
        (identity, "ALTER TABLE t ENABLE ROW LEVEL SECURITY"),
        ("bigserial", ""),
        ("bigint DEFAULT 0", "ALTER TABLE t ALTER id SET DEFAULT nextval('up')"),
        ("bigint DEFAULT 0", "ALTER TABLE t ALTER id SET DEFAULT nextval('public.up'::regclass)"),
    ] {
        assert_eq!(made(id, statements), MadeKey::Ascending, "{id}; {statements}");
    }
    for (id, statements) in [
        (identity, "CREATE TRIGGER g BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f()"),
        (identity, "CREATE RULE r AS ON INSERT TO t DO ALSO NOTHING"),
        (identity, "CREATE TABLE below () INHERITS (t); CREATE RULE r AS ON INSERT TO below DO ALSO NOTHING"),
        (identity, "ALTER TABLE t ALTER id SET INCREMENT BY -1"),
        ("bigint GENERATED ALWAYS AS IDENTITY (INCREMENT -2)", ""),
        ("bigint GENERATED ALWAYS AS IDENTITY (MAXVALUE 9 CYCLE)", ""),
        ("bigserial", "ALTER SEQUENCE t_id_seq CYCLE"),
        ("bigint DEFAULT 0", "ALTER TABLE t ALTER id SET DEFAULT nextval('down')"),
        ("bigint DEFAULT 0", "ALTER TABLE t ALTER id SET DEFAULT -nextval('up')"),
        ("bigint DEFAULT 0", "ALTER TABLE t ALTER id SET DEFAULT nextval('elsewhere')"),
        ("bigint DEFAULT floor(random() * 1000)", ""),
    ] {
        assert_eq!(made(id, statements), MadeKey::Made, "{id}; {statements}");
    }
}

#[test]
fn one_column_of_several_may_be_made() {
    let made = |columns: &str| {
        let columns = format!("{columns}, PRIMARY KEY (tenant, id)");
        facts(&columns, "", "#[persist(id)] tenant: Uuid, #[persist(id)] id: i64").made
    };
    let identity = "id bigint GENERATED BY DEFAULT AS IDENTITY";
    assert_eq!(made(&format!("tenant uuid, {identity}")), MadeKey::InPart);
    assert_eq!(made("tenant uuid, id bigserial"), MadeKey::InPart);
    assert_eq!(made("tenant uuid DEFAULT current_setting('app.tenant')::uuid, id bigint"), MadeKey::InPart);
    // What a struct holds is sent.
    assert_eq!(made("tenant uuid, id bigint DEFAULT 0"), MadeKey::Given);
    assert_eq!(made("tenant uuid DEFAULT f() REFERENCES parents, id bigint"), MadeKey::Given);
    assert_eq!(made("tenant uuid, id bigint"), MadeKey::Given);
}

#[test]
fn what_else_keeps_rows_from_being_the_same_is_known() {
    let unknown = |statements: &str| {
        let columns = "id uuid PRIMARY KEY, name text, place int, day int, far uuid REFERENCES parents, \
            low text GENERATED ALWAYS AS (lower(name)) STORED";
        let fields = format!("{ID}, name: String, place: Option<i32>, day: Option<i32>");
        facts(columns, statements, &fields).unknown
    };
    assert_eq!(unknown("CREATE UNIQUE INDEX ON t (name); ALTER TABLE t ADD UNIQUE (place)"), []);
    assert_eq!(unknown("CREATE INDEX ON t (lower(name))"), []);
    assert_eq!(unknown("CREATE UNIQUE INDEX ON t (left(name, 3), day)"), [1, 3]);
    assert_eq!(unknown("CREATE UNIQUE INDEX ON t (lower(name), day)"), []);
    assert_eq!(unknown("CREATE UNIQUE INDEX ON t (abs(place)) WHERE day > 0"), [2, 3]);
    assert_eq!(unknown("ALTER TABLE t ADD UNIQUE (place, far)"), []);
    assert_eq!(unknown("ALTER TABLE t ADD UNIQUE (low)"), []);
    assert_eq!(unknown("ALTER TABLE t ADD EXCLUDE USING gist (place WITH <>) WHERE (day > 0)"), [2, 3]);
}
