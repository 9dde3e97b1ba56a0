//! One run: the network comes up, goes through its plan, heals, and must live again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use commonware_cryptography::ed25519::PublicKey;
use commonware_p2p::simulated::{Config as NetworkConfig, Network, Oracle};
use commonware_runtime::deterministic::{self, Context, Runner};
use commonware_runtime::{Clock as _, Supervisor as _};
use gongxin_chain_simulated::{Votes, message_bytes_max};
use gongxin_types::{Height, Time};

use crate::accused;
use crate::checks;
use crate::council::Council;
use crate::fault::{Fault, Kind};
use crate::forger;
use crate::greedy;
use crate::journal::Backup;
use crate::offices::Offices;
use crate::people::{self, People};
use crate::plan::Plan;
use crate::replayer;
use crate::report::{Faces, Report, Violation};
use crate::sender::Senders;
use crate::team::{Record, Team};
use crate::town::Town;
use crate::villain::Wrong;
use crate::witness::Shared;

mod events;

use events::disk;

/// Consensus time of genesis, and the time when every simulation begins: 2026-11-23T00:00:00Z.
const BEGIN_MS: u64 = 1_795_392_000_000;
/// How often the director looks for nodes that have ended.
const LOOK: Duration = Duration::from_millis(100);
/// An operator's machine starts an ended node again after so long.
const RESTART: Duration = Duration::from_millis(1_000);
/// How long the network may take, after the last fault has healed, until every node goes on.
const LIFE_MAX: Duration = Duration::from_secs(60);
/// How many blocks every node must add after that to count as alive.
const LIFE_BLOCKS: u64 = 5;
/// A run goes on until there are so many blocks.
const BLOCKS_MIN: u64 = 200;

/// What happens next.
#[derive(Clone, Debug)]
enum Event {
    Begin(Fault),
    Heal(usize),
    Start(usize),
    Open(usize),
}

/// How a stretch between two power cuts ended.
enum Act {
    PowerCut,
    Alive,
}

struct Stage {
    plan: Plan,
    town: Arc<Town>,
    senders: Senders,
    council: Council,
    witness: Shared,
    people: Option<People>,
    records: Vec<Record>,
    events: BTreeMap<(Duration, usize), Event>,
    numbered: usize,
    active: BTreeMap<usize, Fault>,
    struck: BTreeMap<Kind, u64>,
    votes: Votes,
    /// The vote journal that the first node had at its last death.
    backup: Option<Backup>,
    time: Duration,
    recovery: Option<Duration>,
}

/// Plays one seed.
///
/// # Errors
/// The first promise that was not kept.
pub fn run(plan: &Plan) -> Result<Report, Violation> {
    let town = Arc::new(Town::new(plan, Time::from_millis(BEGIN_MS)));
    let mut stage = Stage {
        plan: plan.clone(),
        people: People::perhaps(plan, &town),
        town,
        senders: Senders::new(plan.seed),
        council: Council::new(plan.seed),
        witness: Shared::default(),
        records: Vec::new(),
        events: BTreeMap::new(),
        numbered: 0,
        active: BTreeMap::new(),
        struck: BTreeMap::new(),
        votes: Votes::default(),
        backup: None,
        time: Duration::ZERO,
        recovery: None,
    };
    let equivocator = plan.villain.filter(|villain| villain.wrong == Wrong::Equivocator);
    stage.votes = Votes::but_of(equivocator.and_then(|villain| stage.town.keys.get(villain.node).cloned()));
    for node in 0..plan.nodes() {
        stage.at(Duration::ZERO, Event::Start(node));
    }
    for gateway in 0..stage.gateways() {
        stage.at(Duration::ZERO, Event::Open(gateway));
    }
    for (at, fault) in plan.faults.clone() {
        stage.at(at, Event::Begin(fault));
    }
    let config = deterministic::Config::new()
        .with_seed(plan.seed)
        .with_start_time(begin())
        .with_catch_panics(true)
        .with_storage_fault_config(disk(0));
    let mut runner = Runner::new(config);
    let fingerprint = loop {
        let (act, checkpoint) = runner.start_and_recover(|context| act(context, &mut stage));
        match act? {
            Act::Alive => break checkpoint.auditor().state(),
            Act::PowerCut => runner = Runner::from(checkpoint),
        }
    };
    stage.conclude(fingerprint)
}

