//! Connector: what a department's own register is to us, whatever database it is kept in.
//!
//! A [`Binding`] ties a table or view to a resource of the catalogue: which column is which field, and how it is read. A
//! [`Connector`] follows the registers of one database: it [checks](Connector::check) that the schema fits, reads a
//! [snapshot](Connector::snapshot) in key order, a single [row](Connector::row), the committed [changes](Connector::changes)
//! with the [`Ticket`] each carries (PROTOCOL 28), and [applies](Connector::apply) what is final on the ledger (PROTOCOL 29).
//! [`Comparison`] finds what differs between a register and the ledger's commitments, in constant memory.
//!
//! **Promises.** One row has one canonical form, equal for every connector (docs/spec/row.md; [`bound`] gives the mapping of
//! column types). A row that has none is named, never guessed at, and stops nothing else. Changes come in the order of their
//! commits, none is lost and none comes twice to whoever stores the position it was handed. Values of rows stay out of
//! errors, logs and `Debug`.
//!
//! **Leaves to others.** Whether a ticket's signature is that of somebody who may, and whether its operation is new, is the
//! gateway's to decide. What follows from a difference, too. Nothing here knows the ledger, the vault or the network.

pub mod apply;
pub mod attribution;
pub mod binding;
pub mod bound;
pub mod cell;
pub mod change;
pub mod civil;
pub mod compare;
pub mod connector;
#[cfg(feature = "contract")]
pub mod contract;
pub mod decimal;
pub mod error;
pub mod fault;
pub mod finding;
pub mod health;
pub mod identifier;
pub mod key;
pub mod limits;
pub mod throttle;
pub mod ticket;

pub use apply::{Act, NotApplied, Ordered, Outcome, Place, Waiting};
pub use attribution::Tickets;
pub use binding::{Binding, Database, Mode, Registers, RegistersError};
pub use bound::{Bound, Column, Mapping};
pub use cell::Cell;
pub use change::{Batch, Change, ChangeKind, Event, NewRow, Position};
pub use compare::{Comparison, Difference, Expected};
pub use connector::{Changes, Connector, KeyedRow, Page, Snapshot};
pub use error::ConnectorError;
pub use fault::{Reason, RowFault};
pub use finding::{Finding, Problem, Weight};
pub use health::Health;
pub use identifier::{Identifier, TableName};
pub use key::Key;
pub use throttle::Throttle;
pub use ticket::{Author, OperationId, Ticket, TicketBody};
