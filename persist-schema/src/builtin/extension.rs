//! The types that well-known extensions bring.

/// Extensions by name, each with its types.
const TYPES: &[(&str, &[&str])] = &[
    ("citext", &["citext"]),
    ("cube", &["cube"]),
    ("hstore", &["hstore"]),
    ("intarray", &["query_int"]),
    ("isn", &["ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"]),
    ("lo", &["lo"]),
    ("ltree", &["lquery", "ltree", "ltxtquery"]),
    ("postgis", &["box2d", "box3d", "geography", "geometry", "geometry_dump", "raster"]),
    ("seg", &["seg"]),
    ("vector", &["halfvec", "sparsevec", "vector"]),
];

/// The types that an extension brings; none for one that is not known here.
pub(crate) fn types_of(extension: &str) -> &'static [&'static str] {
    TYPES.iter().find(|(name, _)| *name == extension).map_or(&[], |(_, types)| *types)
}

/// The extension that brings a type.
pub(crate) fn extension_with(ty: &str) -> Option<&'static str> {
    TYPES.iter().find(|(_, types)| types.contains(&ty)).map(|(name, _)| *name)
}
