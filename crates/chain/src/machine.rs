//! The machine a node runs on: threads, clock, disk and TCP of this one.
//!
//! Nothing else in this room names them. The simulation compiles the room a second time with another machine
//! (`simulated.rs`), so what it beats is the very code that runs here: what one of the two files offers, the other does.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use commonware_cryptography::{ChaCha20Poly1305, ed25519};
use commonware_p2p::authenticated::lookup::{self, Network, Oracle};
use commonware_p2p::{Address, AddressableManager as _, AddressableTrackedPeers};
use commonware_runtime::{Quota, Runner as _, Spawner as _, Supervisor as _, tokio as engine_runtime};
use commonware_stream::cups::{self, Cups};
use commonware_stream::sake::{self, Sake};
use commonware_utils::ordered::Map;
use commonware_utils::{NZU32, NZUsize};
use futures::future::BoxFuture;
use gongxin_types::Genesis;

use crate::block::BlockConfig;
use crate::clock::{Clock, TimeSource};
use crate::config::{Peer, ValidatorConfig};
use crate::directory;
use crate::engine::{Voting, WiringError};
use crate::ledger;
use crate::limits;
use crate::names::NodeKey;
use crate::network::{self, Joined};
use crate::node::Node;
use crate::supervisor::{self, Ending, Lasting};

/// The engine's runtime.
pub(crate) type Runtime = engine_runtime::Context;
/// The sending end of a channel.
pub(crate) type Sender = lookup::Sender<NodeKey, Runtime>;
/// The receiving end of a channel.
pub(crate) type Receiver = lookup::Receiver<NodeKey>;
/// Says who the peers are.
pub(crate) type Peers = Oracle<NodeKey>;
/// Shuts a peer out.
pub(crate) type Blocker = Oracle<NodeKey>;

/// Prefix of the namespace of p2p handshakes.
const PEERS: &[u8] = b"gongxin-peers-1";

