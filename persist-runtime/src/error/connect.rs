//! Why a connection could not be opened.

use std::fmt;
use std::time::Duration;

use tokio_postgres::error::DbError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectFailure {
    Unreachable,
    Timeout(Duration),
    NotReady,
    TooManyConnections,
    Authentication,
    NoRuleWithoutTls,
    NoPassword,
    PasswordCallback,
    UnknownDatabase,
    NoTls,
    Tls,
    StartupParameter,
    OtherSettings,
    OtherAttributes,
    Refused,
}

impl ConnectFailure {
    pub(super) fn said_by_server(error: &DbError) -> ConnectFailure {
        match error.code().code() {
            // Servers in other languages say it in other words; then it is an ordinary refusal.
            "28000" if error.message().contains("no encryption") => ConnectFailure::NoRuleWithoutTls,
            "28000" | "28P01" => ConnectFailure::Authentication,
            "08P01" if error.message().contains("startup parameter") => ConnectFailure::StartupParameter,
            "3D000" => ConnectFailure::UnknownDatabase,
            "53300" => ConnectFailure::TooManyConnections,
            "57P01" | "57P02" | "57P03" => ConnectFailure::NotReady,
            _ => ConnectFailure::Refused,
        }
    }

    pub(super) fn describe(self, target: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConnectFailure::Unreachable => {
                write!(f, "no PostgreSQL server answers at {target}; check host and port, and that it runs")
            }
            ConnectFailure::Timeout(limit) => write!(
                f,
                "{target} did not answer within {limit:.1?}; check host, port and firewall, or raise \
                 `connect_timeout`"
            ),
            ConnectFailure::NotReady => write!(f, "{target} is starting up or shutting down"),
            ConnectFailure::TooManyConnections => write!(
                f,
                "{target} has no connection left; lower `pool_size`, or raise `max_connections` on the server"
            ),
            ConnectFailure::Authentication => {
                write!(
                    f,
                    "{target} refused the user or the password; check both, and pg_hba.conf on the server"
                )
            }
            ConnectFailure::NoRuleWithoutTls => write!(
                f,
                "{target} has no rule in pg_hba.conf for this user without TLS; leave `sslmode=disable` out, or \
                 add a rule"
            ),
            ConnectFailure::NoPassword => {
                write!(
                    f,
                    "{target} asks for a password and none was given; add it to the URL or set PGPASSWORD"
                )
            }
            ConnectFailure::PasswordCallback => write!(f, "the password callback failed for {target}"),
            ConnectFailure::UnknownDatabase => {
                write!(f, "{target} does not exist; create the database, or check its name in the URL")
            }
            ConnectFailure::NoTls => write!(
                f,
                "{target} does not offer TLS; turn it on there, or add `?sslmode=disable` to the URL if the \
                 network is trusted"
            ),
            ConnectFailure::Tls => write!(
                f,
                "no trusted TLS connection to {target}; name its authority's certificate by \
                 `?sslrootcert=<file>`, check that its certificate names the host, or lower `sslmode` (verify-ca, \
                 require, disable)"
            ),
            ConnectFailure::StartupParameter => write!(
                f,
                "{target} is a pooler that refuses a setting of `options`; write it there as `-c name=value`, so that it is set in \
                 each transaction, or set it on the server by ALTER ROLE … SET"
            ),
            ConnectFailure::OtherSettings => write!(
                f,
                "sessions of {target} do not take `TimeZone = UTC`, `DateStyle = ISO` and `IntervalStyle = postgres`, on which values \
                 of dates and times depend; let the pooler in between pass them on, or set them on the server by ALTER ROLE … SET"
            ),
            ConnectFailure::OtherAttributes => {
                write!(
                    f,
                    "{target} is not a server as `target_session_attrs` asks for, or does not say which it is"
                )
            }
            ConnectFailure::Refused => write!(f, "{target} refused the connection"),
        }
    }
}
