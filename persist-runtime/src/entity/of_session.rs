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

/// What `#[derive(Repositories)]` becomes.
#[doc(hidden)]
#[macro_export]
macro_rules! __persist_repositories {
    ($vis:vis $store:ident $a:lifetime; $($field:ident: [$ty:ty]),*) => {
        impl<$a> $store<$a> {
            /// The repositories of a database, of a unit of work, or of any other session.
            #[allow(dead_code, reason = "it can be made by `From` as well")]
            $vis fn new(session: impl ::core::convert::Into<$crate::private::Session<$a>>) -> Self {
                ::core::convert::From::from(::core::convert::Into::<$crate::private::Session<$a>>::into(session))
            }
        }

        #[automatically_derived]
        impl<$a> ::core::convert::From<$crate::private::Session<$a>> for $store<$a> {
            fn from(session: $crate::private::Session<$a>) -> Self {
                Self { $($field: <$ty as $crate::private::OfSession<$a>>::of(&session)),* }
            }
        }

        #[automatically_derived]
        impl<$a> ::core::convert::From<&$a $crate::private::Database> for $store<$a> {
            fn from(database: &$a $crate::private::Database) -> Self {
                Self::new(database)
            }
        }

        #[automatically_derived]
        impl<$a> ::core::convert::From<&$a $crate::private::UnitOfWork<'_>> for $store<$a> {
            fn from(work: &$a $crate::private::UnitOfWork<'_>) -> Self {
                Self::new(work)
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<$crate::private::Database> for $store<'static> {
            fn from(database: $crate::private::Database) -> Self {
                Self::new(database)
            }
        }
    };
}
