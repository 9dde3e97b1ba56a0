//! Defects that tests plant, to see whether they would find them.
//!
//! The simulation plants them in simulated nodes; a build with the feature `planted`, which no manifest switches on, in
//! real ones. Every other build has none: there, each question for one is answered no when the program is built.

#[cfg(not(any(feature = "simulated", feature = "planted")))]
#[path = "planted/none.rs"]
mod choice;
#[cfg(any(feature = "simulated", feature = "planted"))]
#[path = "planted/sown.rs"]
mod choice;

pub(crate) use choice::Planted;

/// A planted defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(any(feature = "simulated", feature = "planted")),
    expect(dead_code, unreachable_pub, reason = "only a build for tests plants any")
)]
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
    /// Votes and proposals have two faces: not a mistake but a villain's.
    Equivocate,
}

#[cfg(feature = "planted")]
impl std::str::FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "lost-acknowledgement" => Ok(Self::LostAcknowledgement),
            "double-execution" => Ok(Self::DoubleExecution),
            "clock-in-state" => Ok(Self::ClockInState),
            "unordered-map" => Ok(Self::UnorderedMap),
            "skipped-signature" => Ok(Self::SkippedSignature),
            "lie" => Ok(Self::Lie),
            _ => Err(format!("`{name}` is no defect that can be planted")),
        }
    }
}
