//! What a field says of the rows of other tables.

use syn::ext::IdentExt as _;

use crate::attribute::{Attributes, Written};
use crate::context::{Context, Mistake};
use crate::model::{Aggregate, AggregateKind, Line, Relation, RelationKind, Role};
use crate::symbol::{self, Key};

/// The role, where the word is one of relations.
pub(super) fn role(written: &Written, attributes: &Attributes) -> Option<Role> {
    if let Some(relation) = relation(written, attributes) {
        return Some(Role::Relation(Box::new(relation)));
    }
    if is_line(written.key) {
        let listed = attributes.text(written.key).cloned();
        let foreign_key = attributes.text(&symbol::FOREIGN_KEY).cloned();
        return Some(Role::Line(Box::new(Line { listed, foreign_key })));
    }
    let text = attributes.text(written.key)?;
    if *written.key == symbol::SQL {
        return Some(Role::Expression(text.clone()));
    }
    let kind = aggregate(written.key)?;
    Some(Role::Aggregate(Box::new(Aggregate {
        kind,
        of: text.clone(),
        filter: attributes.text(&symbol::FILTER).cloned(),
        foreign_key: attributes.text(&symbol::FOREIGN_KEY).cloned(),
    })))
}

/// The relation, where the word is one.
pub(super) fn relation(written: &Written, attributes: &Attributes) -> Option<Relation> {
    Some(Relation {
        kind: kind(written.key)?,
        is_path: false,
        table: written.part(symbol::PART_TABLE).cloned(),
        foreign_key: written.part(symbol::PART_FOREIGN_KEY).cloned(),
        references: written.part(symbol::PART_REFERENCES).cloned(),
        through: written.part(symbol::PART_THROUGH).cloned(),
        other_key: written.part(symbol::PART_OTHER_KEY).cloned(),
        order_by: attributes.text(&symbol::ORDER_BY).cloned(),
        filter: attributes.text(&symbol::FILTER).cloned(),
        limit: attributes.number(&symbol::LIMIT).cloned(),
        max_depth: attributes.number(&symbol::MAX_DEPTH).cloned(),
        key_by: attributes.text(&symbol::KEY_BY).cloned(),
        index: attributes.text(&symbol::INDEX).cloned(),
        orphans: attributes.text(&symbol::ORPHANS).cloned(),
        cascade: attributes.get(&symbol::CASCADE).map(|written| written.ident.clone()),
        insert: attributes.bool(&symbol::INSERT).cloned(),
    })
}

/// Reports words that do not go with the role of the field.
pub(super) fn check(ctx: &Context, field: &syn::Field, attributes: &Attributes) {
    let role = attributes.role();
    let is_relation = role.is_some_and(|role| kind(role.key).is_some());
    let is_aggregate = role.is_some_and(|role| aggregate(role.key).is_some());
    let is_line = role.is_some_and(|role| is_line(role.key));
    let words = symbol::OF_ROWS.into_iter().chain([&symbol::FILTER, &symbol::INDEX]);
    for word in words.filter_map(|key| attributes.get(key)) {
        if !(is_relation || is_aggregate && *word.key == symbol::FILTER) {
            let name = word.key.name;
            let mistake = Mistake::new(format!(
                "`{name}` says something about the rows of a relation, but this field is none"
            ));
            ctx.report(
                &word.ident,
                mistake.write(format!("write `{}, {}`, or leave it out", beside(word.key), word.key.form)),
            );
        }
    }
    if let Some(word) = attributes.get(&symbol::FOREIGN_KEY).filter(|_| !(is_aggregate || is_line)) {
        let mistake = Mistake::new("`foreign_key` stands in the parentheses of its relation");
        ctx.report(&word.ident, mistake.write("write `has_many(foreign_key = \"…\")`"));
    }
    if let Some(word) = attributes.get(&symbol::COLUMN).filter(|_| is_relation || is_aggregate || is_line) {
        let name = field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default();
        let mistake = Mistake::new(format!("`{name}` holds no column of the struct's own table"));
        ctx.report(
            &word.ident,
            mistake.write("leave `column` out; the columns of a relation are named by `foreign_key = \"…\"`"),
        );
    }
}

/// A relation beside which the word may stand.
fn beside(word: &Key) -> &'static str {
    if *word == symbol::INSERT { symbol::MANY_TO_MANY.form } else { symbol::HAS_MANY.form }
}

fn kind(key: &Key) -> Option<RelationKind> {
    use RelationKind::{Ancestors, BelongsTo, HasMany, HasOne, ManyToMany};
    let kinds = [HasMany, HasOne, BelongsTo, ManyToMany, Ancestors];
    kinds.into_iter().find(|kind| kind.word() == key.name)
}

fn aggregate(key: &Key) -> Option<AggregateKind> {
    use AggregateKind::{Avg, Count, Exists, Max, Min, Sum};
    [Count, Exists, Min, Max, Sum, Avg].into_iter().find(|kind| kind.word() == key.name)
}

fn is_line(key: &Key) -> bool {
    [&symbol::DEPTH, &symbol::PATH].contains(&key)
}
