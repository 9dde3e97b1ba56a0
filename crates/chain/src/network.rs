//! Peers: who is let in, over which channels, at which rates.
//!
//! How they are reached is the business of [`crate::machine`]. Rates are named in [`crate::limits`]: the engine sizes its
//! mailboxes by them, so generous ones cost memory in every idle validator.

use std::num::{NonZeroU32, NonZeroU64};

use commonware_codec::FixedSize as _;
use commonware_consensus::{marshal, marshal::standard::Standard, simplex};
use commonware_cryptography::sha256;
use commonware_glue::stateful::{db::p2p as sync_p2p, probe};
use commonware_p2p::max_message_size;
use commonware_p2p::utils::mux::prefixed;
use commonware_runtime::{Handle, Quota};
use commonware_storage::mmr;
use commonware_storage::qmdb::any::{ordered, unordered};

use crate::block::{Block, BlockConfig};
use crate::databases::{PageBytes, PageKey};
use crate::gossip;
use crate::limits;
use crate::machine::{Blocker, Peers, Receiver, Sender};
use crate::names::Scheme;

/// Both ends of a channel.
pub(crate) type Channel = (Sender, Receiver);

/// The channels of a node; their numbers are part of the protocol between nodes.
pub(crate) struct Channels {
    pub(crate) votes: Channel,
    pub(crate) certificates: Channel,
    pub(crate) resolver: Channel,
    pub(crate) backfill: Channel,
    pub(crate) blocks: Channel,
    pub(crate) sync: Channel,
    pub(crate) probe: Channel,
    pub(crate) own: Channel,
}

/// A node's place among its peers.
pub(crate) struct Joined {
    pub(crate) channels: Channels,
    pub(crate) peers: Peers,
    pub(crate) blocker: Blocker,
    /// What carries the messages.
    pub(crate) network: Handle<()>,
}

/// The number of the channel on which votes travel.
pub(crate) const VOTES: u64 = 0;
/// The number of the channel on which proposed blocks travel.
pub(crate) const BLOCKS: u64 = 4;

/// The number of each channel, and how many messages a second a peer may send on it.
pub(crate) fn channels() -> [(u64, Quota); 8] {
    [
        (VOTES, quota(limits::QUOTA_CONSENSUS)),
        (1, quota(limits::QUOTA_CONSENSUS)),
        (2, quota(limits::QUOTA_CONSENSUS)),
        (3, quota(limits::QUOTA_BACKFILL)),
        (BLOCKS, quota(limits::QUOTA_BLOCKS)),
        (5, quota(limits::QUOTA_SYNC)),
        (6, quota(limits::QUOTA_PROBE)),
        (7, quota(limits::QUOTA_OWN)),
    ]
}

impl From<[Channel; 8]> for Channels {
    fn from([votes, certificates, resolver, backfill, blocks, sync, probe, own]: [Channel; 8]) -> Self {
        Self { votes, certificates, resolver, backfill, blocks, sync, probe, own }
    }
}

/// Operations per message of state sync.
pub(crate) fn sync_operations() -> NonZeroU64 {
    NonZeroU64::new(limits::SYNC_OPERATIONS_MAX).unwrap_or(NonZeroU64::MIN)
}

/// Largest message of any channel.
pub(crate) fn message_bytes_max(block: &BlockConfig) -> u32 {
    // Of whatever epoch.
    let validators = u32::try_from(gongxin_types::limits::VALIDATORS_MAX).unwrap_or(u32::MAX);
    let objects = unordered::fixed::Operation::<mmr::Family, PageKey, PageBytes>::SIZE;
    let lists = ordered::fixed::Operation::<mmr::Family, PageKey, PageBytes>::SIZE;
    let sync = sync_p2p::max_payload_size::<mmr::Family, sha256::Digest>(sync_operations(), objects.max(lists));
    max_message_size(&[
        prefixed(simplex::max_payload_size::<Scheme, sha256::Digest>(validators)),
        marshal::max_payload_size::<Standard<Block>, Scheme>(validators, block),
        probe::max_payload_size::<Standard<Block>, Scheme>(validators),
        prefixed(sync),
        gossip::MESSAGE_BYTES_MAX,
    ])
}

fn quota(rate: u32) -> Quota {
    Quota::per_second(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN))
}
