//! SQL files, applied as they are.

use crate::error::{Error, Result, describe};
use std::path::Path;
use tokio_postgres::Client;
use tokio_postgres::error::ErrorPosition;

/// The `schema/` folder of this repository.
const SAMPLE_DOMAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema");

/// SQL scripts in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Migrations(Vec<Script>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Script {
    name: String,
    sql: String,
}

impl Migrations {
    pub(crate) fn sample_domain() -> Result<Self> {
        Self::from_folder(Path::new(SAMPLE_DOMAIN))
    }

    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn from_sql(sql: &str) -> Self {
        Self(vec![Script { name: "the SQL of this test".to_owned(), sql: sql.to_owned() }])
    }

    /// All `*.sql` files of a folder, by the number in front of their names, then by name.
    pub(crate) fn from_folder(folder: &Path) -> Result<Self> {
        let unreadable =
            |path: &Path, error| Error::new(format!("cannot read migrations: {}: {error}", path.display()));
        let mut scripts = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            if path.extension().is_some_and(|extension| extension == "sql") {
                let sql = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                let name =
                    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                scripts.push(Script { name, sql });
            }
        }
        if scripts.is_empty() {
            return Err(Error::new(format!("there are no `*.sql` files in {}", folder.display())));
        }
        scripts.sort_by_cached_key(|script| (leading_number(&script.name), script.name.clone()));
        Ok(Self(scripts))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) async fn apply(&self, client: &Client) -> Result<()> {
        for script in &self.0 {
            client.batch_execute(&script.sql).await.map_err(|error| script.failed(&error))?;
        }
        Ok(())
    }
}

impl Script {
    fn failed(&self, error: &tokio_postgres::Error) -> Error {
        let line = match error.as_db_error().and_then(|db| db.position()) {
            Some(ErrorPosition::Original(character)) => {
                let before = self.sql.chars().take(*character as usize);
                format!(":{}", before.filter(|c| *c == '\n').count() + 1)
            }
            _ => String::new(),
        };
        Error::new(format!("{}{line}: {}", self.name, describe(error)))
    }
}

fn leading_number(name: &str) -> u64 {
    let digits = name.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().unwrap_or(u64::MAX)
}
