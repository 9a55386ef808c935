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
pub struct Store {
    roles: RoleRepository<'static>,
}

pub fn used(db: &Database) -> Store {
    Store::new(db)
}

fn main() {}
