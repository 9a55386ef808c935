//! Circles of files that import each other, and imports upwards.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::floors::Floors;
use crate::resolve::Imports;

/// The shortest circles, as `a.rs > b.rs > a.rs` with the names that tie them. Of those that share an import
/// only one is shown.
pub(crate) fn circles(imports: &Imports) -> Vec<String> {
    let mut circles = BTreeSet::new();
    for (file, imported) in imports {
        for next in imported.keys() {
            if let Some(mut circle) = way(imports, next, file) {
                // The circle begins with its first file by the alphabet.
                let first = circle.iter().enumerate().min_by_key(|(_, file)| **file).map_or(0, |(at, _)| at);
                circle.rotate_left(first);
                circles.insert((circle.len(), circle));
            }
        }
    }
    let mut seen = BTreeSet::new();
    circles.retain(|(_, circle)| {
        let steps: Vec<_> = steps(circle).collect();
        let is_new = !steps.iter().any(|step| seen.contains(step));
        seen.extend(steps.into_iter().filter(|_| is_new));
        is_new
    });
    circles.into_iter().map(|(_, circle)| shown(imports, &circle)).collect()
}

/// Each file of a circle with the next.
fn steps<'i>(circle: &[&'i str]) -> impl Iterator<Item = (&'i str, &'i str)> {
    circle.iter().copied().zip(circle.iter().copied().cycle().skip(1))
}

/// The files on the shortest way from one file to another.
fn way<'i>(imports: &'i Imports, from: &'i str, to: &str) -> Option<Vec<&'i str>> {
    let mut before = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(file) = queue.pop_front() {
        if file == to {
            let mut way: Vec<&str> = std::iter::successors(Some(file), |file| before[file]).collect();
            way.reverse();
            return Some(way);
        }
        for next in imports.get(file).into_iter().flatten().map(|(next, _)| next.as_str()) {
            before.entry(next).or_insert_with(|| {
                queue.push_back(next);
                Some(file)
            });
        }
    }
    None
}

fn shown(imports: &Imports, circle: &[&str]) -> String {
    let mut text = circle.join(" > ") + " > " + circle[0];
    for (file, next) in steps(circle) {
        text += &format!("\n    {file} imports {} of {next}", listed(&imports[file][next]));
    }
    text
}

/// What imports upwards, or sideways between rooms of one floor, or has no floor.
pub(crate) fn upwards(imports: &Imports, files: &BTreeSet<String>, floors: Floors) -> Vec<String> {
    let floor = |file: &str| floors.iter().position(|rooms| rooms.contains(&room(file)));
    let homeless: BTreeSet<&str> =
        files.iter().filter(|file| floor(file).is_none()).map(|file| room(file)).collect();
    let mut wrong: Vec<String> = homeless.iter().map(|room| format!("`{room}` has no floor")).collect();
    for (file, imported) in imports {
        for (next, names) in imported {
            let is_wrong = floor(next) <= floor(file) && room(next) != room(file);
            if is_wrong && !homeless.contains(room(file)) && !homeless.contains(room(next)) {
                wrong.push(format!("{file} imports {} of {next}", listed(names)));
            }
        }
    }
    wrong
}

/// The top module that a file belongs to: `resolve` of `resolve/table.rs`.
fn room(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
