//! Comments: rows that refer to each other by keys that the database makes.

use persist::Handle;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{Comment, NewComment, Pipeline, User};
use crate::unit::Unit;
use crate::world::Remark;

const MOST: usize = 8;

/// A comment, the answers to it, and the answers to these: inserted before any key is known.
pub(crate) async fn insert(unit: &mut Unit<'_>) -> Result {
    let Some(pipeline_id) = unit.some::<Pipeline>() else { return Ok(()) };
    let mut handles: Vec<(String, Handle<Comment>)> = Vec::new();
    for _ in 0..=unit.random.below(3) {
        if unit.world.comments.len() >= MOST {
            break;
        }
        let (body, author_id) = (unit.name(), unit.some::<User>());
        let answered = unit.random.maybe_of(&handles).cloned();
        let mut new = NewComment::new(pipeline_id, &*body).author_id(author_id);
        if let Some((_, handle)) = &answered {
            new = new.reply_to(*handle);
        }
        let handle = unit.uow.insert(new)?;
        let reply_to = answered.map(|(body, _)| body);
        unit.world.comments.insert(body.clone(), Remark { pipeline_id, author_id, reply_to });
        handles.push((body, handle));
    }
    if unit.random.once_in(2) {
        unit.flush().await?;
        for (body, handle) in handles {
            let key = unit.uow.key(handle).ok_or("the key is known after the flush")?;
            let found = unit.uow.repository::<Comment>().get(key).await?;
            assert_eq!(found.body, body, "the key of the handle is that of another row");
        }
    }
    Ok(())
}

fn some(unit: &mut Unit<'_>) -> Option<String> {
    let bodies: Vec<String> = unit.world.comments.keys().cloned().collect();
    if bodies.is_empty() { None } else { Some(unit.random.of(&bodies).clone()) }
}

async fn read(unit: &mut Unit<'_>, body: &str) -> Result<Comment> {
    let comments = unit.uow.repository::<Comment>();
    Ok(comments.filter(|c| c.body.eq(body)).one().await?)
}

/// Another author, and an answer to another comment of the same pipeline, as long as that makes no circle.
pub(crate) async fn change(unit: &mut Unit<'_>) -> Result {
    let Some(body) = some(unit) else { return Ok(()) };
    let author_id: Option<Uuid> = unit.some::<User>();
    let mut comment = read(unit, &body).await?;
    comment.author_id = author_id;
    let new_root = unit.random.once_in(3);
    if new_root {
        comment.reply_to = None;
    }
    unit.uow.save(&comment)?;
    let remark = unit.world.comments.get_mut(&body).expect("it is there");
    remark.author_id = author_id;
    if new_root {
        remark.reply_to = None;
    }
    Ok(())
}

/// The answers go with the comment.
fn forget(unit: &mut Unit<'_>, body: &str) {
    let mut gone = vec![body.to_owned()];
    while let Some(body) = gone.pop() {
        unit.world.comments.remove(&body);
        let answers = unit.world.comments.iter().filter(|(_, it)| it.reply_to.as_deref() == Some(&body));
        gone.extend(answers.map(|(body, _)| body.clone()));
    }
}

pub(crate) async fn delete(unit: &mut Unit<'_>) -> Result {
    let Some(body) = some(unit) else { return Ok(()) };
    let comment = read(unit, &body).await?;
    unit.uow.delete(&comment)?;
    forget(unit, &body);
    Ok(())
}

pub(crate) async fn delete_where(unit: &mut Unit<'_>) -> Result {
    let Some(body) = some(unit) else { return Ok(()) };
    // A condition is asked of the rows that are stored when the flush comes to it.
    unit.flush().await?;
    unit.uow.delete_where::<Comment>(|c| c.body.eq(&body));
    forget(unit, &body);
    Ok(())
}
