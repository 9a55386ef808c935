//! What was said, compared with what is in the tables.

use std::collections::{HashMap, HashSet};

use tokio_postgres::{Client, Error};

use crate::bank::{ACCOUNTS, BALANCE, WRONG_ROW};
use crate::crowd::Entry;
use crate::unit::Answer;

/// What is in the tables.
pub(crate) struct Tables {
    balances: HashMap<i64, i64>,
    /// How many rows of the ledger there are for each unit, and what they say.
    transfers: HashMap<i64, Vec<(i64, i64, i64)>>,
    events: HashMap<i64, i64>,
}

impl Tables {
    pub(crate) async fn read(client: &Client) -> Result<Tables, Error> {
        let mut tables =
            Tables { balances: HashMap::new(), transfers: HashMap::new(), events: HashMap::new() };
        for row in client.query("SELECT id, balance FROM accounts", &[]).await? {
            tables.balances.insert(row.get(0), row.get(1));
        }
        for row in client.query("SELECT unit, source, target, amount FROM transfers", &[]).await? {
            tables.transfers.entry(row.get(0)).or_default().push((row.get(1), row.get(2), row.get(3)));
        }
        let events = "SELECT (payload ->> 'unit')::bigint, count(*) FROM persist_outbox GROUP BY 1";
        for row in client.query(events, &[]).await? {
            tables.events.insert(row.get(0), row.get(1));
        }
        Ok(tables)
    }

    /// The units that are there.
    pub(crate) fn committed(&self) -> HashSet<i64> {
        self.transfers.keys().copied().collect()
    }

    /// What is wrong. `resolved` says of units whose token was asked for afterwards whether they were committed.
    pub(crate) fn compare(&self, book: &[Entry], resolved: &HashMap<i64, bool>) -> Vec<String> {
        let mut wrong = self.disagreements();
        for Entry { order, manner, answer } in book {
            let found = self.transfers.get(&order.unit).map_or(0, Vec::len);
            let is_right = match answer {
                Answer::Committed => found == 1,
                Answer::NotCommitted(error) => found == 0 && error.to_string() != WRONG_ROW,
                Answer::Unknown(_) => match resolved.get(&order.unit) {
                    Some(committed) => found == usize::from(*committed),
                    None => found <= 1,
                },
                Answer::Dropped => found <= 1,
            };
            let expected = (order.source, order.target, order.amount);
            let is_written =
                self.transfers.get(&order.unit).is_none_or(|rows| rows.iter().all(|row| *row == expected));
            if !is_right || !is_written {
                wrong.push(format!(
                    "{order:?} {manner:?}: {answer:?}, resolved {:?}, {found} rows",
                    resolved.get(&order.unit)
                ));
            }
        }
        wrong
    }

    /// Where the tables do not agree with each other.
    fn disagreements(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut expected: HashMap<i64, i64> = (1..=ACCOUNTS).map(|id| (id, BALANCE)).collect();
        for (source, target, amount) in self.transfers.values().flatten() {
            *expected.entry(*source).or_default() -= amount;
            *expected.entry(*target).or_default() += amount;
        }
        for (account, balance) in &expected {
            match self.balances.get(account) {
                None => wrong.push(format!("account {account} is gone")),
                Some(found) if found != balance => {
                    wrong.push(format!("account {account} has {found}, its transfers make {balance}"));
                }
                Some(_) => {}
            }
        }
        if self.balances.values().sum::<i64>() != ACCOUNTS * BALANCE {
            wrong.push("the sum of all balances has changed".to_owned());
        }
        for unit in self.transfers.keys().chain(self.events.keys()) {
            let (rows, events) =
                (self.transfers.get(unit).map_or(0, Vec::len), self.events.get(unit).copied());
            if rows as i64 != events.unwrap_or(0) {
                wrong.push(format!("unit {unit} has {rows} rows and {} events", events.unwrap_or(0)));
            }
        }
        wrong
    }
}
