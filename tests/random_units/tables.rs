//! What is stored, as numbers.

use std::collections::BTreeMap;

use persist::Sql;
use persist::prelude::*;

use crate::domain::{Card, NewCard};

/// The columns of a card after its key.
pub(crate) type Columns = [Option<i32>; 11];

/// Columns by their places: the board, the owner, the reviewer, the tenant, the folder, and these.
pub(crate) const STATUS: usize = 5;
pub(crate) const TITLE: usize = 6;
pub(crate) const AREA: usize = 7;
pub(crate) const VISITED: usize = 8;
pub(crate) const NAME: usize = 9;
pub(crate) const MAIL: usize = 10;

/// The cards by their keys.
pub(crate) type Cards = BTreeMap<i32, Columns>;

#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tables {
    pub(crate) cards: Cards,
    /// The code of each area.
    pub(crate) codes: BTreeMap<i32, i32>,
}

impl Tables {
    pub(crate) async fn read(db: &Database) -> Result<Tables, persist::Error> {
        let cards = db.repository::<Card>().all().await?;
        let codes: Vec<(i32, String)> = Sql::unchecked("SELECT id, code FROM areas").all(db).await?;
        let codes = codes.iter().map(|(id, code)| (*id, number(code)));
        Ok(Tables { cards: cards.iter().map(columns).collect(), codes: codes.collect() })
    }

    /// Areas get other codes, which their cards follow.
    pub(crate) fn rename(&mut self, codes: &BTreeMap<i32, i32>) {
        let pair = |(area, new): (&i32, &i32)| Some((*self.codes.get(area)?, *new));
        let pairs: BTreeMap<i32, i32> = codes.iter().filter_map(pair).collect();
        for columns in self.cards.values_mut() {
            for column in [AREA, VISITED] {
                let new = columns[column].and_then(|code| pairs.get(&code));
                columns[column] = new.copied().or(columns[column]);
            }
        }
        self.codes.extend(codes);
    }
}

/// Two words of which one has the other case.
pub(crate) fn other_case(word: i32) -> i32 {
    word ^ 1
}

/// What is the same of two words of which one has the other case.
pub(crate) fn folded(word: i32) -> i32 {
    word / 2
}

pub(crate) fn code(number: i32) -> String {
    format!("c{number}")
}

fn word(number: i32) -> String {
    format!("{}{}", if number % 2 == 0 { 'w' } else { 'W' }, folded(number))
}

/// The number of a code or of a word.
fn number(text: &str) -> i32 {
    let (first, rest) = text.split_at(1);
    let rest: i32 = rest.parse().unwrap_or_else(|_| panic!("`{text}` was not written by a program"));
    match first {
        "c" => rest,
        "w" => 2 * rest,
        _ => 2 * rest + 1,
    }
}

pub(crate) fn columns(card: &Card) -> (i32, Columns) {
    let Card { id, board_id, owner_id, reviewer_id, tenant, folder_id, status, title, .. } = *card;
    let keys = [Some(board_id), owner_id, reviewer_id, Some(tenant), folder_id, Some(status), Some(title)];
    let texts = [Some(&card.area_code), card.visited_code.as_ref(), Some(&card.name), Some(&card.mail)];
    let mut columns = Columns::default();
    let cells = keys.into_iter().chain(texts.map(|text| text.map(|text| number(text))));
    columns.iter_mut().zip(cells).for_each(|(column, cell)| *column = cell);
    (id, columns)
}

pub(crate) fn card((id, columns): &(i32, Columns)) -> Card {
    let [board_id, owner_id, reviewer_id, tenant, folder_id, status, title, area, visited, name, mail] =
        *columns;
    let given = |value: Option<i32>| value.expect("it is NOT NULL");
    Card {
        id: *id,
        board_id: given(board_id),
        owner_id,
        reviewer_id,
        tenant: given(tenant),
        folder_id,
        status: given(status),
        title: given(title),
        area_code: code(given(area)),
        visited_code: visited.map(code),
        name: word(given(name)),
        mail: word(given(mail)),
    }
}

pub(crate) fn new_card(new: &(i32, Columns)) -> NewCard {
    let Card { id, board_id, tenant, status, title, area_code, name, mail, .. } = card(new);
    let Card { owner_id, reviewer_id, folder_id, visited_code, .. } = card(new);
    let card = NewCard::new(id, board_id, tenant, status, title, area_code, name, mail);
    card.owner_id(owner_id).reviewer_id(reviewer_id).folder_id(folder_id).visited_code(visited_code)
}

/// A card in short.
pub(crate) fn shown((id, columns): (&i32, &Columns)) -> String {
    let cells = columns.iter().map(|cell| cell.map_or("-".to_owned(), |cell| cell.to_string()));
    format!("{id} ({})", cells.collect::<Vec<_>>().join(" "))
}
