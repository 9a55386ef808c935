use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "roles")]
pub struct Role {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Repositories)]
pub struct Store<'a>(RoleRepository<'a>);

fn main() {}
