//! Only what was changed is written: triggers note which columns the UPDATE statements name, row by row.

use std::collections::{BTreeMap, BTreeSet};

use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{Log, NewExecution, NewLog, NewPipeline, NewStep, NewTag, Pipeline, Step, Tag};

const TABLES: [&str; 6] =
    ["pipelines", "pipeline_steps", "pipeline_executions", "execution_logs", "pipeline_tags", "tags"];

/// A trigger for each column, which is called for a row whenever an UPDATE names the column, changed or not;
/// and one for the rows that come and go.
async fn note_what_is_written(client: &Client) -> Result {
    let noted = "CREATE TABLE noted (what text NOT NULL);
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO noted SELECT concat_ws(' ', TG_OP, TG_TABLE_NAME, TG_ARGV[0],
                coalesce(row ->> 'id', row ->> 'tag_id'))
            FROM (SELECT to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END) AS row) r;
            RETURN NULL;
        END $$;";
    client.batch_execute(noted).await?;
    for table in TABLES {
        let events = format!(
            "CREATE TRIGGER noted AFTER INSERT OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION note();"
        );
        client.batch_execute(&events).await?;
        let columns = "SELECT attname FROM pg_attribute
            WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''";
        for column in client.query(columns, &[&table]).await? {
            let column: &str = column.get(0);
            let update = format!(
                "CREATE TRIGGER noted_{column} AFTER UPDATE OF {column} ON {table}
                     FOR EACH ROW EXECUTE FUNCTION note('{column}')"
            );
            client.batch_execute(&update).await?;
        }
    }
    Ok(())
}

/// What was written since it was last asked, each as often as it was.
async fn noted(client: &Client) -> Result<Vec<String>> {
    let rows = client.query("WITH d AS (DELETE FROM noted RETURNING what) SELECT what FROM d", &[]).await?;
    let mut noted: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    noted.sort();
    Ok(noted)
}

struct Watched {
    server: TestDatabase,
    client: Client,
    proxy: Proxy,
    db: Database,
    /// Two pipelines with three steps, two tags and two executions of two logs each.
    ids: [Uuid; 2],
}

async fn watched() -> Result<Watched> {
    let server = TestDatabase::new().await;
    let client = server.client().await;
    let proxy = Proxy::start(&server).await;
    let db = Database::builder().url(proxy.url()).pool_size(1).connect().await?;
    let uow = db.unit_of_work();
    let tags = ["hourly", "nightly"].map(|name| uow.insert(NewTag::new(name)));
    let [hourly, nightly] = tags;
    let (hourly, nightly) = (hourly?, nightly?);
    uow.insert(NewTag::new("weekly"))?;
    let mut ids = [Uuid::nil(); 2];
    for (id, name) in ids.iter_mut().zip(["one", "two"]) {
        let environment: BTreeMap<String, String> =
            ["A", "B", "C"].map(|key| (key.to_owned(), key.to_lowercase())).into();
        let steps = (1..=3).map(|n| NewStep::new(Parent, format!("step {n}")).position(n));
        let executions = (1..=2).map(|n| {
            NewExecution::new(Parent, n).logs(["first", "second"].map(|line| NewLog::new(Parent, line)))
        });
        let new = NewPipeline::new(name, environment).steps(steps).executions(executions);
        let handle = uow.insert(new.tags([hourly, nightly]))?;
        *id = uow.key(handle).ok_or("made by the client")?;
    }
    uow.commit().await?;
    note_what_is_written(&client).await?;
    Ok(Watched { server, client, proxy, db, ids })
}

impl Watched {
    /// Loads the pipelines, lets them be changed, saves them, and answers what was written.
    async fn written(&self, change: impl FnOnce(&mut Pipeline, &mut Pipeline)) -> Result<BTreeSet<String>> {
        let uow = self.db.unit_of_work();
        let pipelines = uow.repository::<Pipeline>();
        let (mut one, mut two) = (pipelines.get(self.ids[0]).await?, pipelines.get(self.ids[1]).await?);
        change(&mut one, &mut two);
        uow.save(&one)?;
        uow.save(&two)?;
        uow.commit().await?;
        let noted = noted(&self.client).await?;
        let once: BTreeSet<String> = noted.iter().cloned().collect();
        assert_eq!(noted.len(), once.len(), "written twice: {noted:#?}");
        Ok(once)
    }
}

#[track_caller]
fn same(written: &BTreeSet<String>, expected: &[String]) {
    assert_eq!(written, &expected.iter().cloned().collect::<BTreeSet<_>>());
}

/// The columns of a row that an update names.
fn updates(table: &str, row: impl std::fmt::Display, columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| format!("UPDATE {table} {column} {row}")).collect()
}

#[tokio::test]
async fn nothing_that_was_not_changed() -> Result {
    let watched = watched().await?;
    let Watched { client, proxy, db, ids, .. } = &watched;
    let uow = db.unit_of_work();
    let mut pipelines = Vec::new();
    for id in ids {
        pipelines.push(uow.repository::<Pipeline>().get(*id).await?);
    }
    for pipeline in &mut pipelines {
        // There and back again is no change.
        pipeline.steps.reverse();
        pipeline.tags.reverse();
        pipeline.name = pipeline.name.clone();
        uow.save(pipeline)?;
        uow.save(pipeline)?;
    }
    assert_round_trips!(proxy, 0, uow.flush().await?);
    uow.commit().await?;
    assert_eq!(noted(client).await?, Vec::<String>::new());
    drop(watched.server);
    Ok(())
}