/// Joins the network. Connections are authenticated and encrypted by the engine; addresses come from the configuration.
pub(crate) async fn join(
    runtime: &Runtime,
    config: &ValidatorConfig,
    node: &Node,
    key: ed25519::PrivateKey,
    block: &BlockConfig,
) -> Result<Joined, WiringError> {
    // More than are named: this node itself may not be among them, and others may join before it starts again.
    let set = node.peers_max.saturating_add(1);
    let set = std::num::NonZeroUsize::new(set).unwrap_or(std::num::NonZeroUsize::MIN);
    let mailbox = std::num::NonZeroUsize::new(limits::MAILBOX).unwrap_or(std::num::NonZeroUsize::MIN);
    let (bytes, namespace) = (network::message_bytes_max(block), peer_namespace(&config.genesis));
    let mut p2p = lookup::Config::local(handshake(key), &namespace, config.listen, set, bytes, mailbox);
    p2p.allow_private_ips = config.allow_private_addresses;
    // Addresses of genesis are known; several validators behind one address are common in a department's network.
    p2p.bypass_ip_check = true;
    p2p.tracked_peer_sets = NZUsize!(1);
    p2p.peer_connection_cooldown = Duration::from_millis(500);
    p2p.dial_frequency = Duration::from_millis(250);
    p2p.allowed_handshake_rate_per_ip = Quota::per_second(NZU32!(64));
    p2p.allowed_handshake_rate_per_subnet = Quota::per_second(NZU32!(256));
    let (mut network, mut oracle) = Network::new(runtime.child("network"), p2p);
    track(&mut oracle, 0, config, node);
    let channels = network::channels().map(|(number, quota)| network.register(number, quota)).into();
    Ok(Joined { channels, peers: oracle.clone(), blocker: oracle, network: network.start() })
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

/// Lets in whom this node knows: those who validate now, as far as it knows, and all others as followers. `index` grows
/// from call to call of one run.
pub(crate) fn track(oracle: &mut Peers, index: u64, _config: &ValidatorConfig, node: &Node) {
    // A key that is none is left out: it could never connect.
    let named = |peer: &Peer| Some((ledger::node_key(&peer.public_key)?, Address::from(peer.address)));
    let peers: Vec<(NodeKey, Address)> = node.peers().iter().filter_map(named).collect();
    let serving = node.epochs.validators(node.epochs.newest().min(node.epochs.reached()));
    let serves = |key: &NodeKey| serving.as_ref().is_some_and(|set| set.iter().any(|one| one == key));
    let (validators, followers): (Vec<_>, Vec<_>) = peers.into_iter().partition(|(key, _)| serves(key));
    let tracked = AddressableTrackedPeers::new(Map::from_iter_dedup(validators), Map::from_iter_dedup(followers));
    let _ = oracle.track(index, tracked);
}

/// Namespace of p2p handshakes.
fn peer_namespace(genesis: &Genesis) -> Vec<u8> {
    [PEERS, ledger::network(genesis).as_bytes()].concat()
}

/// What one of the engine's stores is called; each node has a folder of its own.
pub(crate) fn partition(_config: &ValidatorConfig, name: &str) -> String {
    name.to_owned()
}

/// This machine's clocks.
#[derive(Debug)]
struct MachineTime {
    begun: Instant,
}

impl Default for MachineTime {
    fn default() -> Self {
        Self { begun: Instant::now() }
    }
}

impl Default for Clock {
    /// This machine's.
    fn default() -> Self {
        Self::of(Arc::new(MachineTime::default()))
    }
}

impl TimeSource for MachineTime {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn steady(&self) -> Duration {
        self.begun.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The thread a node lives on.
pub(crate) struct Thread(Mutex<Option<JoinHandle<()>>>);

impl Thread {
    /// Waits until it has ended.
    pub(crate) async fn join(&self) {
        let thread = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

/// Gives a node a thread of its own.
pub(crate) fn launch(_config: &ValidatorConfig, life: impl Future<Output = ()> + Send + 'static) -> io::Result<Thread> {
    let thread =
        thread::Builder::new().name("gongxin-chain".to_owned()).spawn(move || futures::executor::block_on(life))?;
    Ok(Thread(Mutex::new(Some(thread))))
}

/// Does what blocks a thread for a while; nothing if that thread failed.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Stands in tasks of the engine that nobody waits for. Nothing is to do here: whichever task fails, the run ends with it.
#[derive(Clone)]
pub(crate) struct Sentinel;

impl Sentinel {
    /// That of a node.
    pub(crate) fn of(_node: &Arc<Node>) -> Self {
        Self
    }
}

/// Runs the engine once, until something ends it.
#[expect(clippy::unused_async, reason = "the engine has threads of its own here; a simulated one has none")]
pub(crate) async fn one_run(
    config: &Arc<ValidatorConfig>,
    node: &Arc<Node>,
    lasting: &Arc<Lasting>,
    voting: Voting,
) -> Ending {
    let runtime = engine_runtime::Config::new()
        .with_storage_directory(config.directory.join(directory::ENGINE))
        .with_worker_threads(config.caps.threads.max(1))
        .with_max_blocking_threads(64)
        .with_thread_stack_size(4 * 1_024 * 1_024);
    let runner = engine_runtime::Runner::new(runtime);
    let decided = OnceLock::new();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        let decided = &decided;
        runner.start(|context| async move {
            let ending = Box::pin(supervisor::first_ending(&context, config, node, lasting, voting)).await;
            // Nobody else sets it.
            let _ = decided.set(ending);
            let _ = context.child("stop").stop(0, Some(limits::STOP_PATIENCE)).await;
        });
    }));
    let panicked = |panic: Box<dyn Any + Send>| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a part of the engine failed");
        Ending::Failed(text.to_owned())
    };
    // The parts of the engine stop in any order, and one may panic over another that is gone already: what the run ended
    // for was decided before.
    let ending = decided.into_inner().or_else(|| ended.err().map(panicked));
    ending.unwrap_or_else(|| Ending::Failed("a run ended without a reason".to_owned()))
}
