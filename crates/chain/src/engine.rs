//! The wiring of one run: network, consensus, ordering, state, and the tasks of this room around them.
//!
//! All of the engine's code is generated here, once. A run ends when any part of it ends ([`Ending`]); the supervisor
//! decides what follows.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use commonware_broadcast::buffered;
use commonware_consensus::marshal::core::CommitmentFallback;
use commonware_consensus::marshal::resolver::p2p as marshal_resolver;
use commonware_consensus::marshal::standard::{Deferred, Standard};
use commonware_consensus::marshal::{self};
use commonware_consensus::types::{Epoch, Epocher as _, ViewDelta};
use commonware_cryptography::{Digested, Digestible as _};
use commonware_glue::stateful::db::{SyncEngineConfig, p2p as sync_p2p};
use commonware_glue::stateful::probe::{self, Probe};
use commonware_glue::stateful::{Config as StatefulConfig, PruneConfig, Stateful, SyncPlan};
use commonware_p2p::utils::mux::Muxer;
use commonware_parallel::Sequential;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_runtime::{Handle, Spawner as _, Supervisor as _};
use commonware_storage::archive::prunable;
use commonware_storage::mmr;
use commonware_storage::translator::EightCap;
use commonware_utils::{NZDuration, NZU64, NZUsize};
use futures::future::BoxFuture;
use tokio::sync::{Notify, mpsc};

use crate::application::Ledger;
use crate::block::{Block, BlockConfig};
use crate::config::{SyncMode, ValidatorConfig};
use crate::consensus::{Automaton, Consensus};
use crate::databases::{self, Databases, Lists, ListsOperation, Objects, ObjectsOperation};
use crate::directory;
use crate::epochs::Epochs;
use crate::gossip::{self, Part};
use crate::ledger;
use crate::limits;
use crate::machine::{self, Blocker, Peers, Sender};
use crate::names::{
    BlockStore, CertificateStore, Commitment, Finalization, NodeKey, Orderer, OrdererMailbox, Runtime, Scheme,
};
use crate::network::{self, Channel, Channels, Joined};
use crate::node::Node;
use crate::pacing::Paced;
use crate::supervisor::Lasting;

/// Whether a run votes.
#[derive(Clone)]
pub(crate) enum Voting {
    /// In this epoch above a finalization, or from its beginning if there is none; and in all later epochs.
    Above {
        /// The epoch.
        epoch: u64,
        /// The finalization.
        floor: Option<Box<Finalization>>,
    },
    /// Not in this run.
    Withheld,
}

impl Voting {
    /// Whether it may vote in this epoch, if it is one of its validators.
    pub(crate) fn is_from(&self, epoch: u64) -> bool {
        matches!(self, Self::Above { epoch: first, .. } if *first <= epoch)
    }
}

/// What a run offers to the tasks around it.
pub(crate) struct Running {
    pub(crate) orderer: OrdererMailbox,
    /// Resolves when the state can be read: at once, or after state sync.
    pub(crate) databases: BoxFuture<'static, Databases>,
    /// The sending end of the nodes' own channel.
    pub(crate) own: Sender,
    /// Parts of archived blocks from peers.
    pub(crate) archived: mpsc::Receiver<Part>,
    pub(crate) clock_fault: Arc<Notify>,
    /// Each named part of the run; when one ends, the run ends.
    pub(crate) parts: Vec<(&'static str, Handle<()>)>,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WiringError {
    /// A key of genesis or of this node is not one.
    #[error("a validator key is not an Ed25519 key, or this node's key is not a validator's")]
    Key,
    /// A store could not be opened.
    #[error("store `{store}` cannot be opened: {reason}")]
    Store {
        /// Which.
        store: &'static str,
        /// Why.
        reason: String,
    },
    /// A part ended before all was started.
    #[error("`{0}` ended while the node was starting")]
    Part(&'static str),
}

/// What several parts are built from.
struct Common<'a> {
    runtime: &'a Runtime,
    config: &'a Arc<ValidatorConfig>,
    node: &'a Arc<Node>,
    me: NodeKey,
    peers: Peers,
    blocker: Blocker,
    cache: CacheRef,
    block: BlockConfig,
    genesis: Block,
}

impl Common<'_> {
    /// What one of the engine's stores is called.
    fn partition(&self, name: &str) -> String {
        machine::partition(self.config, name)
    }
}

