//! A newtype may name a domain, which must exist then.

use persist_schema::catalog::Domain;
use persist_schema::{Catalog, PgType};

use super::schema;
use crate::context::{Context, Mistake};
use crate::model::{BoundNewtype, Declared, Newtype};
use crate::project::Project;
use crate::suggest::{listed, nearest};
use crate::type_map;

/// Binds the newtype to its domain. Only one that names a domain needs migrations.
pub(crate) fn newtype(ctx: &Context, newtype: Newtype, project: &Project) -> Option<BoundNewtype> {
    let Newtype { ident, krate, ty, inner } = newtype;
    let domain = match ty {
        None => None,
        Some(written) => {
            let loaded = schema(ctx, &ident, project)?;
            let domain = find(ctx, &written, &loaded.catalog)?;
            let ty = PgType::named(domain.name.clone());
            let mapped = match type_map::map(&loaded.catalog, &ty) {
                Ok(mapped) => mapped,
                Err(why) => {
                    ctx.report(
                        &written,
                        Mistake::new(format!(
                            "`{}` is a domain that no field can hold yet: {why}",
                            domain.name
                        )),
                    );
                    return None;
                }
            };
            let declared = Declared {
                column: domain.name.to_string(),
                ty: type_map::written(&domain.base),
                named: mapped.named,
                place: domain.origin.to_string(),
                expected: mapped.rust,
                feature: mapped.feature,
            };
            Some((declared, mapped.wire))
        }
    };
    Some(BoundNewtype { ident, krate, inner, domain })
}

fn find<'c>(ctx: &Context, written: &syn::LitStr, catalog: &'c Catalog) -> Option<&'c Domain> {
    let name = written.value();
    let found = catalog.domain(&name);
    if found.is_none() {
        let names: Vec<String> = catalog.domains().map(|domain| domain.name.to_string()).collect();
        let mistake = Mistake::new(format!("the domain `{name}` does not exist"));
        let mistake =
            match nearest(&name, names.iter().map(String::as_str)).and_then(|name| catalog.domain(name)) {
                Some(near) => mistake
                    .found(format!("`{}` ({})", near.name, near.origin))
                    .write(format!("write `type = \"{}\"`", near.name)),
                None => mistake
                    .found(listed(names.iter().map(String::as_str)))
                    .write("a newtype over a column's own type needs no `type = \"…\"`: leave it out"),
            };
        ctx.report(written, mistake);
    }
    found
}
