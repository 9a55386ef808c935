//! Reading folders: what is missing or unreadable, and what is remembered. Which files a layout has, and in
//! which order, is also tested by the fixtures of `server`.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use persist_schema::{Loaded, cached, load};

/// A folder that goes away with the test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::create_dir(folder.path()).unwrap();
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("schema")
    }

    fn load(&self) -> Loaded {
        load(&self.path())
    }

    fn names(&self) -> Vec<String> {
        let below =
            |file: &PathBuf| file.strip_prefix(self.path()).unwrap().to_string_lossy().replace('\\', "/");
        self.load().files.iter().map(below).collect()
    }
}

fn only(loaded: &Loaded) -> String {
    assert_eq!(loaded.diagnostics.len(), 1, "{:?}", loaded.diagnostics);
    loaded.diagnostics[0].to_string()
}

#[test]
fn a_missing_folder_is_a_diagnostic() {
    let message = only(&load(Path::new("/no/such/schema")));
    assert!(message.starts_with("the schema folder `/no/such/schema` does not exist"), "{message}");
}

#[test]
fn an_empty_folder_is_a_diagnostic() {
    let folder = Folder::new(&[("README.md", "nothing here")]);
    assert!(only(&folder.load()).contains("holds no migration"));
}

#[test]
fn text_that_is_not_utf8_is_a_diagnostic_with_its_line_and_the_rest_is_read() {
    let folder = Folder::new(&[("2_b.sql", "CREATE TABLE b (id int);")]);
    folder.write("1_a.sql", b"CREATE TABLE a (\n    -- gr\xfc\xdfe\n    id int);");
    let loaded = folder.load();
    assert_eq!(only(&loaded), "schema/1_a.sql:2: the migration is not UTF-8 text (save the file as UTF-8)");
    assert!(loaded.catalog.table("b").is_some());
    assert_eq!(loaded.files.len(), 2, "the file is watched, so that saving it again helps");
}

#[test]
fn a_single_file_is_a_folder_of_one() {
    let folder = Folder::new(&[("structure.sql", "CREATE TABLE a (id int);")]);
    let loaded = load(&folder.path().join("structure.sql"));
    assert_eq!(loaded.catalog.table("a").unwrap().origin.to_string(), "schema/structure.sql:1");
    assert!(loaded.files[0].is_absolute());
}

#[test]
fn unnumbered_files_are_sorted_by_name_and_folders_are_walked_into() {
    let names =
        Folder::new(&[("v10/b.sql", ""), ("v9/a.sql", ""), ("v9/down.sql", ""), (".git/x.sql", "")]).names();
    assert_eq!(names, ["v9/a.sql", "v10/b.sql"]);
    let names = Folder::new(&[("types.sql", ""), ("tables.sql", ""), ("tables/inner.sql", "")]).names();
    assert_eq!(names, ["tables.sql", "types.sql"]);
}

#[test]
fn a_baseline_stands_for_the_versions_before_it() {
    let names =
        Folder::new(&[("V1__a.sql", ""), ("B2__base.sql", ""), ("V2__b.sql", ""), ("V3__c.sql", "")]).names();
    assert_eq!(names, ["B2__base.sql", "V3__c.sql"]);
}

#[test]
fn a_folder_is_read_again_only_when_it_changed() {
    let folder = Folder::new(&[("1_a.sql", "CREATE TABLE a (id int);")]);
    let first = cached(&folder.path());
    assert!(Arc::ptr_eq(&first, &cached(&folder.path())));
    folder.write("2_b.sql", "CREATE TABLE b (id int);");
    let second = cached(&folder.path());
    assert!(second.catalog.table("b").is_some() && first.catalog.table("b").is_none());
    folder.write("2_b.sql", "CREATE TABLE changed (id int);");
    assert!(cached(&folder.path()).catalog.table("changed").is_some());
    fs::remove_file(folder.path().join("2_b.sql")).unwrap();
    assert_eq!(cached(&folder.path()).files.len(), 1);
}

