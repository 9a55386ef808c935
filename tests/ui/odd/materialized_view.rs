use persist::prelude::*;

#[derive(Repository)]
#[persist(table = "draft_count")]
pub struct DraftCount {
    #[persist(id)]
    pub drafts: i64,
}

fn main() {}
