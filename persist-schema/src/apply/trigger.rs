//! Triggers, rules and policies: facts about a table.

use crate::analyse::name::{self, Name};
use crate::analyse::operand;
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::catalog::{Policy, PolicyCommand, Rule, Table, Trigger};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// The table of a statement that has an ON; `None` when it is missing and that is no mistake.
fn on<'f>(fold: &'f mut Fold, node: Node<'_>) -> Result<Option<&'f mut Table>, Problem> {
    let Some(written) = owner(node) else { return Ok(None) };
    let found =
        if node.has(Kind::IF_EXISTS) { fold.find_table(&written) } else { fold.require_table(&written)? };
    Ok(found.and_then(|name| fold.table_mut(&name)))
}

/// CREATE TRIGGER.
pub(crate) fn create_trigger(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(target) = node.child(Kind::TRIGGER) else { return Ok(()) };
    let timing = node.children().find(|child| {
        matches!(child.kind(), Kind::TIMING_BEFORE | Kind::TIMING_AFTER | Kind::TIMING_INSTEAD_OF)
    });
    let last = node.children().filter(|child| !child.is(Kind::SEMICOLON)).last();
    let call = node.child(Kind::CALL_EXPR);
    let trigger = Trigger {
        name: name::identifier(target),
        definition: match (timing, last) {
            (Some(first), Some(last)) => first.text_to(last).to_owned(),
            _ => node.text().to_owned(),
        },
        function: call
            .and_then(|call| call.children().next())
            .map(|callee| callee.text().to_owned())
            .unwrap_or_default(),
        for_each_row: node.has(Kind::FOR_EACH_ROW),
        is_constraint: node.has(Kind::CONSTRAINT_KW),
        enabled: true,
        comment: None,
        origin: fold.origin(node),
    };
    fold.remember(&trigger.name);
    let Some(table) = on(fold, node)? else { return Ok(()) };
    let name = table.name.clone();
    add_trigger(fold, &name, &trigger, node.has(Kind::OR_REPLACE))
}

/// Adds a trigger; those for each row are for the partitions too.
fn add_trigger(fold: &mut Fold, table: &QualifiedName, trigger: &Trigger, replace: bool) -> Outcome {
    let Some(found) = fold.table_mut(table) else { return Ok(()) };
    match found.triggers.iter().position(|existing| existing.name == trigger.name) {
        Some(position) if replace => found.triggers[position] = trigger.clone(),
        Some(position) => {
            let existing = &found.triggers[position].origin;
            let message = format!("`{table}` has a trigger `{}` already ({existing})", trigger.name);
            return Err(Problem::new(message));
        }
        None => found.triggers.push(trigger.clone()),
    }
    if trigger.for_each_row {
        for partition in fold.partitions(table) {
            add_trigger(fold, &partition, trigger, true)?;
        }
    }
    Ok(())
}

/// Gives a new partition the row triggers of its parent.
pub(crate) fn inherit(table: &mut Table, parent: &Table) {
    for trigger in parent.triggers.iter().filter(|trigger| trigger.for_each_row) {
        if !table.triggers.iter().any(|own| own.name == trigger.name) {
            table.triggers.push(Trigger { comment: None, ..trigger.clone() });
        }
    }
}

/// DROP TRIGGER, DROP RULE and DROP POLICY.
pub(crate) fn drop(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let kinds = [Kind::TRIGGER_REF, Kind::RULE_REF, Kind::POLICY_REF];
    let Some(target) = node.children().find(|child| kinds.contains(&child.kind())) else { return Ok(()) };
    let wanted = name::identifier(target);
    let Some(table) = on(fold, node)? else { return Ok(()) };
    let table = table.name.clone();
    for name in fold.family(&table) {
        let Some(table) = fold.table_mut(&name) else { continue };
        match target.kind() {
            Kind::TRIGGER_REF => table.triggers.retain(|trigger| trigger.name != wanted),
            Kind::RULE_REF => table.rules.retain(|rule| rule.name != wanted),
            _ => table.policies.retain(|policy| policy.name != wanted),
        }
    }
    Ok(())
}

