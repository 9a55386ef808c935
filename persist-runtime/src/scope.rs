//! Where a table stands in a query.

/// The place of a table in a query; it becomes the alias `t0`, `t1`, ….
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope(pub(crate) u16);

impl Scope {
    /// The table that the query is about.
    pub(crate) const ROOT: Scope = Scope(0);

    /// The table on the other side of a relation.
    pub(crate) const fn next(self) -> Scope {
        Scope(self.0 + 1)
    }
}
