//! Files for several databases side by side: `x.postgres.up.sql`, `x.sqlite.up.sql` and `x.up.sql`.

const POSTGRES: &[&str] = &["pg", "pgsql", "postgres", "postgresql"];
const OTHERS: &[&str] = &[
    "ch",
    "clickhouse",
    "cockroach",
    "cockroachdb",
    "crdb",
    "mariadb",
    "mssql",
    "mysql",
    "oracle",
    "sqlite",
    "sqlite3",
    "sqlserver",
];

/// The database that a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Any,
    Postgres,
    Other,
}

/// Drops the files that PostgreSQL does not get: those for other databases, and those that one for PostgreSQL
/// replaces.
pub(crate) fn keep_postgres(names: &mut Vec<String>) {
    let special: Vec<String> = names
        .iter()
        .map(|name| split(name))
        .filter(|(_, dialect)| *dialect == Dialect::Postgres)
        .map(|(base, _)| base)
        .collect();
    names.retain(|name| match split(name) {
        (_, Dialect::Postgres) => true,
        (_, Dialect::Other) => false,
        (base, Dialect::Any) => !special.contains(&base),
    });
}

/// The name without the part for the database, and which one that is.
fn split(name: &str) -> (String, Dialect) {
    let stem = name.strip_suffix(".sql").unwrap_or(name);
    let (stem, suffix) = match stem.strip_suffix(".up") {
        Some(stem) => (stem, ".up.sql"),
        None => (stem, ".sql"),
    };
    if let Some((base, last)) = stem.rsplit_once('.') {
        let last = last.to_ascii_lowercase();
        if POSTGRES.contains(&last.as_str()) {
            return (format!("{base}{suffix}"), Dialect::Postgres);
        }
        if OTHERS.contains(&last.as_str()) {
            return (format!("{base}{suffix}"), Dialect::Other);
        }
    }
    (name.to_owned(), Dialect::Any)
}

#[cfg(test)]
mod tests {
    use super::keep_postgres;

    #[test]
    fn the_sibling_for_postgres_wins() {
        let mut names = ["1_a.up.sql", "1_a.postgres.up.sql", "1_a.mysql.up.sql", "2_b.up.sql", "v1.2.sql"]
            .map(String::from)
            .to_vec();
        keep_postgres(&mut names);
        assert_eq!(names, ["1_a.postgres.up.sql", "2_b.up.sql", "v1.2.sql"]);
    }
}
