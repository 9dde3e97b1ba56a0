//! Defects that are planted to see whether the simulation finds them: by name.

use std::fmt;
use std::str::FromStr;

use gongxin_chain_simulated::Bug;

/// A planted defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// People are told that a transaction is final when its block was only executed.
    LostAcknowledgement,
    /// Sequence numbers are not remembered.
    DoubleExecution,
    /// The rules see a machine's clock.
    ClockInState,
    /// Receipts come out in an order that differs from node to node.
    UnorderedMap,
    /// Signatures of transactions are not looked at.
    SkippedSignature,
    /// A killed validator comes back with its vote journal of some time ago, as from a backup.
    RestoredJournal,
    /// Validators whose epoch is over propose and accept one more block.
    ForgottenEpochCheck,
    /// A gateway gives sealed data away before its access is final.
    EarlyRelease,
    /// A gateway throws rows away that wait for their transaction when it is opened.
    LostRows,
}

impl Planted {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::LostAcknowledgement,
        Self::DoubleExecution,
        Self::ClockInState,
        Self::UnorderedMap,
        Self::SkippedSignature,
        Self::RestoredJournal,
        Self::ForgottenEpochCheck,
        Self::EarlyRelease,
        Self::LostRows,
    ];

    /// Its name on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::LostAcknowledgement => "lost-acknowledgement",
            Self::DoubleExecution => "double-execution",
            Self::ClockInState => "clock-in-state",
            Self::UnorderedMap => "unordered-map",
            Self::SkippedSignature => "skipped-signature",
            Self::RestoredJournal => "restored-journal",
            Self::ForgottenEpochCheck => "forgotten-epoch-check",
            Self::EarlyRelease => "early-release",
            Self::LostRows => "lost-rows",
        }
    }

    /// What it is in a gateway; nothing if it lies elsewhere.
    pub(crate) fn in_office(self) -> Option<gongxin_service_simulated::Bug> {
        match self {
            Self::EarlyRelease => Some(gongxin_service_simulated::Bug::EarlyRelease),
            Self::LostRows => Some(gongxin_service_simulated::Bug::LostRows),
            _ => None,
        }
    }

    /// What it is in a node; nothing if it lies elsewhere.
    pub(crate) fn in_node(self) -> Option<Bug> {
        match self {
            Self::LostAcknowledgement => Some(Bug::LostAcknowledgement),
            Self::DoubleExecution => Some(Bug::DoubleExecution),
            Self::ClockInState => Some(Bug::ClockInState),
            Self::UnorderedMap => Some(Bug::UnorderedMap),
            Self::SkippedSignature => Some(Bug::SkippedSignature),
            Self::ForgottenEpochCheck => Some(Bug::ForgottenEpochCheck),
            Self::RestoredJournal | Self::EarlyRelease | Self::LostRows => None,
        }
    }
}

impl fmt::Display for Planted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Planted {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|planted| planted.name() == name).ok_or(format!("none of {known}"))
    }
}
