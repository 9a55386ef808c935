//! The structs.

use persist::prelude::*;

#[derive(Debug, Clone, PartialEq, Repository)]
pub(crate) struct Board {
    #[persist(id)]
    pub(crate) id: i32,
    #[persist(has_many(table = "cards"), filter = "status = 0", order_by = "id")]
    pub(crate) todo: Vec<Card>,
    #[persist(has_many(table = "cards"), filter = "status = 1", order_by = "id")]
    pub(crate) done: Vec<Card>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
pub(crate) struct Member {
    #[persist(id)]
    pub(crate) id: i32,
    #[persist(has_many(table = "cards", foreign_key = "owner_id"), order_by = "id")]
    pub(crate) owned: Vec<Card>,
    #[persist(has_many(table = "cards", foreign_key = "reviewer_id"), order_by = "id")]
    pub(crate) reviewed: Vec<Card>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
pub(crate) struct Folder {
    #[persist(id)]
    pub(crate) tenant: i32,
    #[persist(id)]
    pub(crate) id: i32,
    #[persist(has_many, order_by = "id")]
    pub(crate) cards: Vec<Card>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
pub(crate) struct Area {
    #[persist(id)]
    pub(crate) id: i32,
    pub(crate) code: String,
    #[persist(has_many(table = "cards", foreign_key = "area_code"), order_by = "id")]
    pub(crate) cards: Vec<Card>,
    #[persist(has_many(table = "cards", foreign_key = "visited_code"), order_by = "id")]
    pub(crate) visited: Vec<Card>,
}

#[derive(Debug, Clone, PartialEq, Eq, Repository)]
pub(crate) struct Card {
    #[persist(id)]
    pub(crate) id: i32,
    pub(crate) board_id: i32,
    pub(crate) owner_id: Option<i32>,
    pub(crate) reviewer_id: Option<i32>,
    pub(crate) tenant: i32,
    pub(crate) folder_id: Option<i32>,
    pub(crate) status: i32,
    pub(crate) title: i32,
    pub(crate) area_code: String,
    pub(crate) visited_code: Option<String>,
    pub(crate) name: String,
    pub(crate) mail: String,
}
