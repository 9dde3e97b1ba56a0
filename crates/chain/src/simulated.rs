//! The machine a simulated node runs on: one of several under a deterministic runtime, with a clock, a disk and a network
//! that a seed decides on.
//!
//! Stands in for `machine.rs` where the simulation compiles this room (`simulated/Cargo.toml`), and is in no other build.
//! All nodes share one runtime: stores carry the node's name, and ending a node aborts the tasks below its own.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::sync::atomic::AtomicU8;
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use commonware_cryptography::ed25519;
use commonware_p2p::simulated;
use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic};
use futures::future::BoxFuture;
use gongxin_types::Genesis;
use tokio::sync::watch;

use crate::block::BlockConfig;
use crate::clock::TimeSource;
use crate::config::ValidatorConfig;
use crate::engine::{Voting, WiringError};
use crate::ledger;
use crate::names::NodeKey;
use crate::network::{self, Joined};
use crate::node::Node;
use crate::planted::Bug;
use crate::supervisor::{self, Ending, Lasting};

#[path = "simulated/equivocator.rs"]
mod equivocator;
#[path = "simulated/evidence.rs"]
mod evidence;
#[path = "simulated/receiver.rs"]
mod receiver;
#[path = "simulated/sender.rs"]
mod sender;
#[path = "simulated/votes.rs"]
mod votes;

use equivocator::Equivocator;
pub use evidence::convicts;
pub(crate) use receiver::Receiver;
pub(crate) use sender::Sender;
pub use votes::Votes;

/// The engine's runtime.
pub(crate) type Runtime = deterministic::Context;
/// Says who the peers are.
pub(crate) type Peers = simulated::SocketManager<NodeKey, Runtime>;
/// Shuts a peer out.
pub(crate) type Blocker = simulated::Control<NodeKey, Runtime>;

/// Where a simulated node lives.
pub struct World {
    /// The part of the runtime whose end is the node's end.
    pub runtime: deterministic::Context,
    /// The network between the nodes; whoever made it tracks the peers.
    pub network: simulated::Oracle<ed25519::PublicKey, deterministic::Context>,
    /// The node's name, in front of the names of its stores.
    pub name: String,
    /// So many percent of the messages it receives arrive twice.
    pub repeats: Arc<AtomicU8>,
    /// A defect of this node.
    pub bug: Option<Bug>,
    /// Where every vote is shown.
    pub votes: Votes,
}

/// Joins the network.
pub(crate) async fn join(
    runtime: &Runtime,
    config: &ValidatorConfig,
    node: &Node,
    key: ed25519::PrivateKey,
    block: &BlockConfig,
) -> Result<Joined, WiringError> {
    let me = ledger::node_key(&ledger::consensus_public_key(&config.key)).ok_or(WiringError::Key)?;
    let oracle = &config.world.network;
    let control = oracle.control(me.clone());
    let equivocator = (config.world.bug == Some(Bug::Equivocate)).then(|| {
        Arc::new(Equivocator {
            runtime: runtime.child("equivocator"),
            begun: runtime.current(),
            epochs: node.epochs.clone(),
            key,
            rules: Arc::clone(&node.rules),
            block: block.clone(),
            votes: config.world.votes.clone(),
            notarized: Mutex::default(),
        })
    });
    let mut registered = Vec::new();
    for (number, quota) in network::channels() {
        let votes = (number == network::VOTES).then(|| config.world.votes.clone());
        let channel = control.register(number, quota).await;
        let (sender, inner) = channel.map_err(|_| WiringError::Part("network"))?;
        let sender = Sender { inner: sender, faces: equivocator.clone().map(|who| (who, number)) };
        let (runtime, repeats) = (runtime.child("receiver"), Arc::clone(&config.world.repeats));
        let votes = votes.map(|votes| (me.clone(), votes));
        registered.push((sender, Receiver { inner, runtime, repeats, again: VecDeque::new(), votes }));
    }
    let channels = <[network::Channel; 8]>::try_from(registered).map_err(|_| WiringError::Part("network"))?;
    // Whoever simulates the network ends with the simulation.
    let network = runtime.child("network").spawn(|_| std::future::pending());
    Ok(Joined { channels: channels.into(), peers: oracle.socket_manager(), blocker: control, network })
}

/// Whoever made the network has let all nodes in.
pub(crate) fn track(_peers: &mut Peers, _index: u64, _config: &ValidatorConfig, _node: &Node) {}

/// Largest message between the nodes of a network; nothing if a key of its validators is none.
pub fn message_bytes_max(genesis: &Genesis) -> Option<u32> {
    let genesis_leader = ledger::node_key(&genesis.head.validators.first()?.key.0)?;
    Some(network::message_bytes_max(&BlockConfig { suite: genesis.head.suite, genesis_leader }))
}

/// What one of the engine's stores is called: all nodes share one simulated disk.
pub(crate) fn partition(config: &ValidatorConfig, name: &str) -> String {
    format!("{}-{name}", config.world.name)
}

/// The clocks of the simulated world.
pub struct SimulatedTime(pub deterministic::Context);

impl fmt::Debug for SimulatedTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SimulatedTime")
    }
}

impl TimeSource for SimulatedTime {
    fn now(&self) -> SystemTime {
        self.0.current()
    }

    fn steady(&self) -> Duration {
        self.0.current().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let runtime = self.0.child("sleep");
        Box::pin(async move { runtime.sleep(duration).await })
    }
}

/// The task a node lives in.
pub(crate) struct Thread(watch::Receiver<bool>);

impl Thread {
    /// Waits until it has ended.
    pub(crate) async fn join(&self) {
        // A dropped sender has ended too.
        let _ = self.0.clone().wait_for(|ended| *ended).await;
    }
}

/// Gives a node a task of its own.
#[expect(clippy::unnecessary_wraps, reason = "a thread of a real machine may be refused")]
pub(crate) fn launch(config: &ValidatorConfig, life: impl Future<Output = ()> + Send + 'static) -> io::Result<Thread> {
    let (ended, ending) = watch::channel(false);
    config.world.runtime.child("life").spawn(move |_| async move {
        life.await;
        ended.send_replace(true);
    });
    Ok(Thread(ending))
}

/// Does what would block a thread for a while: here nothing else goes on meanwhile.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    Some(work())
}

/// Stands in tasks of the engine that nobody waits for. On a machine of its own a node ends with the first task that
/// fails. Here the runtime catches that, because other nodes live on it too, so the sentinel says it.
#[derive(Clone)]
pub(crate) struct Sentinel(Weak<Node>);

impl Sentinel {
    /// That of a node.
    pub(crate) fn of(node: &Arc<Node>) -> Self {
        Self(Arc::downgrade(node))
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        if let Some(node) = thread::panicking().then(|| self.0.upgrade()).flatten() {
            node.breaks("a task of the engine failed".to_owned());
        }
    }
}

/// Runs the engine once, until something ends it.
pub(crate) async fn one_run(
    config: &Arc<ValidatorConfig>,
    node: &Arc<Node>,
    lasting: &Arc<Lasting>,
    voting: Voting,
) -> Ending {
    let (config, node, lasting) = (Arc::clone(config), Arc::clone(node), Arc::clone(lasting));
    let runtime = config.world.runtime.child("run");
    let run = runtime.spawn(move |context| async move {
        Box::pin(supervisor::first_ending(&context, &config, &node, &lasting, voting)).await
    });
    // What the run has started ends with its task.
    run.await.unwrap_or_else(|error| Ending::Failed(format!("a part of the engine failed: {error}")))
}
