//! Keywords that stand for a value of the session.

use crate::pg_type::PgType;

/// The type of the value that a keyword such as CURRENT_DATE stands for; `None` for any other name.
pub(crate) fn session_value(name: &str) -> Option<PgType> {
    let ty = match name {
        "current_date" => "date",
        "current_timestamp" => "timestamptz",
        "current_time" => "timetz",
        "localtimestamp" => "timestamp",
        "localtime" => "time",
        "current_user" | "session_user" | "user" | "current_role" | "current_catalog" | "current_schema" => {
            "name"
        }
        _ => return None,
    };
    Some(PgType::built_in(ty))
}
