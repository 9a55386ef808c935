//! Items by what they have in common.

/// Items that are alike together, the groups in the order of their first items. There are few kinds of items
/// in a flush, so each is compared with the first of each kind, the last kind first.
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

/// Each item once.
pub(super) fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut distinct: Vec<T> = Vec::new();
    for item in items {
        if !distinct.iter().rev().any(|known| *known == item) {
            distinct.push(item);
        }
    }
    distinct
}
