//! Documents of type `json`, which keep their text.

use persist::prelude::*;
use serde_json::{Value, json};

use crate::stored;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Sheet {
    #[persist(id)]
    id: i32,
    name: String,
    content: Option<Json<Value>>,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    let sheets = db.repository::<Sheet>();
    sheets.insert(NewSheet::new(1, "sheet")).await?;
    for document in [
        r#"{"b": 12345678901234567890123456789, "a": [0.33333333333333333333, 1.10]}"#,
        r#"[1e0, 9007199254740993, -18446744073709551616, "x"]"#,
    ] {
        persist::Sql::unchecked(format!("UPDATE sheets SET content = '{document}'")).execute(db).await?;
        let mut sheet = sheets.get(1).await?;
        sheet.name += "s";
        sheets.update(&sheet).await?;
        assert_eq!(stored(db, CONTENT).await?, document, "by the repository");
        let uow = db.unit_of_work();
        sheet.name += "s";
        uow.save(&sheet)?;
        uow.commit().await?;
        assert_eq!(stored(db, CONTENT).await?, document, "by a unit of work that has not read it");
    }
    for (document, written) in [
        (Some(json!({"a": 1})), r#"{"a":1}"#),
        (Some(json!("\0 and \\u0000")), r#""\u0000 and \\u0000""#),
        (Some(json!("\0")), r#""\u0000""#),
        (Some(json!(0.5)), "0.5"),
        (Some(json!(0.25)), "0.25"),
        (None, ""),
        (Some(json!(null)), "null"),
    ] {
        let mut sheet = sheets.get(1).await?;
        sheet.content = document.map(Json);
        assert_eq!(sheets.update(&sheet).await?, sheet);
        assert_eq!(stored(db, CONTENT).await?, written);
    }
    Ok(())
}

const CONTENT: &str = "SELECT content::text FROM sheets";
