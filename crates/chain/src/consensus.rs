//! Consensus, epoch after epoch: one instance of the engine's voting for each validator set.
//!
//! An instance begins on the last block of the epoch before, in a journal of its own, and ends when the last block of its
//! epoch is final here; ordering, state and network go on. The messages of an epoch travel in a subchannel of its number,
//! so that instances never hear of each other. A node that missed the end of an epoch learns it from a peer who is ahead
//! ([`crate::gossip`]) and fetches that block like any other it lacks.

use std::sync::Arc;
use std::time::Duration;

use commonware_consensus::Reporters;
use commonware_consensus::marshal::standard::Deferred;
use commonware_consensus::simplex::config::{Floor, ForwardPolicy, SkipPolicy};
use commonware_consensus::simplex::elector::RoundRobin;
use commonware_consensus::simplex::{self, SkipBudget};
use commonware_consensus::types::{Epoch, Height as EngineHeight, ViewDelta};
use commonware_cryptography::certificate::Scheme as _;
use commonware_cryptography::{Sha256, ed25519};
use commonware_p2p::utils::mux::{MuxHandle, Muxer};
use commonware_parallel::Sequential;
use commonware_runtime::buffer::paged::CacheRef;
use commonware_runtime::{Handle, Spawner as _, Supervisor as _};
use commonware_utils::NZDuration;
use commonware_utils::vec::NonEmptyVec;
use tokio::sync::mpsc;

use crate::block::Block;
use crate::config::{Peer, ValidatorConfig};
use crate::databases;
use crate::directory;
use crate::engine::{Voting, WiringError, mailbox_size};
use crate::epochs::Epochs;
use crate::ledger;
use crate::machine::{self, Blocker, Peers, Sender};
use crate::names::{Commitment, NodeKey, OrdererMailbox, Runtime, Scheme};
use crate::network::Channel;
use crate::node::Node;
use crate::pacing::Paced;
use crate::views::Position;
use crate::watcher::Watcher;

/// What proposes, verifies and certifies blocks.
pub(crate) type Automaton = Deferred<Runtime, Scheme, Paced, Block, Epochs>;

type Listeners = Reporters<Watcher, Automaton>;
type Settings =
    simplex::Config<Scheme, RoundRobin<Sha256>, Blocker, Commitment, Automaton, Automaton, Listeners, Sequential>;

/// What every instance is made from.
pub(crate) struct Consensus {
    pub(crate) runtime: Runtime,
    pub(crate) config: Arc<ValidatorConfig>,
    pub(crate) node: Arc<Node>,
    pub(crate) voting: Voting,
    pub(crate) key: ed25519::PrivateKey,
    pub(crate) genesis: Commitment,
    pub(crate) automaton: Automaton,
    pub(crate) orderer: OrdererMailbox,
    pub(crate) peers: Peers,
    pub(crate) blocker: Blocker,
    pub(crate) cache: CacheRef,
    /// Peers that said they are in a later epoch.
    pub(crate) ahead: mpsc::Receiver<NodeKey>,
    /// Whom the network was told of last, and in which epoch.
    pub(crate) known: Option<(u64, Vec<Peer>)>,
    /// How often it was told.
    pub(crate) tracked: u64,
}

/// The subchannels of all epochs.
struct Subchannels {
    votes: MuxHandle<Sender>,
    certificates: MuxHandle<Sender>,
    resolver: MuxHandle<Sender>,
    muxes: Vec<Handle<()>>,
}

