//! Health: how far behind we are, how much the database keeps for us, and whether it is still the one we knew.

use crate::{Finding, Position};

/// The state of a database, as seen by one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Which database this is: another text, another database, or another life of it after a restore.
    pub identity: String,
    /// Since when it runs: another text, it was started anew in between, and a pass is due (files may have been edited).
    pub started: String,
    /// How far it has written.
    pub position: Position,
    /// How far we have confirmed.
    pub confirmed: Option<Position>,
    /// Bytes, or rows of an outbox, that are written and not confirmed.
    pub behind: u64,
    /// What the database keeps on our account, in bytes or rows.
    pub kept: u64,
    /// How much it may keep before this is a finding.
    pub kept_max: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}
