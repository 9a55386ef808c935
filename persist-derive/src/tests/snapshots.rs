//! Each `snapshots/<name>.in.rs` beside the `snapshots/<name>.out.rs` that it expands to.

use std::path::Path;
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{DeriveInput, Ident};

use super::{formatted, project};
use crate::expand;

macro_rules! snapshots {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            compare(stringify!($name));
        }
    )* };
}
snapshots! { pipeline aggregate card user_role execution_log status pipeline_id store paths }

fn compare(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/snapshots");
    let input = fs::read_to_string(folder.join(format!("{name}.in.rs"))).expect("there is an input");
    let expected = folder.join(format!("{name}.out.rs"));
    let found = formatted(expansion(&input));
    if env::var_os("PERSIST_BLESS").is_some() {
        fs::write(&expected, &found).expect("the snapshot can be written");
    }
    let expected = fs::read_to_string(expected).unwrap_or_default();
    assert!(
        found == expected,
        "`{name}` expands to something else; look at it, then write it with PERSIST_BLESS=1:\n{found}"
    );
}

/// The expansion of the only item of a file, by the derive that it names.
fn expansion(input: &str) -> TokenStream {
    let mut item: DeriveInput = syn::parse_str(input).expect("the input is a struct or an enum");
    let derive = item.attrs.remove(0);
    let derive: Ident = derive.parse_args().expect("the first attribute is one derive");
    let item = item.into_token_stream();
    match derive.to_string().as_str() {
        "Repository" => expand::repository(item, &project()),
        "View" => expand::view(item, &project()),
        "Enum" => expand::enumeration(item, &project()),
        "Domain" => expand::domain(item, &project()),
        "Repositories" => expand::repositories(item, &project()),
        other => panic!("`{other}` is no derive of this crate"),
    }
}
