//! Takes rows out of relations, and puts them into others.

use persist::prelude::*;

/// Two relations over one key.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "boards")]
struct Board {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many(table = "cards"), filter = "status = 'todo'")]
    todo: Vec<Card>,
    #[persist(has_many(table = "cards"), filter = "status = 'done'")]
    done: Vec<Card>,
}

/// A relation, and one that is a part of it.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "boards")]
struct FullBoard {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many(table = "cards"), filter = "status = 'todo'")]
    todo: Vec<Card>,
    #[persist(has_many(table = "cards"))]
    cards: Vec<Card>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Card {
    #[persist(id)]
    id: i32,
    board_id: i32,
    status: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Folder {
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    id: i32,
    #[persist(has_many)]
    files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct File {
    #[persist(id)]
    id: i32,
    tenant: i32,
    folder_id: Option<i32>,
    reader_id: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Reader {
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    id: i32,
    #[persist(has_many)]
    files: Vec<File>,
}

/// It says what becomes of its files, which the migrations allow.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "folders")]
struct SayingFolder {
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    id: i32,
    #[persist(has_many, orphans = "null")]
    files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "folders")]
struct DraftFolder {
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    id: i32,
    #[persist(has_many)]
    drafts: Vec<Draft>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "readers")]
struct DraftReader {
    #[persist(id)]
    tenant: i32,
    #[persist(id)]
    id: i32,
    #[persist(has_many)]
    drafts: Vec<Draft>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Draft {
    #[persist(id)]
    id: i32,
    tenant: Option<i32>,
    folder_id: Option<i32>,
    reader_id: Option<i32>,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    for is_read_in_the_unit in [true, false] {
        from_one_relation_to_another(db, is_read_in_the_unit).await?;
    }
    a_part_of_a_relation(db).await?;
    a_key_that_is_null_in_part(db).await?;
    two_keys_that_share_a_column(db).await?;
    a_shared_column_that_may_be_null(db).await?;
    let_go_by_two_keys(db).await
}

async fn from_one_relation_to_another(db: &Database, in_the_unit: bool) -> Result<(), persist::Error> {
    let cards = [1, 2].map(|id| NewCard::new(id, Parent, "todo"));
    db.repository::<Board>().insert(NewBoard::new(1, "board").todo(cards)).await?;
    let uow = db.unit_of_work();
    let mut board = match in_the_unit {
        true => uow.repository::<Board>().get(1).await?,
        false => db.repository::<Board>().get(1).await?,
    };
    let card = board.todo.remove(0);
    board.done.push(Card { status: "done".into(), ..card });
    uow.save(&board)?;
    if in_the_unit {
        assert_eq!(uow.plan()?.to_string(), "update cards (1 row)\n");
    }
    uow.commit().await?;
    assert_eq!(db.repository::<Board>().get(1).await?, board);
    // Out of both.
    let uow = db.unit_of_work();
    let mut board = uow.repository::<Board>().get(1).await?;
    board.done.clear();
    uow.save(&board)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Card>().query().count().await?, 1);
    db.repository::<Card>().query().delete().await?;
    db.repository::<Board>().query().delete().await.map(drop)
}

/// What the whole relation holds is not taken out by a part of it.
async fn a_part_of_a_relation(db: &Database) -> Result<(), persist::Error> {
    let cards = [1, 2].map(|id| NewCard::new(id, Parent, "todo"));
    db.repository::<FullBoard>().insert(NewFullBoard::new(1, "board").cards(cards)).await?;
    let uow = db.unit_of_work();
    let mut board = uow.repository::<FullBoard>().get(1).await?;
    board.todo.remove(0);
    board.cards[0].status = "done".into();
    uow.save(&board)?;
    assert_eq!(uow.plan()?.to_string(), "update cards (1 row)\n");
    uow.commit().await?;
    assert_eq!(db.repository::<FullBoard>().get(1).await?, board);
    Ok(())
}

/// Its tenant stays.
async fn a_key_that_is_null_in_part(db: &Database) -> Result<(), persist::Error> {
    for id in 1..=2 {
        let files = [10 * id, 10 * id + 1].map(|file| NewFile::new(file, Parent).folder_id(Parent));
        db.repository::<Folder>().insert(NewFolder::new(7, id).files(files)).await?;
    }
    let uow = db.unit_of_work();
    let mut folder = uow.repository::<Folder>().get((7, 1)).await?;
    let mut saying = uow.repository::<SayingFolder>().get((7, 2)).await?;
    folder.files.remove(0);
    saying.files.remove(0);
    uow.save(&folder)?;
    uow.save(&saying)?;
    assert_eq!(uow.plan()?.to_string(), "update files (2 rows)\n");
    uow.commit().await?;
    let uow = db.unit_of_work();
    let folder = uow.repository::<Folder>().get((7, 1)).await?;
    uow.delete(&folder)?;
    uow.commit().await?;
    let files = db.repository::<File>().order_by(|f| f.id.asc()).all().await?;
    let found: Vec<_> = files.iter().map(|file| (file.id, file.tenant, file.folder_id)).collect();
    assert_eq!(found, [(10, 7, None), (11, 7, None), (20, 7, None), (21, 7, Some(2))]);
    Ok(())
}

/// What the reader holds does not keep the file in its folder.
async fn two_keys_that_share_a_column(db: &Database) -> Result<(), persist::Error> {
    db.repository::<Reader>().insert(NewReader::new(7, 1)).await?;
    let files = [NewFile::new(30, Parent).folder_id(Parent).reader_id(1)];
    db.repository::<Folder>().insert(NewFolder::new(7, 3).files(files)).await?;
    let uow = db.unit_of_work();
    let mut folder = uow.repository::<Folder>().get((7, 3)).await?;
    let reader = uow.repository::<Reader>().get((7, 1)).await?;
    folder.files.clear();
    uow.save(&reader)?;
    uow.save(&folder)?;
    uow.commit().await?;
    let file = db.repository::<File>().get(30).await?;
    assert_eq!((file.tenant, file.folder_id, file.reader_id), (7, None, Some(1)));
    Ok(())
}

/// The folder lets go of the draft, by its own column of the key: the reader still needs the tenant.
async fn a_shared_column_that_may_be_null(db: &Database) -> Result<(), persist::Error> {
    db.repository::<DraftReader>().insert(NewDraftReader::new(8, 1)).await?;
    db.repository::<DraftFolder>().insert(NewDraftFolder::new(8, 1)).await?;
    let draft = || NewDraft::new(1).tenant(8).folder_id(1).reader_id(1);
    for (holds, lets_go, is_deleted) in [
        (false, false, false),
        (true, false, false),
        (true, false, true),
        (false, true, false),
        (false, true, true),
    ] {
        db.repository::<Draft>().insert(draft()).await?;
        let uow = db.unit_of_work();
        let mut folder = uow.repository::<DraftFolder>().get((8, 1)).await?;
        let mut reader = uow.repository::<DraftReader>().get((8, 1)).await?;
        if lets_go {
            reader.drafts.clear();
        } else if holds {
            reader.drafts[0].folder_id = None;
        }
        if holds || lets_go {
            uow.save(&reader)?;
        }
        if is_deleted {
            uow.delete(&folder)?;
        } else {
            folder.drafts.clear();
            uow.save(&folder)?;
        }
        uow.commit().await?;
        let found = db.repository::<Draft>().get(1).await?;
        let reader_id = (!lets_go).then_some(1);
        let expected = Draft { id: 1, tenant: Some(8), folder_id: None, reader_id };
        assert_eq!(found, expected, "holds: {holds}, lets go: {lets_go}, deleted: {is_deleted}");
        db.repository::<Draft>().delete(1).await?;
        if is_deleted {
            db.repository::<DraftFolder>().insert(NewDraftFolder::new(8, 1)).await?;
        }
    }
    Ok(())
}

/// Another session has moved it by one of them: it is asked for both.
async fn let_go_by_two_keys(db: &Database) -> Result<(), persist::Error> {
    for id in [1, 2] {
        db.repository::<DraftReader>().insert(NewDraftReader::new(9, id)).await?;
        db.repository::<DraftFolder>().insert(NewDraftFolder::new(9, id)).await?;
    }
    for moved in ["folder_id", "reader_id"] {
        for folder_is_first in [false, true] {
            db.repository::<Draft>().insert(NewDraft::new(2).tenant(9).folder_id(1).reader_id(1)).await?;
            let uow = db.unit_of_work();
            let mut folder = uow.repository::<DraftFolder>().get((9, 1)).await?;
            let mut reader = uow.repository::<DraftReader>().get((9, 1)).await?;
            let sql = format!("UPDATE drafts SET {moved} = 2 WHERE id = 2");
            persist::Sql::unchecked(sql).execute(db).await?;
            folder.drafts.clear();
            reader.drafts.clear();
            if folder_is_first {
                uow.save(&folder)?;
            }
            uow.save(&reader)?;
            if !folder_is_first {
                uow.save(&folder)?;
            }
            let error = uow.commit().await.map(drop).expect_err(moved);
            assert_eq!(error.stale_key::<Draft>(), Some(2), "{moved}: {error:?}");
            let draft = db.repository::<Draft>().get(2).await?;
            assert_eq!(draft.folder_id.zip(draft.reader_id).map(|(one, other)| one + other), Some(3));
            db.repository::<Draft>().delete(2).await?;
        }
    }
    Ok(())
}
