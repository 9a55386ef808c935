//! Columns as statements name them.

use tokio_postgres::types::{Oid, Type};

use crate::table::derived::Derived;
use crate::value::sql_type::SqlType;

/// A column as the statements name it.
#[derive(Debug)]
pub struct ColumnModel {
    /// The column's name, quoted where SQL needs it.
    pub name: &'static str,
    /// The OID under which one value travels.
    pub oid: Oid,
    /// The OID under which a list of values travels, or 0 where there is none.
    pub array_oid: Oid,
    /// The cast of the column where it is read, such as `::text`; empty where the types agree.
    pub read_cast: &'static str,
    /// The cast of a parameter, such as `::text::order_status`.
    pub cast: &'static str,
    /// The cast of a parameter that is a list.
    pub array_cast: &'static str,
    /// The schema in which the operators and aggregates of the type are, quoted, where an extension brings the
    /// type; empty: they are PostgreSQL's.
    pub operators: &'static str,
    /// Is a value made of several? See [`SqlType::IS_RECORD`].
    pub is_record: bool,
    /// What is read in its place: it is a value of a view and no column of the table.
    pub derived: Option<Derived>,
}

/// A column that rows of the other side refer to.
#[derive(Debug, Clone, Copy)]
pub struct KeyColumn {
    /// Its index among the columns of the struct.
    pub index: usize,
    /// Its name, quoted.
    pub name: &'static str,
    /// Its SQL type, such as `uuid`.
    pub ty: &'static str,
    /// The schema of the operators by which conditions compare it, quoted; empty: PostgreSQL's. What is loaded is
    /// matched by bytes, which those of no extension are.
    pub operators: &'static str,
}

impl ColumnModel {
    /// A column of the SQL type `S`; its name is quoted where SQL needs it.
    pub const fn of<S: SqlType>(name: &'static str) -> Self {
        ColumnModel { is_record: S::IS_RECORD, ..ColumnModel::new(name, S::OID, S::ARRAY_OID) }
    }

    /// A column whose values travel under these OIDs, as they are.
    pub(crate) const fn new(name: &'static str, oid: Oid, array_oid: Oid) -> Self {
        ColumnModel {
            name,
            oid,
            array_oid,
            read_cast: "",
            cast: "",
            array_cast: "",
            operators: "",
            is_record: false,
            derived: None,
        }
    }

    /// The same with its casts: where it is read, of a parameter, and of a parameter that is a list.
    pub const fn cast(self, read_cast: &'static str, cast: &'static str, array_cast: &'static str) -> Self {
        ColumnModel { read_cast, cast, array_cast, ..self }
    }

    /// The same with the schema of its operators.
    pub const fn within(self, operators: &'static str) -> Self {
        ColumnModel { operators, ..self }
    }

    /// The same with what is read in its place.
    pub const fn derived(self, derived: Derived) -> Self {
        ColumnModel { derived: Some(derived), ..self }
    }

    /// What asks whether a value is NULL.
    pub(crate) fn null_test(&self) -> &'static str {
        if self.is_record { "IS NOT DISTINCT FROM NULL" } else { "IS NULL" }
    }

    /// What asks whether there is a value.
    pub(crate) fn value_test(&self) -> &'static str {
        if self.is_record { "IS DISTINCT FROM NULL" } else { "IS NOT NULL" }
    }

    /// The casts of a list that becomes a column of rows: of the list, and of the column. A list of composite values would
    /// become several columns, and is cast afterwards.
    pub(crate) fn unnested(&self) -> (&'static str, &'static str) {
        if self.is_record { ("", self.cast) } else { (self.array_cast, "") }
    }

    /// Is a value a list itself?
    pub(crate) fn is_array(&self) -> bool {
        self.array_oid == 0
    }

    /// Do values that are the same for the database have the same bytes in both columns?
    pub(crate) fn is_exactly(&self, other: &ColumnModel) -> bool {
        const EXACT: [Type; 4] = [Type::INT2, Type::INT4, Type::INT8, Type::UUID];
        self.oid == other.oid && self.is_one_of(&EXACT) && other.cast.is_empty()
    }

    /// Do values of the column that are the same for the database have the same bytes? Those of a text do where
    /// its collation is deterministic.
    pub(crate) fn is_compared_by_bytes(&self) -> bool {
        const EXACT: [Type; 7] =
            [Type::BOOL, Type::INT2, Type::INT4, Type::INT8, Type::UUID, Type::TEXT, Type::VARCHAR];
        self.is_one_of(&EXACT)
    }

    /// Is it a text, or of a type that travels as one?
    pub(crate) fn is_text(&self) -> bool {
        [Type::TEXT, Type::VARCHAR].iter().any(|ty| ty.oid() == self.oid)
    }

    fn is_one_of(&self, types: &[Type]) -> bool {
        self.cast.is_empty() && types.iter().any(|ty| ty.oid() == self.oid)
    }
}

impl KeyColumn {
    /// A column that rows of the other side refer to; see the fields.
    pub const fn new(index: usize, name: &'static str, ty: &'static str) -> Self {
        KeyColumn { index, name, ty, operators: "" }
    }

    /// The same with the schema of its operators.
    pub const fn within(self, operators: &'static str) -> Self {
        KeyColumn { operators, ..self }
    }
}

/// The columns at some indices.
pub const fn picked<const N: usize, const M: usize>(
    columns: &'static [ColumnModel; N],
    indices: [usize; M],
) -> [&'static ColumnModel; M] {
    const NONE: &ColumnModel = &ColumnModel::new("", 0, 0);
    let mut picked = [NONE; M];
    let mut index = 0;
    while index < M {
        picked[index] = &columns[indices[index]];
        index += 1;
    }
    picked
}
