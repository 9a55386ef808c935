//! What a struct is to the run time: the traits that the derive implements.

pub(crate) mod foreign_key;
pub(crate) mod nested;
pub(crate) mod of_session;
pub(crate) mod one_of;
pub(crate) mod read_only;
pub(crate) mod traits;
