//! The rooms of each crate, which are the top modules, from the top to the bottom. A room may import what is
//! below it, and nothing of its own floor.

/// Floors from top to bottom, each with its rooms.
pub(crate) type Floors = &'static [&'static [&'static str]];

pub(crate) const FACADE: Floors = &[&["lib"], &["guide"]];

pub(crate) const DERIVE: Floors = &[
    &["lib"],
    &["expand", "tracking", "tools"],
    // A pass never imports another pass.
    &["parse", "resolve", "emit"],
    &["attribute"],
    &["symbol", "type_map", "case", "option", "suggest"],
    &["model"],
    &["project"],
    &["manifest"],
    &["context"],
];

pub(crate) const SCHEMA: Floors = &[
    &["lib"],
    &["load"],
    &["read", "apply"],
    &["analyse"],
    &["builtin", "missing"],
    &["catalog"],
    &["parse"],
    &["pg_type", "diagnostic"],
    &["identifier", "suggest"],
];

pub(crate) const RUNTIME: Floors = &[
    &["lib"],
    &["private"],
    &["database", "repository"],
    &["unit_of_work", "page"],
    &["outbox"],
    &["query"],
    &["entity"],
    &["load"],
    &["write"],
    &["sql"],
    &["session"],
    &["table"],
    &["wire"],
    &["value"],
    &["error"],
];

pub(crate) const TESTKIT: Floors = &[
    &["lib"],
    &["round_trips", "pgbouncer", "pgpool"],
    &["proxy", "pooler"],
    &["database"],
    &["shared_server"],
    &["keeper"],
    &["cluster"],
    &["server", "migrations"],
    &["binaries", "watchdog", "lent_copy", "server_folder"],
    &["server_account"],
    &["error", "random"],
];

pub(crate) const BENCH: Floors = &[
    &["main"],
    &["comparison"],
    &["report"],
    &["rounds", "counts"],
    &["stage"],
    &["case"],
    &["side"],
    &["task"],
    &["draft", "load", "unit", "who", "time", "valgrind"],
    &["error"],
];

pub(crate) const CHAOS: Floors = &[
    &["main"],
    &["report"],
    &["scenario"],
    &["audit", "trouble"],
    &["crowd", "relays", "place"],
    &["unit", "aside"],
    &["bank", "random"],
];
