//! Settings that hold for everything that a pool sends, and the two ways in which they reach a server.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::Error;

/// Dates travel as text in few places, such as keys that are handed from one statement to the next; these make the
/// texts mean the same everywhere. Poolers pass on the first two.
const COUNTED_ON: [(&str, &str); 3] =
    [("TimeZone", "UTC"), ("DateStyle", "ISO"), ("IntervalStyle", "postgres")];

/// How many of those poolers know, too.
const KNOWN_TO_POOLERS: usize = 2;

/// Settings of a pool, besides those that it counts on.
#[derive(Debug, Clone, Default)]
pub(crate) struct SessionSettings {
    given: Vec<(String, String)>,
    /// The beginning of a transaction that makes them, as SQL; empty if there are none.
    begin: String,
}

impl SessionSettings {
    /// Takes them out of `options`, where they can be read there; what cannot is left to the server.
    pub(crate) fn take(
        parameters: &mut BTreeMap<String, String>,
        statement_timeout: Option<Duration>,
    ) -> Result<SessionSettings, Error> {
        let options = parameters.get("options").map(|options| read(options));
        let mut given = match options {
            Some(Some(read)) => {
                parameters.remove("options");
                read
            }
            Some(None) | None => Vec::new(),
        };
        if let Some((name, _)) = given.iter().find(|(name, _)| is_counted_on(name)) {
            return Err(Error::configuration(format!(
                "`options` sets `{name}`, which is always the same: times are exchanged in UTC, dates in ISO; name another zone \
                 where it is needed, by AT TIME ZONE"
            )));
        }
        if let Some(limit) = statement_timeout {
            given.retain(|(name, _)| !name.eq_ignore_ascii_case(STATEMENT_TIMEOUT));
            given.push((STATEMENT_TIMEOUT.to_owned(), in_milliseconds(limit)));
        }
        Ok(SessionSettings::of(given))
    }

    /// Of sessions that somebody else has opened, with what is counted on unless they have it.
    #[cfg(feature = "deadpool-postgres")]
    pub(crate) fn lent(statement_timeout: Option<Duration>, is_as_counted_on: bool) -> SessionSettings {
        let limit = statement_timeout.map(|limit| (STATEMENT_TIMEOUT, in_milliseconds(limit)));
        let counted_on = COUNTED_ON.map(|(name, value)| (name, value.to_owned()));
        let counted_on = counted_on.into_iter().filter(|_| !is_as_counted_on);
        let given = limit.into_iter().chain(counted_on);
        SessionSettings::of(given.map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn of(given: Vec<(String, String)>) -> SessionSettings {
        let calls: Vec<String> = given
            .iter()
            .map(|(name, value)| format!("set_config({}, {}, true)", literal(name), literal(value)))
            .collect();
        let begin =
            if calls.is_empty() { String::new() } else { format!("{BEGIN}SELECT {}", calls.join(", ")) };
        SessionSettings { given, begin }
    }

    /// What is sent when a connection is opened. A pooler refuses what it does not know.
    pub(crate) fn at_startup(&self, is_pooler: bool) -> Vec<(String, String)> {
        let known = if is_pooler { KNOWN_TO_POOLERS } else { COUNTED_ON.len() };
        let counted_on =
            COUNTED_ON[..known].iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let given = self.given.iter().filter(|_| !is_pooler).cloned();
        given.chain(counted_on).collect()
    }

    /// What is sent at the beginning of each transaction behind a pooler, where a setting of a session would be
    /// another's; `None` if there is nothing to set.
    pub(crate) fn of_transaction(&self) -> Option<&str> {
        self.begin.strip_prefix(BEGIN)
    }

    /// What begins the transaction of a call by itself, where there is something to set.
    pub(crate) fn begin_of_call(&self) -> &str {
        &self.begin
    }
}

const BEGIN: &str = "BEGIN; ";

const STATEMENT_TIMEOUT: &str = "statement_timeout";

fn in_milliseconds(limit: Duration) -> String {
    limit.as_millis().max(1).to_string()
}

/// Makes the settings of a session that was opened without them.
pub(crate) fn set_counted_on() -> String {
    COUNTED_ON.map(|(name, value)| format!("SET {name} = {}", literal(value))).join("; ")
}

/// Is a session set as it is counted on? What the server does not tell cannot be asked.
pub(crate) fn is_as_counted_on<'p>(parameter: impl Fn(&'static str) -> Option<&'p str>) -> bool {
    COUNTED_ON.iter().all(|(name, value)| {
        parameter(name).is_none_or(|found| match *name {
            "TimeZone" => {
                NAMES_OF_UTC.iter().any(|utc| found.trim_start_matches("Etc/").eq_ignore_ascii_case(utc))
            }
            // The server adds the order of day and month to the style of dates, which matters to what is read only.
            _ => found.starts_with(value),
        })
    })
}