#[test]
fn a_missing_semicolon_is_a_mistake_as_for_psql() {
    for (text, line, tables) in [
        ("CREATE TABLE a (id int PRIMARY KEY)\n\nCREATE TABLE b (id int PRIMARY KEY);", 3, 2),
        ("INSERT INTO a VALUES (1)\nCREATE TABLE b (id int);", 2, 1),
        ("SELECT 1\nCREATE TABLE b (id int);", 2, 1),
        ("GRANT SELECT ON a TO b\n  create table c (id int);", 2, 1),
        ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'\nCREATE TABLE b (id int);", 2, 1),
    ] {
        let folder = Folder::new(&[("0001_a.sql", text)]);
        let loaded = folder.load();
        let message = only(&loaded);
        let expected = format!("schema/0001_a.sql:{line}: a `;` is missing in front of this CREATE TABLE");
        assert!(message.starts_with(&expected), "{message}");
        assert_eq!(loaded.catalog.tables().count(), tables, "{text}");
    }
    for (text, line, words) in [
        ("INSERT INTO a VALUES (1) CREATE TABLE c (id int);", 1, "CREATE TABLE"),
        ("INSERT INTO a VALUES (1)\nINSERT INTO a VALUES (2);", 2, "INSERT INTO"),
        ("UPDATE a SET b = 1 WHERE c\nDELETE FROM a;", 2, "DELETE FROM"),
        ("DELETE FROM a WHERE b = 'x'\n\nUPDATE a SET b = 1;", 3, "UPDATE A"),
        ("TRUNCATE a\nGRANT SELECT ON a TO b;", 2, "GRANT SELECT"),
        ("GRANT SELECT ON a TO b REVOKE SELECT ON a FROM c;", 1, "REVOKE SELECT"),
        ("REVOKE SELECT ON a FROM c\nCOMMENT ON TABLE a IS 'x';", 2, "COMMENT ON"),
        ("INSERT INTO a VALUES (1)\nON CONFLICT DO NOTHING\nALTER TABLE b ADD c int;", 3, "ALTER TABLE"),
    ] {
        let loaded = Folder::new(&[("0001_a.sql", &format!("CREATE TABLE b (a int);{text}"))]).load();
        let message = only(&loaded);
        let expected = format!("schema/0001_a.sql:{line}: a `;` is missing in front of this {words}");
        assert!(message.starts_with(&expected), "{message}");
    }
    let whole = "INSERT INTO a VALUES (1) ON CONFLICT (b) DO UPDATE SET c = 1;
        GRANT SELECT,
        INSERT, UPDATE, DELETE, TRUNCATE ON a TO b WITH GRANT OPTION;
        REVOKE GRANT OPTION FOR UPDATE ON a FROM b;
        MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN
        UPDATE SET c = 1 WHEN NOT MATCHED THEN
        INSERT (id) VALUES (1);
        INSERT INTO a (comment, b) VALUES ('it''s', 1);
        UPDATE a SET comment = 'x', b = comment || 'y' WHERE comment IS NULL;
        EXPLAIN ANALYZE DELETE FROM a;
        PREPARE p AS INSERT INTO a VALUES ($1);
        COPY a (comment) TO stdout;
        LOCK TABLE a IN SHARE UPDATE EXCLUSIVE MODE;
        DELETE FROM a USING b WHERE a.comment = b.comment RETURNING a.comment;
        SECURITY LABEL ON TABLE a IS 'x';";
    let loaded = Folder::new(&[("0001_a.sql", whole)]).load();
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let data = "INSERT INTO notes VALUES ('first line\ncreate table nothing (id int);\n')\n;CREATE TABLE a (id int);";
    let loaded = Folder::new(&[("0001_a.sql", data)]).load();
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
}

#[test]
fn what_the_parser_says_is_sql() {
    for (text, message) in [
        ("CREATE TABLE a (id int PRIMARY);", "expected `KEY`"),
        ("CREATE INDEX ON a x);", "expected `(`"),
        ("CREATE TABEL a (id int);", "expected a statement, found `CREATE`"),
        ("CREATE TABLE (id int);", "expected a name"),
    ] {
        let shown = only(&Folder::new(&[("0001_a.sql", text)]).load());
        assert!(shown.contains(message) && !shown.contains("_KW"), "{shown}");
    }
}
