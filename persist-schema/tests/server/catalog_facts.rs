//! What the catalog knows, under the keys that `facts.sql` has.

use persist_schema::catalog::{
    Catalog, Check, Column, Domain, ForeignKey, FunctionKind, Identity, Key, PolicyCommand,
    ReferentialAction, Schema, Table,
};
use persist_schema::identifier::quote_identifier;
use persist_schema::{PgType, QualifiedName};
use tokio_postgres::Client;

use crate::{Facts, probe};

pub(crate) async fn of(catalog: &Catalog, client: &Client) -> Facts {
    let mut facts = Facts::new();
    for schema in catalog.schemas.values() {
        if schema.name != "public" {
            facts.insert(format!("schema {}", schema.name), schema.comment.clone().unwrap_or_default());
        }
        types(&mut facts, schema);
        for domain in schema.domains.values() {
            domain_facts(&mut facts, client, domain).await;
        }
        for table in schema.tables.values() {
            table_facts(&mut facts, client, table).await;
        }
        functions(&mut facts, schema);
    }
    facts
}

fn full(name: &QualifiedName) -> String {
    format!("{}.{}", name.schema, name.name)
}

fn words<'a>(words: impl IntoIterator<Item = Option<&'a str>>) -> String {
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(", ")
}

async fn table_facts(facts: &mut Facts, client: &Client, table: &Table) {
    let name = full(&table.name);
    let security = table.row_security;
    facts.insert(
        format!("relation {name}"),
        words([
            Some(table.kind.describe()),
            table.unlogged.then_some("unlogged"),
            security.enabled.then_some("rls"),
            security.forced.then_some("forced"),
            table.comment.as_deref(),
        ]),
    );
    facts.insert(format!("columns {name}"), table.column_names().collect::<Vec<_>>().join(", "));
    let parents: Vec<String> = table
        .partition_of
        .iter()
        .map(|partition| &partition.parent)
        .chain(&table.inherits)
        .map(full)
        .collect();
    if !parents.is_empty() {
        facts.insert(format!("parents {name}"), parents.join(", "));
    }
    if let Some(key) = &table.partition_key {
        facts.insert(format!("partition key {name}"), key.clone());
    }
    if let Some(partition) = &table.partition_of {
        let bound = partition.bound.split('(').next().unwrap_or_default();
        facts.insert(format!("bound of {name}"), bound.to_owned());
    }
    for column in &table.columns {
        column_facts(facts, client, table, column).await;
    }
    constraints(facts, client, table).await;
    for index in &table.indexes {
        let definition = probe::index(client, table, index).await;
        facts.insert(
            format!("index {name}.{}", index.name),
            words([Some(&*definition), index.comment.as_deref()]),
        );
    }
    for trigger in &table.triggers {
        let definition = probe::trigger(client, &trigger.definition, trigger.is_constraint).await;
        let disabled = (!trigger.enabled).then_some("disabled");
        facts.insert(format!("trigger {name}.{}", trigger.name), words([Some(&*definition), disabled]));
    }
    for rule in &table.rules {
        facts.insert(format!("rule {name}.{}", rule.name), "yes".to_owned());
    }
    for policy in &table.policies {
        let owner = table.name.to_sql();
        let clauses =
            probe::policy(client, &owner, policy.using.as_deref(), policy.with_check.as_deref()).await;
        let command = match policy.command {
            PolicyCommand::All => "ALL",
            PolicyCommand::Select => "SELECT",
            PolicyCommand::Insert => "INSERT",
            PolicyCommand::Update => "UPDATE",
            PolicyCommand::Delete => "DELETE",
        };
        let kind = if policy.permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
        let value = format!("{kind} {command} {} {}", policy.roles.join(","), clauses);
        facts.insert(format!("policy {name}.{}", policy.name), value);
    }
}

