//! Migrations as a server is sent them: files in their order, each with the statements of its way up.

use std::fs;
use std::io;
use std::path::Path;

use crate::read::layout;
use crate::read::sections::sent;
use crate::read::split::split;

/// A migration file.
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("V2__b.sql"), "CREATE TABLE b (id int);")?;
/// std::fs::write(folder.path().join("V1__a.sql"), "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);")?;
/// let scripts = persist_schema::scripts(folder.path())?;
/// assert_eq!(scripts[0].commands[1].text, "INSERT INTO a VALUES (1)");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Script {
    /// The path below the folder, to show in messages.
    pub file: String,
    /// Its statements, in their order.
    pub commands: Vec<Command>,
    /// Does its tool run it outside of a transaction?
    pub is_outside_of_a_transaction: bool,
}

/// A statement of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Command {
    /// Its text, without the semicolon.
    pub text: String,
    /// The line of its first character, counted from one.
    pub line: u32,
    /// What follows a `COPY … FROM stdin`.
    pub data: Option<String>,
    /// The file that it is from, where that is one that psql includes.
    pub file: Option<String>,
}

/// The migrations in a folder, or in a single file, as their tool applies them: in its order, without those that lead back. Of
/// psql's own commands those that include a file are followed, the others are left out.
///
/// # Errors
/// A file cannot be read.
pub fn scripts(folder: &Path) -> io::Result<Vec<Script>> {
    layout::files(folder)?.into_iter().map(|file| script(folder, &file)).collect()
}

/// The same of one text.
pub fn script_of(file: &str, text: &str) -> Script {
    let kept = sent(text);
    let commands = split(&kept).into_iter().map(|statement| Command {
        text: statement.text.trim_end().to_owned(),
        line: statement.line,
        data: statement.data.map(str::to_owned),
        file: None,
    });
    let commands: Vec<Command> = commands.collect();
    let is_outside_of_a_transaction = is_marked(text) || commands.iter().any(needs_none);
    Script { file: file.to_owned(), commands, is_outside_of_a_transaction }
}

fn script(folder: &Path, file: &Path) -> io::Result<Script> {
    let shown = file.strip_prefix(folder).ok().filter(|below| below.components().next().is_some());
    let shown = shown.unwrap_or(file).to_string_lossy().into_owned();
    let mut script = script_of(&shown, &fs::read_to_string(file)?);
    let commands = std::mem::take(&mut script.commands);
    script.commands = included(commands, file, folder, 0)?;
    script.is_outside_of_a_transaction |=
        script.commands.iter().any(needs_none) || is_said_beside(file).unwrap_or(false);
    Ok(script)
}

/// Files that include each other end somewhere.
const MOST_INCLUDES: usize = 16;

/// Statements with those of the files that psql includes in their place: from beside the file, or as from the folder of all.
fn included(commands: Vec<Command>, file: &Path, folder: &Path, depth: usize) -> io::Result<Vec<Command>> {
    let mut all = Vec::with_capacity(commands.len());
    for command in commands {
        let Some(name) = command.text.strip_prefix('\\').and_then(|text| text.split_whitespace().nth(1))
        else {
            all.push(command);
            continue;
        };
        if depth >= MOST_INCLUDES {
            return Err(io::Error::other("files include each other too deeply"));
        }
        let name = name.trim_matches(['\'', '"']);
        let beside = file.parent().unwrap_or(Path::new("")).join(name);
        let path = Some(folder.join(name)).filter(|path| !beside.exists() && path.exists()).unwrap_or(beside);
        let text = fs::read_to_string(&path)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        let mut commands = script_of(name, &text).commands;
        commands.iter_mut().for_each(|command| command.file = Some(name.to_owned()));
        all.extend(included(commands, &path, folder, depth + 1)?);
    }
    Ok(all)
}

/// What sqlx, goose, dbmate and others are told by a comment.
fn is_marked(text: &str) -> bool {
    let comments = text.lines().filter_map(|line| line.trim_start().strip_prefix("--"));
    comments.map(|comment| comment.trim().to_ascii_lowercase()).any(|comment| {
        comment.starts_with("no-transaction")
            || comment.starts_with("+goose no transaction")
            || (comment.starts_with("migrate:up") && comment.contains("transaction:false"))
            || comment.contains("disable_ddl_transaction")
            || comment.contains("disable-transaction")
            || (comment.starts_with("+migrate up") && comment.contains("notransaction"))
    })
}

/// What diesel and Flyway are told by a file beside.
fn is_said_beside(file: &Path) -> Option<bool> {
    let diesel = fs::read_to_string(file.with_file_name("metadata.toml")).unwrap_or_default();
    let flyway = fs::read_to_string(format!("{}.conf", file.display())).unwrap_or_default();
    let says = |text: &str, key: &str| {
        text.lines()
            .filter_map(|line| line.split_once('='))
            .any(|(name, value)| name.trim() == key && value.trim() == "false")
    };
    Some(says(&diesel, "run_in_transaction") || says(&flyway, "executeInTransaction"))
}

/// Is it refused in a transaction, or does it begin one of its own?
fn needs_none(command: &Command) -> bool {
    let words = command.text.split_whitespace().take(40).map(str::to_ascii_lowercase);
    let words: Vec<String> = words.collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let has = |word: &str| words.contains(&word);
    match words.as_slice() {
        ["begin", ..] | ["start", "transaction", ..] | ["vacuum", ..] | ["commit", ..] => true,
        // The value could not be used before the end of the transaction.
        ["alter", "type", ..] => has("add") && has("value"),
        ["create" | "drop", "database" | "tablespace" | "subscription", ..] | ["alter", "system", ..] => true,
        ["create" | "drop" | "reindex" | "refresh" | "alter", ..] => has("concurrently"),
        ["do", ..] => {
            command.text.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("commit"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::script_of;

    #[test]
    fn a_script_is_the_way_up_with_its_data() {
        let text = "-- +goose Up\nCREATE TABLE a (id int);\nCOPY a FROM stdin;\n1\n2\n\\.\n\\set x 1\n-- persist: CREATE TABLE c ();\nSELECT 1;\n-- +goose Down\nDROP TABLE a;\n";
        let script = script_of("1.sql", text);
        let commands: Vec<(&str, u32, Option<&str>)> = script
            .commands
            .iter()
            .map(|command| (command.text.as_str(), command.line, command.data.as_deref()))
            .collect();
        assert_eq!(
            commands,
            [
                ("CREATE TABLE a (id int)", 2, None),
                ("COPY a FROM stdin", 3, Some("1\n2\n")),
                ("SELECT 1", 9, None)
            ]
        );
        assert!(!script.is_outside_of_a_transaction);
    }

    #[test]
    fn what_cannot_be_in_a_transaction_is_seen() {
        for text in [
            "CREATE INDEX CONCURRENTLY ON a (id);",
            "ALTER TYPE mood ADD VALUE 'sad';",
            "BEGIN; SELECT 1; COMMIT;",
            "-- no-transaction\nSELECT 1;",
            "-- migrate:up transaction:false\nSELECT 1;",
            "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 1;",
            "VACUUM a;",
            "-- postgres-migrations disable-transaction\nSELECT 1;",
            "DO $$ BEGIN\n PERFORM 1;\n COMMIT; END $$;",
        ] {
            assert!(script_of("1.sql", text).is_outside_of_a_transaction, "{text}");
        }
        assert!(
            !script_of("1.sql", "CREATE INDEX ON a (id); ALTER TYPE mood RENAME TO feeling; DO $$ BEGIN PERFORM committed(); END $$;")
                .is_outside_of_a_transaction
        );
    }
}
