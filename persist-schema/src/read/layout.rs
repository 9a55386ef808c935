//! Which files of a folder are applied, and in which order. The names decide which tool the folder belongs
//! to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::read::dialect::keep_postgres;
use crate::read::order::{Versioned, diesel_version, leading_number, natural, versioned};

/// The migration files below a folder, as its tool applies them. A path to a file is a folder of one.
///
/// | layout | files | order |
/// |---|---|---|
/// | diesel | `<stamp>_<name>/up.sql` | by stamp as text, dashes ignored |
/// | Prisma | `<stamp>_<name>/migration.sql` | by folder name |
/// | Flyway, refinery | `V<version>__<name>.sql`, `R__<name>.sql` | by version, part by part; repeatable ones last |
/// | sqlx, golang-migrate, goose, dbmate, … | `<number>_<name>.sql` or `.up.sql` | by number |
/// | anything else | `*.sql`, in folders too if there are none at the top | by name, numbers by value |
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if folder.is_file() {
        return Ok(vec![folder.to_path_buf()]);
    }
    let listing = Listing::read(folder)?;
    if let Some(files) = by_folder(folder, &listing) {
        return Ok(files);
    }
    let nested = nested(folder, &listing)?;
    if let Some(files) = by_version(&nested) {
        return Ok(files.into_iter().map(|name| folder.join(name)).collect());
    }
    let mut names = if listing.files.is_empty() { nested } else { listing.files };
    if names.iter().any(|name| leading_number(file_name(name)).is_some()) && !names[0].contains('/') {
        // The tools that number their files leave the others alone.
        names.retain(|name| leading_number(name).is_some());
        names.sort_by(|a, b| leading_number(a).cmp(&leading_number(b)).then_with(|| a.cmp(b)));
    } else {
        names.sort_by(|a, b| natural(a, b));
    }
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// The names in a folder.
struct Listing {
    folders: Vec<String>,
    files: Vec<String>,
}

impl Listing {
    fn read(folder: &Path) -> io::Result<Self> {
        let mut listing = Self { folders: Vec::new(), files: Vec::new() };
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            // A folder may well be called x.sql, and a file may be a link.
            let is_folder = fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir());
            if is_folder {
                listing.folders.push(name);
            } else if is_migration(&name) {
                listing.files.push(name);
            }
        }
        listing.folders.sort_by(|a, b| natural(a, b));
        keep_postgres(&mut listing.files);
        Ok(listing)
    }
}

/// Whether a file leads up.
fn is_migration(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with(".sql")
        && lower != "down.sql"
        && !lower.ends_with(".down.sql")
        && !lower.ends_with(".undo.sql")
}

/// A folder per migration: diesel and Prisma.
fn by_folder(folder: &Path, listing: &Listing) -> Option<Vec<PathBuf>> {
    let with = |file: &str| -> Vec<&String> {
        listing.folders.iter().filter(|name| folder.join(name).join(file).is_file()).collect()
    };
    let mut diesel = with("up.sql");
    if !diesel.is_empty() {
        diesel.sort_by_key(|name| diesel_version(name));
        return Some(diesel.into_iter().map(|name| folder.join(name).join("up.sql")).collect());
    }
    let mut prisma = with("migration.sql");
    if !prisma.is_empty() {
        prisma.sort();
        return Some(prisma.into_iter().map(|name| folder.join(name).join("migration.sql")).collect());
    }
    None
}

/// Flyway and refinery: `None` unless some file has such a name.
fn by_version(names: &[String]) -> Option<Vec<&String>> {
    let mut found: Vec<(Versioned, &String)> =
        names.iter().filter_map(|name| Some((versioned(file_name(name))?, name))).collect();
    let is_up = |version: &Versioned| matches!(version, Versioned::Up(_) | Versioned::Baseline(_));
    if !found.iter().any(|(version, _)| is_up(version)) {
        return None;
    }
    let ups: Vec<_> =
        found.iter().filter(|(version, _)| is_up(version)).map(|(version, _)| version.clone()).collect();
    // A U file is the way back of the V file with its number; without one it is refinery's unordered version.
    found.retain(|(version, _)| match version {
        Versioned::Undo(number) => !ups.contains(&Versioned::Up(number.clone())),
        Versioned::Up(_) | Versioned::Baseline(_) | Versioned::Repeatable(_) => true,
    });
    let newest = ups.iter().filter_map(|version| match version {
        Versioned::Baseline(number) => Some(number),
        Versioned::Up(_) | Versioned::Undo(_) | Versioned::Repeatable(_) => None,
    });
    let baseline = newest.max().cloned();
    found.retain(|(version, _)| match (version, &baseline) {
        (Versioned::Up(number) | Versioned::Undo(number), Some(baseline)) => number > baseline,
        (Versioned::Baseline(number), Some(baseline)) => number == baseline,
        _ => true,
    });
    found.sort_by(|(a, name_a), (b, name_b)| rank(a).cmp(&rank(b)).then_with(|| name_a.cmp(name_b)));
    Some(found.into_iter().map(|(_, name)| name).collect())
}

/// Versions by number, whatever their letter; then the repeatable ones by description.
fn rank(version: &Versioned) -> (bool, Versioned) {
    match version {
        Versioned::Up(number) | Versioned::Undo(number) | Versioned::Baseline(number) => {
            (false, Versioned::Up(number.clone()))
        }
        Versioned::Repeatable(_) => (true, version.clone()),
    }
}

/// All files at any depth, as paths below the folder.
fn nested(folder: &Path, listing: &Listing) -> io::Result<Vec<String>> {
    let mut names = listing.files.clone();
    for inner in &listing.folders {
        let path = folder.join(inner);
        for name in nested(&path, &Listing::read(&path)?)? {
            names.push(format!("{inner}/{name}"));
        }
    }
    Ok(names)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
