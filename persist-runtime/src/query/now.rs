//! The time at which a transaction began.

use std::ops::{Add, Sub};

use crate::query::assignment::Settable;
use crate::query::computed::Plain;
use crate::query::operand::{Operand, Side};
use crate::sql::expression::Expression;
use crate::table::column::ColumnModel;
use crate::value::scalar::{Interval, Scalar, Value};
use crate::value::sql_type::{SqlType, family, pg};

/// The time at which the transaction began, by the clock of the server: the same in all its statements. In a column
/// without time zone it is that of UTC.
///
/// ```
/// # use persist_sample::*;
/// use persist::now;
/// use std::time::Duration;
///
/// # async fn example(executions: ExecutionRepository<'_>) -> Result {
/// let ended = executions
///     .filter(|e| e.started_at.lt(now() - Duration::from_secs(3600)) & e.finished_at.is_null())
///     .update(|e| e.finished_at.set(now()))
///     .await?;
/// # Ok(())
/// # }
/// ```
pub fn now() -> Now {
    Now { steps: Vec::new() }
}

/// The time at which the transaction began: see [`now`].
#[derive(Debug, Clone)]
#[must_use = "a moment does nothing until a query uses it"]
pub struct Now {
    steps: Vec<(&'static str, Interval)>,
}

/// Families of moments and dates.
#[doc(hidden)]
pub trait Moment {}

impl Moment for family::Timestamptz {}
impl Moment for family::Timestamp {}
impl Moment for family::Date {}

impl Now {
    fn side(self, column: &'static ColumnModel) -> Side {
        let interval = |interval| Expression::value(interval, Plain::<Interval>::MODEL);
        let begun = match column.oid {
            pg::Timestamptz::OID => "now()",
            _ => "(now() AT TIME ZONE 'UTC')",
        };
        let moment = self.steps.into_iter().fold(Expression::Fixed(begun), |moment, (operator, step)| {
            Expression::infix(moment, operator, interval(step))
        });
        Side(match column.oid {
            pg::Date::OID => Expression::call("date", vec![moment]),
            _ => moment,
        })
    }
}

macro_rules! steps {
    ($($step:ty),*) => { $(
        impl Add<$step> for Now {
            type Output = Now;

            fn add(mut self, step: $step) -> Now {
                self.steps.push(("+", step.into()));
                self
            }
        }

        impl Sub<$step> for Now {
            type Output = Now;

            fn sub(mut self, step: $step) -> Now {
                self.steps.push(("-", step.into()));
                self
            }
        }
    )* };
}
steps!(Interval, std::time::Duration);
#[cfg(feature = "chrono")]
steps!(chrono::TimeDelta);
#[cfg(feature = "jiff")]
steps!(jiff::SignedDuration);

#[diagnostic::do_not_recommend]
impl<T: Scalar<Family: Moment>> Operand<T> for Now {
    type With<L: Value> = L;
    type Or<L: Value> = L::Inner;

    fn operand(self, column: &'static ColumnModel) -> Side {
        self.side(column)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Value<Inner: Scalar<Family: Moment>>> Settable<T> for Now {
    fn settable(self, column: &'static ColumnModel) -> Side {
        self.side(column)
    }
}
