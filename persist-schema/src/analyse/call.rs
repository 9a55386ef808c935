//! Calls of functions in a tree.

use crate::analyse::name::{self, Name};
use crate::parse::{Kind, Node};

/// The name of the function in a call, as written: `a.b` of `a.b(1)`.
pub(crate) fn callee_name(callee: Node<'_>) -> Name {
    let mut parts = name::identifiers_of(callee);
    let name = parts.pop().unwrap_or_default();
    Name { schema: parts.pop(), name }
}

/// The arguments of a call.
pub(crate) fn arguments(call: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    call.child(Kind::ARG_LIST).into_iter().flat_map(|list| list.all(Kind::ARG))
}
