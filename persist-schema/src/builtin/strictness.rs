//! When PostgreSQL's functions and operators return NULL.

/// Whether a function never returns NULL.
pub(crate) fn is_never_null(function: &str) -> bool {
    NEVER_NULL.contains(&function)
}

/// Whether a function returns NULL only for an argument that is NULL.
pub(crate) fn is_strict_function(function: &str) -> bool {
    STRICT_FUNCTIONS.contains(&function)
}

/// Whether an operator, in lower case, returns NULL only for a side that is NULL.
pub(crate) fn is_strict_operator(operator: &str) -> bool {
    STRICT_OPERATORS.contains(&operator)
}

/// Functions that never return NULL.
const NEVER_NULL: &[&str] = &[
    "clock_timestamp",
    "concat",
    "current_timestamp",
    "gen_random_uuid",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "localtimestamp",
    "now",
    "num_nonnulls",
    "num_nulls",
    "random",
    "statement_timestamp",
    "transaction_timestamp",
];

/// Functions that return NULL only for an argument that is NULL.
const STRICT_FUNCTIONS: &[&str] = &[
    "abs",
    "ascii",
    "btrim",
    "cardinality",
    "ceil",
    "ceiling",
    "char_length",
    "character_length",
    "date_trunc",
    "encode",
    "floor",
    "initcap",
    "jsonb_array_length",
    "jsonb_typeof",
    "left",
    "length",
    "lpad",
    "ltrim",
    "md5",
    "octet_length",
    "quote_ident",
    "repeat",
    "replace",
    "reverse",
    "right",
    "round",
    "rpad",
    "rtrim",
    "split_part",
    "starts_with",
    "strpos",
    "substr",
    "to_json",
    "to_jsonb",
    "to_tsvector",
    "trunc",
];

/// Operators that return NULL only for a side that is NULL, in lower case.
const STRICT_OPERATORS: &[&str] = &[
    "=",
    "<>",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "||",
    "~",
    "~*",
    "!~",
    "!~*",
    "@>",
    "<@",
    "&&",
    "and",
    "or",
    "like",
    "not like",
    "ilike",
    "not ilike",
    "in",
    "not in",
    "at time zone",
    "escape",
    "similar to",
    "not similar to",
];
