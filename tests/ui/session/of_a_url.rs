use persist::Sql;

async fn names() -> Result<Vec<String>, persist::Error> {
    Sql::unchecked("SELECT name FROM pipelines").all("postgresql://localhost/app").await
}

fn main() {}
