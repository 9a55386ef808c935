//! CREATE INDEX.

use crate::analyse::{expression_text, name, operand, output_name};
use crate::apply::constraint_name::index_column_names;
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::catalog::{Index, IndexKey, IndexTarget, Table};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

pub(crate) fn apply(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(relation) = node.child(Kind::TABLE_RELATION_NAME) else {
        return Ok(());
    };
    let Some(table) = fold.require_table(&name::name(relation))? else {
        return Ok(());
    };
    let given = node.child(Kind::INDEX).map(|index| name::name(index).name);
    if let Some(name) = &given
        && fold.is_relation(&table.schema, name)
    {
        let exists =
            Problem::new(format!("a relation `{name}` exists already in the schema `{}`", table.schema));
        return if node.has(Kind::IF_NOT_EXISTS) { Ok(()) } else { Err(exists) };
    }
    let origin = fold.origin(node);
    let Some(found) = fold.table_mut(&table) else {
        return Ok(());
    };
    let index = Index {
        name: String::new(),
        unique: node.has(Kind::UNIQUE_KW),
        method: method(node),
        keys: node.child(Kind::PARTITION_ITEM_LIST).map(|list| keys(list, found)).unwrap_or_default(),
        include: node
            .child(Kind::INDEX_INCLUDE_CLAUSE)
            .map(|clause| name::identifiers(clause, Kind::NAME_REF))
            .unwrap_or_default(),
        predicate: node
            .child(Kind::WHERE_CLAUSE)
            .and_then(operand::operand)
            .map(|condition| expression_text::over(condition, found)),
        nulls_not_distinct: node.has(Kind::NULLS_NOT_DISTINCT),
        comment: None,
        origin,
    };
    let parts = part_names(&index);
    let only = relation.has(Kind::ONLY_KW);
    push(fold, &table, index, given, &parts, only);
    Ok(())
}

/// Adds an index to a table and, unless it is for this one only, to its partitions.
pub(crate) fn push(
    fold: &mut Fold,
    table: &QualifiedName,
    index: Index,
    name: Option<String>,
    parts: &[String],
    only: bool,
) {
    let name = name.unwrap_or_else(|| fold.choose_index_name(table, parts));
    fold.remember(&name);
    if let Some(found) = fold.table_mut(table) {
        found.indexes.push(Index { name, ..index.clone() });
    }
    if !only {
        for partition in fold.partitions(table) {
            inherit(fold, &partition, &index, parts);
        }
    }
}

/// Gives a partition an index of its parent, unless it has the same one already.
pub(crate) fn inherit(fold: &mut Fold, partition: &QualifiedName, index: &Index, parts: &[String]) {
    let same = fold.table_mut(partition).is_some_and(|table| {
        table.indexes.iter().any(|own| {
            own.keys == index.keys
                && own.unique == index.unique
                && own.method == index.method
                && own.include == index.include
                && own.predicate.as_ref().map(|p| &p.text) == index.predicate.as_ref().map(|p| &p.text)
        })
    });
    if !same {
        push(fold, partition, Index { comment: None, ..index.clone() }, None, parts, false);
    }
}

/// What the parts of an index are called in its name.
pub(crate) fn part_names(index: &Index) -> Vec<String> {
    let keys = index.keys.iter().map(|key| match &key.target {
        IndexTarget::Column(name) => name.clone(),
        IndexTarget::Expression(expression) => {
            output_name::output_name_of(&expression.text).unwrap_or_else(|| "expr".to_owned())
        }
    });
    index_column_names(keys.chain(index.include.iter().cloned()))
}

/// What an expression is called in the name of an index.
pub(crate) fn part_name(expression: Node<'_>) -> String {
    output_name::output_name(expression).unwrap_or_else(|| "expr".to_owned())
}

fn keys(list: Node<'_>, table: &Table) -> Vec<IndexKey> {
    list.all(Kind::PARTITION_ITEM).filter_map(|item| key(item, table)).collect()
}

fn key(item: Node<'_>, table: &Table) -> Option<IndexKey> {
    let mut target = operand::without_parentheses(operand::operand(item)?);
    let mut collation = None;
    // A column in parentheses, or with a collation in them, is still a column.
    while target.is(Kind::COLLATE) {
        let clause = target.child(Kind::COLLATION_REF).map(|collation| name::name(collation).name);
        collation = collation.or(clause);
        target = operand::without_parentheses(operand::operand(target)?);
    }
    let descending = item.has(Kind::SORT_DESC);
    let class = item.child(Kind::OP_CLASS_REF).map(|class| {
        item.child(Kind::ATTRIBUTE_LIST).map_or_else(|| class.text(), |options| class.text_to(options))
    });
    Some(IndexKey {
        target: match target.kind() {
            Kind::NAME_REF => IndexTarget::Column(name::identifier(target)),
            _ => IndexTarget::Expression(expression_text::over(target, table)),
        },
        descending,
        nulls_first: item.has(Kind::NULLS_FIRST) || (descending && !item.has(Kind::NULLS_LAST)),
        operator_class: class.map(str::to_owned),
        collation,
    })
}

fn method(node: Node<'_>) -> String {
    node.child(Kind::USING_METHOD)
        .and_then(|method| method.child(Kind::ACCESS_METHOD_REF))
        .map_or_else(|| "btree".to_owned(), name::identifier)
}
