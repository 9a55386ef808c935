//! Children are matched to their parents by the bytes of a key, which must be those that SQL calls equal.

use persist_schema::PgType;
use persist_schema::catalog::{Column, TypeKind};

use super::find::Search;
use super::reference::Reference;
use crate::context::Mistake;
use crate::type_map;

/// Types that differ in their names only.
const TEXTS: &[&str] = &["text", "varchar", "name"];

/// What makes a referring column the bytes of the column that it refers to. `None` where nothing does, which
/// is reported.
pub(super) fn cast(
    search: &Search<'_, '_>,
    key: &Reference<'_>,
    referring: &str,
    referred: &str,
) -> Option<String> {
    let (from, to) = (key.from.column(referring)?, key.to.column(referred)?);
    let (from_ty, to_ty) = (base(search, from)?, base(search, to)?);
    let is_composite = matches!(search.catalog.type_kind(&to_ty), TypeKind::Composite(_));
    if is_composite || !search.catalog.is_byte_equal(to) {
        let why = match is_composite {
            true => "it is of a composite type, whose values are not handed from one statement to the next",
            false => "values that SQL calls equal can look different",
        };
        let mistake = Mistake::new(format!("rows cannot be matched by `{}.{referred}`: {why}", key.to.name))
        .found(format!("`{}` at {}", type_map::written(to.ty.as_ref()?), to.origin))
        .write(
            "refer to a key of uuid, integer or text, or load the other rows by a repository of their own",
        );
        search.ctx.report(&search.field.mark, mistake);
        return None;
    }
    if let TypeKind::Enum(_) = search.catalog.type_kind(&to_ty) {
        return Some("::text".to_owned());
    }
    let both_texts = TEXTS.iter().any(|text| from_ty.is(text)) && TEXTS.iter().any(|text| to_ty.is(text));
    let same = from_ty.name == to_ty.name || both_texts;
    Some(if same { String::new() } else { format!("::{}", to_ty.name.name) })
}

fn base(search: &Search<'_, '_>, column: &Column) -> Option<PgType> {
    column.ty.as_ref().map(|ty| search.catalog.base_type(ty))
}
