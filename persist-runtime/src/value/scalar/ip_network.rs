//! `inet` columns as `ipnetwork::IpNetwork`, with the length of the network.

use std::net::IpAddr;

use bytes::BytesMut;
use ipnetwork::IpNetwork;
use postgres_protocol::types::{inet_from_sql, inet_to_sql};
use tokio_postgres::types::{Oid, Type};

use crate::error::BoxError;
use crate::value::scalar::Scalar;
use crate::value::sql_type::{SqlType, family, pg};

#[diagnostic::do_not_recommend]
impl Scalar for IpNetwork {
    type Family = family::Inet;
    const OIDS: &'static [Oid] = &[pg::Inet::OID];

    fn decode(_: Oid, raw: &[u8]) -> Result<Self, BoxError> {
        let inet = inet_from_sql(raw)?;
        Ok(IpNetwork::new(inet.addr(), inet.netmask())?)
    }

    fn encode(&self, _: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        let address: IpAddr = self.ip();
        inet_to_sql(address, self.prefix(), out);
        Ok(())
    }
}