fn begin() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(BEGIN_MS)
}

/// How long the simulation has gone on.
pub(crate) fn since_begin(context: &Context) -> Duration {
    context.current().duration_since(begin()).unwrap_or_default()
}

/// From power on to power off, or to the end.
async fn act(context: Context, stage: &mut Stage) -> Result<Act, Violation> {
    let keys = &stage.town.keys;
    let config = NetworkConfig {
        max_size: message_bytes_max(&stage.town.genesis).expect("keys of validators"),
        max_peers_per_set: std::num::NonZeroUsize::new(keys.len()).unwrap_or(std::num::NonZeroUsize::MIN),
        disconnect_on_block: true,
        tracked_peer_sets: std::num::NonZeroUsize::MIN,
    };
    let (network, oracle) = Network::new_with_peers(context.child("network"), config, keys.clone()).await;
    network.start();
    let mut records = std::mem::take(&mut stage.records);
    let (town, witness, votes) = (Arc::clone(&stage.town), stage.witness.clone(), stage.votes.clone());
    let mut files = stage.people.as_mut().map(|people| std::mem::take(&mut people.files)).unwrap_or_default();
    let mut team =
        Team::new(&context, oracle.clone(), Arc::clone(&town), &stage.plan, witness.clone(), votes, &mut records);
    let nodes = team.nodes.clone();
    team.offices =
        stage.people.is_some().then(|| Offices::new(&context, town, &stage.plan, nodes, witness, &mut files));
    let ended = stage.play(&context, &oracle, &mut team).await;
    drop(team);
    stage.records = records;
    if let Some(people) = &mut stage.people {
        people.files = files;
    }
    ended
}

impl Stage {
    /// How many gateways there are.
    fn gateways(&self) -> usize {
        self.people.as_ref().map_or(0, People::gateways)
    }

    fn at(&mut self, time: Duration, event: Event) {
        self.numbered += 1;
        self.events.insert((time, self.numbered), event);
    }

    /// Lets happen what is due until the power goes or everyone is alive after the last fault.
    async fn play(
        &mut self,
        context: &Context,
        network: &Oracle<PublicKey, Context>,
        team: &mut Team<'_>,
    ) -> Result<Act, Violation> {
        self.senders.start(context, &self.town, &team.nodes, &self.witness);
        self.council.start(context, &self.plan.turnover, &self.town, &team.nodes, &self.witness);
        forger::start(context, self.plan.seed, &self.town, &team.nodes);
        replayer::start(context, self.plan.seed, &team.nodes, &self.witness);
        if self.plan.greedy {
            greedy::start(context, self.plan.seed, &self.town, &team.nodes);
        }
        if let (Some(people), Some(offices)) = (&self.people, &team.offices) {
            people.start(context, &self.town, offices, &self.witness);
        }
        self.weather(context, network, team).await;
        let (mut goal, mut told) = (None::<Height>, None::<Vec<u64>>);
        loop {
            let now = since_begin(context);
            self.time = now;
            while let Some(event) = self.due(now) {
                if let Some(act) = self.happens(event, now, context, network, team).await? {
                    return Ok(act);
                }
            }
            for (node, reason) in team.dead() {
                let excused = self.is_villain(node) || team.records.get(node).is_some_and(|record| record.excused);
                if !excused {
                    return Err(Violation::Stopped { node, reason });
                }
                tracing::info!(node, reason, "ended after a disk error");
                self.at(now.saturating_add(RESTART), Event::Start(node));
            }
            self.look(team)?;
            if self.active.is_empty() && self.events.is_empty() && now >= self.plan.healed {
                let reached = self.witness.with(|witness| witness.height());
                let goal = *goal.get_or_insert(Height::new(reached.get() + LIFE_BLOCKS));
                let told = told.get_or_insert_with(|| self.senders.acknowledged());
                let unheard = self.senders.acknowledged().iter().zip(told.iter()).position(|(now, then)| now <= then);
                let unheard = unheard.map(|sender| format!("sender {sender} was told nothing"));
                people::healed(&self.witness);
                match self.behind(team, goal).or(unheard).or_else(|| self.unserved(team)) {
                    None => {
                        self.recovery.get_or_insert(now.saturating_sub(self.plan.healed));
                        if reached.get() >= BLOCKS_MIN {
                            return Ok(Act::Alive);
                        }
                    }
                    Some(reason) if self.recovery.is_none() && now >= self.plan.healed.saturating_add(LIFE_MAX) => {
                        return Err(Violation::NoLife { waited: LIFE_MAX, reason });
                    }
                    Some(_) => {}
                }
            }
            context.sleep(LOOK).await;
        }
    }