async fn column_facts(facts: &mut Facts, client: &Client, table: &Table, column: &Column) {
    let name = format!("{}.{}", full(&table.name), column.name);
    let ty = column.ty.as_ref().map_or_else(|| "unknown".to_owned(), PgType::to_sql);
    facts.insert(format!("type of {name}"), ty);
    facts.insert(format!("not null {name}"), column.not_null.to_string());
    if let Some(default) = &column.default {
        facts.insert(
            format!("default of {name}"),
            probe::expression(client, column.ty.as_ref().expect("a type"), default).await,
        );
    }
    if let Some(generated) = &column.generated {
        let text = probe::generated(client, table, column, &generated.expression.text).await;
        facts.insert(format!("generated {name}"), text);
    }
    if let Some(identity) = column.identity {
        let kind = match identity {
            Identity::Always => "always",
            Identity::ByDefault => "by default",
        };
        facts.insert(format!("identity {name}"), kind.to_owned());
    }
    if let Some(collation) = &column.collation {
        facts.insert(format!("collation of {name}"), full(collation));
    }
    if let Some(comment) = &column.comment {
        facts.insert(format!("comment on {name}"), comment.clone());
    }
    if column.inherited {
        facts.insert(format!("inherited {name}"), "yes".to_owned());
    }
}

async fn constraints(facts: &mut Facts, client: &Client, table: &Table) {
    let name = full(&table.name);
    let mut add = |constraint: &str, parts: Vec<Option<&str>>| {
        facts.insert(format!("constraint {name}.{constraint}"), words(parts));
    };
    if let Some(key) = &table.primary_key {
        add(
            &key.name,
            vec![
                Some("PRIMARY KEY"),
                Some(&key_columns(key)),
                Some(&*timing(key.deferrable, key.initially_deferred)).filter(|t| !t.is_empty()),
                key.comment.as_deref(),
            ],
        );
    }
    for key in &table.unique_keys {
        let kind = if key.nulls_not_distinct { "UNIQUE NULLS NOT DISTINCT" } else { "UNIQUE" };
        add(
            &key.name,
            vec![
                Some(kind),
                Some(&key_columns(key)),
                Some(&*timing(key.deferrable, key.initially_deferred)).filter(|t| !t.is_empty()),
                key.comment.as_deref(),
            ],
        );
    }
    for key in &table.foreign_keys {
        let invalid = (!key.validated).then_some("not validated");
        add(&key.name, vec![Some(&foreign_key(key)), invalid, key.comment.as_deref()]);
    }
    for check in &table.checks {
        let text = probe::constraint(client, &table.name.to_sql(), false, &check_definition(check)).await;
        let invalid = (!check.validated).then_some("not validated");
        add(&check.name, vec![Some(&text), invalid, check.comment.as_deref()]);
    }
    for exclusion in &table.exclusions {
        let predicate =
            exclusion.predicate.as_ref().map(|p| format!(" WHERE ({})", p.text)).unwrap_or_default();
        let timing = timing(exclusion.deferrable, exclusion.initially_deferred);
        let definition =
            format!("EXCLUDE USING {} ({}){predicate} {timing}", exclusion.method, exclusion.elements.text);
        let text = probe::constraint(client, &table.name.to_sql(), false, &definition).await;
        add(&exclusion.name, vec![Some(&text), exclusion.comment.as_deref()]);
    }
    let checks = table.checks.iter().filter(|check| check.inherited).map(|check| &check.name);
    let keys = table.foreign_keys.iter().filter(|key| key.inherited).map(|key| &key.name);
    for constraint in checks.chain(keys) {
        facts.insert(format!("inherited constraint {name}.{constraint}"), "yes".to_owned());
    }
}

fn key_columns(key: &Key) -> String {
    let include =
        if key.include.is_empty() { String::new() } else { format!(" INCLUDE ({})", list(&key.include)) };
    format!("({}){include}", list(&key.columns))
}

fn timing(deferrable: bool, initially_deferred: bool) -> String {
    words([deferrable.then_some("DEFERRABLE"), initially_deferred.then_some("INITIALLY DEFERRED")])
}

fn check_definition(check: &Check) -> String {
    format!(
        "CHECK ({}){} NOT VALID",
        check.expression.text,
        if check.no_inherit { " NO INHERIT" } else { "" }
    )
}

