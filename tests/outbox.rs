//! Events that are committed with what they tell of, and handed on at least once, in order for each key.

mod domain;

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{NewPipeline, Pipeline};
use persist::outbox::{Event, Handed, Message, Relay};
use persist::prelude::*;
use persist::{Error, Sql};
use persist_testkit::{Cluster, Proxy};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

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

#[tokio::test]
async fn events_are_committed_with_the_rows_that_they_tell_of() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let work = db.unit_of_work();
    work.insert(NewPipeline::new("nightly", BTreeMap::new()))?;
    work.publish(&renamed("nightly", 1))?;
    work.rollback().await?;
    assert_eq!(waiting(&db).await?, 0);

    let work = db.unit_of_work();
    work.insert(NewPipeline::new("nightly", BTreeMap::new()))?;
    work.publish(&renamed("nightly", 1))?;
    work.publish(&renamed("nightly", 2))?;
    work.commit().await?;
    assert_eq!(db.repository::<Pipeline>().filter(|p| p.name.eq("nightly")).count().await?, 1);

    // What cannot be inserted takes the event with it.
    let work = db.unit_of_work();
    work.insert(NewPipeline::new("nightly", BTreeMap::new()))?;
    work.publish(&renamed("nightly", 3))?;
    assert!(work.commit().await.is_err());

    let (seen, relay) = (Seen::default(), Relay::new(&db));
    let handed = relay
        .run_once(async |message| {
            seen.note(&message);
            Ok::<_, Error>(())
        })
        .await?;
    assert_eq!((handed.done, handed.failed), (2, 0));
    assert_eq!(seen.numbers("nightly"), [1, 2]);
    assert_eq!(relay.run_once(async |_| Ok::<_, Error>(())).await?, Handed::default());
    Ok(())
}

