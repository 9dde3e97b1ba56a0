//! A department's registers in PostgreSQL (14 and later), read beside its users and followed by logical replication.
//!
//! Changes come by a logical replication slot with the server's own plugin `pgoutput`, in the order of their commits, over a
//! connection of the replication protocol. The server keeps what we have not confirmed; what we have not asked for stays in
//! its log, since nothing is read from the socket before the caller wants it. A ticket rides in the same transaction, as
//! `pg_logical_emit_message(true, 'gongxin', bytes)` or as a row of an outbox table.
//!
//! **Promises.** Nothing that was committed while the slot existed is passed over: a slot that is gone, lost, advanced by
//! somebody else, or at an earlier position than we have seen is an error that says so, never a silent beginning anew. The
//! role that we use needs `REPLICATION` and `SELECT` on the bound columns and nothing else (`install` prints the SQL).
//! Passwords come from a file, and stand in no error; of server messages about rows only the code is kept.
//!
//! **Leaves to others.** A change that leaves no trace in the log (a heap file edited on disk, a backup restored while we
//! were away, a table taken out of the publication) does not come by: only a pass over the table finds it. The check names
//! what would let changes pass.
//!
//! Decoded here, from the server's bytes: the replication frames (`wire`), `pgoutput` ([`pgoutput`]), binary values
//! ([`value`]). All of it is bounded.

#[cfg(feature = "client")]
mod apply;
#[cfg(feature = "client")]
mod cause;
#[cfg(feature = "client")]
mod check;
#[cfg(feature = "client")]
mod connect;
#[cfg(feature = "client")]
mod connector;
#[cfg(feature = "client")]
pub mod install;
mod limits;
pub mod numeric;
pub mod pgoutput;
#[cfg(feature = "client")]
mod relation;
#[cfg(feature = "client")]
mod select;
#[cfg(feature = "client")]
mod settings;
#[cfg(feature = "client")]
mod slot;
#[cfg(feature = "client")]
mod snapshot;
#[cfg(feature = "client")]
mod stream;
pub mod value;
#[cfg(feature = "client")]
mod wire;

#[cfg(feature = "client")]
pub use connector::PostgresConnector;
#[cfg(feature = "client")]
pub use settings::{Settings, Tls};
