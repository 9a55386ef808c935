//! Relays that hand on what the units of work publish, while all that goes on.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use persist::outbox::{Message, Relay};
use persist::{Database, Error};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::bank::Transferred;

/// Relays that run, and what they have handed on.
pub(crate) struct Relays {
    running: Vec<JoinHandle<Result<(), Error>>>,
    stop: watch::Sender<bool>,
    handed: Arc<Mutex<Vec<Handed>>>,
}

struct Handed {
    id: i64,
    key: String,
    unit: i64,
}

impl Relays {
    /// One for each program.
    pub(crate) fn start(programs: &[Database]) -> Relays {
        let (stop, stopped) = watch::channel(false);
        let handed: Arc<Mutex<Vec<Handed>>> = Arc::default();
        let running = programs.iter().map(|db| {
            let relay = Relay::new(db).poll_interval(Duration::from_millis(50));
            let (handed, mut stopped) = (Arc::clone(&handed), stopped.clone());
            tokio::spawn(async move {
                let handler = async |message: Message| {
                    let Transferred { unit, .. } = message.read()?;
                    let event = Handed { id: message.id, key: message.key, unit };
                    handed.lock().unwrap_or_else(PoisonError::into_inner).push(event);
                    Ok::<_, Error>(())
                };
                let stopping = stopped.wait_for(|stopped| *stopped);
                relay.run(handler, stopping).await
            })
        });
        let running = running.collect();
        Relays { running, stop, handed }
    }

    /// Stops them; answers what is wrong with what they have done. All events that there are were handed on before.
    pub(crate) async fn stop(self, committed: &HashSet<i64>) -> Vec<String> {
        let _ = self.stop.send(true);
        let mut wrong = Vec::new();
        for relay in self.running {
            match relay.await {
                Ok(Ok(())) => {}
                outcome => wrong.push(format!("a relay has ended: {outcome:?}")),
            }
        }
        let handed = self.handed.lock().unwrap_or_else(PoisonError::into_inner);
        let units: HashSet<i64> = handed.iter().map(|event| event.unit).collect();
        if units != *committed {
            let (more, less) = (units.difference(committed).count(), committed.difference(&units).count());
            wrong.push(format!(
                "{more} events were handed on of units that are not there, {less} were not handed on"
            ));
        }
        // The first time that each was handed on is in order for each key.
        let (mut seen, mut last) = (HashSet::new(), HashMap::new());
        for Handed { id, key, .. } in &*handed {
            if seen.insert(id) && last.insert(key, id).is_some_and(|last| last > id) {
                wrong.push(format!("event {id} was handed on after a later one of its key"));
            }
        }
        wrong
    }
}
