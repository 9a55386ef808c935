//! Events that are committed with what they tell of, and handed on at least once, in order for each key.

#[path = "../domain/mod.rs"]
mod domain;
mod hands;
mod kept_out;
mod lost;
mod order;
mod passing;
mod waking;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use persist::outbox::{Event, Handed, Message, Relay};
use persist::prelude::*;
use persist::{Error, Sql};
use serde::{Deserialize, Serialize};

/// Longer than any of this takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Serialize, Deserialize, PartialEq)]
struct Renamed {
    pipeline: String,
    number: i64,
}

impl Event for Renamed {
    const TOPIC: &'static str = "renamed";

    fn key(&self) -> String {
        self.pipeline.clone()
    }
}

fn renamed(pipeline: impl ToString, number: i64) -> Renamed {
    Renamed { pipeline: pipeline.to_string(), number }
}

/// What a handler was given, in that order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(String, i64)>>>);

impl Seen {
    fn note(&self, message: &Message) {
        let event: Renamed = message.read().expect("a payload is what was published");
        assert_eq!((&message.topic[..], &message.key), (Renamed::TOPIC, &event.pipeline));
        self.0.lock().expect("no test panics with it").push((event.pipeline, event.number));
    }

    fn all(&self) -> Vec<(String, i64)> {
        self.0.lock().expect("no test panics with it").clone()
    }

    fn numbers(&self, key: &str) -> Vec<i64> {
        self.all().into_iter().filter(|(seen, _)| seen == key).map(|(_, number)| number).collect()
    }
}

async fn publish(db: &Database, key: &str, numbers: impl IntoIterator<Item = i64>) -> Result<(), Error> {
    let work = db.unit_of_work();
    for number in numbers {
        work.publish(&renamed(key, number))?;
    }
    work.commit().await.map(drop)
}

async fn waiting(db: &Database) -> Result<i64, Error> {
    Sql::unchecked("SELECT count(*) FROM persist_outbox WHERE done IS NULL").one(db).await
}

/// Hands on what waits, in the place of a relay that goes on.
async fn hand_on(relay: &Relay, seen: &Seen) -> Result<Handed, Error> {
    let handler = async |message: Message| {
        seen.note(&message);
        Ok::<_, Error>(())
    };
    relay.run_once(handler).await
}
