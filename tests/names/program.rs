//! Reads and writes over a search path in which nothing of `public` is found.

mod camel;
mod ours;
mod schemas;

use persist::Sql;
use persist::prelude::*;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), persist::Error> {
    let url = std::env::args().nth(1).expect("the server's URL is the first argument");
    let db = Database::connect(&url).await?;
    let files = [
        include_str!("../schema/0001_schemas.sql"),
        include_str!("../schema/0002_ours.sql"),
        include_str!("../schema/0003_camel.sql"),
    ];
    for file in files {
        for statement in file.split(";\n") {
            Sql::unchecked(statement).execute(&db).await?;
        }
    }
    let elsewhere = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app', current_database()); END $$";
    Sql::unchecked(elsewhere).execute(&db).await?;
    db.close();
    let db = Database::connect(&url).await?;
    schemas::all(&db).await?;
    camel::all(&db).await?;
    ours::all(&db).await
}
