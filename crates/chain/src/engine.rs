//! The wiring of one run: network, consensus, ordering, state, and the tasks of this room around them.
//!
//! All of the engine's code is generated here, once. A run ends when any part of it ends ([`Ending`]); the supervisor
//! decides what follows.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use commonware_broadcast::buffered;
use commonware_consensus::Reporters;
use commonware_consensus::marshal::core::CommitmentFallback;
use commonware_consensus::marshal::resolver::p2p as marshal_resolver;
use commonware_consensus::marshal::standard::{Deferred, Standard};
use commonware_consensus::marshal::{self};
use commonware_consensus::simplex::config::{Floor, ForwardPolicy, SkipPolicy};
use commonware_consensus::simplex::elector::RoundRobin;
use commonware_consensus::simplex::{self, SkipBudget};
use commonware_consensus::types::{Epoch, FixedEpocher, ViewDelta};
use commonware_cryptography::certificate::{ConstantProvider, Scheme as _};
use commonware_cryptography::{Digested, Digestible as _, Sha256};
use commonware_glue::stateful::db::{SyncEngineConfig, p2p as sync_p2p};
use commonware_glue::stateful::probe::{self, Probe};
use commonware_glue::stateful::{Config as StatefulConfig, PruneConfig, Stateful, SyncPlan};
use commonware_p2p::utils::mux::Muxer;
use commonware_parallel::Sequential;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_runtime::{Handle, Spawner as _, Supervisor as _};
use commonware_storage::archive::prunable;
use commonware_storage::mmr;
use commonware_storage::qmdb::any::{ordered, unordered};
use commonware_storage::translator::EightCap;
use commonware_utils::{NZDuration, NZU64, NZUsize};
use futures::future::BoxFuture;
use tokio::sync::Notify;

use crate::application::Ledger;
use crate::block::{Block, BlockConfig};
use crate::config::{SyncMode, ValidatorConfig};
use crate::databases::{self, Databases, Lists, Objects, PageBytes, PageKey};
use crate::directory;
use crate::ledger;
use crate::limits;
use crate::machine::{self, Blocker, Peers};
use crate::names::{
    BlockStore, CertificateStore, Commitment, Finalization, NodeKey, Orderer, OrdererMailbox, Runtime, Scheme,
};
use crate::network::{self, Channel, Channels, Joined};
use crate::node::Node;
use crate::pacing::Paced;
use crate::watcher::Watcher;

/// Whether a run votes.
#[derive(Clone)]
pub(crate) enum Voting {
    /// Above this finalization, or above genesis.
    Above(Option<Finalization>),
    /// Not in this run.
    Withheld,
}

/// What a run offers to the tasks around it.
pub(crate) struct Running {
    pub(crate) orderer: OrdererMailbox,
    /// Resolves when the state can be read: at once, or after state sync.
    pub(crate) databases: BoxFuture<'static, Databases>,
    pub(crate) own: Channel,
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
    config: &'a ValidatorConfig,
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
    config: &ValidatorConfig,
    node: &Arc<Node>,
    voting: Voting,
) -> Result<Running, WiringError> {
    let key = ledger::signer(&config.key).ok_or(WiringError::Key)?;
    let validators = ledger::validators(&config.genesis).ok_or(WiringError::Key)?;
    let genesis_leader = validators.iter().next().cloned().ok_or(WiringError::Key)?;
    let block = BlockConfig { suite: node.rules.suite, genesis_leader };
    let Joined { channels, peers, blocker, network } = machine::join(runtime, config, key.clone(), &block).await?;
    let Channels { votes, certificates, resolver, backfill, blocks, sync, probe, own } = channels;
    let voter = matches!(voting, Voting::Above(_)).then(|| key.clone());
    let scheme = ledger::scheme(&config.genesis, voter).ok_or(WiringError::Key)?;
    let me = ledger::node_key(&ledger::consensus_public_key(&config.key)).ok_or(WiringError::Key)?;
    let genesis_context = ledger::vote_context(&node.genesis_header, &block.genesis_leader).ok_or(WiringError::Key)?;
    let genesis = Block::new(node.genesis_header.clone(), genesis_context, crate::block::Body::default());
    let cache = databases::page_cache(config.caps.page_cache_pages);
    let common = Common { runtime, config, node, me, peers, blocker, cache, block, genesis };
    let mut parts = vec![("network", network)];
    let clock_fault = Arc::new(Notify::new());
    let stack = stack(&common, &scheme, &voting, (backfill, blocks, sync, probe), &clock_fault, &mut parts).await?;
    let engine = consensus(&common, scheme, &voting, stack.automaton, (votes, certificates, resolver));
    parts.push(("consensus", engine));
    Ok(Running { orderer: stack.orderer, databases: stack.databases, own, clock_fault, parts })
}

