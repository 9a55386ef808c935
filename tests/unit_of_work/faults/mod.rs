//! What a unit of work answers when the connection, the server or a stranger ends it: always what is in the
//! tables afterwards.

mod cancels;
mod crashes;
mod cuts;
mod ledger;
