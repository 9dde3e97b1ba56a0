//! The nodes of a run, and their lives: started, killed, wiped, found dead.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::simulated::Oracle;
use commonware_runtime::deterministic::Context;
use commonware_runtime::{Clock as _, Handle as Task, Spawner as _, Supervisor as _};
use futures::FutureExt as _;
use gongxin_chain_simulated::{Bug, Clock, Handle, SimulatedTime, SyncMode, Votes, World, init, start};
use gongxin_types::{Height, Time};
use tokio::sync::oneshot;

use crate::offices::Offices;
use crate::plan::Plan;
use crate::planted::Planted;
use crate::report::Violation;
use crate::town::Town;
use crate::villain::Villain;
use crate::witness::Shared;

/// The running nodes, as senders see them.
#[derive(Clone, Default)]
pub(crate) struct Nodes(Arc<Mutex<Vec<Option<Handle>>>>);

impl Nodes {
    fn with<T>(&self, act: impl FnOnce(&mut Vec<Option<Handle>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One that runs, chosen by a number.
    pub(crate) fn some(&self, turn: usize) -> Option<Handle> {
        self.with(|nodes| {
            let running: Vec<&Handle> = nodes.iter().flatten().collect();
            running.get(turn.checked_rem(running.len())?).map(|handle| (*handle).clone())
        })
    }

    /// Consensus time of the newest final block of any node; nothing before the first.
    pub(crate) fn newest_time(&self) -> Option<Time> {
        self.with(|nodes| {
            let headers = nodes.iter().flatten().filter_map(|node| node.status().last_final);
            headers.map(|header| header.time).max()
        })
    }

    /// A running node.
    pub(crate) fn get(&self, node: usize) -> Option<Handle> {
        self.with(|nodes| nodes.get(node).cloned().flatten())
    }
}

/// What is kept of a node between its lives.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// How often it began with nothing.
    pub(crate) stores: u32,
    /// How often it was started.
    pub(crate) lives: u32,
    /// How far its clock is off.
    off_ms: i64,
    /// Whether a disk error struck in its present life: then it may end.
    pub(crate) excused: bool,
    /// Whether it has forgotten its votes and was not seen voting since.
    forgot: bool,
    /// Whether what it has came by state sync or must come so.
    by_state: bool,
}

/// The nodes while the power is on.
pub(crate) struct Team<'a> {
    runtime: &'a Context,
    network: Oracle<PublicKey, Context>,
    town: Arc<Town>,
    witness: Shared,
    repeats: Arc<AtomicU8>,
    bug: Option<Bug>,
    villain: Option<Villain>,
    /// How many validators may fail in every epoch.
    may_fail: usize,
    pub(crate) votes: Votes,
    pub(crate) nodes: Nodes,
    tasks: Vec<Option<Task<()>>>,
    clocks: Vec<Option<Clock>>,
    pub(crate) records: &'a mut Vec<Record>,
    /// The gateways, where there are any.
    pub(crate) offices: Option<Offices<'a>>,
    /// Whether disks fail at present.
    disks_fail: bool,
}

impl<'a> Team<'a> {
    /// Nodes that do not run yet.
    pub(crate) fn new(
        runtime: &'a Context,
        network: Oracle<PublicKey, Context>,
        town: Arc<Town>,
        plan: &Plan,
        witness: Shared,
        votes: Votes,
        records: &'a mut Vec<Record>,
    ) -> Self {
        let count = town.nodes();
        records.resize(count, Record::default());
        let nodes = Nodes::default();
        nodes.with(|nodes| nodes.resize(count, None));
        let (tasks, clocks) = ((0..count).map(|_| None).collect(), vec![None; count]);
        Self {
            runtime,
            network,
            town,
            witness,
            repeats: Arc::default(),
            bug: plan.planted.and_then(Planted::in_node),
            villain: plan.villain,
            may_fail: plan.turnover.may_fail(),
            votes,
            nodes,
            tasks,
            clocks,
            records,
            offices: None,
            disks_fail: false,
        }
    }

    /// Starts a node, for the first time or again.
    pub(crate) async fn start(&mut self, node: usize) -> Result<(), Violation> {
        let Some(record) = self.records.get_mut(node) else { return Ok(()) };
        let failed = |reason: String| Violation::NoStart { node, reason };
        let folder = self.town.folder(node, record.stores);
        if record.lives == 0 {
            init(&folder, &self.town.genesis).map_err(|error| failed(error.to_string()))?;
        }
        record.lives += 1;
        record.excused = self.disks_fail;
        let (life, stores) = (record.lives, record.stores);
        let sync = if record.by_state { SyncMode::State } else { SyncMode::Replay };
        let off_ms = record.off_ms;
        let (network, town, repeats) = (self.network.clone(), Arc::clone(&self.town), Arc::clone(&self.repeats));
        let (witness, votes) = (self.witness.clone(), self.votes.clone());
        let wrong = self.villain.filter(|villain| villain.node == node).and_then(|villain| villain.wrong.in_node());
        let bug = self.bug.or(wrong);
        let (started, starting) = oneshot::channel();
        let context = self.runtime.child("node").with_attribute("place", node).with_attribute("life", life);
        let task = context.spawn(move |context| async move {
            let clock = Clock::of(Arc::new(SimulatedTime(context.child("clock"))));
            clock.set_off(off_ms);
            let name = format!("node-{node}-{stores}");
            let world = World { runtime: context.child("machine"), network, name, repeats, bug, votes };
            let handle =
                start(town.config(node, &folder, sync, clock.clone(), world)).map_err(|error| error.to_string());
            let running = handle.as_ref().ok().cloned();
            let _ = started.send(handle.map(|handle| (handle, clock)));
            if let Some(running) = running {
                watch(context, node, running, witness).await;
            }
            std::future::pending().await
        });
        let (handle, clock) = starting.await.map_err(|_| failed("its task ended".to_owned()))?.map_err(failed)?;
        self.put(node, Some(handle), Some(task), Some(clock));
        Ok(())
    }

