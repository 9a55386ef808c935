//! Deletions that the database carries on by itself, to rows of other aggregates.

use uuid::Uuid;

use crate::Result;
use crate::shapes::{Category, Tag, User};
use crate::unit::Unit;

/// Pipelines lose their owner, comments their author.
pub(crate) async fn user(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<User>() else { return Ok(()) };
    unit.flush().await?;
    let user: User = unit.take(id).await?;
    for pipeline in unit.world.pipelines.values_mut() {
        pipeline.owner_id.take_if(|owner| *owner == id);
    }
    for remark in unit.world.comments.values_mut() {
        remark.author_id.take_if(|author| *author == id);
    }
    unit.delete(&user)
}

/// Pipelines are filed nowhere any more.
pub(crate) async fn category(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Category>() else { return Ok(()) };
    unit.flush().await?;
    let root: Category = unit.take(id).await?;
    let mut gone: Vec<Uuid> = Vec::new();
    keys(&root, &mut gone);
    for pipeline in unit.world.pipelines.values_mut() {
        pipeline.category_id.take_if(|category| gone.contains(category));
    }
    unit.delete(&root)
}

fn keys(category: &Category, into: &mut Vec<Uuid>) {
    into.push(category.id);
    category.children.iter().for_each(|child| keys(child, into));
}

/// The links of its pipelines go with the tag.
pub(crate) async fn linked_tag(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Tag>() else { return Ok(()) };
    unit.flush().await?;
    let tag: Tag = unit.take(id).await?;
    for pipeline in unit.world.pipelines.values_mut() {
        pipeline.tags.retain(|linked| linked.id != id);
    }
    unit.delete(&tag)
}
