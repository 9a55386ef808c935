//! Which types can be sorted.

use crate::catalog::Catalog;
use crate::pg_type::PgType;

/// The types whose values have no order, so that their arrays have none either.
const UNORDERED: &[&str] = &[
    "aclitem", "box", "cid", "circle", "json", "jsonpath", "line", "lseg", "path", "point", "polygon", "xid",
    "xml",
];

/// Whether values of a type have an order: those of `json`, `point` and some others have none.
pub(crate) fn is_sortable(catalog: &Catalog, ty: &PgType) -> bool {
    let ty = catalog.base_type(ty);
    !(ty.is_built_in() && UNORDERED.contains(&ty.name.name.as_str()))
}
