//! Writes values of each type, and asks the server what became of them.

mod composites;
mod ranges;
mod texts;

use persist::Sql;
use persist::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut urls = std::env::args().skip(1);
    let [direct, counted] = [urls.next(), urls.next()].map(|url| url.expect("two URLs are the arguments"));
    let db = Database::connect(&direct).await?;
    for statement in include_str!("../schema/0001_types.sql").split(";\n").filter(|sql| !sql.trim().is_empty()) {
        Sql::unchecked(statement).execute(&db).await?;
    }
    composites::all(&db).await?;
    ranges::all(&db).await?;
    texts::all(&db).await?;
    // A fresh connection asks for no type: what is written and read at once is one round trip and not several.
    texts::on_a_fresh_connection(&Database::connect(&counted).await?).await?;
    Ok(())
}

/// What the server has, as one text.
pub(crate) async fn stored(db: &Database, query: &str) -> Result<String, persist::Error> {
    let all = format!("SELECT coalesce(string_agg(line, ' ' ORDER BY line), '') FROM ({query}) AS l(line)");
    Sql::unchecked(all).one(db).await
}