#[tokio::test]
async fn an_event_on_which_the_handler_fails_keeps_the_later_ones_of_its_key_back() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    publish(&db, "a", 1..=4).await?;
    publish(&db, "b", 1..=4).await?;
    let seen = Seen::default();
    let failing = |relay: Relay| {
        let seen = seen.clone();
        async move {
            let handler = async |message: Message| {
                seen.note(&message);
                if (&message.key[..], message.id) == ("a", 2) && message.attempts < 2 {
                    Err("no")
                } else {
                    Ok(())
                }
            };
            relay.run_once(handler).await.map(|handed| (handed.done, handed.failed))
        }
    };
    let at_once = || Relay::new(&db).retry_delay(Duration::ZERO, Duration::ZERO);
    let an_hour = || Relay::new(&db).retry_delay(PATIENCE * 60, PATIENCE * 60);

    assert_eq!(failing(at_once()).await?, (5, 1));
    assert_eq!((seen.numbers("a"), seen.numbers("b")), (vec![1, 2], vec![1, 2, 3, 4]));
    // It is tried again, and then it has to wait: whichever relay asks.
    assert_eq!(failing(an_hour()).await?, (0, 1));
    publish(&db, "c", 1..=1).await?;
    assert_eq!(failing(at_once()).await?, (1, 0));
    assert_eq!((seen.numbers("a"), seen.numbers("c")), (vec![1, 2, 2], vec![1]));
    Sql::unchecked("UPDATE persist_outbox SET retry_at = now() WHERE retry_at IS NOT NULL")
        .execute(&db)
        .await?;
    assert_eq!(failing(at_once()).await?, (3, 0));
    assert_eq!(seen.numbers("a"), [1, 2, 2, 2, 3, 4]);
    assert_eq!(waiting(&db).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_empty_key_and_a_queue_longer_than_a_batch_have_their_turn() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    for key in ["", "a", "b", "ä"] {
        publish(&db, key, 1..=5).await?;
    }
    let (seen, relay) = (Seen::default(), Relay::new(&db).keys(1).events_per_key(2));
    while relay
        .run_once(async |message| {
            seen.note(&message);
            Ok::<_, Error>(())
        })
        .await?
        .done
        > 0
    {}
    // One key after another, two events at a time.
    let firsts: Vec<String> = seen.all().into_iter().take(8).map(|(key, _)| key).collect();
    assert_eq!(firsts, ["", "", "a", "a", "b", "b", "ä", "ä"]);
    for key in ["", "a", "b", "ä"] {
        assert_eq!(seen.numbers(key), [1, 2, 3, 4, 5], "{key:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_relays_keep_the_order_of_each_key_while_events_are_published() -> Result<(), Error> {
    const KEYS: i64 = 12;
    const EVENTS: i64 = 25;
    let (_server, db) = domain::database().await;
    let pipelines = db.repository::<Pipeline>();
    for key in 0..KEYS {
        pipelines.insert(NewPipeline::new(key.to_string(), BTreeMap::new())).await?;
    }
    let (done, mut all_done) = mpsc::unbounded_channel();
    let seen = Seen::default();
    let relays = (0..4).map(|_| {
        let (db, seen, done) = (db.clone(), seen.clone(), done.clone());
        tokio::spawn(async move {
            let relay = Relay::new(&db).keys(3).events_per_key(4).poll_interval(Duration::from_millis(5));
            let handler = async |message: Message| {
                tokio::task::yield_now().await;
                seen.note(&message);
                done.send(()).map_err(drop)
            };
            relay.run(handler, pending::<()>()).await
        })
    });
    let relays: Vec<_> = relays.collect();
    // Two publishers for each key, whose order is that of the rows' versions.
    let publishers = (0..KEYS * 2).map(|publisher| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..EVENTS {
                db.transact(async |work| {
                    let pipelines = work.repository::<Pipeline>();
                    let key = (publisher % KEYS).to_string();
                    let found =
                        pipelines.filter(|p| p.name.eq(&key)).update(|p| p.is_active.set(true)).await?;
                    assert_eq!(found, 1);
                    let pipeline = pipelines.find_by_name(&key).await?.expect("it was inserted");
                    work.publish(&renamed(&key, pipeline.version))
                })
                .await?;
            }
            Ok::<_, Error>(())
        })
    });
    for publisher in publishers.collect::<Vec<_>>() {
        publisher.await.expect("no publisher panics")?;
    }
    for _ in 0..KEYS * EVENTS * 2 {
        tokio::time::timeout(PATIENCE, all_done.recv()).await.expect("all events are handed on in time");
    }
    for relay in relays {
        relay.abort();
    }
    for key in 0..KEYS {
        let numbers = seen.numbers(&key.to_string());
        assert_eq!(numbers.len() as i64, EVENTS * 2);
        assert!(numbers.is_sorted(), "{key}: {numbers:?}");
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len() as i64, EVENTS * 2, "{key}: {numbers:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_relay_was_at_when_it_was_killed_is_handed_on_again() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    publish(&db, "a", 1..=3).await?;
    publish(&db, "b", 1..=1).await?;
    let seen = Seen::default();
    let (reached, at_second) = oneshot::channel();
    let reached = Arc::new(Mutex::new(Some(reached)));
    let killed = tokio::spawn({
        let (db, seen) = (db.clone(), seen.clone());
        async move {
            let handler = async |message: Message| {
                seen.note(&message);
                if seen.numbers("a") == [1, 2] {
                    if let Some(reached) = reached.lock().expect("no test panics with it").take() {
                        let _ = reached.send(());
                    }
                    pending::<()>().await;
                }
                Ok::<_, Error>(())
            };
            Relay::new(&db).keys(1).run(handler, pending::<()>()).await
        }
    });
    at_second.await.expect("the relay comes that far");
    // Another relay gets other keys meanwhile.
    let relay = Relay::new(&db);
    let handed = relay
        .run_once(async |message| {
            seen.note(&message);
            Ok::<_, Error>(())
        })
        .await?;
    assert_eq!((handed.done, seen.numbers("b")), (1, vec![1]));
    assert_eq!(seen.numbers("a"), [1, 2]);

    killed.abort();
    assert!(killed.await.expect_err("it was aborted").is_cancelled());
    let rest = async {
        while relay
            .run_once(async |message| {
                seen.note(&message);
                Ok::<_, Error>(())
            })
            .await?
            .done
            == 0
        {}
        Ok::<_, Error>(())
    };
    tokio::time::timeout(PATIENCE, rest).await.expect("the server notices that the relay is gone")?;
    assert_eq!(seen.numbers("a"), [1, 2, 1, 2, 3]);
    Ok(())
}

