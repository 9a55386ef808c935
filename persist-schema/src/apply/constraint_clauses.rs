//! The clauses that every constraint may have: its name, and when it is checked.

use crate::analyse::name;
use crate::parse::{Kind, Node};

/// When a constraint is checked.
pub(crate) struct Timing {
    pub(crate) deferrable: bool,
    pub(crate) initially_deferred: bool,
}

/// The name in a constraint's CONSTRAINT clause.
pub(crate) fn given_name(node: Node<'_>) -> Option<String> {
    node.child(Kind::CONSTRAINT_NAME_CLAUSE)?.child(Kind::CONSTRAINT_NAME).map(name::identifier)
}

/// What a constraint says about when it is checked.
pub(crate) fn timing(node: Node<'_>) -> Timing {
    let initially_deferred = node.has(Kind::INITIALLY_DEFERRED_CONSTRAINT_OPTION);
    Timing {
        deferrable: initially_deferred || node.has(Kind::DEFERRABLE_CONSTRAINT_OPTION),
        initially_deferred,
    }
}