impl Consensus {
    /// Runs instances until one of them ends by itself, or something they need.
    pub(crate) async fn run(mut self, channels: (Channel, Channel, Channel)) {
        let mut subchannels = self.subchannels(channels);
        let mut running: Option<(u64, Handle<()>)> = None;
        loop {
            let reached = self.node.epochs.reached();
            if running.as_ref().is_none_or(|(epoch, _)| *epoch < reached) && self.node.epochs.newest() >= reached {
                // The new one hears its first messages before the old one is silent.
                let next = match self.begin(reached, &mut subchannels).await {
                    Ok(next) => next,
                    Err(error) => return tracing::error!(%error, epoch = reached, "an epoch cannot begin"),
                };
                if let Some((_, before)) = running.replace((reached, next)) {
                    before.abort();
                }
            }
            self.let_in(reached);
            let ended = async {
                match &mut running {
                    Some((_, handle)) => drop(handle.await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = ended => return,
                _ = futures::future::select_all(&mut subchannels.muxes) => return,
                () = self.node.epochs.news() => {}
                Some(peer) = self.ahead.recv() => self.fetch_end(reached, peer),
            }
        }
    }

    /// Tells the network who the others are, where that has changed.
    fn let_in(&mut self, epoch: u64) {
        let known = (epoch, self.node.peers());
        if self.known.as_ref() != Some(&known) {
            self.known = Some(known);
            self.tracked = self.tracked.saturating_add(1);
            machine::track(&mut self.peers, self.tracked, &self.config, &self.node);
        }
    }

    fn subchannels(&self, (votes, certificates, resolver): (Channel, Channel, Channel)) -> Subchannels {
        let mut muxes = Vec::new();
        let mut split = |name: &'static str, (sender, receiver): Channel| {
            let (mux, handle) = Muxer::new(self.runtime.child(name), sender, receiver);
            let mux = mux.start();
            muxes.push(self.runtime.child("mux_watch").spawn(move |_| async move { drop(mux.await) }));
            handle
        };
        let (votes, certificates) = (split("votes", votes), split("certificates", certificates));
        let resolver = split("resolver", resolver);
        Subchannels { votes, certificates, resolver, muxes }
    }

    /// Fetches the last block of our epoch, whose end is known, from a peer that is past it.
    fn fetch_end(&self, epoch: u64, peer: NodeKey) {
        if let Some(change) = self.node.epochs.end_of(epoch) {
            let height = EngineHeight::new(change.header.height.get());
            self.orderer.hint_finalized(height, NonEmptyVec::new(peer));
        }
    }

    /// Starts the instance of an epoch whose validators are known.
    async fn begin(&mut self, epoch: u64, subchannels: &mut Subchannels) -> Result<Handle<()>, WiringError> {
        const MUX: WiringError = WiringError::Part("subchannels");
        let epochs = &self.node.epochs;
        let voter = self.voting.is_from(epoch).then(|| self.key.clone());
        let scheme = epochs.scheme_of(epoch, voter).ok_or(WiringError::Key)?;
        let (partition, floor) = self.journal(epoch, &scheme)?;
        let votes = subchannels.votes.register(epoch).await.map_err(|_| MUX)?;
        let certificates = subchannels.certificates.register(epoch).await.map_err(|_| MUX)?;
        let resolver = subchannels.resolver.register(epoch).await.map_err(|_| MUX)?;
        let serves = scheme.me().is_some();
        self.node.metrics.voting.set(u64::from(serves));
        self.node.metrics.epoch.set(epoch);
        self.node.views.seen(Position::new(epoch, 1));
        if let Floor::Finalized(finalization) = &floor {
            // What was voted up to there may be forgotten.
            self.node.views.seen(Position::of(finalization.proposal.round).next());
        }
        tracing::info!(epoch, serves, "epoch begins");
        let engine =
            simplex::Engine::new(self.runtime.child("consensus"), self.settings(epoch, scheme, partition, floor));
        Ok(engine.start(votes, certificates, resolver))
    }

    /// Where an instance keeps its votes, and what it builds on. Whoever does not vote follows, in a journal apart.
    fn journal(&self, epoch: u64, scheme: &Scheme) -> Result<(String, Floor<Scheme, Commitment>), WiringError> {
        let before = self.node.epochs.before(epoch);
        let genesis = before.map_or(self.genesis, |change| ledger::commitment(change.header.digest()));
        if scheme.me().is_none() {
            return Ok((directory::followed(epoch), Floor::Genesis(genesis)));
        }
        // Noted before the first vote: a journal of this epoch that is missing later was lost.
        directory::votes_in(&self.config.directory, epoch)
            .map_err(|error| WiringError::Store { store: "votes", reason: error.to_string() })?;
        let floor = match &self.voting {
            Voting::Above { epoch: granted, floor: Some(floor) } if *granted == epoch => {
                Floor::Finalized((**floor).clone())
            }
            _ => Floor::Genesis(genesis),
        };
        Ok((directory::journal(epoch), floor))
    }

    fn settings(&self, epoch: u64, scheme: Scheme, partition: String, floor: Floor<Scheme, Commitment>) -> Settings {
        let pacing = &self.config.pacing;
        let me = scheme.me().map(|me| me.index());
        let watcher = Watcher::new(Arc::clone(&self.node), me);
        simplex::Config {
            scheme,
            elector: RoundRobin::<Sha256>::default(),
            blocker: self.blocker.clone(),
            automaton: self.automaton.clone(),
            relay: self.automaton.clone(),
            reporter: Reporters::from((watcher, self.automaton.clone())),
            strategy: Sequential,
            partition: machine::partition(&self.config, &partition),
            mailbox_size: mailbox_size(),
            epoch: Epoch::new(epoch),
            floor,
            replay_buffer: databases::buffer(),
            write_buffer: databases::buffer(),
            page_cache: self.cache.clone(),
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
        }
    }
}