const NAMES_OF_UTC: [&str; 5] = ["UTC", "UCT", "GMT", "Universal", "Zulu"];

fn is_counted_on(name: &str) -> bool {
    COUNTED_ON.iter().any(|(counted_on, _)| counted_on.eq_ignore_ascii_case(name))
}

/// Reads `-c name=value`, `-cname=value` and `--name=value`, in which a backslash takes a space as it is. `None` if there
/// is anything else.
fn read(options: &str) -> Option<Vec<(String, String)>> {
    let mut settings = Vec::new();
    let mut words = words(options).into_iter();
    while let Some(word) = words.next() {
        let setting = match (word.strip_prefix("--"), word.strip_prefix("-c")) {
            (Some(long), _) => long.to_owned(),
            (None, Some("")) => words.next()?,
            (None, Some(short)) => short.to_owned(),
            (None, None) => return None,
        };
        let (name, value) = setting.split_once('=')?;
        settings.push((name.replace('-', "_"), value.to_owned()));
    }
    Some(settings)
}

fn words(options: &str) -> Vec<String> {
    let (mut words, mut word, mut characters) = (Vec::new(), String::new(), options.chars());
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.extend(characters.next()),
            space if space.is_ascii_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => word.push(other),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Means the same whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::{SessionSettings, is_as_counted_on, read};

    fn parameters(options: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("options".to_owned(), options.to_owned())])
    }

    #[test]
    fn options_are_read_as_the_server_reads_them() {
        let settings =
            read(r"-c search_path=app,public  --work-mem=4MB -ca.b=it's\ one\\two").expect("settings");
        let settings: Vec<_> = settings.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(settings, ["search_path: app,public", "work_mem: 4MB", r"a.b: it's one\two"]);
        assert_eq!(read("-d 5"), None);
        assert_eq!(read("-c"), None);
        assert_eq!(read(""), Some(Vec::new()));
    }

    #[test]
    fn they_are_sent_at_startup_or_with_each_transaction() {
        let mut given = parameters("-c search_path=a,b -c statement_timeout=1h");
        let settings = SessionSettings::take(&mut given, Some(Duration::from_secs(7))).expect("settings");
        assert!(given.is_empty());
        let names = |is_pooler| {
            let sent = settings.at_startup(is_pooler);
            sent.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            names(false),
            "search_path=a,b statement_timeout=7000 TimeZone=UTC DateStyle=ISO IntervalStyle=postgres"
        );
        assert_eq!(names(true), "TimeZone=UTC DateStyle=ISO");
        assert_eq!(
            settings.of_transaction(),
            Some(
                "SELECT set_config(E'search_path', E'a,b', true), set_config(E'statement_timeout', E'7000', true)"
            )
        );
    }

    #[test]
    fn a_session_may_call_utc_as_it_likes() {
        let is_fine = |zone: &'static str, style: &'static str| {
            is_as_counted_on(|name| match name {
                "TimeZone" => Some(zone),
                "DateStyle" => Some(style),
                _ => None,
            })
        };
        assert!(is_fine("UTC", "ISO") && is_fine("Etc/UTC", "ISO, DMY") && is_fine("zulu", "ISO, MDY"));
        assert!(
            !is_fine("Europe/Berlin", "ISO") && !is_fine("Etc/GMT-2", "ISO") && !is_fine("UTC", "SQL, DMY")
        );
    }

    #[test]
    fn what_is_counted_on_is_not_changed_and_what_cannot_be_read_is_left() {
        let refused = SessionSettings::take(&mut parameters("-c timezone=CET"), None).expect_err("a refusal");
        assert!(refused.to_string().starts_with("`options` sets `timezone`"), "{refused}");
        let mut given = parameters("-d 5");
        let settings = SessionSettings::take(&mut given, None).expect("settings");
        assert_eq!((given, settings.of_transaction()), (parameters("-d 5"), None));
    }
}