#[tokio::test]
async fn a_relay_that_listens_is_woken_at_once_and_stops_when_it_is_asked_to() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let (sender, mut received) = mpsc::unbounded_channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn({
        let relay = Relay::new(&db).listen("some \"events\"").poll_interval(PATIENCE * 60);
        async move { relay.run(async |message: Message| sender.send(message.id), stopped).await }
    });
    for id in 1..=3 {
        let work = db.unit_of_work();
        work.publish(&renamed("a", id))?;
        Sql::unchecked("SELECT pg_notify('some \"events\"', '')").execute(&work).await?;
        work.commit().await?;
        let heard =
            tokio::time::timeout(PATIENCE, received.recv()).await.expect("it does not wait for its poll");
        assert_eq!(heard, Some(id));
    }
    drop(stop);
    tokio::time::timeout(PATIENCE, running).await.expect("it stops").map_err(Error::other)??;
    Ok(())
}

#[tokio::test]
async fn a_relay_outlives_its_connections() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let (sender, mut received) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).listen("events").poll_interval(Duration::from_millis(20));
    let running = tokio::spawn(async move {
        relay.run(async |message: Message| sender.send(message.id), pending::<()>()).await
    });
    let others = Database::connect(server.url()).await?;
    for id in 1..=3 {
        publish(&others, "a", [id]).await?;
        let hearing = async {
            // The one before may come again, if its relay was cut off before it had noted it down.
            while received.recv().await.expect("it goes on") < id {}
        };
        tokio::time::timeout(PATIENCE, hearing).await.expect("it goes on");
        Sql::unchecked("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .execute(&others)
            .await?;
    }
    assert!(!running.is_finished());
    running.abort();
    Ok(())
}

