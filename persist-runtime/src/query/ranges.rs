//! Operators of ranges and multiranges.

use crate::query::column::Column;
use crate::query::computed::{Computed, Plain};
use crate::query::operand::{Operand, Side};
use crate::query::operators::operators;
use crate::query::predicate::Predicate;
use crate::sql::expression::{Condition, Expression};
use crate::value::scalar::{Multirange, Range, Scalar, Value};
use crate::value::sql_type::Ranged;

operators! { for Column<Range<T>>, Column<Option<Range<T>>>, Computed<Range<T>>, Computed<Option<Range<T>>>
where [T: Scalar<Family: Ranged> + Value<Inner = T>] {
    /// Is the value in the range? `@>`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::Range;
    /// fn is_valid_at(valid: Column<Range<i32>>, day: i32) -> Predicate {
    ///     valid.contains(day)
    /// }
    /// ```
    pub fn contains(self, value: impl Operand<T>) -> Predicate {
        self.with_element("@>", value)
    }

    /// Is all of the other range in this one? `@>`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::Range;
    /// fn covers(valid: Column<Range<i32>>, days: Range<i32>) -> Predicate {
    ///     valid.contains_range(days)
    /// }
    /// ```
    pub fn contains_range(self, range: impl Operand<Range<T>>) -> Predicate {
        self.with_range("@>", range)
    }

    /// Is all of this range in the other one? `<@`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::Range;
    /// fn is_within(valid: Column<Range<i32>>) -> Predicate {
    ///     valid.contained_by(Range::from(1..10))
    /// }
    /// ```
    pub fn contained_by(self, range: impl Operand<Range<T>>) -> Predicate {
        self.with_range("<@", range)
    }

    /// Have the ranges values in common? `&&`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::Range;
    /// fn is_taken(booked: Column<Range<i32>>, wanted: Range<i32>) -> Predicate {
    ///     booked.overlaps(wanted)
    /// }
    /// ```
    pub fn overlaps(self, range: impl Operand<Range<T>>) -> Predicate {
        self.with_range("&&", range)
    }

    /// Do the ranges touch, without a value between them or in both? `-|-`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::Range;
    /// fn goes_on(booked: Column<Range<i32>>) -> Predicate {
    ///     booked.adjacent(Range::from(10..20))
    /// }
    /// ```
    pub fn adjacent(self, range: impl Operand<Range<T>>) -> Predicate {
        self.with_range("-|-", range)
    }

    /// Does the range end before the other begins? `<<`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::Range;
    /// fn is_over(booked: Column<Range<i32>>) -> Predicate {
    ///     booked.strictly_left_of(Range::from(10..20))
    /// }
    /// ```
    pub fn strictly_left_of(self, range: impl Operand<Range<T>>) -> Predicate {
        self.with_range("<<", range)
    }

    /// Does the range begin after the other has ended? `>>`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::Range;
    /// fn is_to_come(booked: Column<Range<i32>>) -> Predicate {
    ///     booked.strictly_right_of(Range::from(10..20))
    /// }
    /// ```
    pub fn strictly_right_of(self, range: impl Operand<Range<T>>) -> Predicate {
        self.with_range(">>", range)
    }

    fn with_range(self, operator: &'static str, range: impl Operand<Range<T>>) -> Predicate {
        let Side(right) = range.operand(self.model);
        Predicate(Condition::Infix { left: self.expression(), operator, right })
    }
} }

operators! { for Column<Multirange<T>>, Column<Option<Multirange<T>>>, Computed<Multirange<T>>, Computed<Option<Multirange<T>>>
where [T: Scalar<Family: Ranged> + Value<Inner = T>] {
    /// Is the value in one of the ranges? `@>`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::Multirange;
    /// fn is_open(hours: Column<Multirange<i32>>, hour: i32) -> Predicate {
    ///     hours.contains(hour)
    /// }
    /// ```
    pub fn contains(self, value: impl Operand<T>) -> Predicate {
        self.with_element("@>", value)
    }

    /// Have they values in common with the range? `&&`
    ///
    /// ```
    /// # use persist::query::{Column, Predicate};
    /// # use persist::{Multirange, Range};
    /// fn is_open(hours: Column<Multirange<i32>>) -> Predicate {
    ///     hours.overlaps(Range::from(9..12))
    /// }
    /// ```
    pub fn overlaps(self, range: impl Operand<Range<T>>) -> Predicate {
        let Side(right) = range.operand(Plain::<Range<T>>::MODEL);
        Predicate(Condition::Infix { left: self.expression(), operator: "&&", right })
    }
} }

operators! { for Column<Range<T>>, Column<Option<Range<T>>>, Computed<Range<T>>, Computed<Option<Range<T>>>,
Column<Multirange<T>>, Column<Option<Multirange<T>>>, Computed<Multirange<T>>, Computed<Option<Multirange<T>>>
where [T: Scalar<Family: Ranged> + Value<Inner = T>] {
    /// The lower bound; NULL where there is none. `lower(…)`
    ///
    /// ```
    /// # use persist::query::{Column, Order};
    /// # use persist::Range;
    /// fn by_begin(booked: Column<Range<i32>>) -> Order {
    ///     booked.lower().asc()
    /// }
    /// ```
    pub fn lower(self) -> Computed<Option<T>> {
        Computed::plain(Expression::call("lower", vec![self.expression()]))
    }

    /// The upper bound; NULL where there is none. `upper(…)`
    ///
    /// ```
    /// # use persist::query::{Column, Order};
    /// # use persist::Range;
    /// fn by_end(booked: Column<Range<i32>>) -> Order {
    ///     booked.upper().desc()
    /// }
    /// ```
    pub fn upper(self) -> Computed<Option<T>> {
        Computed::plain(Expression::call("upper", vec![self.expression()]))
    }

    fn with_element(self, operator: &'static str, value: impl Operand<T>) -> Predicate {
        let Side(right) = value.operand(Plain::<T>::MODEL);
        Predicate(Condition::Infix { left: self.expression(), operator, right })
    }
} }