fn foreign_key(key: &ForeignKey) -> String {
    let action = |event: &str, action: ReferentialAction, columns: &[String]| {
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", list(columns)) };
        let what = match action {
            ReferentialAction::NoAction => return None,
            ReferentialAction::Restrict => "RESTRICT",
            ReferentialAction::Cascade => "CASCADE",
            ReferentialAction::SetNull => "SET NULL",
            ReferentialAction::SetDefault => "SET DEFAULT",
        };
        Some(format!("ON {event} {what}{columns}"))
    };
    let head = format!(
        "FOREIGN KEY ({}) REFERENCES {}({})",
        list(&key.columns),
        key.references.to_sql(),
        list(&key.referenced_columns)
    );
    let timing = timing(key.deferrable, key.initially_deferred);
    words([
        Some(&*head),
        key.match_full.then_some("MATCH FULL"),
        action("UPDATE", key.on_update, &[]).as_deref(),
        action("DELETE", key.on_delete, &key.on_delete_columns).as_deref(),
        Some(&*timing).filter(|timing| !timing.is_empty()),
    ])
}

fn types(facts: &mut Facts, schema: &Schema) {
    for found in schema.enums.values() {
        let labels: Vec<String> =
            found.labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect();
        let labels = labels.join(", ");
        let labels = Some(&*labels).filter(|labels| !labels.is_empty());
        facts.insert(format!("enum {}", full(&found.name)), words([labels, found.comment.as_deref()]));
    }
    for found in schema.composites.values() {
        let fields: Vec<String> =
            found.fields.iter().map(|field| format!("{} {}", field.name, field.ty.to_sql())).collect();
        facts.insert(format!("composite {}", full(&found.name)), fields.join(", "));
    }
    for found in schema.ranges.values() {
        facts.insert(format!("range {}", full(&found.name)), found.subtype.to_sql());
    }
    for found in schema.sequences.values() {
        let owner = found.owned_by.as_ref().map(|(table, column)| {
            format!("{} {}.{column}", if found.identity { "identity of" } else { "owned by" }, full(table))
        });
        let numbers = format!("{} {} {}", found.ty.to_sql(), found.increment, found.start);
        let value = words([
            Some(&*numbers),
            found.cycle.then_some("cycle"),
            owner.as_deref(),
            found.comment.as_deref(),
        ]);
        facts.insert(format!("sequence {}", full(&found.name)), value);
    }
}

async fn domain_facts(facts: &mut Facts, client: &Client, domain: &Domain) {
    let name = full(&domain.name);
    let default = match &domain.default {
        Some(default) => Some(format!("default {}", probe::expression(client, &domain.base, default).await)),
        None => None,
    };
    let not_null = domain.not_null.then_some("not null");
    let base = domain.base.to_sql();
    facts.insert(
        format!("domain {name}"),
        words([Some(&*base), not_null, default.as_deref(), domain.comment.as_deref()]),
    );
    for check in &domain.checks {
        let text = probe::constraint(client, &domain.name.to_sql(), true, &check_definition(check)).await;
        let invalid = (!check.validated).then_some("not validated");
        facts.insert(
            format!("constraint {name}.{}", check.name),
            words([Some(&*text), invalid, check.comment.as_deref()]),
        );
    }
}

fn functions(facts: &mut Facts, schema: &Schema) {
    for found in &schema.functions {
        let ty = |ty: &PgType| PgType { modifiers: Vec::new(), ..ty.clone() }.to_sql();
        let arguments: Vec<String> = found
            .arguments
            .iter()
            .map(|argument| argument.as_ref().map_or_else(|| "unknown".to_owned(), ty))
            .collect();
        let kind = match found.kind {
            FunctionKind::Function => "function",
            FunctionKind::Procedure => "procedure",
            FunctionKind::Aggregate => "aggregate",
        };
        let returns = found.returns.as_ref().map(ty);
        let value = words([
            Some(kind),
            found.returns_set.then_some("set of"),
            returns.as_deref(),
            found.comment.as_deref(),
        ]);
        facts.insert(format!("function {}({})", full(&found.name), arguments.join(", ")), value);
    }
}
