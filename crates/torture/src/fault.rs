//! What goes wrong, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A validator is killed with SIGKILL and started again.
    Kill,
    /// All validators and the gateway are killed at the same moment.
    KillAll,
    /// The gateway is killed and started again.
    KillGateway,
    /// A validator is stopped with SIGSTOP for a while.
    Pause,
    /// Two groups of validators do not hear each other.
    Partition,
    /// One validator does not hear another, which hears it.
    OneWayCut,
    /// A validator is killed and comes back with an empty directory.
    Wipe,
    /// A validator's small disk fills up.
    FullDisk,
    /// A validator's disk answers every `fsync` with EIO.
    SyncError,
    /// A validator's clock is set.
    Skew,
    /// One validator is a forging build: its proposals claim receipts that nobody else computes.
    Forger,
}

impl Kind {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 11] = [
        Self::Kill,
        Self::KillAll,
        Self::KillGateway,
        Self::Pause,
        Self::Partition,
        Self::OneWayCut,
        Self::Wipe,
        Self::FullDisk,
        Self::SyncError,
        Self::Skew,
        Self::Forger,
    ];

    /// Its name on command lines and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::KillAll => "kill-all",
            Self::KillGateway => "kill-gateway",
            Self::Pause => "pause",
            Self::Partition => "partition",
            Self::OneWayCut => "one-way-cut",
            Self::Wipe => "wipe",
            Self::FullDisk => "full-disk",
            Self::SyncError => "sync-error",
            Self::Skew => "skew",
            Self::Forger => "forger",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or(format!("none of {known}"))
    }
}

/// One fault with all its choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Kill {
        node: usize,
    },
    KillAll,
    KillGateway,
    Pause {
        node: usize,
    },
    /// Bit `n` says on which side validator `n` is.
    Partition {
        group: u8,
    },
    OneWayCut {
        deaf: usize,
        to: usize,
    },
    Wipe {
        node: usize,
    },
    /// To the last byte, or below what the validator was told to leave free.
    FullDisk {
        node: usize,
        to_the_last_byte: bool,
    },
    SyncError {
        node: usize,
    },
    Skew {
        node: usize,
        millis: i64,
    },
}

impl Fault {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Kill { .. } => Kind::Kill,
            Self::KillAll => Kind::KillAll,
            Self::KillGateway => Kind::KillGateway,
            Self::Pause { .. } => Kind::Pause,
            Self::Partition { .. } => Kind::Partition,
            Self::OneWayCut { .. } => Kind::OneWayCut,
            Self::Wipe { .. } => Kind::Wipe,
            Self::FullDisk { .. } => Kind::FullDisk,
            Self::SyncError { .. } => Kind::SyncError,
            Self::Skew { .. } => Kind::Skew,
        }
    }
}
