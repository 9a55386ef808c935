//! The other side of a relation, as a statement names it: its table, after the link table if there is one,
//! and the conditions by which its rows belong to those of this side.

use crate::sql::climb;
use crate::sql::scope::Alias;
use crate::sql::table::Conditions;
use crate::sql::writer::Writer;
use crate::table::link::Through;
use crate::table::shape::{Other, Relation, ToMany, ToOne};

/// The other side of a relation.
#[derive(Clone, Copy)]
pub(crate) struct FarSide {
    relation: Relation,
    alias: Alias,
}

impl FarSide {
    /// The other side, whose table has this alias.
    pub(crate) fn new(relation: Relation, alias: Alias) -> Self {
        FarSide { relation, alias }
    }

    /// Adds ` FROM …`. Which rows of this side they belong to is still to be said: by
    /// [`refers`](Self::refers), or otherwise.
    pub(crate) fn from(self, sql: &mut Writer<'_>) -> Conditions {
        match self.through() {
            None => sql.from(self.other().shape(), self.alias),
            Some(through) => {
                let conditions = sql.from(through, Alias::Link);
                self.join_link(through, sql).finish(sql);
                conditions
            }
        }
    }

    /// Adds a join such as ` JOIN … ON …`, with the conditions that [`refers`](Self::refers) adds. Conditions
    /// on the other side may follow.
    pub(crate) fn join<'v>(
        self,
        word: &'static str,
        near: impl Fn(Near, &mut Writer<'v>),
        sql: &mut Writer<'v>,
    ) -> Conditions {
        match self.through() {
            None => {
                let mut on = sql.join(word, self.other().shape(), self.alias);
                self.refers(&mut on, near, sql);
                on
            }
            Some(through) => {
                let mut on = sql.join(word, through, Alias::Link);
                self.refers(&mut on, near, sql);
                on.finish(sql);
                self.join_link(through, sql)
            }
        }
    }

    /// Adds the conditions that the columns which refer are equal to what `near` writes of this side.
    pub(crate) fn refers<'v>(
        self,
        conditions: &mut Conditions,
        near: impl Fn(Near, &mut Writer<'v>),
        sql: &mut Writer<'v>,
    ) {
        let holder = self.holder();
        let mut add = |index: usize, referring: &str, column: &'static str, operators: &str| {
            conditions.and(sql).alias(holder).push(".").push(referring).operator(operators, "=");
            near(Near { index, column }, sql);
        };
        match self.relation {
            Relation::One(ToOne { on, .. }) => {
                on.iter().enumerate().for_each(|(index, (here, there, operators))| {
                    add(index, there, here, operators);
                });
            }
            Relation::Many(ToMany { climb: Some(climb), other, .. }) => {
                let near = |column, sql: &mut Writer<'v>| near(Near { index: 0, column }, sql);
                conditions.and(sql);
                climb::write_is_above(*climb, other.shape(), holder, near, sql);
            }
            Relation::Many(ToMany { link, key, .. }) => {
                let columns = link.columns.iter().zip(*key).enumerate();
                columns.for_each(|(index, ((referring, _), column))| {
                    add(index, referring, column.name, column.operators);
                });
            }
        }
    }

    /// Adds the relation's own condition, if it has one.
    pub(crate) fn filter(self, conditions: &mut Conditions, sql: &mut Writer<'_>) {
        let filter = match self.relation {
            Relation::One(one) => one.filter,
            Relation::Many(many) => many.filter,
        };
        if !filter.is_empty() {
            conditions.and(sql).push("(").aliased(filter, self.alias).push(")");
        }
    }

    /// The table whose columns refer to this side.
    pub(crate) fn holder(self) -> Alias {
        if self.through().is_some() { Alias::Link } else { self.alias }
    }

    fn join_link(self, through: &Through, sql: &mut Writer<'_>) -> Conditions {
        let mut on = sql.join(" JOIN ", self.other().shape(), self.alias);
        for (link, far, operators) in through.on {
            on.and(sql).alias(self.alias).push(".").push(far).operator(operators, "=");
            sql.alias(Alias::Link).push(".").push(link);
        }
        on
    }

    fn through(&self) -> Option<&'static Through> {
        match self.relation {
            Relation::One(_) => None,
            Relation::Many(many) => many.link.through.as_ref(),
        }
    }

    fn other(&self) -> &'static Other {
        match self.relation {
            Relation::One(one) => &one.other,
            Relation::Many(many) => &many.other,
        }
    }
}

/// A column of this side that the other refers to.
pub(crate) struct Near {
    /// Its place among them.
    pub(crate) index: usize,
    pub(crate) column: &'static str,
}
