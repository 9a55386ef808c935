#[allow(clippy::all, clippy::pedantic)]
const _: () = {
    use ::persist::__private as __p;
    #[automatically_derived]
    impl __p::NamedType for Status {
        const NAME: &'static str = "public.execution_status";
    }
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl __p::Scalar for Status {
        type Family = __p::family::Enum;
        const OIDS: &'static [__p::Oid] = &[<__p::pg::Enum as __p::SqlType>::OID];
        fn accepts(ty: &__p::Type) -> bool {
            __p::accepts_label(ty)
        }
        fn decode(
            _: __p::Oid,
            raw: &[u8],
        ) -> ::core::result::Result<Self, __p::BoxError> {
            match raw {
                b"pending" => ::core::result::Result::Ok(Self::Pending),
                b"running" => ::core::result::Result::Ok(Self::Running),
                b"succeeded" => ::core::result::Result::Ok(Self::Succeeded),
                b"failed" => ::core::result::Result::Ok(Self::Failed),
                b"cancelled" => ::core::result::Result::Ok(Self::Stopped),
                _ => {
                    ::core::result::Result::Err(
                        __p::unknown_label("execution_status", raw),
                    )
                }
            }
        }
        fn encode(
            &self,
            _: &__p::Type,
            out: &mut __p::BytesMut,
        ) -> ::core::result::Result<(), __p::BoxError> {
            let label: &str = match self {
                Self::Pending => "pending",
                Self::Running => "running",
                Self::Succeeded => "succeeded",
                Self::Failed => "failed",
                Self::Stopped => "cancelled",
            };
            __p::write_label(label, out)
        }
    }
};
