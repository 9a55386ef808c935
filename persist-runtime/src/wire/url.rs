//! Reads `postgresql://user:password@host:port/database?parameter=value` into libpq's parameters.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::error::Error;

/// Adds what the URL says to `parameters`; what it does not mention stays.
pub(crate) fn read(url: &str, parameters: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let Some(rest) = url.strip_prefix("postgresql://").or_else(|| url.strip_prefix("postgres://")) else {
        return Err(Error::configuration(
            "the database URL must look like `postgresql://user:password@host:5432/database?sslmode=disable`",
        ));
    };
    // A password with one of these ends too early: what follows it would be taken for something else, and
    // shown.
    let after_authority = rest.find(['/', '?', '#']).map_or("", |end| &rest[end..]);
    if after_authority.contains('@') {
        return Err(Error::configuration(
            "the database URL has an `@` after its first `/`, `?` or `#`: in a user or a password write `/` as %2F, \
             `?` as %3F, `#` as %23, `@` as %40 and `%` as %25",
        ));
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    // An unescaped `@` in a password is a common slip; hosts cannot contain one, so the last one counts.
    let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));

    let mut set = |name: &str, value: &str| -> Result<(), Error> {
        if !value.is_empty() {
            parameters.insert(name.to_owned(), decode(name, value)?);
        }
        Ok(())
    };
    let (hosts, ports) = hosts_and_ports(hosts);
    set("user", user)?;
    set("password", password)?;
    set("host", &hosts)?;
    set("port", &ports)?;
    set("dbname", database)?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Error::configuration(format!("`{pair}` in the database URL lacks a value")));
        };
        set(name, value)?;
    }
    Ok(())
}

/// `a:1,[::1]:2` becomes `a,::1` and `1,2`.
fn hosts_and_ports(hosts: &str) -> (String, String) {
    let mut names = Vec::new();
    let mut ports = Vec::new();
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((name, port)) => (name, port.strip_prefix(':').unwrap_or("")),
            None => host.split_once(':').unwrap_or((host, "")),
        };
        names.push(name);
        ports.push(port);
    }
    let no_ports = ports.iter().all(|port| port.is_empty());
    (names.join(","), if no_ports { String::new() } else { ports.join(",") })
}

fn decode(name: &str, value: &str) -> Result<String, Error> {
    // The value itself stays out of the message: it may be the password.
    percent_decode_str(value)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| Error::configuration(format!("`{name}` in the database URL is not UTF-8")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::read;

    fn parameters(url: &str) -> String {
        let mut parameters = BTreeMap::new();
        read(url, &mut parameters).unwrap();
        parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn all_parts() {
        assert_eq!(
            parameters(
                "postgresql://me:p%40ss@db.example.com:5433/shop?sslmode=verify-ca&application_name=a%20b"
            ),
            "application_name=a b dbname=shop host=db.example.com password=p@ss port=5433 sslmode=verify-ca user=me"
        );
    }

    #[test]
    fn an_unescaped_at_sign_belongs_to_the_password() {
        assert_eq!(parameters("postgres://me:p@ss@db/shop"), "dbname=shop host=db password=p@ss user=me");
    }

    #[test]
    fn several_hosts_and_addresses() {
        assert_eq!(parameters("postgres://a:1,[::1]:2/x"), "dbname=x host=a,::1 port=1,2");
        assert_eq!(parameters("postgres:///x?host=/run/postgresql"), "dbname=x host=/run/postgresql");
        assert_eq!(parameters("postgres://%2Frun%2Fpostgresql/x"), "dbname=x host=/run/postgresql");
    }

    #[test]
    fn an_error_does_not_show_the_password() {
        let error = read("postgres://me:%ff@db/x", &mut BTreeMap::new()).unwrap_err();
        assert_eq!(error.to_string(), "`password` in the database URL is not UTF-8");
        for url in
            ["u:12/secret@db:1/x", "u:12?secret@db/x", "u:12?secret=7@db/x", "u:p@s:w/o#r?d%41 secret@db/x"]
        {
            let error = read(&format!("postgresql://{url}"), &mut BTreeMap::new()).unwrap_err().to_string();
            assert!(error.contains("%2F") && !error.contains("secret"), "{error}");
        }
        let error = read("me:secret@db/x", &mut BTreeMap::new()).unwrap_err();
        assert!(error.is_configuration() && !error.to_string().contains("secret"));
    }
}
