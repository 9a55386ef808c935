//! Writes rows in one statement each, and asks the server what became of them.

mod expressions;
mod keys;

use persist::Sql;
use persist::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), persist::Error> {
    let url = std::env::args().nth(1).expect("the server's URL is the first argument");
    let db = Database::connect(&url).await?;
    for statement in include_str!("../schema/0001_writing.sql").split(";\n").filter(|sql| !sql.trim().is_empty()) {
        Sql::unchecked(statement).execute(&db).await?;
    }
    expressions::all(&db).await?;
    keys::all(&db).await
}

/// What the server has, as one text.
pub(crate) async fn stored(db: &Database, query: &str) -> Result<String, persist::Error> {
    let all = format!("SELECT coalesce(string_agg(line, ' ' ORDER BY line), '') FROM ({query}) AS l(line)");
    let (stored,): (String,) = Sql::unchecked(all).one(db).await?;
    Ok(stored)
}
