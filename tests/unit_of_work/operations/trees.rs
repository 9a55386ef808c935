//! Trees of categories, saved as wholes.

use uuid::Uuid;

use crate::Result;
use crate::shapes::{Category, NewCategory};
use crate::unit::Unit;

const MOST: usize = 4;

fn new(unit: &mut Unit<'_>, parent_id: Option<Uuid>, depth: usize) -> Category {
    let (id, name) = (unit.key(), unit.name());
    let children = match depth {
        0 => 0,
        _ => unit.random.below(3),
    };
    let children = (0..children).map(|_| new(unit, Some(id), depth - 1)).collect();
    Category { id, parent_id, name, position: 0, children }
}

fn fresh(category: &Category) -> NewCategory {
    let new = NewCategory::new(&*category.name).id(category.id).position(category.position);
    new.children(category.children.iter().map(|child| fresh(child).parent_id(persist::Parent)))
}

pub(crate) async fn insert(unit: &mut Unit<'_>) -> Result {
    if unit.world.categories.len() >= MOST {
        return Ok(());
    }
    let category = new(unit, None, 3);
    unit.insert(fresh(&category), category)
}

pub(crate) async fn change(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Category>() else { return Ok(()) };
    let takes_out = unit.random.once_in(4);
    if takes_out {
        // What was never stored cannot be taken out.
        unit.forget(id);
    }
    let mut root: Category = unit.take(id).await?;
    if takes_out {
        take_out(unit, &mut root);
    }
    for _ in 0..=unit.random.below(3) {
        let path = path(unit, &root);
        let node = at(&mut root, &path);
        match unit.random.below(5) {
            0 => node.name = unit.name(),
            1 => node.position += 1,
            2 => {
                let child = new(unit, Some(node.id), 1);
                node.children.push(child);
            }
            3 => {
                // Two below the same node take each other's names.
                if let [one, other, ..] = &mut *node.children {
                    std::mem::swap(&mut one.name, &mut other.name);
                }
            }
            _ => move_within(unit, &mut root, &path),
        }
    }
    unit.save(root)
}

/// What is taken out of a tree is not deleted, because it may be without a parent: it is a root then.
fn take_out(unit: &mut Unit<'_>, root: &mut Category) {
    let path = path(unit, root);
    if unit.world.categories.len() < 2 * MOST
        && let Some(child) = at(root, &path).children.pop()
    {
        unit.world.categories.insert(child.id, Category { parent_id: None, ..child });
    }
}

/// The way to some node.
fn path(unit: &mut Unit<'_>, root: &Category) -> Vec<usize> {
    let (mut node, mut path) = (root, Vec::new());
    while !node.children.is_empty() && !unit.random.once_in(3) {
        let place = unit.random.below(node.children.len());
        path.push(place);
        node = &node.children[place];
    }
    path
}

fn at<'c>(root: &'c mut Category, path: &[usize]) -> &'c mut Category {
    path.iter().fold(root, |node, place| &mut node.children[*place])
}

/// A node with all below it goes to another place of the tree, such as below one of its sisters.
fn move_within(unit: &mut Unit<'_>, root: &mut Category, from: &[usize]) {
    let Some((place, above)) = from.split_last() else { return };
    let mut moved = at(root, above).children.remove(*place);
    let to = path(unit, root);
    let target = at(root, &to);
    moved.parent_id = Some(target.id);
    target.children.push(moved);
}

/// A node with all below it goes to another tree.
pub(crate) async fn move_between(unit: &mut Unit<'_>) -> Result {
    let Some([one, other]) = unit.two::<Category>() else { return Ok(()) };
    let (mut one, mut other): (Category, Category) = (unit.take(one).await?, unit.take(other).await?);
    if let Some(mut moved) = one.children.pop() {
        let to = path(unit, &other);
        let target = at(&mut other, &to);
        moved.parent_id = Some(target.id);
        target.children.push(moved);
    }
    if unit.random.once_in(2) {
        unit.save(one)?;
        unit.save(other)
    } else {
        unit.save(other)?;
        unit.save(one)
    }
}

/// Is a pipeline filed below this?
pub(crate) fn is_used(unit: &Unit<'_>, category: &Category) -> bool {
    unit.world.pipelines.values().any(|pipeline| pipeline.category_id == Some(category.id))
        || category.children.iter().any(|child| is_used(unit, child))
}

pub(crate) async fn delete(unit: &mut Unit<'_>) -> Result {
    let Some(id) = unit.some::<Category>() else { return Ok(()) };
    if is_used(unit, &unit.world.categories[&id]) {
        return Ok(());
    }
    let root: Category = unit.take(id).await?;
    unit.delete(&root)
}