#[tokio::test]
async fn a_connection_that_is_lost_while_events_are_handed_on_loses_none() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    publish(&db, "a", 1..=3).await?;
    let proxy = Proxy::start(&server).await;
    let through_proxy = Database::connect(proxy.url()).await?;
    let (seen, cuts) = (Seen::default(), &AtomicUsize::new(0));
    let (all, done) = oneshot::channel::<()>();
    let all = &Mutex::new(Some(all));
    let handler = async |message: Message| {
        seen.note(&message);
        // The first two times the last event is as far as it gets.
        if message.id == 3 && cuts.fetch_add(1, Ordering::Relaxed) < 2 {
            proxy.cut_now();
        } else if message.id == 3 {
            drop(all.lock().expect("no test panics with it").take());
        }
        Ok::<_, Error>(())
    };
    let relay = Relay::new(&through_proxy).poll_interval(Duration::from_millis(20));
    let running = relay.run(handler, done);
    tokio::time::timeout(PATIENCE, running).await.expect("it comes to an end")?;
    assert_eq!(seen.numbers("a"), [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    assert_eq!(waiting(&db).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_relay_without_its_table_says_so() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    Sql::unchecked("DROP TABLE persist_outbox").execute(&db).await?;
    let outcome = Relay::new(&db).run(async |_| Ok::<_, Error>(()), pending::<()>()).await;
    assert!(outcome.is_err_and(|error| error.is_invalid_query()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_events_are_handed_on_in_order_and_purged() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    // One key with half of them, a hundred keys with the rest.
    publish(&db, "deep", 1..=5_000).await?;
    let work = db.unit_of_work();
    for number in 0..5_000 {
        work.publish(&renamed(number % 100, number / 100))?;
    }
    work.commit().await?;
    let (seen, relay) = (Seen::default(), Relay::new(&db).keys(20).events_per_key(500));
    let handing = async {
        while relay
            .run_once(async |message| {
                seen.note(&message);
                Ok::<_, Error>(())
            })
            .await?
            .done
            > 0
        {}
        Ok::<_, Error>(())
    };
    tokio::time::timeout(PATIENCE, handing).await.expect("it does not take that long")?;
    assert_eq!(seen.all().len(), 10_000);
    assert_eq!(seen.numbers("deep"), (1..=5_000).collect::<Vec<_>>());
    assert!((0..100).all(|key| seen.numbers(&key.to_string()) == (0..50).collect::<Vec<_>>()));

    publish(&db, "deep", [1]).await?;
    assert_eq!(relay.purge(PATIENCE * 60).await?, 0);
    assert_eq!(relay.purge(Duration::ZERO).await?, 10_000);
    assert_eq!(waiting(&db).await?, 1);
    Ok(())
}

/// Says that it was dropped.
struct Guard(mpsc::UnboundedSender<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// Hands on what waits, in the place of a relay that goes on.
async fn hand_on(db: &Database, seen: &Seen) -> Result<usize, Error> {
    let handler = async |message: Message| {
        seen.note(&message);
        Ok::<_, Error>(())
    };
    Relay::new(db).run_once(handler).await.map(|handed| handed.done)
}

#[tokio::test]
async fn a_key_is_in_one_hand_also_where_an_older_transaction_commits_later() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let older = server.client().await;
    let publishing = "BEGIN; INSERT INTO persist_outbox (key, topic, payload) VALUES ('a', 'renamed', '{\"pipeline\": \"a\", \"number\": 1}')";
    older.batch_execute(publishing).await.expect("it is published");
    publish(&db, "a", 2..=3).await?;

    let seen = Seen::default();
    let ((reached, at_second), (go_on, going_on)) = (oneshot::channel(), oneshot::channel::<()>());
    let gate = Arc::new(Mutex::new(Some((reached, going_on))));
    let first = tokio::spawn({
        let (db, seen) = (db.clone(), seen.clone());
        async move {
            let handler = async |message: Message| {
                seen.note(&message);
                let gate = gate.lock().expect("no test panics with it").take();
                if let Some((reached, going_on)) = gate {
                    let _ = reached.send(());
                    let _ = going_on.await;
                }
                Ok::<_, Error>(())
            };
            Relay::new(&db).run_once(handler).await
        }
    });
    at_second.await.expect("the relay comes that far");
    older.batch_execute("COMMIT").await.expect("it is committed");
    // The oldest event of the key is none of those that are in hand.
    let second =
        tokio::time::timeout(PATIENCE, hand_on(&db, &seen)).await.expect("no relay waits for another")?;
    assert_eq!((second, seen.numbers("a")), (0, vec![2]));
    drop(go_on);
    assert_eq!(first.await.map_err(Error::other)??.done, 2);
    assert_eq!((hand_on(&db, &seen).await?, seen.numbers("a")), (1, vec![2, 3, 1]));
    Ok(())
}

#[tokio::test]
async fn what_is_to_wait_waits_behind_an_older_event_that_appears() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    publish(&db, "a", 1..=3).await?;
    let later = "UPDATE persist_outbox SET retry_at = now() + interval '1 hour' WHERE id = 2";
    Sql::unchecked(later).execute(&db).await?;
    let seen = Seen::default();
    assert_eq!((hand_on(&db, &seen).await?, seen.numbers("a")), (1, vec![1]));
    assert_eq!(hand_on(&db, &seen).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_handler_is_dropped_when_the_connection_of_its_relay_is_lost() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    publish(&db, "a", 1..=1).await?;
    let proxy = Proxy::start(&server).await;
    let others = server.client().await;
    for way in ["ended by the server", "cut", "frozen"] {
        let relayed = Database::connect(proxy.url()).await?;
        let (dropped, mut is_dropped) = mpsc::unbounded_channel();
        let (reached, mut is_reached) = mpsc::unbounded_channel();
        let handler = async |_| {
            let _guard = Guard(dropped.clone());
            let _ = reached.send(());
            pending::<Result<(), Error>>().await
        };
        let losing = async {
            is_reached.recv().await.expect("the relay comes that far");
            match way {
                "cut" => proxy.cut_now(),
                "frozen" => proxy.freeze_now(),
                _ => {
                    let ending = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
                    others.batch_execute(ending).await.expect("the relay holds its key by a lock");
                }
            }
        };
        let relay = Relay::new(&relayed);
        let (outcome, ()) =
            tokio::time::timeout(PATIENCE, async { tokio::join!(relay.run_once(handler), losing) })
                .await
                .unwrap_or_else(|_| panic!("{way}: it is noticed"));
        let error = outcome.expect_err("nothing can be noted down");
        assert!(error.is_connection_lost() || error.is_timeout(), "{way}: {error:?}");
        assert!(is_dropped.try_recv().is_ok(), "{way}");
        proxy.heal();
    }
    // The server lets the key go when it notices, which takes it a moment.
    let seen = Seen::default();
    let taking_over = async {
        while hand_on(&db, &seen).await? == 0 {}
        Ok::<_, Error>(())
    };
    tokio::time::timeout(PATIENCE, taking_over).await.expect("another relay gets it")?;
    assert_eq!(seen.numbers("a"), [1]);
    Ok(())
}

/// Makes what a relay notes down fail by the SQLSTATEs in a table.
const TROUBLE: &str = "CREATE TABLE trouble (code text NOT NULL);
    CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE found text;
    BEGIN
        FOR found IN SELECT code FROM trouble LOOP
            RAISE EXCEPTION 'trouble' USING ERRCODE = found;
        END LOOP;
        RETURN NEW;
    END $$;
    CREATE TRIGGER trouble BEFORE UPDATE ON persist_outbox FOR EACH ROW EXECUTE FUNCTION trouble()";

#[tokio::test]
async fn a_relay_waits_for_what_passes_and_says_why() -> Result<(), Error> {
    const PASSING: [&str; 20] = [
        "08006", "08P01", "0A000", "23505", "25006", "25P02", "26000", "40001", "40P01", "42P05", "53100",
        "53200", "53300", "55006", "55P03", "57014", "57P03", "58030", "P0001", "XX000",
    ];
    let (server, db) = domain::database().await;
    let client = server.client().await;
    client.batch_execute(TROUBLE).await.expect("there is trouble");
    let (told, mut hears) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send(error.code().map(str::to_owned));
    });
    let running = tokio::spawn(async move { relay.run(async |_| Ok::<_, Error>(()), pending::<()>()).await });
    for (id, code) in (1..).zip(PASSING) {
        client.execute("INSERT INTO trouble VALUES ($1)", &[&code]).await.expect("there is trouble");
        publish(&db, "a", [id]).await?;
        let heard = async { while hears.recv().await.expect("it goes on").as_deref() != Some(code) {} };
        tokio::time::timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("{code} is told"));
        client.batch_execute("DELETE FROM trouble").await.expect("it passes");
        let done = async {
            while waiting(&db).await? > 0 {}
            Ok::<_, Error>(())
        };
        tokio::time::timeout(PATIENCE, done).await.unwrap_or_else(|_| panic!("it goes on after {code}"))?;
    }
    client.batch_execute("INSERT INTO trouble VALUES ('42703')").await.expect("there is trouble");
    publish(&db, "a", [1]).await?;
    let outcome = tokio::time::timeout(PATIENCE, running).await.expect("this does not pass");
    assert_eq!(outcome.map_err(Error::other)?.expect_err("it ends").code(), Some("42703"));
    Ok(())
}

#[tokio::test]
async fn a_relay_waits_for_a_server_that_stops_and_for_a_standby() -> Result<(), Error> {
    let cluster = Cluster::builder().setting("wal_level", "replica").start().await;
    cluster.migrate_sample_domain().await;
    let db = Database::connect(&cluster.url()).await?;
    let (told, mut hears) = mpsc::unbounded_channel();
    let (handed, mut is_handed) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send((error.is_connect(), error.code().map(str::to_owned)));
    });
    let handler = async move |message: Message| handed.send(message.id);
    let running = tokio::spawn(async move { relay.run(handler, pending::<()>()).await });
    let script = "DO $$ BEGIN EXECUTE format('COPY (SELECT) TO %L', current_setting('data_directory') || '/standby.signal'); END $$";
    cluster.client().await.batch_execute(script).await.expect("it will be a standby");
    publish(&db, "a", [1]).await?;
    assert_eq!(tokio::time::timeout(PATIENCE, is_handed.recv()).await, Ok(Some(1)));

    cluster.stop().await;
    let unreachable = async { while !hears.recv().await.expect("it goes on").0 {} };
    tokio::time::timeout(PATIENCE, unreachable).await.expect("it says that there is no server");
    cluster.start().await;
    let standby = async { while hears.recv().await.expect("it goes on").1.as_deref() != Some("0A000") {} };
    tokio::time::timeout(PATIENCE, standby).await.expect("it says that the server is a standby");
    cluster.client().await.batch_execute("SELECT pg_promote()").await.expect("it is promoted");
    publish(&db, "a", [2]).await?;
    let second = async { while is_handed.recv().await.expect("it goes on") != 2 {} };
    tokio::time::timeout(PATIENCE, second).await.expect("it goes on");
    assert!(!running.is_finished());
    running.abort();
    Ok(())
}

