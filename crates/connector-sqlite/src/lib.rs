//! A department's registers in one SQLite file: the embedded default.
//!
//! An explicit [`install`](SqliteConnector::install) puts triggers and one outbox table into the file. Each committed change
//! writes a row into the outbox in its own transaction, a ticket is a row that the application writes there before its
//! change, and the connector reads the outbox in its order and clears what is confirmed.
//!
//! **Promises.** What the triggers saw is not lost and comes once, in the order of the commits (SQLite has one writer at a
//! time). A file that went back (a backup was restored), an outbox that was cleared by somebody else, triggers that are gone
//! or changed: each is told by name.
//!
//! **Leaves to others.** Whoever drops the triggers, edits the file, or writes with `REPLACE` over a row by another unique
//! index leaves no row in the outbox: only a pass over the table finds it, and [`check`] says that the triggers are gone.
//! SQLite does not tell where a transaction ends: what is committed at one moment, always whole transactions, comes as
//! one, in parts where it is long. A ticket is held to its change by its key and row, not by the transaction alone.

mod apply;
mod changes;
mod check;
mod connector;
mod install;
mod limits;
mod open;
mod row;
mod settings;
mod snapshot;

pub use connector::SqliteConnector;
pub use settings::Settings;
