use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
enum Owner {
    User(Uuid),
    Group(i32),
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
    let new = NewDocument::new(Owner::User(id));
    let documents = db.repository::<Document>();
    let _found = documents.filter(|d| d.owner.eq(Owner::User(id))).count().await?;
    documents.insert(new).await.map(|document| document.owner)
}

fn main() {}
