//! Items by what they have in common.

use crate::table::model::Model;

/// Items that are alike behind each other, the groups in the order of their first items. There are few kinds of items in a flush, so
/// each is compared with the first of each kind, the last kind first.
pub(super) fn grouped<T>(items: impl Iterator<Item = T>, are_alike: impl Fn(&T, &T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        match groups.iter_mut().rev().find(|group| are_alike(&group[0], &item)) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

/// Each struct once.
pub(super) fn distinct(models: impl Iterator<Item = &'static Model>) -> Vec<&'static Model> {
    let mut distinct: Vec<&'static Model> = Vec::new();
    for model in models {
        if !distinct.iter().rev().any(|known| std::ptr::eq(*known, model)) {
            distinct.push(model);
        }
    }
    distinct
}
