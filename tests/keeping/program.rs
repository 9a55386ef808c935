//! Saves structs, and asks the server what became of them.

mod adopting;
mod coming;
mod coming_back;
mod documents;
mod giving_up;
mod inserting;
mod letting_go;
mod linking;
mod naming;
mod outdated;
mod passing;
mod sharing;
mod showing;
mod viewing;

use persist::Sql;
use persist::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), persist::Error> {
    let url = std::env::args().nth(1).expect("the server's URL is the first argument");
    let db = Database::connect(&url).await?;
    let migrations = [
        include_str!("../schema/0001_keeping.sql"),
        include_str!("../schema/0002_passing.sql"),
        include_str!("../schema/0003_coming_back.sql"),
    ];
    for statement in migrations.iter().flat_map(|migration| migration.split(";\n")) {
        Sql::unchecked(statement).execute(&db).await?;
    }
    naming::all(&db).await?;
    passing::all(&db).await?;
    coming::all(&db).await?;
    showing::all(&db).await?;
    outdated::all(&db).await?;
    letting_go::all(&db).await?;
    giving_up::all(&db).await?;
    inserting::all(&db).await?;
    adopting::all(&db).await?;
    coming_back::all(&db).await?;
    documents::all(&db).await?;
    sharing::all(&db).await?;
    linking::all(&db).await?;
    viewing::all(&db).await
}

/// What the server has, as one text.
pub(crate) async fn stored(db: &Database, query: &str) -> Result<String, persist::Error> {
    let all = format!("SELECT coalesce(string_agg(line, ' ' ORDER BY line), '') FROM ({query}) AS l(line)");
    let (stored,): (String,) = Sql::unchecked(all).one(db).await?;
    Ok(stored)
}
