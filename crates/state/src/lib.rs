//! Rules: execute transactions. Same inputs, same root, on every machine.
//!
//! **Promise.** [`execute`] is a function of the block's context, the pages it was given and the transactions: no clock
//! but the block's, no randomness, no floats, no order of a hash map, no I/O. Every action gets a receipt, a refused one
//! too, and every write is listed under the receipt of the action that made it. A refused action leaves no write.
//!
//! **Shape.** Storage is asynchronous and belongs to `chain`; nothing here waits. [`needs`] says which pages a block will
//! read, `chain` loads them into a [`View`], and [`execute`] answers with what happened or with the pages that are still
//! missing; then it is called again. What is loaded beyond need, and in how many rounds, never changes the result.
//!
//! **Leaves to others.** Signatures are checked before, once per validator ([`signature_checks`] says which). Which rules
//! of access are in force is data in the state; how they are evaluated is `policy`'s. Roots of the state databases are the
//! engine's.
//!
//! **Where to start.** [`mod@execute`] is the loop over transactions; `act` sends each action to the room of its noun;
//! `scene` is what an action sees: sender, parameters, policies, pages.

mod access;
mod act;
mod agenda;
mod alert;
mod caches;
mod calendar;
mod duty;
mod evidence;
mod gateway;
mod grant;
mod heads;
mod keyring;
mod matter;
mod noun;
mod obligation;
mod officer;
mod organization;
mod parameters;
mod pending;
mod policy;
mod proposal;
pub mod protocol;
mod record;
mod reservation;
mod resource;
mod scene;
mod stop;
mod term;
mod validator_set;

pub mod admission;
pub mod execute;
pub mod genesis;
pub mod key;
pub mod limits;
pub mod needs;
pub mod page;
pub mod replay;
pub mod view;
pub mod weight;

pub use admission::{
    BlockContext, InvalidTransaction, SignatureCheck, admissible, is_registered, sender_key, signature_checks,
};
pub use caches::Caches;
pub use execute::{ExecuteError, Executed, execute, transactions_root};
pub use genesis::{GenesisError, genesis};
pub use gongxin_types::receipt::{Key, Page, Table, Write};
pub use needs::needs;
pub use protocol::PROTOCOL_VERSIONS;
pub use replay::{Freshness, ReplayWindow, freshness, replay_key};
pub use view::View;
pub use weight::weight;