    /// What nobody may ever see.
    fn look(&self, team: &Team<'_>) -> Result<(), Violation> {
        if let Some(violation) = self.witness.with(|witness| witness.violation.clone()) {
            return Err(violation);
        }
        if let Some((key, view, how)) = self.votes.contradiction() {
            let node = self.town.keys.iter().position(|known| *known == key).unwrap_or(usize::MAX);
            return Err(Violation::Contradiction { node, view, how });
        }
        // A liar's blocks are refused, and it is wrong about those of others.
        if self.plan.villain.is_some_and(|villain| villain.wrong == Wrong::Liar) {
            return Ok(());
        }
        match (0..self.plan.nodes()).find(|node| team.rejected(*node) > 0) {
            Some(node) => Err(Violation::Rejected { node }),
            None => Ok(()),
        }
    }

    fn is_villain(&self, node: usize) -> bool {
        self.plan.villain.is_some_and(|villain| villain.node == node)
    }

    fn due(&mut self, now: Duration) -> Option<Event> {
        let entry = self.events.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }

    /// Who is not where everyone should be, if anyone.
    fn behind(&self, team: &Team<'_>, goal: Height) -> Option<String> {
        let (serving, epoch) = (self.plan.turnover.last(), self.plan.turnover.changes());
        let late: Vec<String> = (0..self.plan.nodes())
            .filter(|node| !self.is_villain(*node))
            .filter_map(|node| match team.nodes.get(node) {
                None => Some(format!("node {node} does not run")),
                Some(handle) => {
                    let status = handle.status();
                    let in_place = (status.voting, status.epoch) == (serving.contains(&node), epoch);
                    let (height, voting, at) = (status.height, status.voting, status.epoch);
                    let late = height < goal || !in_place;
                    late.then(|| {
                        format!("node {node} is at {height} of {goal}, in epoch {at} of {epoch}, voting: {voting}")
                    })
                }
            })
            .collect();
        (!late.is_empty()).then(|| late.join("; "))
    }

    /// Who of those who have to do with gateways is not served, if anyone.
    fn unserved(&mut self, team: &Team<'_>) -> Option<String> {
        let (people, offices) = (self.people.as_mut()?, team.offices.as_ref()?);
        self.witness.with(|witness| people.unserved(offices, witness))
    }

    fn conclude(self, fingerprint: String) -> Result<Report, Violation> {
        let mut witness = self.witness.with(std::mem::take);
        if let Some(people) = &self.people {
            witness.told.holders = people.holders();
        }
        checks::check(&self.town.genesis, &witness)?;
        let proofs = accused::proofs(&self.plan, &self.town, &self.records)?;
        let equivocates = self.plan.villain.is_some_and(|villain| villain.wrong == Wrong::Equivocator);
        let (faced, caught) = self.votes.of_equivocator();
        if caught > 0 && proofs == 0 {
            return Err(Violation::Unproven { caught });
        }
        let blocks = witness.height().get();
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        Ok(Report {
            seed: self.plan.seed,
            validators: self.plan.validators,
            epochs: self.plan.turnover.changes(),
            villain: self.plan.villain.map(|villain| villain.wrong),
            faces: equivocates.then_some(Faces { votes: faced, caught, proofs }),
            greedy: self.plan.greedy,
            time: self.time,
            blocks,
            transactions: witness.blocks.values().map(|block| count(block.transactions.len())).sum(),
            acknowledged: count(witness.acknowledged.len()),
            expired: count(witness.expired.len()),
            starts: self.records.iter().map(|record| u64::from(record.lives)).sum(),
            recovery: self.recovery.unwrap_or_default(),
            served: self.people.as_ref().map(|people| people.served(&witness, checks::noted::count(&witness))),
            faults: self.struck,
            fingerprint,
        })
    }
}