/// Starts all parts of a run.
pub(crate) async fn start(
    runtime: &Runtime,
    config: &Arc<ValidatorConfig>,
    node: &Arc<Node>,
    lasting: &Lasting,
    voting: Voting,
) -> Result<Running, WiringError> {
    let key = ledger::signer(&config.key).ok_or(WiringError::Key)?;
    let first = node.epochs.validators(0).ok_or(WiringError::Key)?;
    let genesis_leader = first.iter().next().cloned().ok_or(WiringError::Key)?;
    let block = BlockConfig { suite: node.rules.suite, genesis_leader };
    let Joined { channels, peers, blocker, network } =
        machine::join(runtime, config, node, key.clone(), &block).await?;
    let Channels { votes, certificates, resolver, backfill, blocks, sync, probe, own } = channels;
    let me = ledger::node_key(&ledger::consensus_public_key(&config.key)).ok_or(WiringError::Key)?;
    let genesis_context = ledger::vote_context(&node.genesis_header, &block.genesis_leader).ok_or(WiringError::Key)?;
    let genesis = Block::new(node.genesis_header.clone(), genesis_context, crate::block::Body::default());
    let cache = databases::page_cache(config.caps.page_cache_pages);
    let common = Common { runtime, config, node, me, peers, blocker, cache, block, genesis };
    let mut parts = vec![("network", network)];
    // Peers are heard from the beginning: state sync may need to learn from them who validates now.
    let (own, archived, ahead) = converse(&common, lasting, own, &mut parts);
    let clock_fault = Arc::new(Notify::new());
    let stack = stack(&common, &voting, (backfill, blocks, sync, probe), &clock_fault, &mut parts).await?;
    let consensus = Consensus {
        runtime: runtime.child("epochs"),
        config: Arc::clone(config),
        node: Arc::clone(node),
        voting,
        key,
        genesis: common.genesis.digest(),
        automaton: stack.automaton,
        orderer: stack.orderer.clone(),
        peers: common.peers.clone(),
        blocker: common.blocker.clone(),
        cache: common.cache.clone(),
        ahead,
        known: Some((node.epochs.reached(), node.peers())),
        tracked: 0,
    };
    let running = runtime.child("consensus").spawn(move |_| consensus.run((votes, certificates, resolver)));
    parts.push(("consensus", running));
    Ok(Running { orderer: stack.orderer, databases: stack.databases, own, archived, clock_fault, parts })
}