#[tokio::test]
async fn a_relay_that_was_let_in_before_waits_to_be_let_in_again() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let (client, role) = (server.client().await, format!("{}_relay", server.name()));
    client
        .batch_execute(&format!("CREATE ROLE {role} LOGIN; GRANT SELECT, UPDATE ON persist_outbox TO {role}"))
        .await
        .expect("a role can be made");
    let Some((_, place)) = server.url().split_once('@') else { panic!("an address names a user") };
    let relayed = Database::connect(&format!("postgresql://{role}@{place}")).await?;
    let (told, mut hears) = mpsc::unbounded_channel();
    let (handed, mut is_handed) = mpsc::unbounded_channel();
    let relay = Relay::new(&relayed).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send(error.is_authentication());
    });
    let handler = async move |message: Message| handed.send(message.id);
    let running = tokio::spawn(async move { relay.run(handler, pending::<()>()).await });
    publish(&db, "a", [1]).await?;
    assert_eq!(tokio::time::timeout(PATIENCE, is_handed.recv()).await, Ok(Some(1)));

    let shut = format!(
        "ALTER ROLE {role} NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
    );
    client.batch_execute(&shut).await.expect("the role is kept out");
    let refused = async { while !hears.recv().await.expect("it goes on") {} };
    tokio::time::timeout(PATIENCE, refused).await.expect("it says that it is kept out");
    // One that begins now has nothing to wait for.
    let outcome = Relay::new(&relayed).run(async |_| Ok::<_, Error>(()), pending::<()>()).await;
    assert!(outcome.is_err_and(|error| error.is_authentication()));
    client.batch_execute(&format!("ALTER ROLE {role} LOGIN")).await.expect("the role is let in");
    publish(&db, "a", [2]).await?;
    let second = async { while is_handed.recv().await.expect("it goes on") != 2 {} };
    tokio::time::timeout(PATIENCE, second).await.expect("it goes on");
    running.abort();
    let _ = running.await;
    drop(relayed);
    client.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.expect("the role is gone");
    Ok(())
}

