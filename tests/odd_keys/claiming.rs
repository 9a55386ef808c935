//! Rows that several structs hold, and UNIQUE keys by which rows refer or are referred to.

use persist::prelude::*;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Crew {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many)]
    jobs: Vec<Job>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Worker {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many)]
    jobs: Vec<Job>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Job {
    #[persist(id)]
    id: i32,
    crew_id: i32,
    worker_id: Option<i32>,
    label: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Host {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_one)]
    badge: Option<Badge>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Badge {
    #[persist(id)]
    id: i32,
    host_id: Option<i32>,
    label: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Color {
    #[persist(id)]
    id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Shade {
    #[persist(id)]
    id: i32,
    color: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Size {
    #[persist(id)]
    id: i32,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Shirt {
    #[persist(id)]
    id: i32,
    size: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Paint {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, order_by = "id")]
    tins: Vec<Tin>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Mixer {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_many, order_by = "id")]
    tins: Vec<Tin>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
struct Tin {
    #[persist(id)]
    id: i32,
    paint: String,
    mixer_id: Option<i32>,
}

pub(crate) async fn all(db: &Database) -> Result<(), persist::Error> {
    a_new_row_of_two_structs(db).await?;
    released_and_set_by_the_other_key(db).await?;
    deleted_and_put_in_again(db).await?;
    one_to_one(db).await?;
    names_that_are_referred_to(db).await?;
    let_go_by_one_key_and_renamed_by_the_other(db).await
}

async fn a_new_row_of_two_structs(db: &Database) -> Result<(), persist::Error> {
    for id in [1, 2] {
        db.repository::<Crew>().insert(NewCrew::new(id, "crew")).await?;
        db.repository::<Worker>().insert(NewWorker::new(id, "worker")).await?;
    }
    let job = |id| Job { id, crew_id: 0, worker_id: None, label: "job".into() };
    for (id, crew_is_first) in [(10, true), (11, false)] {
        let uow = db.unit_of_work();
        let mut crew = uow.repository::<Crew>().get(1).await?;
        let mut worker = uow.repository::<Worker>().get(2).await?;
        crew.jobs.push(job(id));
        worker.jobs.push(job(id));
        if crew_is_first {
            uow.save(&crew)?;
        }
        uow.save(&worker)?;
        uow.save(&crew)?;
        assert_eq!(uow.plan()?.to_string(), "insert jobs (1 row)\n");
        uow.flush().await?;
        // It is known as it is.
        uow.save(&Job { crew_id: 1, worker_id: Some(2), ..job(id) })?;
        assert_eq!(uow.plan()?.to_string(), "");
        uow.commit().await?;
        let job = db.repository::<Job>().get(id).await?;
        assert_eq!((job.crew_id, job.worker_id), (1, Some(2)));
    }
    // Two different rows by one key.
    let uow = db.unit_of_work();
    let mut crew = uow.repository::<Crew>().get(1).await?;
    let mut worker = uow.repository::<Worker>().get(2).await?;
    crew.jobs.push(job(12));
    worker.jobs.push(Job { label: "another".into(), ..job(12) });
    uow.save(&crew)?;
    uow.save(&worker)?;
    let error = uow.commit().await.expect_err("one of the labels would be lost");
    assert!(error.to_string().contains("`jobs` twice, with different values of `label`"), "{error}");
    // Two owners by one key.
    let uow = db.unit_of_work();
    let crews = uow.repository::<Crew>().all().await?;
    for mut crew in crews {
        crew.jobs.push(job(12));
        uow.save(&crew)?;
    }
    let error = uow.commit().await.expect_err("one of the crews would be lost");
    assert!(error.to_string().contains("hold a row of `jobs` twice"), "{error}");
    Ok(())
}

/// The crew lets it go, and the worker's struct has another crew in its column.
async fn released_and_set_by_the_other_key(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let mut crew = uow.repository::<Crew>().get(1).await?;
    let mut worker = uow.repository::<Worker>().get(2).await?;
    crew.jobs.retain(|job| job.id != 10);
    worker.jobs[0].crew_id = 2;
    uow.save(&crew)?;
    uow.save(&worker)?;
    assert_eq!(uow.plan()?.to_string(), "update jobs (1 row)\n");
    uow.commit().await?;
    let job = db.repository::<Job>().get(10).await?;
    assert_eq!((job.crew_id, job.worker_id), (2, Some(2)));
    // Held by one, and another says something else.
    let uow = db.unit_of_work();
    let mut crews = [uow.repository::<Crew>().get(1).await?, uow.repository::<Crew>().get(2).await?];
    let job = crews[1].jobs.remove(0);
    uow.save(&Job { crew_id: 3, ..job.clone() })?;
    crews[0].jobs.push(job);
    uow.save(&crews[0])?;
    uow.save(&crews[1])?;
    let error = uow.commit().await.expect_err("it would belong to one of two");
    assert!(error.to_string().contains("`crew_id`"), "{error}");
    Ok(())
}

async fn deleted_and_put_in_again(db: &Database) -> Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let mut crew = uow.repository::<Crew>().get(1).await?;
    let job = crew.jobs.remove(0);
    uow.save(&crew)?;
    uow.flush().await?;
    assert_eq!(uow.repository::<Job>().find(job.id).await?, None);
    let error = async {
        let savepoint = uow.savepoint().await?;
        uow.save(&job)?;
        let error = uow.flush().await.expect_err("it is gone");
        savepoint.rollback().await?;
        Ok::<_, persist::Error>(error)
    };
    let error = error.await?;
    assert!(!error.is_stale() && error.to_string().contains("has deleted"), "{error}");
    crew.jobs.push(job.clone());
    uow.save(&crew)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Job>().get(job.id).await?, job);
    db.repository::<Job>().query().delete().await?;
    db.repository::<Crew>().query().delete().await?;
    db.repository::<Worker>().query().delete().await.map(drop)
}

async fn one_to_one(db: &Database) -> Result<(), persist::Error> {
    let badge = |id| Badge { id, host_id: None, label: "badge".into() };
    for id in [1, 2] {
        let badge = NewBadge::new(10 * id, "badge").host_id(Parent);
        db.repository::<Host>().insert(NewHost::new(id, "host").badge(badge)).await?;
    }
    let found = async || {
        let badges = db.repository::<Badge>().order_by(|b| b.id.asc()).all().await?;
        Ok::<_, persist::Error>(badges.iter().map(|badge| (badge.id, badge.host_id)).collect::<Vec<_>>())
    };
    // Replaced by a new one.
    let uow = db.unit_of_work();
    let mut host = uow.repository::<Host>().get(1).await?;
    host.badge = Some(badge(11));
    uow.save(&host)?;
    uow.commit().await?;
    assert_eq!(found().await?, [(10, None), (11, Some(1)), (20, Some(2))]);
    // By one that is there.
    let uow = db.unit_of_work();
    let mut host = uow.repository::<Host>().get(1).await?;
    host.badge = Some(uow.repository::<Badge>().get(10).await?);
    uow.save(&host)?;
    uow.commit().await?;
    assert_eq!(found().await?, [(10, Some(1)), (11, None), (20, Some(2))]);
    // By that of another, which gets none.
    let uow = db.unit_of_work();
    let mut hosts = [uow.repository::<Host>().get(1).await?, uow.repository::<Host>().get(2).await?];
    hosts[0].badge = hosts[1].badge.take();
    uow.save(&hosts[0])?;
    uow.save(&hosts[1])?;
    uow.commit().await?;
    assert_eq!(found().await?, [(10, None), (11, None), (20, Some(1))]);
    // Exchanged.
    let uow = db.unit_of_work();
    let mut hosts = [uow.repository::<Host>().get(1).await?, uow.repository::<Host>().get(2).await?];
    hosts[1].badge = Some(uow.repository::<Badge>().get(10).await?);
    uow.save(&hosts[1])?;
    uow.flush().await?;
    let [one, two] = &mut hosts;
    std::mem::swap(&mut one.badge, &mut two.badge);
    uow.save(&hosts[0])?;
    uow.save(&hosts[1])?;
    uow.commit().await?;
    assert_eq!(found().await?, [(10, Some(1)), (11, None), (20, Some(2))]);
    // By its own column.
    let uow = db.unit_of_work();
    let (one, two) = (uow.repository::<Badge>().get(10).await?, uow.repository::<Badge>().get(20).await?);
    uow.save(&Badge { host_id: two.host_id, ..one })?;
    uow.save(&Badge { host_id: None, ..two })?;
    uow.commit().await?;
    assert_eq!(found().await?, [(10, Some(2)), (11, None), (20, None)]);
    Ok(())
}

/// Shades are read, and the names of colors exchanged.
async fn exchange_back(uow: &persist::UnitOfWork<'_>) -> Result<(), persist::Error> {
    uow.repository::<Shade>().all().await?;
    uow.repository::<Color>().all().await?;
    for (id, name) in [(1, "red"), (2, "blue")] {
        uow.save(&Color { id, name: name.into() })?;
    }
    Ok(())
}

async fn names_that_are_referred_to(db: &Database) -> Result<(), persist::Error> {
    for (id, name) in [(1, "red"), (2, "blue")] {
        db.repository::<Color>().insert(NewColor::new(id, name)).await?;
        db.repository::<Shade>().insert(NewShade::new(id, name)).await?;
        db.repository::<Size>().insert(NewSize::new(id, name)).await?;
    }
    let uow = db.unit_of_work();
    uow.repository::<Color>().all().await?;
    uow.repository::<Size>().all().await?;
    for (id, name) in [(1, "blue"), (2, "red")] {
        uow.save(&Color { id, name: name.into() })?;
        uow.save(&Size { id, name: name.into() })?;
    }
    uow.commit().await?;
    let shades = db.repository::<Shade>().order_by(|s| s.id.asc()).all().await?;
    assert_eq!(shades.iter().map(|shade| &*shade.color).collect::<Vec<_>>(), ["blue", "red"]);
    assert_eq!(db.repository::<Size>().get(1).await?.name, "blue");
    // A shade that is known stays with its color, too.
    let uow = db.unit_of_work();
    exchange_back(&uow).await?;
    // Whether one that is written comes to the color or to the name cannot be told.
    uow.insert(NewShade::new(3, "red"))?;
    let error = uow.plan().expect_err("red is 1 or 2");
    assert!(error.to_string().contains("rows of `shades` refer to it"), "{error}");
    uow.rollback().await?;
    let uow = db.unit_of_work();
    exchange_back(&uow).await?;
    uow.commit().await?;
    let shades = db.repository::<Shade>().order_by(|s| s.id.asc()).all().await?;
    assert_eq!(shades.iter().map(|shade| &*shade.color).collect::<Vec<_>>(), ["red", "blue"]);
    // The name of one is taken over by a new one, and nothing refers to it.
    let uow = db.unit_of_work();
    let size = uow.repository::<Size>().get(1).await?;
    uow.save(&Size { name: "green".into(), ..size })?;
    uow.insert(NewSize::new(3, "blue"))?;
    uow.commit().await?;
    // Or something does, and does not follow.
    db.repository::<Shirt>().insert(NewShirt::new(1, "green")).await?;
    let uow = db.unit_of_work();
    let size = uow.repository::<Size>().get(1).await?;
    uow.save(&Size { name: "black".into(), ..size })?;
    uow.insert(NewSize::new(4, "green"))?;
    let error = uow.commit().await.expect_err("a shirt refers to it");
    assert!(error.to_string().contains("ON UPDATE CASCADE"), "{error}");
    assert_eq!(db.repository::<Size>().count().await?, 3);
    Ok(())
}

/// The tin gets the new name only after its paint has it, and until then it is the mixer's.
async fn let_go_by_one_key_and_renamed_by_the_other(db: &Database) -> Result<(), persist::Error> {
    for is_deleted in [false, true] {
        for is_moved in [false, true] {
            db.repository::<Mixer>().insert(NewMixer::new(1, "mixer")).await?;
            db.repository::<Mixer>().insert(NewMixer::new(2, "another")).await?;
            let tins = [1, 2].map(|id| NewTin::new(id, Parent).mixer_id(1));
            db.repository::<Paint>().insert(NewPaint::new(1, "old").tins(tins)).await?;
            let uow = db.unit_of_work();
            let mut paint = uow.repository::<Paint>().get(1).await?;
            let mut mixer = uow.repository::<Mixer>().get(1).await?;
            if is_moved {
                let sql = "UPDATE tins SET mixer_id = 2 WHERE id = 1";
                persist::Sql::unchecked(sql).execute(db).await?;
            }
            paint.name = "new".into();
            uow.save(&paint)?;
            mixer.tins.clear();
            match is_deleted {
                true => uow.delete(&mixer)?,
                false => uow.save(&mixer)?,
            }
            match uow.commit().await {
                Err(error) if is_moved => assert_eq!(error.stale_key::<Tin>(), Some(1), "{error:?}"),
                outcome => assert!(!is_moved && outcome.is_ok(), "{outcome:?}"),
            }
            let tins = db.repository::<Tin>().order_by(|tin| tin.id.asc()).all().await?;
            let found: Vec<_> = tins.iter().map(|tin| (tin.paint.as_str(), tin.mixer_id)).collect();
            let expected = if is_moved { [("old", Some(2)), ("old", Some(1))] } else { [("new", None); 2] };
            assert_eq!(found, expected, "deleted: {is_deleted}");
            db.repository::<Tin>().query().delete().await?;
            db.repository::<Paint>().query().delete().await?;
            db.repository::<Mixer>().query().delete().await?;
        }
    }
    Ok(())
}
