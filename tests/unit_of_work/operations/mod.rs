//! What may be done in a unit of work, each with what becomes of the model. What cannot be done at the moment
//! is left out.

mod circles;
mod comments;
mod deletions;
mod people;
mod pipelines;
mod steps;
mod trees;

use std::future::Future;
use std::pin::Pin;

use crate::Result;
use crate::unit::Unit;

pub(crate) type Operation =
    for<'a, 'u> fn(&'a mut Unit<'u>) -> Pin<Box<dyn Future<Output = Result> + Send + 'a>>;

macro_rules! operations {
    ($($module:ident::$operation:ident),* $(,)?) => {
        &[$((stringify!($module::$operation), |unit| Box::pin($module::$operation(unit)))),*]
    };
}

pub(crate) const OPERATIONS: &[(&str, Operation)] = operations![
    pipelines::insert,
    pipelines::insert,
    pipelines::change,
    pipelines::change,
    pipelines::change,
    pipelines::change,
    pipelines::change_as_read_elsewhere,
    pipelines::change_heading,
    pipelines::exchange_names,
    pipelines::exchange_names_of_two_structs,
    pipelines::replace,
    pipelines::delete,
    pipelines::link,
    steps::move_to_another,
    steps::move_as_read_elsewhere,
    steps::move_as_read_elsewhere,
    steps::move_before_deletion,
    steps::move_execution,
    steps::add_by_key,
    steps::change_many,
    steps::exchange_positions_of_two_structs,
    steps::change_in_two_structs,
    people::insert,
    people::change,
    people::give_account,
    people::delete,
    people::insert_plugin,
    people::exchange_versions,
    people::delete_plugin,
    people::insert_tag,
    people::rename_tag,
    people::delete_tag,
    comments::insert,
    comments::change,
    comments::delete,
    comments::delete_where,
    trees::insert,
    trees::change,
    trees::change,
    trees::move_between,
    trees::delete,
    circles::insert_team,
    circles::change_team,
    circles::move_member,
    circles::delete_team,
    circles::insert_runbook,
    circles::change_runbook,
    circles::delete_runbook,
];

/// Deletions that the database carries on to rows that the unit of work knows nothing of: they come last.
pub(crate) const LAST_OPERATIONS: &[(&str, Operation)] =
    operations![deletions::user, deletions::category, deletions::linked_tag];
