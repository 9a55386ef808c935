use persist::prelude::*;
use uuid::Uuid;

enum Owner {
    User(Uuid),
    Team(i32),
}

#[derive(Repository)]
#[persist(table = "documents")]
struct Document {
    #[persist(id)]
    id: Uuid,
    #[persist(one_of)]
    owner: Owner,
}

async fn new(db: &Database, id: Uuid) -> Result<Owner, persist::Error> {
    let documents = db.repository::<Document>();
    documents.insert(NewDocument::new(Owner::User(id))).await.map(|document| document.owner)
}

fn main() {}
