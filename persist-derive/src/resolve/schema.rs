//! The catalog, or why there is none.

use std::sync::Arc;

use persist_schema::{Diagnostic, Loaded};
use proc_macro2::Ident;

use crate::context::{Context, Mistake};
use crate::project::Project;

/// More diagnostics than these are only counted: mostly they follow from the first.
const REPORTED: usize = 3;

/// What the migrations describe; `None` where they cannot be read, which is reported.
pub(crate) fn schema(ctx: &Context, ident: &Ident, project: &Project) -> Option<Arc<Loaded>> {
    let loaded = match project.schema() {
        Ok(loaded) => loaded,
        Err(mistake) => {
            ctx.report(ident, mistake);
            return None;
        }
    };
    for diagnostic in loaded.diagnostics.iter().take(REPORTED) {
        ctx.report(ident, mistake(diagnostic, loaded.diagnostics.len()));
    }
    loaded.diagnostics.is_empty().then_some(loaded)
}

fn mistake(diagnostic: &Diagnostic, count: usize) -> Mistake {
    let what = match &diagnostic.origin {
        Some(origin) => format!("{origin}: {}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut mistake = Mistake::new(what);
    if count > REPORTED {
        mistake = mistake.found(format!("{count} statements of the migrations that cannot be understood"));
    }
    match &diagnostic.help {
        Some(help) => mistake.write(help.clone()),
        None => mistake,
    }
}