/// What became of events is noted down in the transaction that holds their keys, or not at all.
#[tokio::test]
async fn a_relay_whose_transaction_is_gone_notes_nothing_down_and_goes_on() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let client = server.client().await;
    publish(&db, "a", [1]).await?;
    // The mark of the transaction is gone with the first look at the table, as where a pooler has lost all of it.
    let trouble = "ALTER TABLE persist_outbox RENAME TO events;
        CREATE VIEW persist_outbox AS SELECT * FROM events WHERE set_config('persist.tx', '', false) IS NOT NULL";
    client.batch_execute(trouble).await.expect("there is trouble");
    let (told, mut hears) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send(error.to_string());
    });
    let running = tokio::spawn(async move { relay.run(async |_| Ok::<_, Error>(()), pending::<()>()).await });
    let said = tokio::time::timeout(PATIENCE, hears.recv()).await.expect("it says so").expect("it goes on");
    assert!(said.contains("`persist.tx`"), "{said}");
    client
        .batch_execute("DROP VIEW persist_outbox; ALTER TABLE events RENAME TO persist_outbox")
        .await
        .expect("it passes");
    let done = async {
        while waiting(&db).await? > 0 {}
        Ok::<_, Error>(())
    };
    tokio::time::timeout(PATIENCE, done).await.expect("it goes on")?;
    running.abort();
    Ok(())
}

