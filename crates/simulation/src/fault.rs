//! What can go wrong, by name.

use std::fmt;
use std::time::Duration;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A node is killed at once and started again later.
    Crash,
    /// A node is killed and comes back with nothing, not even the memory of having voted.
    Wipe,
    /// All nodes lose power: what was not synced to disk is gone, or half there.
    PowerCut,
    /// Two groups of nodes do not hear each other.
    Partition,
    /// One node does not hear another, which hears it.
    OneWayCut,
    /// Messages of some links take long.
    Delay,
    /// Messages of some links are lost.
    Loss,
    /// Messages arrive twice, the second time later.
    Duplication,
    /// Reads, writes and syncs fail.
    DiskError,
    /// A node's clock is set.
    Skew,
    /// A gateway is killed at once and opened again later, sometimes without its copy of the ledger.
    GatewayCrash,
    /// A gateway reaches nobody, and nobody reaches it.
    GatewayCut,
    /// A gateway's clock is set.
    GatewaySkew,
}

impl Kind {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 13] = [
        Self::Crash,
        Self::Wipe,
        Self::PowerCut,
        Self::Partition,
        Self::OneWayCut,
        Self::Delay,
        Self::Loss,
        Self::Duplication,
        Self::DiskError,
        Self::Skew,
        Self::GatewayCrash,
        Self::GatewayCut,
        Self::GatewaySkew,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Wipe => "wipe",
            Self::PowerCut => "power cut",
            Self::Partition => "partition",
            Self::OneWayCut => "one-way cut",
            Self::Delay => "delay",
            Self::Loss => "loss",
            Self::Duplication => "duplication",
            Self::DiskError => "disk error",
            Self::Skew => "skewed clock",
            Self::GatewayCrash => "gateway crash",
            Self::GatewayCut => "gateway cut",
            Self::GatewaySkew => "gateway's skewed clock",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One fault of a plan. Nodes are named by their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// See [`Kind::Crash`].
    Crash { node: usize, down: Duration },
    /// See [`Kind::Wipe`].
    Wipe { node: usize, down: Duration, by_state: bool },
    /// See [`Kind::PowerCut`].
    PowerCut,
    /// See [`Kind::Partition`]: those whose bit is set, from the others.
    Partition { group: u8, lasts: Duration },
    /// See [`Kind::OneWayCut`].
    OneWayCut { from: usize, to: usize, lasts: Duration },
    /// See [`Kind::Delay`]: all links of a node.
    Delay { node: usize, latency: Duration, lasts: Duration },
    /// See [`Kind::Loss`]: so many percent of what every node sends.
    Loss { percent: u8, lasts: Duration },
    /// See [`Kind::Duplication`]: so many percent of what every node receives.
    Duplication { percent: u8, lasts: Duration },
    /// See [`Kind::DiskError`]: so many of ten thousand operations.
    DiskError { rate: u16, lasts: Duration },
    /// See [`Kind::Skew`].
    Skew { node: usize, millis: i64, lasts: Duration },
    /// See [`Kind::GatewayCrash`].
    GatewayCrash { gateway: usize, down: Duration, forgets: bool },
    /// See [`Kind::GatewayCut`].
    GatewayCut { gateway: usize, lasts: Duration },
    /// See [`Kind::GatewaySkew`].
    GatewaySkew { gateway: usize, millis: i64, lasts: Duration },
}

impl Fault {
    /// What kind it is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Crash { .. } => Kind::Crash,
            Self::Wipe { .. } => Kind::Wipe,
            Self::PowerCut => Kind::PowerCut,
            Self::Partition { .. } => Kind::Partition,
            Self::OneWayCut { .. } => Kind::OneWayCut,
            Self::Delay { .. } => Kind::Delay,
            Self::Loss { .. } => Kind::Loss,
            Self::Duplication { .. } => Kind::Duplication,
            Self::DiskError { .. } => Kind::DiskError,
            Self::Skew { .. } => Kind::Skew,
            Self::GatewayCrash { .. } => Kind::GatewayCrash,
            Self::GatewayCut { .. } => Kind::GatewayCut,
            Self::GatewaySkew { .. } => Kind::GatewaySkew,
        }
    }
}
