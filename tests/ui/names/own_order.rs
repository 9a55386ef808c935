use persist::prelude::*;
use uuid::Uuid;

pub mod tags {
    use super::*;

    #[derive(Repository)]
    pub struct Tag {
        #[persist(id)]
        pub id: Uuid,
        pub name: String,
    }

    pub enum TagOrder {
        ByName,
    }
}

/// In another module it is another type.
pub struct NewTag;

fn main() {}