/// That it could not reach the server, and waited, does not mean that it was let in.
#[tokio::test]
async fn a_relay_that_waited_and_was_never_let_in_says_so() -> Result<(), Error> {
    let (server, _db) = domain::database().await;
    let (client, role) = (server.client().await, format!("{}_kept_out", server.name()));
    client.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await.expect("a role can be made");
    let proxy = Proxy::start(&server).await;
    let Some((_, place)) = proxy.url().split_once('@') else { panic!("an address names a user") };
    let db = Database::connect(&format!("postgresql://{role}@{place}")).await?;
    client.batch_execute(&format!("ALTER ROLE {role} NOLOGIN")).await.expect("the role is kept out");
    proxy.cut_now();
    proxy.refuse();
    let (told, mut hears) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).poll_interval(Duration::from_millis(5)).on_wait(move |_| {
        let _ = told.send(());
    });
    let running = tokio::spawn(async move { relay.run(async |_| Ok::<_, Error>(()), pending::<()>()).await });
    for _waits in 0..3 {
        assert_eq!(tokio::time::timeout(PATIENCE, hears.recv()).await, Ok(Some(())));
    }
    proxy.heal();
    let outcome = tokio::time::timeout(PATIENCE, running).await.expect("it ends");
    assert!(outcome.map_err(Error::other)?.is_err_and(|error| error.is_authentication()));
    client.batch_execute(&format!("DROP ROLE {role}")).await.expect("the role is gone");
    Ok(())
}

#[tokio::test]
async fn a_relay_that_seldom_polls_listens_again_at_once() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let client = server.client().await;
    let (told, mut hears) = mpsc::unbounded_channel();
    let (handed, mut is_handed) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).listen("events").poll_interval(PATIENCE * 60).on_wait(move |error| {
        let _ = told.send(error.is_connection_lost());
    });
    let handler = async move |message: Message| handed.send(message.id);
    let running = tokio::spawn(async move { relay.run(handler, pending::<()>()).await });
    let mut telling = async |id| {
        publish(&db, "a", [id]).await?;
        let handed = async {
            // It may not listen yet.
            while is_handed.try_recv().is_err() {
                client.batch_execute("SELECT pg_notify('events', '')").await.expect("it is told");
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, handed).await.expect("it listens");
        Ok::<_, Error>(())
    };
    telling(1).await?;
    let ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    client.batch_execute(ending).await.expect("it hears nothing any more");
    assert_eq!(tokio::time::timeout(PATIENCE, hears.recv()).await, Ok(Some(true)));
    telling(2).await?;
    running.abort();
    Ok(())
}