#[tokio::test]
async fn columns_of_the_root() -> Result {
    let watched = watched().await?;
    let [one, two] = watched.ids;
    let written = watched
        .written(|one, two| {
            one.description = Some("runs at night".into());
            two.is_active = false;
            two.environment_variables.0.insert("D".into(), "d".into());
        })
        .await?;
    let expected = [
        updates("pipelines", one, &["description", "version"]),
        updates("pipelines", two, &["is_active", "environment_variables", "version"]),
    ];
    same(&written, &expected.concat());
    let written = watched.written(|one, _| one.description = None).await?;
    same(&written, &updates("pipelines", one, &["description", "version"]));
    Ok(())
}

/// A change of a child alone is a change of its aggregate: the version of the root moves.
#[tokio::test]
async fn columns_of_children() -> Result {
    let watched = watched().await?;
    let [one, two] = watched.ids;
    let mut expected = Vec::new();
    let written = watched
        .written(|first, second| {
            first.steps[0].enabled = false;
            first.steps[2].name = "load".into();
            second.executions[1].error_message = Some("out of memory".into());
            second.executions[0].logs[1].message = "changed".into();
            expected.push(updates("pipelines", one, &["version"]));
            expected.push(updates("pipelines", two, &["version"]));
            expected.push(updates("pipeline_steps", first.steps[0].id, &["enabled"]));
            expected.push(updates("pipeline_steps", first.steps[2].id, &["name"]));
            expected.push(updates("pipeline_executions", second.executions[1].id, &["error_message"]));
            expected.push(updates("execution_logs", second.executions[0].logs[1].id, &["message"]));
        })
        .await?;
    same(&written, &expected.concat());
    Ok(())
}

#[tokio::test]
async fn children_that_come_go_and_move() -> Result {
    let watched = watched().await?;
    let [one, two] = watched.ids;
    let mut expected = Vec::new();
    let added = Uuid::now_v7();
    let written = watched
        .written(|first, second| {
            let gone = first.steps.remove(0);
            let mut moved = first.steps.remove(0);
            let mut execution = second.executions.pop().expect("there are two");
            expected.push(vec![format!("DELETE pipeline_steps {}", gone.id)]);
            expected.push(updates("pipeline_steps", moved.id, &["pipeline_id", "position"]));
            expected.push(updates("pipeline_executions", execution.id, &["pipeline_id", "execution_number"]));
            expected.push(vec![format!("INSERT pipeline_steps {added}")]);
            expected.push(updates("pipelines", one, &["version"]));
            expected.push(updates("pipelines", two, &["version"]));
            (moved.pipeline_id, moved.position) = (second.id, 4);
            (execution.pipeline_id, execution.execution_number) = (first.id, 3);
            second.steps.push(Step { id: added, position: 5, name: "verify".into(), ..moved.clone() });
            second.steps.push(moved);
            first.executions.push(execution);
        })
        .await?;
    same(&written, &expected.concat());
    Ok(())
}

#[tokio::test]
async fn links() -> Result {
    let watched = watched().await?;
    let [one, two] = watched.ids;
    let weekly = watched.db.repository::<Tag>().find_by_name("weekly").await?.ok_or("it is there")?;
    let mut expected = vec![format!("INSERT pipeline_tags {}", weekly.id)];
    let written = watched
        .written(|first, second| {
            expected.push(format!("DELETE pipeline_tags {}", first.tags[0].id));
            first.tags[0] = weekly;
            expected.push(format!("DELETE pipeline_tags {}", second.tags[1].id));
            second.tags.remove(1);
            expected.extend(updates("pipelines", one, &["version"]));
            expected.extend(updates("pipelines", two, &["version"]));
        })
        .await?;
    same(&written, &expected);
    Ok(())
}

/// A child without a row above it that would have to move: the row itself, and nothing else.
#[tokio::test]
async fn a_row_that_is_saved_by_itself() -> Result {
    let watched = watched().await?;
    let uow = watched.db.unit_of_work();
    let mut logs = uow.repository::<Log>().all().await?;
    logs[3].message = "other".into();
    for log in &logs {
        uow.save(log)?;
    }
    uow.commit().await?;
    assert_eq!(noted(&watched.client).await?, updates("execution_logs", logs[3].id, &["message"]));
    // Changed twice before it is sent: written once. And what was sent is not sent again.
    let uow = watched.db.unit_of_work();
    let mut log = uow.repository::<Log>().get(logs[0].id).await?;
    for message in ["once", "twice"] {
        log.message = message.into();
        uow.save(&log)?;
    }
    uow.flush().await?;
    uow.save(&log)?;
    assert_round_trips!(watched.proxy, 0, uow.flush().await?);
    uow.commit().await?;
    assert_eq!(noted(&watched.client).await?, updates("execution_logs", log.id, &["message"]));
    assert_eq!(watched.db.repository::<Log>().get(log.id).await?.message, "twice");
    Ok(())
}
