//! The ledger under fire: the same nodes that a city runs, on a simulated machine that a seed decides on.
//!
//! [`run`] plays one seed: four to seven validators under the engine's deterministic runtime, with a network that cuts,
//! delays, loses and repeats, disks that fail, clocks that are off, nodes that are killed, wiped and cut off from power;
//! people who send transactions all the while; and a [`Witness`] that sees every final block of every node. Faults end at
//! some point, the network must live again, and what was promised is checked ([`checks`]). The same seed tells the same
//! story, to the last message: a failing one is replayed by the line that its report prints.
//!
//! The nodes are `chain` itself, compiled with another `machine`; the gateways of some seeds are `service` on another
//! `Machine`. Nothing in them knows that it is simulated. What gateways say ([`Told`]) is held against final blocks.
//!
//! # What is not simulated
//!
//! * The archive of final blocks and the copies of gateways lie in real files: they survive what a file survives that was
//!   synced. A gateway crashes between two pieces of work on them.
//! * HTTP: people call a gateway, and it calls nodes, over a way that delays and loses, and cuts.
//! * Connections: messages of a link arrive in order, their senders are whom they say.

#![expect(clippy::expect_used, reason = "a stage that cannot be set ends the run")]

mod accused;
pub mod checks;
mod clerk;
mod council;
mod dice;
mod fault;
mod forger;
mod greedy;
mod journal;
mod links;
mod offices;
mod overseer;
mod people;
mod plan;
mod planted;
mod reader;
mod replayer;
mod report;
mod sender;
mod stage;
mod stale;
mod steward;
mod team;
mod told;
mod town;
mod turnover;
mod villain;
mod witness;

pub use fault::Kind;
pub use offices::OfficesPlan;
pub use plan::Plan;
pub use planted::Planted;
pub use report::{Faces, Report, Served, Violation};
pub use stage::run;
pub use told::{Leaf, Shown, Taken, Told};
pub use villain::{Villain, Wrong};
pub use witness::Witness;
