//! The operators of a column.

use crate::query::assignment::Assignment;
use crate::query::column::Column;
use crate::query::operand::{Operand, Operands, Side};
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::value::assign::Assign;
use crate::value::scalar::Element;
use crate::value::scalar::{Parameter, Scalar, Value};

/// Types that can be matched against a pattern.
#[diagnostic::on_unimplemented(message = "only text can be matched, and `{Self}` is none", label = "no text")]
pub trait Textual {}

impl Textual for String {}

impl<T: Value> Column<T> {
    /// `column = value`
    pub fn eq(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("=", value)
    }

    /// `column <> value`; rows in which either is NULL are left out.
    pub fn ne(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("<>", value)
    }

    /// `column < value`
    pub fn lt(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("<", value)
    }

    /// `column <= value`
    pub fn le(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("<=", value)
    }

    /// `column > value`
    pub fn gt(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix(">", value)
    }

    /// `column >= value`
    pub fn ge(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix(">=", value)
    }

    /// `column IS DISTINCT FROM value`: as `ne`, but NULL is a value like any other.
    pub fn is_distinct_from(self, value: impl Operand<T::Inner>) -> Predicate {
        self.infix("IS DISTINCT FROM", value)
    }

    /// `column BETWEEN low AND high`, both included.
    pub fn between(self, low: impl Operand<T::Inner>, high: impl Operand<T::Inner>) -> Predicate {
        let (Side(low), Side(high)) = (low.operand(self.model), high.operand(self.model));
        Predicate(Condition::Between { left: self.expression(), low, high })
    }

    /// Is the column one of the values? No row where there are none.
    pub fn in_(self, values: impl Operands<T::Inner>) -> Predicate {
        self.list("= ANY", values.operands())
    }

    /// Is the column none of the values? Rows in which it is NULL are left out, unless there are no values.
    pub fn not_in(self, values: impl Operands<T::Inner>) -> Predicate {
        self.list("<> ALL", values.operands())
    }

    fn infix(self, operator: &'static str, value: impl Operand<T::Inner>) -> Predicate {
        let Side(right) = value.operand(self.model);
        Predicate(Condition::Infix { left: self.expression(), operator, right })
    }

    fn list(self, operator: &'static str, values: Vec<T::Inner>) -> Predicate {
        let right = Expression::list(values, self.model);
        Predicate(Condition::List { left: self.expression(), operator, right })
    }
}

impl<T: Value<Inner: Textual>> Column<T> {
    /// `column LIKE pattern`: `%` stands for any text, `_` for one character, `\` takes the meaning away.
    pub fn like(self, pattern: impl Operand<T::Inner>) -> Predicate {
        self.infix("LIKE", pattern)
    }

    /// [`like`](Self::like) that ignores case.
    pub fn ilike(self, pattern: impl Operand<T::Inner>) -> Predicate {
        self.infix("ILIKE", pattern)
    }

    /// Does the column begin with this text? Nothing in it has a special meaning.
    pub fn starts_with(self, prefix: impl Operand<T::Inner>) -> Predicate {
        self.infix("^@", prefix)
    }
}

impl<T> Column<Option<T>> {
    /// `column IS NULL`
    pub fn is_null(self) -> Predicate {
        Predicate(Condition::Postfix { left: self.expression(), operator: "IS NULL" })
    }

    /// `column IS NOT NULL`
    pub fn is_not_null(self) -> Predicate {
        Predicate(Condition::Postfix { left: self.expression(), operator: "IS NOT NULL" })
    }
}

/// The operators of arrays and of documents, for columns that may be NULL and for others.
macro_rules! containers {
    ($($column:ty),*) => { $(
        impl<T: Element + Scalar> Column<$column> {
            /// Are all these values elements of the array?
            pub fn contains(self, values: impl Operands<T>) -> Predicate {
                self.array("@>", values.operands())
            }

            /// Are all elements of the array among these values?
            pub fn contained_by(self, values: impl Operands<T>) -> Predicate {
                self.array("<@", values.operands())
            }

            /// Is any of these values an element of the array?
            pub fn overlaps(self, values: impl Operands<T>) -> Predicate {
                self.array("&&", values.operands())
            }

            fn array(self, operator: &'static str, values: Vec<T>) -> Predicate {
                let right = Expression::value(values, self.model);
                Predicate(Condition::Infix { left: self.expression(), operator, right })
            }
        }
    )* };
}
containers!(Vec<T>, Option<Vec<T>>);

impl<T> Column<T> {
    /// Sets the column, in an update of many rows.
    pub fn set(self, value: impl Assign<T>) -> Assignment
    where
        T: Parameter + 'static,
    {
        Assignment::new(self.model, Box::new(value.assign()))
    }
}
