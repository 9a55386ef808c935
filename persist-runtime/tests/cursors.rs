//! Cursors that are signed with the secret that everybody can read, and hold anything.
#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use persist::query::Query;
use persist::{Cursor, Database, PageRequest, Sql};
use persist_sample::{
    BTreeMap, Execution, NewExecution, NewPipeline, NewPlugin, Pipeline, Plugin, PluginType, Uuid,
};
use persist_testkit::TestDatabase;
use sha2::Sha256;

/// What stands in front of the values: version, flags and three fingerprints.
const HEAD: usize = 14;
const MAC: usize = 16;

/// A cursor of the same query with other values, each after its length plus one.
fn forged(cursor: &Cursor, values: &[&[u8]]) -> Cursor {
    let bytes = URL_SAFE_NO_PAD.decode(cursor.to_string()).unwrap();
    assert!(bytes.len() > HEAD + MAC);
    let mut bytes = bytes[..HEAD].to_vec();
    for value in values {
        bytes.push(u8::try_from(value.len() + 1).unwrap());
        bytes.extend_from_slice(value);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(b"persist: no cursor secret was configured").unwrap();
    mac.update(&bytes);
    bytes.extend_from_slice(&mac.finalize().into_bytes()[..MAC]);
    URL_SAFE_NO_PAD.encode(bytes).parse().unwrap()
}

const VALUES: &[&[u8]] = &[
    b"",
    b"a",
    b"\0",
    b"\xff",
    b"a\0b",
    b"succeeded",
    &[1, b'['],
    &[2],
    &[0; 2],
    &[0xff; 2],
    &[0; 4],
    &[0x7f, 0xff, 0xff, 0xfe],
    &[0x80; 4],
    &[0; 8],
    &[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
    &[0x80, 0, 0, 0, 0, 0, 0, 1],
    &[0xff; 8],
    &[0, 1, 0, 0, 0x12, 0, 0, 0, 0, 1],
    &[0; 12],
    &[0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 25],
    &[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 1],
    &[0xff; 16],
    &[0; 100],
];

/// Every value in the place of the first one of the order: answered, or no cursor.
async fn tried<'q, E: persist::Entity + persist::View<Of = E>>(name: &str, query: impl Fn() -> Query<'q, E>) {
    let first = query().page(PageRequest::first(1)).await.unwrap();
    let next = first.next.expect("there is another page");
    for value in VALUES {
        for key in [&[7_u8; 16][..], b"no key"] {
            let request = PageRequest::first(1).after(forged(&next, &[value, key]));
            if let Err(error) = query().page(request).await {
                assert!(error.is_invalid_cursor() && error.code().is_none(), "{name} {value:?}: {error:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_forged_cursor_is_none() {
    let server = TestDatabase::new().await;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await.unwrap();
    let (pipelines, executions) = (db.repository::<Pipeline>(), db.repository::<Execution>());
    let plugins = db.repository::<Plugin>();
    let mut id = Uuid::nil();
    for name in ["a", "b", "c"] {
        id = pipelines.insert(NewPipeline::new(name, BTreeMap::new())).await.unwrap().id;
        plugins.insert(NewPlugin::new(name, "1", PluginType::Sink)).await.unwrap();
    }
    for number in 1..4 {
        executions.insert(NewExecution::new(id, number)).await.unwrap();
    }
    Sql::unchecked("UPDATE pipeline_executions SET started_at = now(), finished_at = now()")
        .execute(&db)
        .await
        .unwrap();
    tried("text", || pipelines.order_by(|p| p.name.asc())).await;
    tried("bool", || pipelines.order_by(|p| p.is_active.asc())).await;
    tried("bigint", || pipelines.order_by(|p| p.version.desc())).await;
    tried("timestamptz", || pipelines.order_by(|p| p.created_at.asc())).await;
    tried("uuid", || pipelines.order_by(|p| p.owner_id.asc())).await;
    tried("enum", || executions.order_by(|e| e.status.asc())).await;
    tried("integer", || executions.order_by(|e| e.execution_number.asc())).await;
    tried("interval", || executions.order_by(|e| e.duration.asc())).await;
    tried("document", || plugins.order_by(|p| p.configuration.asc())).await;
    tried("array", || plugins.order_by(|p| p.capabilities.asc())).await;
}
