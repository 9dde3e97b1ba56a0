//! Members who decide who validates, while everything goes wrong around them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic::Context};
use gongxin_crypto::Suite;
use gongxin_test_support::cast::{DEPARTMENTS, bytes};
use gongxin_types::officer::Role;
use gongxin_types::proposal::{Choice, Matter, NewProposal, NewVote};
use gongxin_types::transaction::{Atomicity, Body};
use gongxin_types::{Action, Height, List, ProposalId, Transaction, ValidatorSet, codec};

use crate::dice::Dice;
use crate::sender::{UnderWay, answer};
use crate::stage::since_begin;
use crate::team::Nodes;
use crate::town::Town;
use crate::turnover::Turnover;
use crate::witness::Shared;

/// How long an act of a member counts.
const VALID_MS: u64 = 8_000;
/// After so long without the set, members propose it again.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often they look.
const LOOK: Duration = Duration::from_millis(200);

/// The members' council; what it knows survives a power cut.
#[derive(Clone)]
pub(crate) struct Council(Arc<Mutex<Minutes>>);

struct Minutes {
    seed: u64,
    dice: Dice,
    /// Counts acts and attempts.
    number: u64,
}

/// A council at work.
struct Session {
    runtime: Context,
    council: Council,
    town: Arc<Town>,
    nodes: Nodes,
    witness: Shared,
}

impl Council {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Minutes { seed, dice: Dice::new(seed, "council"), number: 0 })))
    }

    /// Lets it sit until all is decided, or the power goes.
    pub(crate) fn start(
        &self,
        runtime: &Context,
        turnover: &Turnover,
        town: &Arc<Town>,
        nodes: &Nodes,
        witness: &Shared,
    ) {
        let (council, town, nodes, witness) = (self.clone(), Arc::clone(town), nodes.clone(), witness.clone());
        let turns = turnover.turns.clone();
        runtime.child("council").spawn(move |runtime| async move {
            let session = Session { runtime, council, town, nodes, witness };
            for (epoch, (at, places)) in (1..).zip(turns) {
                session.decide(epoch, at, &places).await;
            }
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Minutes) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Session {
    /// Proposes a set when its time has come, again and again, until a block names it.
    async fn decide(&self, epoch: u64, at: Duration, places: &[usize]) {
        while since_begin(&self.runtime) < at {
            self.runtime.sleep(LOOK).await;
        }
        let set = self.town.set(epoch, places);
        while self.witness.epoch() < epoch {
            self.propose(&set).await;
            let until = since_begin(&self.runtime).saturating_add(PATIENCE);
            while self.witness.epoch() < epoch && since_begin(&self.runtime) < until {
                self.runtime.sleep(LOOK).await;
            }
        }
    }

    async fn propose(&self, set: &ValidatorSet) {
        let Some(now) = self.nodes.newest_time() else { return };
        let matter = Matter::ValidatorSet(set.clone());
        let digest = matter.digest(Suite::Intl);
        let (seed, number) = self.council.with(|minutes| (minutes.seed, minutes.number));
        let proposal = ProposalId::new(bytes(seed, "proposal", &number.to_string()));
        let new = NewProposal {
            version: 1,
            id: proposal,
            legal_basis: "sharing-regulation".parse().expect("a legal basis"),
            matter,
            closes: now.plus_millis(86_400_000),
            effective: Height::GENESIS,
        };
        let proposer = self.council.with(|minutes| minutes.dice.place(DEPARTMENTS.len()));
        let Some(first) = DEPARTMENTS.get(proposer) else { return };
        self.act(first, Action::OpenProposal(new)).await;
        for department in DEPARTMENTS {
            self.act(department, Action::CastVote(NewVote { proposal, matter: digest, choice: Choice::For })).await;
        }
    }

    /// Hands an act in, to one node after the other, until it is final or its time is over.
    async fn act(&self, department: &str, action: Action) {
        let Some(now) = self.nodes.newest_time() else { return };
        let valid_until = now.plus_millis(VALID_MS);
        let sequence = self.council.with(|minutes| {
            minutes.number += 1;
            minutes.number
        });
        let officer = self.town.cast.officer(department, Role::Authority);
        let body = Body {
            version: 1,
            network: self.town.genesis.head.id(),
            sender: officer.sender(),
            lane: 1,
            sequence,
            valid_until,
            atomicity: Atomicity::EachOnItsOwn,
            actions: List::new(vec![action]).expect("one action"),
        };
        let id = body.id(Suite::Intl);
        let signature = officer.secret.sign(&Transaction::message(&id));
        let one = UnderWay { bytes: codec::encode(&Transaction { body, signature }), valid_until };
        while self.nodes.newest_time().is_none_or(|time| time < valid_until) {
            let turn = self.council.with(|minutes| minutes.dice.place(64));
            if let Some(node) = self.nodes.some(turn)
                && let Some(position) = answer(&node, id, &one).await
            {
                return self.witness.acknowledged(id, position);
            }
            let pause = self.council.with(|minutes| minutes.dice.millis(20, 400));
            self.runtime.sleep(pause).await;
        }
    }
}