    fn put(&mut self, node: usize, handle: Option<Handle>, task: Option<Task<()>>, clock: Option<Clock>) {
        self.nodes.with(|nodes| nodes.get_mut(node).map(|slot| *slot = handle));
        if let Some(slot) = self.tasks.get_mut(node) {
            *slot = task;
        }
        if let Some(slot) = self.clocks.get_mut(node) {
            *slot = clock;
        }
    }

    /// What the vote journal of a node in the present epoch is called on the simulated disk.
    pub(crate) fn journal(&self, node: usize) -> String {
        let stores = self.records.get(node).map_or(0, |record| record.stores);
        match self.witness.epoch() {
            0 => format!("node-{node}-{stores}-votes"),
            epoch => format!("node-{node}-{stores}-votes-{epoch}"),
        }
    }

    /// Blocks of others that this node found invalid in its present life.
    pub(crate) fn rejected(&self, node: usize) -> u64 {
        let metrics = self.nodes.get(node).map(|handle| handle.metrics()).unwrap_or_default();
        let line = metrics.lines().find_map(|line| line.strip_prefix("gongxin_rejected_blocks_total "));
        line.and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// Kills a node at once; whether it ran.
    pub(crate) fn kill(&mut self, node: usize) -> bool {
        let task = self.tasks.get_mut(node).and_then(Option::take);
        let ran = task.is_some();
        if let Some(task) = task {
            task.abort();
        }
        self.put(node, None, None, None);
        ran
    }

    /// Takes everything from a node that does not run.
    pub(crate) fn wipe(&mut self, node: usize, by_state: bool) {
        if let Some(record) = self.records.get_mut(node) {
            record.stores += 1;
            record.by_state = by_state;
            record.forgot = true;
        }
    }

    /// Whether one more validator may forget its votes: as many as may fail, and no more than is promised for.
    pub(crate) fn may_wipe(&mut self, node: usize) -> bool {
        for (place, record) in self.records.iter_mut().enumerate() {
            record.forgot &= !self.nodes.get(place).is_some_and(|handle| handle.status().voting);
        }
        let others = self.records.iter().enumerate().filter(|(place, record)| *place != node && record.forgot).count();
        others + usize::from(self.villain.is_some()) < self.may_fail
    }

    /// Sets a node's clock, now and in its next lives.
    pub(crate) fn set_clock(&mut self, node: usize, millis: i64) {
        if let Some(record) = self.records.get_mut(node) {
            record.off_ms = millis;
        }
        if let Some(Some(clock)) = self.clocks.get(node) {
            clock.set_off(millis);
        }
    }

    /// Lets messages arrive twice.
    pub(crate) fn repeat(&self, percent: u8) {
        self.repeats.store(percent, Ordering::Relaxed);
    }

    /// Says whether disks fail at present: whoever ends in a life in which they did, may.
    pub(crate) fn set_disks(&mut self, fail: bool) {
        self.disks_fail = fail;
        self.records.iter_mut().for_each(|record| record.excused |= fail);
    }

    /// Nodes that have ended by themselves, with their words; they are taken away.
    pub(crate) fn dead(&mut self) -> Vec<(usize, String)> {
        let mut dead = Vec::new();
        for node in 0..self.tasks.len() {
            let ended = self.nodes.get(node).and_then(|handle| handle.wait().now_or_never());
            if let Some(ended) = ended {
                let reason = ended.err().map_or_else(|| "without a reason".to_owned(), |stop| stop.reason);
                self.kill(node);
                dead.push((node, reason));
            }
        }
        dead
    }
}

/// Shows every final block of a node to the witness.
async fn watch(runtime: Context, node: usize, handle: Handle, witness: Shared) {
    let mut next = Height::GENESIS.next();
    loop {
        let first = handle.archive_range().map(|(first, _)| first);
        let mut blocks = handle.subscribe(first.map_or(next, |first| first.max(next)));
        while let Some(block) = blocks.next().await {
            next = block.header.height.next();
            witness.shown(node, block);
        }
        // The node has ended, or a state sync has left blocks out.
        runtime.sleep(Duration::from_millis(200)).await;
    }
}
