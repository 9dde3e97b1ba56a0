//! Peers: who is let in, over which channels, at which rates.
//!
//! Connections are authenticated and encrypted by the engine; addresses come from the configuration. Rates are named in
//! [`crate::limits`]: the engine sizes its mailboxes by them, so generous ones cost memory in every idle validator.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use commonware_codec::FixedSize as _;
use commonware_consensus::{marshal, marshal::standard::Standard, simplex};
use commonware_cryptography::{ChaCha20Poly1305, ed25519, sha256};
use commonware_glue::stateful::{db::p2p as sync_p2p, probe};
use commonware_p2p::authenticated::lookup::{self, Network, Oracle};
use commonware_p2p::utils::mux::prefixed;
use commonware_p2p::{Address, AddressableManager as _, AddressableTrackedPeers, max_message_size};
use commonware_runtime::{Handle, Quota, Supervisor as _};
use commonware_storage::mmr;
use commonware_storage::qmdb::any::{ordered, unordered};
use commonware_stream::cups::{self, Cups};
use commonware_stream::sake::{self, Sake};
use commonware_utils::{NZU32, NZUsize, ordered::Map};

use crate::block::{Block, BlockConfig};
use crate::config::{Peer, ValidatorConfig};
use crate::databases::{PageBytes, PageKey};
use crate::gossip;
use crate::ledger;
use crate::limits;
use crate::names::{NodeKey, Runtime, Scheme};

/// The sending end of a channel.
pub(crate) type Sender = lookup::Sender<NodeKey, Runtime>;
/// The receiving end of a channel.
pub(crate) type Receiver = lookup::Receiver<NodeKey>;
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

/// Operations per message of state sync.
pub(crate) fn sync_operations() -> NonZeroU64 {
    NonZeroU64::new(limits::SYNC_OPERATIONS_MAX).unwrap_or(NonZeroU64::MIN)
}

/// Largest message of any channel.
fn message_bytes_max(validators: u32, config: &BlockConfig) -> u32 {
    let objects = unordered::fixed::Operation::<mmr::Family, PageKey, PageBytes>::SIZE;
    let lists = ordered::fixed::Operation::<mmr::Family, PageKey, PageBytes>::SIZE;
    let sync = sync_p2p::max_payload_size::<mmr::Family, sha256::Digest>(sync_operations(), objects.max(lists));
    max_message_size(&[
        simplex::max_payload_size::<Scheme, sha256::Digest>(validators),
        marshal::max_payload_size::<Standard<Block>, Scheme>(validators, config),
        probe::max_payload_size::<Standard<Block>, Scheme>(validators),
        prefixed(sync),
        gossip::MESSAGE_BYTES_MAX,
    ])
}

/// Joins the network: its channels, who decides on peers, and the task that runs it.
pub(crate) fn join(
    runtime: &Runtime,
    config: &ValidatorConfig,
    key: ed25519::PrivateKey,
    block: &BlockConfig,
) -> (Channels, Oracle<NodeKey>, Handle<()>) {
    let (validators, followers) = peers(config);
    // One more than are named: this node itself may not be among them.
    let set = validators.len().saturating_add(followers.len()).saturating_add(1);
    let set = std::num::NonZeroUsize::new(set).unwrap_or(std::num::NonZeroUsize::MIN);
    let bytes = message_bytes_max(u32::try_from(config.genesis.head.validators.len()).unwrap_or(u32::MAX), block);
    let namespace = ledger::peer_namespace(&config.genesis);
    let mut p2p = lookup::Config::local(handshake(key), &namespace, config.listen, set, bytes, mailbox());
    p2p.allow_private_ips = config.allow_private_addresses;
    // Addresses of genesis are known; several validators behind one address are common in a department's network.
    p2p.bypass_ip_check = true;
    p2p.tracked_peer_sets = NZUsize!(1);
    p2p.peer_connection_cooldown = Duration::from_millis(500);
    p2p.dial_frequency = Duration::from_millis(250);
    p2p.allowed_handshake_rate_per_ip = Quota::per_second(NZU32!(64));
    p2p.allowed_handshake_rate_per_subnet = Quota::per_second(NZU32!(256));
    let (mut network, mut oracle) = Network::new(runtime.child("network"), p2p);
    let _ = oracle.track(0, AddressableTrackedPeers::new(validators, followers));
    let mut channel = |number, rate| network.register(number, quota(rate));
    let channels = Channels {
        votes: channel(0, limits::QUOTA_CONSENSUS),
        certificates: channel(1, limits::QUOTA_CONSENSUS),
        resolver: channel(2, limits::QUOTA_CONSENSUS),
        backfill: channel(3, limits::QUOTA_BACKFILL),
        blocks: channel(4, limits::QUOTA_BLOCKS),
        sync: channel(5, limits::QUOTA_SYNC),
        probe: channel(6, limits::QUOTA_PROBE),
        own: channel(7, limits::QUOTA_OWN),
    };
    (channels, oracle, network.start())
}

fn handshake(signer: ed25519::PrivateKey) -> Cups<Sake<ed25519::PrivateKey>, ChaCha20Poly1305> {
    Cups::new(
        Sake {
            signer,
            synchrony_bound: limits::HANDSHAKE_SKEW_MAX,
            max_handshake_age: limits::HANDSHAKE_SKEW_MAX,
            version: sake::Version::V1,
        },
        cups::Version::V1,
    )
}

fn quota(rate: u32) -> Quota {
    Quota::per_second(NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN))
}

fn mailbox() -> std::num::NonZeroUsize {
    std::num::NonZeroUsize::new(limits::MAILBOX).unwrap_or(std::num::NonZeroUsize::MIN)
}

/// Validators with their addresses, and followers. A key that is none is left out: it could never connect.
fn peers(config: &ValidatorConfig) -> (Map<NodeKey, Address>, Map<NodeKey, Address>) {
    let named = |peer: &Peer| Some((ledger::node_key(&peer.public_key)?, Address::from(peer.address)));
    let is_validator = |peer: &&Peer| config.genesis.head.validators.iter().any(|one| one.key.0 == peer.public_key);
    let validators = config.peers.iter().filter(is_validator).filter_map(named);
    let followers = config.followers.iter().filter(|peer| !is_validator(peer)).filter_map(named);
    (Map::from_iter_dedup(validators), Map::from_iter_dedup(followers))
}
