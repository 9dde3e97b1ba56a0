//! Keep a verified, disposable copy of the ledger that answers questions quickly.
//!
//! **Promises.** A block is applied once, in order, in one database transaction, and only with a finality certificate of
//! that block or of a descendant that its headers lead to, which was checked here ([`Projection::offer`]). Whatever is
//! answered names the height it is true at. Effects are learnt from actions, receipts and the writes these list, never
//! guessed again; two projections of the same blocks have the same content ([`Projection::content`]), so that one may be
//! thrown away and rebuilt at any time. Every action and every operation of a batch has a receipt ([`Projection::bundle`]).
//!
//! **Leaves to others.** Decides nothing, holds no row, salt or name: those are the vault's. Fetching blocks is `client`'s.
//! Two processes on one directory are kept apart by the program's lock.
//!
//! **Where to start.** [`mod@offer`] says what is accepted; `apply` sends each action to the room of its noun.

mod access;
mod alert;
mod apply;
mod bundle;
mod calendar;
mod check;
mod compare;
mod duty;
mod error;
mod evidence;
mod gateway;
mod grant;
mod header;
pub mod limits;
mod location;
mod noun;
mod obligation;
pub mod offer;
mod officer;
mod organization;
mod page;
mod pages;
mod parameters;
mod pending;
mod policy_set;
mod projection;
mod proposal;
mod record;
mod refusal;
mod resource;
mod schema;
mod store;
mod transaction;
mod validator_set;

pub use access::AccessEntry;
pub use alert::AlertFilter;
pub use check::Finding;
pub use compare::Content;
pub use error::{BundleError, OpenError, ProjectionError};
pub use evidence::Notarised;
pub use grant::GrantFilter;
pub use location::{ActionLocation, Location, OperationLocation};
pub use noun::{Fact, Noun};
pub use obligation::{ObligationFact, ObligationFilter};
pub use offer::{OfferError, Offered};
pub use page::{Answer, Cursor, CursorError, Page, PageRequest};
pub use parameters::One;
pub use projection::Projection;
pub use record::{HistoryLine, RecordFact};
pub use refusal::RefusedAction;
pub use transaction::TransactionFact;
