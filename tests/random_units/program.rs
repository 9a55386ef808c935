//! Random units of work over rows that belong to several others: what is stored afterwards is what the model says.

mod aggregate;
mod another;
mod asked;
mod asking;
mod counts;
mod domain;
mod model;
mod owner;
#[expect(dead_code, reason = "other tests use the rest")]
mod random;
mod refusal;
mod tables;
mod unit;

use persist::Sql;
use persist::prelude::*;

use counts::Counts;
use unit::Unit;

/// The server's URL, and then pairs: a seed, and how many from there on.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), persist::Error> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("the server's URL is the first argument");
    let numbers = arguments.map(|number| number.parse::<u64>().expect("a number"));
    let numbers: Vec<u64> = numbers.collect();
    let db = Database::connect(&url).await?;
    for statement in include_str!("../schema/0001_cards.sql").split(";\n") {
        Sql::unchecked(statement).execute(&db).await?;
    }
    let mut counts = Counts::default();
    for pair in numbers.chunks_exact(2) {
        for seed in pair[0]..pair[0] + pair[1] {
            Unit::new(&db, seed).run(&mut counts).await?;
        }
    }
    println!("{counts:?}");
    counts.check();
    Ok(())
}
