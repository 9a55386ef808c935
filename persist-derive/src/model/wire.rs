//! How values travel.

/// How a column's values travel.
pub(crate) struct Wire {
    /// The name of the marker type in the runtime's module `pg`.
    pub(crate) marker: &'static str,
    pub(crate) is_array: bool,
    /// What stands after the column where it is read, such as `::text`.
    pub(crate) read_cast: String,
    /// What stands after a parameter, such as `::text::order_status`.
    pub(crate) cast: String,
    /// The same after a parameter that is a list.
    pub(crate) array_cast: String,
    /// The schema of the type's operators, quoted, where an extension brings them.
    pub(crate) operators: String,
}
