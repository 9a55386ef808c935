//! Structs of which it is not known whether they are stored, and structs that are deleted without having been read.

use persist::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Album {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(version)]
    version: i32,
    #[persist(has_many, order_by = "id")]
    songs: Vec<Song>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Song {
    #[persist(id)]
    id: i32,
    album_id: i32,
    title: String,
    length: i32,
    #[persist(has_many)]
    takes: Vec<Take>,
    #[persist(many_to_many(through = "song_moods"))]
    moods: Vec<Mood>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Mood {
    #[persist(id)]
    id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "chain_links")]
struct Chain {
    #[persist(id)]
    id: i32,
    next_id: Option<i32>,
    name: String,
    #[persist(has_many(table = "chain_links"))]
    before: Vec<ChainLink>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "chain_links")]
struct ChainLink {
    #[persist(id)]
    id: i32,
    next_id: Option<i32>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Take {
    #[persist(id(database))]
    id: Uuid,
    song_id: i32,
    note: Option<String>,
}

fn album(id: i32, version: i32, songs: Vec<Song>) -> Album {
    Album { id, name: "album".into(), version, songs }
}

fn song(id: i32, album_id: i32, takes: Vec<Take>) -> Song {
    Song { id, album_id, title: "song".into(), length: 200, takes, moods: Vec::new() }
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    let take = Take { id: Uuid::from_u128(7), song_id: 10, note: None };
    let first = album(1, 1, vec![song(10, 1, vec![take.clone()]), song(11, 1, vec![])]);
    let stored = async || db.repository::<Album>().order_by(|a| a.id.asc()).all().await;

    // Nothing of it is there.
    let uow = db.unit_of_work();
    uow.merge(&first)?;
    uow.commit().await?;
    assert_eq!(stored().await?, std::slice::from_ref(&first));

    // All of it is; what it does not hold stays, and what it adds is added.
    let mut changed = first.clone();
    changed.name = "changed".into();
    changed.songs.remove(1);
    changed.songs[0].title = "changed".into();
    changed.songs[0].takes[0].note = Some("good".into());
    changed.songs.push(song(12, 0, vec![Take { id: Uuid::nil(), song_id: 0, note: Some("new".into()) }]));
    let uow = db.unit_of_work();
    uow.merge(&changed)?;
    uow.flush().await?;
    uow.commit().await?;
    let found = stored().await?;
    assert_eq!((&*found[0].name, found[0].version, found[0].songs.len()), ("changed", 2, 3));
    assert_eq!(found[0].songs[0].takes[0].note.as_deref(), Some("good"));
    assert_eq!(found[0].songs[2].takes[0].note.as_deref(), Some("new"));

    // It is new, and what it holds is there, below another.
    let mut second = album(2, 1, vec![found[0].songs[0].clone(), song(20, 0, vec![])]);
    second.songs[0].length = 99;
    for id in [1, 2] {
        db.repository::<Mood>().insert(NewMood::new(id, "mood")).await?;
    }
    second.songs[0].moods = db.repository::<Mood>().all().await?;
    let uow = db.unit_of_work();
    uow.merge(&second)?;
    uow.flush().await?;
    second.name = "second".into();
    uow.save(&second)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Album>().get(2).await?.songs[0].moods.len(), 2);
    let found = stored().await?;
    let ids = |album: &Album| album.songs.iter().map(|song| (song.id, song.takes.len())).collect::<Vec<_>>();
    assert_eq!((ids(&found[0]), ids(&found[1])), (vec![(11, 0), (12, 1)], vec![(10, 1), (20, 0)]));
    assert_eq!((&*found[1].songs[0].title, found[1].songs[0].length), ("changed", 99));

    // It was changed meanwhile.
    let uow = db.unit_of_work();
    uow.merge(&first)?;
    let error = uow.commit().await.expect_err("its version is 3");
    assert!(error.is_stale() && error.stale_key::<Album>() == Some(1), "{error:?}");
    assert_eq!(stored().await?, found);

    // What another session has added since it was read goes along with it, and what was moved away does not.
    let old = db.repository::<Album>().get(1).await?;
    db.repository::<Song>().insert(NewSong::new(13, 1, "late")).await?;
    let moved = db.repository::<Song>().get(11).await?;
    db.repository::<Song>().update(&Song { album_id: 2, ..moved }).await?;
    let uow = db.unit_of_work();
    uow.delete(&old)?;
    assert_eq!(uow.plan()?.to_string().lines().next(), Some("read albums"));
    uow.commit().await?;
    let found = stored().await?;
    assert_eq!(found.iter().map(ids).collect::<Vec<_>>(), [[(10, 1), (11, 0), (20, 0)]]);
    circles(db).await
}

/// Rows that go with each other.
async fn circles(db: &Database) -> Result<(), persist::Error> {
    let links = db.repository::<Chain>();
    for id in 1..=3 {
        links.insert(NewChain::new(id, "link").next_id((id > 1).then(|| id - 1))).await?;
    }
    links.query().filter(|l| l.id.eq(1)).update(|l| l.next_id.set(3)).await?;
    let uow = db.unit_of_work();
    let mut chain = uow.repository::<Chain>().all().await?;
    chain[0].name = "changed".into();
    uow.save(&chain[0])?;
    uow.delete(&chain[1])?;
    uow.commit().await?;
    assert_eq!(links.query().count().await?, 0);
    // One that refers to itself.
    links.insert(NewChain::new(7, "link").next_id(7)).await?;
    let uow = db.unit_of_work();
    let own = uow.repository::<Chain>().get(7).await?;
    uow.delete(&own)?;
    uow.commit().await?;
    assert_eq!(links.query().count().await?, 0);
    Ok(())
}
