//! In which order tools apply their files.

use std::cmp::Ordering;

/// Compares names as people read them: runs of digits by their number, the rest as text.
pub(crate) fn natural(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    while let (Some(&x), Some(&y)) = (a.first(), b.first()) {
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (m, n) = (digits(a), digits(b));
            match number(&a[..m]).cmp(&number(&b[..n])) {
                Ordering::Equal => (a, b) = (&a[m..], &b[n..]),
                other => return other,
            }
        } else if x == y {
            (a, b) = (&a[1..], &b[1..]);
        } else {
            return x.cmp(&y);
        }
    }
    a.len().cmp(&b.len()).then_with(|| left.cmp(right))
}

/// The number that a file's name starts with, if it does: `0009_x.sql`, `20240131120000_x.sql`.
pub(crate) fn leading_number(name: &str) -> Option<Number> {
    let length = digits(name.as_bytes());
    (length > 0).then(|| number(&name.as_bytes()[..length]))
}

/// The version in the name of a folder of diesel's: what is before the first underscore, without dashes, as
/// text.
pub(crate) fn diesel_version(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

/// The sorts of files that Flyway and refinery know, by the letter they start with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Versioned {
    /// `V2_1__x.sql`, `V2.1__x.sql`.
    Up(Vec<Number>),
    /// `U2__x.sql`: the way back for Flyway, a version like any other for refinery.
    Undo(Vec<Number>),
    /// `B2__x.sql`: stands for all versions up to this one.
    Baseline(Vec<Number>),
    /// `R__x.sql`: applied after all versions, by description.
    Repeatable(String),
}

/// Reads a name such as `V13.1__x.sql`.
pub(crate) fn versioned(name: &str) -> Option<Versioned> {
    let (front, description) = name.split_once("__")?;
    let (letter, version) = (front.chars().next()?, front.get(1..)?);
    if letter == 'R' && version.is_empty() {
        return Some(Versioned::Repeatable(description.to_owned()));
    }
    let mut parts = Vec::new();
    for part in version.split(['.', '_']) {
        if part.is_empty() || digits(part.as_bytes()) != part.len() {
            return None;
        }
        parts.push(number(part.as_bytes()));
    }
    // 1.0 is the same version as 1.
    while parts.len() > 1 && parts.last().is_some_and(Number::is_zero) {
        parts.pop();
    }
    match letter {
        'V' => Some(Versioned::Up(parts)),
        'U' => Some(Versioned::Undo(parts)),
        'B' => Some(Versioned::Baseline(parts)),
        _ => None,
    }
}

/// A number of any length, compared by value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number(Vec<u8>);

impl Number {
    fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn number(digits: &[u8]) -> Number {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    Number(digits[zeros..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::{Versioned, diesel_version, leading_number, natural, versioned};

    #[test]
    fn numbers_sort_by_value() {
        let mut names = ["v1.10", "v1.9", "00010-b", "0009-a", "v1.9/b", "x2"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["0009-a", "00010-b", "v1.9", "v1.9/b", "v1.10", "x2"]);
        assert!(leading_number("00010-b") > leading_number("0009-a"));
        assert_eq!(leading_number("x1"), None);
    }

    #[test]
    fn versions_sort_part_by_part() {
        let order = ["V2__a.sql", "V2.1__a.sql", "V10__a.sql", "V13__a.sql", "V13_1__b.sql"];
        let versions: Vec<_> = order.iter().map(|name| versioned(name)).collect();
        assert!(versions.is_sorted());
        assert_eq!(versioned("V1.0__a.sql"), versioned("V1__b.sql"));
        assert_eq!(versioned("R__views.sql"), Some(Versioned::Repeatable("views.sql".into())));
        assert_eq!(versioned("view__x.sql"), None);
    }

    #[test]
    fn diesel_ignores_dashes() {
        assert_eq!(diesel_version("2019-01-02-000000_add users"), "20190102000000");
        assert!(diesel_version("20170101_x") < diesel_version("2019-01-02-000000_x"));
    }
}
