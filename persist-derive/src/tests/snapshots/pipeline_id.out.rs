#[allow(private_interfaces, clippy::all, clippy::pedantic)]
const _: () = {
    use ::persist::__private as __p;
    #[automatically_derived]
    #[diagnostic::do_not_recommend]
    impl __p::Scalar for PipelineId {
        type Family = <Uuid as __p::Scalar>::Family;
        const OIDS: &'static [__p::Oid] = <Uuid as __p::Scalar>::OIDS;
        fn accepts(ty: &__p::Type) -> bool {
            <Uuid as __p::Scalar>::accepts(ty)
        }
        fn decode(
            oid: __p::Oid,
            raw: &[u8],
        ) -> ::core::result::Result<Self, __p::BoxError> {
            ::core::result::Result::Ok(Self(<Uuid as __p::Scalar>::decode(oid, raw)?))
        }
        fn encode(
            &self,
            ty: &__p::Type,
            out: &mut __p::Out,
        ) -> ::core::result::Result<(), __p::BoxError> {
            <Uuid as __p::Scalar>::encode(&self.0, ty, out)
        }
    }
    #[automatically_derived]
    impl __p::Newtype for PipelineId {
        type Inner = Uuid;
        fn wrap(inner: Self::Inner) -> Self {
            Self(inner)
        }
    }
};
