//! Several statements as one.

use std::sync::Arc;

use crate::unit_of_work::steps::{Step, StepParams};
use crate::wire::access::Access;
use crate::wire::statement::Statement;

/// Several statements as one, for tables that refer to each other: their keys are checked when all rows are there.
pub(crate) fn together<'p>(steps: Vec<Step<'p>>) -> Option<Step<'p>> {
    let mut parts = Vec::new();
    let mut oids = Vec::new();
    let mut batches = Vec::new();
    let (mut rows, first) = (0, steps.first().map(|step| (step.sort, step.table))?);
    for step in steps {
        let StepParams::Batches(own) = step.params else { unreachable!("a condition stands by itself") };
        let sql = renumbered(step.statement.sql(), oids.len());
        parts.push(format!("p{} AS ({sql} RETURNING 1)", parts.len()));
        oids.extend_from_slice(step.statement.params());
        batches.extend(own);
        rows += step.rows;
    }
    let statement =
        Statement::dynamic(Access::writes(&[]), format!("WITH {} SELECT 1", parts.join(", ")), oids, &[]);
    Some(Step {
        statement: Arc::new(statement),
        params: StepParams::Batches(batches),
        sort: first.0,
        table: first.1,
        rows,
        makes: Vec::new(),
        checked: None,
    })
}

/// The parameters of a text, with their numbers raised.
fn renumbered(sql: &str, by: usize) -> String {
    let mut parts = sql.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        match part[..digits].parse::<usize>() {
            Ok(number) => out.push_str(&format!("${}{}", number + by, &part[digits..])),
            Err(_) => out.push_str(&format!("${part}")),
        }
    }
    out
}
