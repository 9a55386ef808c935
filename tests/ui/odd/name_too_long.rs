use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "a_table_whose_name_is_longer_than_what_postgresql_keeps_of_it_x")]
pub struct Long {
    #[persist(id)]
    pub id: Uuid,
}

fn main() {}
