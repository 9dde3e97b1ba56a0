//! The ledger under real faults: real processes of the program, killed, cut off, starved of disk and time, and judged by what
//! their clients saw.
//!
//! [`play`] makes one run: a network of four validators and a gateway, each in a network namespace of its own; clients that
//! write and read the same records at once and note down what they are told; faults at moments that a seed decides on. When
//! all has healed everybody must go on, and what was promised is checked (`judge`): linearizable histories, nothing
//! acknowledged lost, one chain that verifies, and no process that ended for no reason.
//!
//! The program is what is built for everybody. A second build (feature `planted`) can be given a defect: as one forging
//! validator among honest ones, whom nobody must notice but the others' logs; or as a defect of all, which the judge must
//! find.
//!
//! What the machine does not permit is left out by name, never counted ([`Means`]).

mod clients;
mod dice;
mod disk;
mod fault;
mod ground;
mod history;
mod judge;
pub mod limits;
mod means;
mod plan;
mod process;
mod receipts;
mod report;
mod run;
mod stage;
mod team;
mod town;
mod trouble;
mod watch;

pub use fault::Kind;
pub use means::Means;
pub use report::{Report, Violation};
pub use run::{Bug, Order, Outcome, inside, play};
pub use team::Programs;
pub use trouble::Trouble;
