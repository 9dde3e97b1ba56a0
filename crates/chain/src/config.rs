//! What a node is told when it starts.
//!
//! The program reads its files and fills these; nothing here is read from the environment. Defaults serve a network of a
//! few validators on ordinary machines; a validator's idle cost hangs on [`Pacing::heartbeat`], its latency on
//! [`Pacing::min_interval`].

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use gongxin_types::Genesis;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::limits;
use crate::rules::PROTOCOL_VERSIONS;

/// Everything a node needs to run.
pub struct ValidatorConfig {
    /// Data directory, prepared by [`crate::init`]; the caller keeps other processes out of it.
    pub directory: PathBuf,
    /// Where peers connect.
    pub listen: SocketAddr,
    /// Ed25519 seed of this node: its consensus votes and its identity among peers.
    pub key: Zeroizing<[u8; 32]>,
    /// The network's first block; names the validators.
    pub genesis: Genesis,
    /// Where the validators are reached; the own entry may be among them.
    pub peers: Vec<Peer>,
    /// Nodes that follow without voting and are let in.
    pub followers: Vec<Peer>,
    /// Vote, or only follow.
    pub role: Role,
    /// How an empty directory of a running network is filled.
    pub sync: SyncMode,
    /// Intervals and timeouts.
    pub pacing: Pacing,
    /// Bounds of memory, threads and disk.
    pub caps: Caps,
    /// The time of day; [`Clock::default`] is this machine's.
    pub clock: Clock,
    /// Whether peers may have private or loopback addresses: laptops and tests.
    pub allow_private_addresses: bool,
    /// Where a simulated node lives.
    #[cfg(feature = "simulated")]
    pub world: crate::machine::World,
    /// A defect that this node is to have.
    #[cfg(feature = "planted")]
    pub bug: Option<crate::planted::Bug>,
}

/// One node of the network as others reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its consensus public key (Ed25519).
    pub public_key: [u8; 32],
    /// Its p2p address.
    pub address: SocketAddr,
}

/// Whether this node takes part in agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Votes, if its key is in genesis and PROTOCOL 11 allows.
    Validator,
    /// Executes and serves, never votes.
    Follower,
}

/// How a node that has nothing catches up with a network that has a past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncMode {
    /// Execute every block from genesis on.
    Replay,
    /// Fetch the state of a recent final block; blocks before it come into the archive afterwards, checked by hash.
    State,
}

/// Intervals of block production.
#[derive(Clone, Copy, Debug)]
pub struct Pacing {
    /// Least time between the timestamps of two blocks while transactions wait.
    pub min_interval: Duration,
    /// Time between blocks when nothing waits; at most 700 ms (PROTOCOL 8).
    pub heartbeat: Duration,
    /// How long an idle leader waits for transactions of its ancestors to become final before it proposes an empty block
    /// that carries them along: several times the usual way to finality (20 ms), a sixth of the heartbeat.
    pub settling: Duration,
    /// How long a leader may take before its view is given up; above the heartbeat with room for the network.
    pub leader_timeout: Duration,
    /// How long a view may take from its begin to certification.
    pub certification_timeout: Duration,
    /// A leader not heard of for so long is skipped at once.
    pub skip_timeout: Duration,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            min_interval: Duration::from_millis(25),
            heartbeat: Duration::from_millis(650),
            settling: Duration::from_millis(100),
            leader_timeout: Duration::from_millis(1_100),
            certification_timeout: Duration::from_millis(1_900),
            skip_timeout: Duration::from_millis(4_000),
        }
    }
}

/// Bounds of one node.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// Transactions in the mempool.
    pub mempool_transactions: usize,
    /// Bytes in the mempool.
    pub mempool_bytes: usize,
    /// Threads of the engine.
    pub threads: usize,
    /// Cached pages of 4 KiB over all stores.
    pub page_cache_pages: usize,
    /// Free disk space below which the node stops.
    pub disk_free_bytes: u64,
    /// How long final blocks are kept after their time; none for all of them, always ([`crate::keeper`]).
    pub archive_for: Option<Duration>,
    /// How many newer blocks must be there all the same before one is dropped.
    pub archive_blocks: u64,
    /// How often a snapshot of the state is taken, by consensus time.
    pub snapshot_every: Option<Duration>,
    /// Blocks of one segment of the archive.
    pub segment_blocks: u64,
    /// The newest version of the rules that the node executes: all that the program has, or fewer, as an older one.
    pub newest_version: u16,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            mempool_transactions: limits::MEMPOOL_TRANSACTIONS_MAX,
            mempool_bytes: limits::MEMPOOL_BYTES_MAX,
            threads: 2,
            page_cache_pages: limits::PAGE_CACHE_PAGES,
            disk_free_bytes: limits::DISK_FREE_BYTES_MIN,
            archive_for: None,
            archive_blocks: limits::RETAINED_BLOCKS as u64,
            snapshot_every: None,
            segment_blocks: gongxin_archive::limits::SEGMENT_BLOCKS_MAX,
            newest_version: *PROTOCOL_VERSIONS.end(),
        }
    }
}
