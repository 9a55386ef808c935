//! The functions that migrations create, as calls name them.

use crate::analyse::lookup::Lookup;
use crate::analyse::name::Name;
use crate::identifier::QualifiedName;
use crate::pg_type::PgType;

/// The function that a name means.
pub(crate) fn find(lookup: Lookup<'_>, written: &Name) -> Option<QualifiedName> {
    lookup.find(written, |schema, name| schema.functions.iter().any(|function| function.name.name == name))
}

/// The type that a call of a function returns; `None` also where several functions have that name, because
/// only their arguments tell which one is called.
pub(crate) fn returned(lookup: Lookup<'_>, written: &Name) -> Option<PgType> {
    let name = find(lookup, written)?;
    let functions = &lookup.catalog.schemas.get(&name.schema)?.functions;
    let mut found = functions.iter().filter(|function| function.name == name);
    let first = found.next()?;
    found.next().is_none().then(|| first.returns.clone()).flatten()
}