type Automaton = Deferred<Runtime, Scheme, Paced, Block, FixedEpocher>;

/// Ordering and state, as consensus and the node's own tasks see them.
struct Stack {
    orderer: OrdererMailbox,
    automaton: Automaton,
    databases: BoxFuture<'static, Databases>,
}

/// Starts ordering, state and state sync.
async fn stack(
    common: &Common<'_>,
    scheme: &Scheme,
    voting: &Voting,
    (backfill, blocks, sync, probe): (Channel, Channel, Channel, Channel),
    clock_fault: &Arc<Notify>,
    parts: &mut Vec<(&'static str, Handle<()>)>,
) -> Result<Stack, WiringError> {
    let runtime = common.runtime;
    let provider = ConstantProvider::new(scheme.clone());
    let resolver = marshal_resolver::init(runtime.child("backfill"), backfill_config(common), backfill);
    let (broadcast, buffer) = buffered::Engine::new(runtime.child("broadcast"), broadcast_config(common));
    parts.push(("broadcast", broadcast.start(blocks)));

    let mut plan: SyncPlan<Runtime, Scheme, Standard<Block>> =
        SyncPlan::init(runtime.child("plan"), &common.partition("plan")).await;
    let fresh = common.node.archive.extent().is_none();
    let wanted = common.config.sync == SyncMode::State && fresh && !matches!(voting, Voting::Above(None));
    let syncing = plan.should_sync(wanted);
    let (probe_actor, probe_mailbox) = Probe::new(probe_config(common, provider.clone()));
    parts.push(("probe", probe_actor.start(probe)));
    if syncing {
        common.node.metrics.syncing.set(1);
        let floor = probe_mailbox.subscribe().await.map_err(|_| WiringError::Part("probe"))?;
        plan = plan.set_floor(floor).await;
    }
    let floor_block = plan.floor().map(|floor| floor.proposal.payload);

    let (orderer, orderer_mailbox, floor) = order(common, provider, &plan).await?;
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
    let automaton = Deferred::new(runtime.child("automaton"), paced, orderer_mailbox.clone(), epochs());
    parts.push(("ordering", orderer.start(mailbox.clone(), buffer, resolver)));
    probe_mailbox.attach(orderer_mailbox.clone());
    if let Some(digest) = floor_block.filter(|_| syncing) {
        let found = orderer_mailbox.subscribe_by_commitment(digest, CommitmentFallback::Wait).await;
        found.map_err(|_| WiringError::Part("ordering"))?;
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

fn probe_config(
    common: &Common<'_>,
    provider: ConstantProvider<Scheme, Epoch>,
) -> probe::Config<Runtime, ConstantProvider<Scheme, Epoch>, Sequential, NodeKey, Blocker> {
    probe::Config {
        context: common.runtime.child("probe"),
        provider,
        strategy: Sequential,
        mailbox_size: mailbox_size(),
        blocker: common.blocker.clone(),
        minimum_epoch: Epoch::zero(),
        retry_timeout: NZDuration!(Duration::from_millis(500)),
    }
}

/// Opens the stores of final blocks and their certificates, and the orderer over them.
async fn order(
    common: &Common<'_>,
    provider: ConstantProvider<Scheme, Epoch>,
    plan: &SyncPlan<Runtime, Scheme, Standard<Block>>,
) -> Result<(Orderer, OrdererMailbox, marshal::core::Floor), WiringError> {
    let validators = common.config.genesis.head.validators.len();
    let certificates: CertificateStore =
        prunable::Archive::init(common.runtime.child("certificates"), store(common, "certificates", validators))
            .await
            .map_err(|error| WiringError::Store { store: "certificates", reason: error.to_string() })?;
    let blocks: BlockStore =
        prunable::Archive::init(common.runtime.child("blocks"), store(common, "blocks", common.block.clone()))
            .await
            .map_err(|error| WiringError::Store { store: "blocks", reason: error.to_string() })?;
    let genesis = Digested::precomputed(common.genesis.clone(), common.genesis.digest());
    let config = marshal::Config {
        provider,
        epocher: epochs(),
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

fn store<C>(common: &Common<'_>, name: &str, codec_config: C) -> prunable::Config<EightCap, C> {
    prunable::Config {
        translator: EightCap,
        metadata_partition: common.partition(&format!("{name}-metadata")),
        key_partition: common.partition(&format!("{name}-key")),
        key_page_cache: common.cache.clone(),
        value_partition: common.partition(&format!("{name}-value")),
        compression: None,
        codec_config,
        items_per_section: NZU64!(4_096),
        key_write_buffer: databases::buffer(),
        value_write_buffer: databases::buffer(),
        replay_buffer: databases::buffer(),
    }
}

type ObjectsOperation = unordered::fixed::Operation<mmr::Family, PageKey, PageBytes>;
type ListsOperation = ordered::fixed::Operation<mmr::Family, PageKey, PageBytes>;
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

/// Starts consensus; without the right to vote it only follows, in a journal of its own.
fn consensus(
    common: &Common<'_>,
    scheme: Scheme,
    voting: &Voting,
    automaton: Automaton,
    (votes, certificates, resolver): (Channel, Channel, Channel),
) -> Handle<()> {
    let pacing = &common.config.pacing;
    let (partition, floor) = match voting {
        Voting::Above(Some(finalization)) => (directory::VOTE_JOURNAL, Floor::Finalized(finalization.clone())),
        Voting::Above(None) => (directory::VOTE_JOURNAL, Floor::Genesis(common.genesis.digest())),
        Voting::Withheld => ("follow", Floor::Genesis(common.genesis.digest())),
    };
    let evidence = common.config.directory.join("faults.log");
    let watcher = Watcher::new(Arc::clone(common.node), scheme.me().map(|me| me.index()), evidence);
    let config = simplex::Config {
        scheme,
        elector: RoundRobin::<Sha256>::default(),
        blocker: common.blocker.clone(),
        automaton: automaton.clone(),
        relay: automaton.clone(),
        reporter: Reporters::from((watcher, automaton)),
        strategy: Sequential,
        partition: common.partition(partition),
        mailbox_size: mailbox_size(),
        epoch: Epoch::zero(),
        floor,
        replay_buffer: databases::buffer(),
        write_buffer: databases::buffer(),
        page_cache: common.cache.clone(),
        leader_timeout: pacing.leader_timeout,
        certification_timeout: pacing.certification_timeout,
        timeout_retry: Duration::from_millis(500),
        view_retention: ViewDelta::new(64),
        skip: SkipPolicy::Enabled { timeout: pacing.skip_timeout, budget: SkipBudget::Participants },
        fetch_timeout: NZDuration!(Duration::from_secs(1)),
        fetch_retry_delay: Duration::from_millis(200),
        forward: ForwardPolicy::SilentLeader,
        // Votes are kept as evidence until their round is pruned (PROTOCOL 11).
        track_historical_votes: true,
    };
    simplex::Engine::new(common.runtime.child("consensus"), config).start(votes, certificates, resolver)
}

/// One epoch without end: changes of the validator set come with their own orchestration.
fn epochs() -> FixedEpocher {
    FixedEpocher::new(NZU64!(u64::MAX))
}

fn mailbox_size() -> NonZeroUsize {
    NonZeroUsize::new(limits::MAILBOX).unwrap_or(NonZeroUsize::MIN)
}
