//! Keep an organization's rows, salts and sealed responses, encrypted at rest and erasable.
//!
//! The ledger holds commitments; what they commit to lives here and nowhere else, apart from the projection, which anyone
//! may rebuild. Everything but identifiers and heights that stand on the ledger anyway is encrypted, each item under a
//! random key of its own.
//!
//! **Keys.** A *master key* in an encrypted key file (opened with a passphrase) wraps the *period keys*; the period key
//! wraps one *data key* per item; the data key encrypts the item with AES-256-GCM, bound to the item's name. A row is
//! found by its key columns through a blind index: an HMAC, never the plain value.
//!
//! **Promises.** What [`Vault::stage`] returned from is on disk before anything is submitted. An item that was changed on
//! disk, or put in another's place, is reported by name ([`VaultError::Damaged`]) and never served. [`Vault::erase`]
//! destroys salts and keys of a record; [`Vault::rotate`] makes that final by destroying the old period key (PROTOCOL 30).
//!
//! **Leaves to others.** Whether a row matches its commitment is checked by `service` before it is served; who may read
//! is decided by `state`. Two processes on one directory are kept apart by the program's lock. A backup
//! ([`copy`]) made before a rotation keeps what was erased since: it must be destroyed with it.

mod body;
mod carrier;
mod column;
mod copy;
mod error;
mod holder;
mod item;
mod keys;
pub mod limits;
mod name;
mod response;
mod rotation;
mod schema;
mod sealed_part;
mod sequence;
mod stage;
mod vault;

pub use body::{StoredBody, key_of};
pub use carrier::{Carried, Carrier, Unfinished};
pub use copy::{FILES, Outside, copy, outside};
pub use error::VaultError;
pub use holder::KeyHolder;
pub use item::Item;
pub use response::{Kept, Lookup, Response};
pub use rotation::Rotated;
pub use stage::{NewBody, Settled, Staged, StagedList, Staging};
pub use vault::Vault;
