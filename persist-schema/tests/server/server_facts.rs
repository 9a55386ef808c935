//! What the server knows.

use tokio_postgres::Client;

use crate::Facts;

pub(crate) async fn of(client: &Client) -> Facts {
    let rows = client.query(include_str!("facts.sql"), &[]).await.expect("the server's facts");
    rows.iter().map(|row| (row.get(0), row.get::<_, Option<String>>(1).unwrap_or_default())).collect()
}