/// Starts what nodes tell each other beside consensus; who they are that say they are in a later epoch, and parts of
/// archived blocks, come back.
fn converse(
    common: &Common<'_>,
    lasting: &Lasting,
    (sender, receiver): Channel,
    parts: &mut Vec<(&'static str, Handle<()>)>,
) -> (Sender, mpsc::Receiver<Part>, mpsc::Receiver<NodeKey>) {
    let (found, archived) = mpsc::channel(16);
    let (say, ahead) = mpsc::channel(limits::MAILBOX);
    let (runtime, node) = (common.runtime, common.node);
    let speaking =
        gossip::speak(runtime.child("speak"), Arc::clone(node), sender.clone(), Arc::clone(&lasting.spreading));
    parts.push(("gossip out", runtime.child("gossip_out").spawn(move |_| speaking)));
    let told = gossip::Told { archived: found, ahead: say };
    let hearing = gossip::listen(runtime.child("listen"), Arc::clone(node), sender.clone(), receiver, told);
    parts.push(("gossip in", runtime.child("gossip_in").spawn(move |_| hearing)));
    (sender, archived, ahead)
}

/// Ordering and state, as consensus and the node's own tasks see them.
struct Stack {
    orderer: OrdererMailbox,
    automaton: Automaton,
    databases: BoxFuture<'static, Databases>,
}

/// Starts ordering, state and state sync.
async fn stack(
    common: &Common<'_>,
    voting: &Voting,
    (backfill, blocks, sync, probe): (Channel, Channel, Channel, Channel),
    clock_fault: &Arc<Notify>,
    parts: &mut Vec<(&'static str, Handle<()>)>,
) -> Result<Stack, WiringError> {
    let runtime = common.runtime;
    let epochs = common.node.epochs.clone();
    let resolver = marshal_resolver::init(runtime.child("backfill"), backfill_config(common), backfill);
    let (broadcast, buffer) = buffered::Engine::new(runtime.child("broadcast"), broadcast_config(common));
    parts.push(("broadcast", broadcast.start(blocks)));

    let mut plan: SyncPlan<Runtime, Scheme, Standard<Block>> =
        SyncPlan::init(runtime.child("plan"), &common.partition("plan")).await;
    let fresh = common.node.archive.extent().is_none();
    // The validators of genesis begin the network: there is nobody they could fetch a state from.
    let founds = matches!(voting, Voting::Above { epoch: 0, floor: None })
        && epochs.validators(0).is_some_and(|first| first.iter().any(|key| *key == common.me));
    let wanted = common.config.sync == SyncMode::State && fresh && !founds;
    let syncing = plan.should_sync(wanted);
    let (probe_actor, probe_mailbox) = Probe::new(probe_config(common));
    parts.push(("probe", probe_actor.start(probe)));
    if syncing {
        common.node.metrics.syncing.set(1);
        // A restored node has a state to begin with; one that peers know may be newer.
        let is_restored = plan.floor().is_some() && directory::is_restored(&common.config.directory);
        let asked = probe_mailbox.subscribe();
        let found = match is_restored {
            true => common.node.clock.within(limits::RESTORED_PATIENCE, asked).await,
            false => Some(asked.await),
        };
        if let Some(floor) = found {
            plan = plan.set_floor(floor.map_err(|_| WiringError::Part("probe"))?).await;
        }
    }
    let floor_block = plan.floor().map(|floor| floor.proposal.payload);

    let (orderer, orderer_mailbox, floor) = order(common, &plan).await?;
    let resolvers = sync_resolvers(common, sync, parts).await?;
    let ledger =
        Ledger::new(Arc::clone(common.node), common.genesis.clone(), orderer_mailbox.clone(), Arc::clone(clock_fault));
    let (stateful, mailbox) = Stateful::new(
        runtime.child("stateful"),
        StatefulConfig {
            application: ledger,
            db_config: databases::config(&common.partition(""), &common.cache),
            provider: (),
            marshal: (orderer_mailbox.clone(), floor),
            mailbox_size: mailbox_size(),
            plan,
            resolvers,
            sync_config: sync_config(),
            prune_config: Some(PruneConfig {
                maintenance_interval: NZUsize!(1_024),
                retained_marshal_blocks: limits::RETAINED_BLOCKS,
                retained_qmdb_blocks: limits::RETAINED_OPERATIONS_BLOCKS,
            }),
            strategy: Sequential,
        },
    );
    let paced = Paced::new(Arc::clone(common.node), mailbox.clone());
    let automaton = Deferred::new(runtime.child("automaton"), paced, orderer_mailbox.clone(), epochs.clone());
    parts.push(("ordering", orderer.start(mailbox.clone(), buffer, resolver)));
    probe_mailbox.attach(orderer_mailbox.clone());
    if let Some(digest) = floor_block.filter(|_| syncing) {
        let found = orderer_mailbox.subscribe_by_commitment(digest, CommitmentFallback::Wait).await;
        let floor = found.map_err(|_| WiringError::Part("ordering"))?;
        epochs.reach(floor.inner().header().next_epoch());
    } else if let Some(processed) = orderer_mailbox.get_processed().await {
        // The archive may lie behind: it was lost, or begins after a state sync.
        let next = epochs.containing(processed.height().next());
        epochs.reach(next.map_or(0, |info| info.epoch().get()));
    }
    parts.push(("state", stateful.start()));
    let databases = Box::pin(async move { mailbox.subscribe_databases().await });
    Ok(Stack { orderer: orderer_mailbox, automaton, databases })
}

fn backfill_config(common: &Common<'_>) -> marshal_resolver::Config<NodeKey, Peers, Blocker> {
    marshal_resolver::Config {
        public_key: common.me.clone(),
        peer_provider: common.peers.clone(),
        blocker: common.blocker.clone(),
        mailbox_size: mailbox_size(),
        fetch_timeout: NZDuration!(Duration::from_secs(2)),
        fetch_retry_delay: Duration::from_millis(100),
        priority_requests: false,
        priority_responses: false,
    }
}

fn broadcast_config(common: &Common<'_>) -> buffered::Config<NodeKey, BlockConfig, Peers, Sequential> {
    buffered::Config {
        public_key: common.me.clone(),
        mailbox_size: mailbox_size(),
        deque_size: limits::BROADCAST_BLOCKS,
        priority: false,
        codec_config: common.block.clone(),
        peer_provider: common.peers.clone(),
        strategy: Sequential,
    }
}

fn probe_config(common: &Common<'_>) -> probe::Config<Runtime, Epochs, Sequential, NodeKey, Blocker> {
    probe::Config {
        context: common.runtime.child("probe"),
        provider: common.node.epochs.clone(),
        strategy: Sequential,
        mailbox_size: mailbox_size(),
        blocker: common.blocker.clone(),
        minimum_epoch: Epoch::new(common.node.epochs.newest()),
        retry_timeout: NZDuration!(Duration::from_millis(500)),
    }
}

/// Opens the stores of final blocks and their certificates, and the orderer over them.
async fn order(
    common: &Common<'_>,
    plan: &SyncPlan<Runtime, Scheme, Standard<Block>>,
) -> Result<(Orderer, OrdererMailbox, marshal::core::Floor), WiringError> {
    // Certificates of all epochs lie in one store; how many signers each must have is checked when it is verified.
    let validators = gongxin_types::limits::VALIDATORS_MAX;
    let certificates: CertificateStore =
        prunable::Archive::init(common.runtime.child("certificates"), own_store(common, "certificates", validators))
            .await
            .map_err(|error| WiringError::Store { store: "certificates", reason: error.to_string() })?;
    let blocks: BlockStore =
        prunable::Archive::init(common.runtime.child("blocks"), own_store(common, "blocks", common.block.clone()))
            .await
            .map_err(|error| WiringError::Store { store: "blocks", reason: error.to_string() })?;
    let genesis = Digested::precomputed(common.genesis.clone(), common.genesis.digest());
    let config = marshal::Config {
        provider: common.node.epochs.clone(),
        epocher: common.node.epochs.clone(),
        start: plan.marshal_start(genesis),
        partition_prefix: common.partition("ordering"),
        mailbox_size: mailbox_size(),
        view_retention: ViewDelta::new(64),
        prunable_items_per_section: NZU64!(256),
        page_cache: common.cache.clone(),
        replay_buffer: databases::buffer(),
        key_write_buffer: databases::buffer(),
        value_write_buffer: databases::buffer(),
        block_codec_config: common.block.clone(),
        max_repair: NZUsize!(64),
        max_pending_acks: NonZeroUsize::new(limits::PENDING_BLOCKS).unwrap_or(NonZeroUsize::MIN),
        strategy: Sequential,
    };
    Ok(Orderer::init(common.runtime.child("ordering"), certificates, blocks, config).await)
}

fn own_store<C>(common: &Common<'_>, name: &str, codec_config: C) -> prunable::Config<EightCap, C> {
    store(&common.cache, &common.partition(name), codec_config)
}

/// How a store of final blocks or certificates is kept.
pub(crate) fn store<C>(cache: &CacheRef, name: &str, codec_config: C) -> prunable::Config<EightCap, C> {
    prunable::Config {
        translator: EightCap,
        metadata_partition: format!("{name}-metadata"),
        key_partition: format!("{name}-key"),
        key_page_cache: cache.clone(),
        value_partition: format!("{name}-value"),
        compression: None,
        codec_config,
        items_per_section: NZU64!(4_096),
        key_write_buffer: databases::buffer(),
        value_write_buffer: databases::buffer(),
        replay_buffer: databases::buffer(),
    }
}

type ObjectsSource = sync_p2p::Mailbox<Objects, mmr::Family, ObjectsOperation, Commitment>;
type ListsSource = sync_p2p::Mailbox<Lists, mmr::Family, ListsOperation, Commitment>;

/// One resolver of state sync per database, on one channel.
async fn sync_resolvers(
    common: &Common<'_>,
    (sender, receiver): Channel,
    parts: &mut Vec<(&'static str, Handle<()>)>,
) -> Result<(ObjectsSource, ListsSource), WiringError> {
    let runtime = common.runtime;
    let (mux, mut subchannels) = Muxer::new(runtime.child("sync_mux"), sender, receiver);
    let mux = mux.start();
    parts.push((
        "sync mux",
        runtime.child("sync_mux_watch").spawn(move |_| async move {
            let _ = mux.await;
        }),
    ));
    let objects_channel = subchannels.register(0).await.map_err(|_| WiringError::Part("sync mux"))?;
    let lists_channel = subchannels.register(1).await.map_err(|_| WiringError::Part("sync mux"))?;
    let (objects, objects_source) = sync_p2p::Actor::<_, NodeKey, _, _, mmr::Family, Objects>::new(
        runtime.child("sync_objects"),
        resolver_config(common),
    );
    let (lists, lists_source) = sync_p2p::Actor::<_, NodeKey, _, _, mmr::Family, Lists>::new(
        runtime.child("sync_lists"),
        resolver_config(common),
    );
    parts.push(("sync of objects", objects.start(objects_channel)));
    parts.push(("sync of lists", lists.start(lists_channel)));
    Ok((objects_source, lists_source))
}

fn resolver_config<DB>(common: &Common<'_>) -> sync_p2p::Config<NodeKey, Peers, Blocker, DB> {
    sync_p2p::Config {
        peer_provider: common.peers.clone(),
        blocker: common.blocker.clone(),
        database: None,
        mailbox_size: mailbox_size(),
        me: Some(common.me.clone()),
        fetch_timeout: NZDuration!(Duration::from_secs(2)),
        fetch_retry_delay: Duration::from_millis(100),
        max_serve_ops: network::sync_operations(),
        priority_requests: false,
        priority_responses: false,
    }
}

fn sync_config() -> SyncEngineConfig {
    SyncEngineConfig {
        fetch_batch_size: network::sync_operations(),
        apply_batch_size: NZU64!(4_096),
        max_outstanding_requests: NZUsize!(8),
    }
}

pub(crate) fn mailbox_size() -> NonZeroUsize {
    NonZeroUsize::new(limits::MAILBOX).unwrap_or(NonZeroUsize::MIN)
}
