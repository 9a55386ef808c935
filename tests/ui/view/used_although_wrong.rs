use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

#[derive(View)]
#[persist(of = User)]
pub struct UserName {
    pub id: Uuid,
    pub displayname: String,
}

async fn example(db: &Database) -> Result<(), persist::Error> {
    let users = db.repository::<User>();
    let all = users.query().view::<UserName>().all().await?;
    let name = &all[0].displayname;
    let first = users.view::<UserName>().filter_view(|u| u.displayname.eq("x")).limit(1).first().await?;
    let page = users.order_by(|u| u.id.asc()).view::<UserName>().page(PageRequest::first(1)).await?;
    Ok(())
}

fn main() {}