/// ALTER TRIGGER, ALTER RULE and ALTER POLICY … RENAME TO.
pub(crate) fn rename(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let renames = [Kind::TRIGGER_RENAME_TO, Kind::RULE_RENAME_TO, Kind::POLICY_RENAME_TO];
    let Some(action) = node.children().find(|child| renames.contains(&child.kind())) else { return Ok(()) };
    let Some(to) = action.children().filter(|child| !child.is_token()).last().map(name::identifier) else {
        return Ok(());
    };
    let Some(from) = node.children().find(|child| !child.is_token()).map(name::identifier) else {
        return Ok(());
    };
    let Some(table) = on(fold, node)? else { return Ok(()) };
    let slot = match action.kind() {
        Kind::TRIGGER_RENAME_TO => {
            table.triggers.iter_mut().map(|found| &mut found.name).find(|name| **name == from)
        }
        Kind::RULE_RENAME_TO => {
            table.rules.iter_mut().map(|found| &mut found.name).find(|name| **name == from)
        }
        _ => table.policies.iter_mut().map(|found| &mut found.name).find(|name| **name == from),
    };
    if let Some(slot) = slot {
        *slot = to;
    }
    Ok(())
}

/// CREATE RULE. The rule `_RETURN` is what a view is made of.
pub(crate) fn create_rule(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(target) = node.child(Kind::RULE) else { return Ok(()) };
    let text = node.text().trim_end_matches(';').trim_end().to_owned();
    let rule =
        Rule { name: name::identifier(target), definition: text, comment: None, origin: fold.origin(node) };
    let written = node.child(Kind::RULE_ON).and_then(|on| on.child(Kind::RELATION_NAME_REF)).map(name::name);
    let Some(written) = written else { return Ok(()) };
    let Some(found) = fold.require_table(&written)? else { return Ok(()) };
    let Some(table) = fold.table_mut(&found) else { return Ok(()) };
    table.rules.retain(|existing| existing.name != rule.name);
    table.rules.push(rule);
    Ok(())
}

/// CREATE POLICY.
pub(crate) fn create_policy(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(target) = node.child(Kind::POLICY) else { return Ok(()) };
    let command = node.child(Kind::POLICY_COMMAND).and_then(|command| {
        command.children().find_map(|child| match child.kind() {
            Kind::POLICY_COMMAND_SELECT => Some(PolicyCommand::Select),
            Kind::POLICY_COMMAND_INSERT => Some(PolicyCommand::Insert),
            Kind::POLICY_COMMAND_UPDATE => Some(PolicyCommand::Update),
            Kind::POLICY_COMMAND_DELETE => Some(PolicyCommand::Delete),
            _ => None,
        })
    });
    let restrictive = node
        .child(Kind::AS_POLICY_TYPE)
        .is_some_and(|clause| clause.tokens().any(|token| token.text().eq_ignore_ascii_case("restrictive")));
    let mut policy = Policy {
        name: name::identifier(target),
        permissive: !restrictive,
        command: command.unwrap_or(PolicyCommand::All),
        roles: vec!["public".to_owned()],
        using: None,
        with_check: None,
        comment: None,
        origin: fold.origin(node),
    };
    set_clauses(&mut policy, node);
    let Some(table) = on(fold, node)? else { return Ok(()) };
    if let Some(existing) = table.policies.iter().find(|existing| existing.name == policy.name) {
        let message =
            format!("`{}` has a policy `{}` already ({})", table.name, policy.name, existing.origin);
        return Err(Problem::new(message));
    }
    table.policies.push(policy);
    Ok(())
}

/// ALTER POLICY.
pub(crate) fn alter_policy(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(clauses) = node.child(Kind::ALTER_POLICY_TO) else { return rename(fold, node) };
    let Some(wanted) = node.child(Kind::POLICY_REF).map(name::identifier) else { return Ok(()) };
    let Some(table) = on(fold, node)? else { return Ok(()) };
    if let Some(policy) = table.policies.iter_mut().find(|policy| policy.name == wanted) {
        set_clauses(policy, clauses);
    }
    Ok(())
}

fn set_clauses(policy: &mut Policy, node: Node<'_>) {
    if let Some(roles) = node.child(Kind::POLICY_ROLES) {
        let roles = roles.descendants().filter(|below| below.is(Kind::ROLE_REF));
        policy.roles = roles.map(name::identifier).collect();
    }
    if let Some(using) = node.child(Kind::USING_EXPR_CLAUSE).and_then(operand::operand) {
        policy.using = Some(using.text().to_owned());
    }
    if let Some(check) = node.child(Kind::WITH_CHECK_EXPR_CLAUSE).and_then(operand::operand) {
        policy.with_check = Some(check.text().to_owned());
    }
}

/// The table that a statement names after ON.
fn owner(node: Node<'_>) -> Option<Name> {
    let clause = node.child(Kind::ON_RELATION).or_else(|| node.child(Kind::ON_TABLE))?;
    clause.children().find(|child| !child.is_token()).map(name::name)
}
