//! Defects that the simulation plants, to see whether it would find them.
//!
//! A real machine has none: there, every question of this kind is answered no when the program is built.

/// A planted defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "simulated"), expect(dead_code, unreachable_pub, reason = "only a simulation plants any"))]
pub enum Bug {
    /// People are told that a transaction is final when this node has only executed its block.
    LostAcknowledgement,
    /// Sequence numbers are not remembered.
    DoubleExecution,
    /// The rules see this machine's clock in place of the block's time.
    ClockInState,
    /// Receipts come out in the order of a map that differs from node to node.
    UnorderedMap,
    /// Signatures of transactions are not looked at.
    SkippedSignature,
    /// Nobody looks whether the epoch of a block is over.
    ForgottenEpochCheck,
    /// Proposals claim receipts that nobody else computes: not a mistake but a lie.
    Lie,
}
