//! Structs of repositories.

use crate::session::link::Session;

/// What can be made of a session: a repository, or a struct of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be made of a session",
    label = "expected a repository such as `PipelineRepository<'a>`, or a struct of them"
)]
pub trait OfSession<'a>: Sized {
    /// Makes it.
    fn of(session: &Session<'a>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, T: From<Session<'a>>> OfSession<'a> for T {
    fn of(session: &Session<'a>) -> Self {
        T::from(session.clone())
    }
}
