//! People who send transactions all the while, and keep to the rule for senders: the same bytes again, to any node, until
//! they are final or a final block is past their time (PROTOCOL 1).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use commonware_runtime::{Clock as _, Spawner as _, Supervisor as _, deterministic::Context};
use gongxin_chain_simulated::{Handle, SubmissionState, SubmitError, WaitOutcome};
use gongxin_crypto::Suite;
use gongxin_test_support::cast::DEPARTMENTS;
use gongxin_types::officer::Role;
use gongxin_types::transaction::{Atomicity, Body};
use gongxin_types::{Action, Evidence, List, Time, Transaction, TransactionId, codec};

use crate::dice::Dice;
use crate::team::Nodes;
use crate::town::Town;
use crate::witness::Shared;

/// How many transactions of one sender may be under way.
const UNDER_WAY_MAX: usize = 6;

/// A transaction that is not known to be final.
#[derive(Clone, Debug)]
pub(crate) struct UnderWay {
    pub(crate) bytes: Vec<u8>,
    pub(crate) valid_until: Time,
}

/// One sender; what it knows survives a power cut.
pub(crate) struct Sender {
    department: &'static str,
    dice: Dice,
    sequence: u64,
    under_way: BTreeMap<TransactionId, UnderWay>,
    /// How many of its transactions it was told are final.
    acknowledged: u64,
}

/// The senders of a run.
#[derive(Clone)]
pub(crate) struct Senders(Vec<Arc<Mutex<Sender>>>);

impl Senders {
    /// One of every department.
    pub(crate) fn new(seed: u64) -> Self {
        let sender = |department| {
            let dice = Dice::new(seed, department);
            Arc::new(Mutex::new(Sender { department, dice, sequence: 1, under_way: BTreeMap::new(), acknowledged: 0 }))
        };
        Self(DEPARTMENTS.into_iter().map(sender).collect())
    }

    /// How many transactions each was told are final.
    pub(crate) fn acknowledged(&self) -> Vec<u64> {
        self.0.iter().map(|sender| sender.lock().unwrap_or_else(PoisonError::into_inner).acknowledged).collect()
    }

    /// Lets all of them send until the runtime ends.
    pub(crate) fn start(&self, runtime: &Context, town: &Arc<Town>, nodes: &Nodes, witness: &Shared) {
        for sender in &self.0 {
            let life = Life {
                sender: Arc::clone(sender),
                town: Arc::clone(town),
                nodes: nodes.clone(),
                witness: witness.clone(),
            };
            let left: Vec<_> = life.known(|sender| sender.under_way.clone().into_iter().collect());
            for (id, one) in left {
                life.follow(runtime, id, one);
            }
            runtime.child("sender").spawn(move |context| life.live(context));
        }
    }
}

#[derive(Clone)]
struct Life {
    sender: Arc<Mutex<Sender>>,
    town: Arc<Town>,
    nodes: Nodes,
    witness: Shared,
}

impl Life {
    fn known<T>(&self, act: impl FnOnce(&mut Sender) -> T) -> T {
        act(&mut self.sender.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn live(self, runtime: Context) {
        loop {
            let pause = self.known(|sender| sender.dice.millis(50, 900));
            runtime.sleep(pause).await;
            if self.known(|sender| sender.under_way.len()) >= UNDER_WAY_MAX {
                continue;
            }
            let Some(now) = self.nodes.newest_time() else { continue };
            let (id, one) = self.known(|sender| sender.next(&self.town, now));
            self.follow(&runtime, id, one);
        }
    }

    /// Sends one transaction until it is final or expired.
    fn follow(&self, runtime: &Context, id: TransactionId, one: UnderWay) {
        let life = self.clone();
        runtime.child("transaction").spawn(move |context| async move {
            while !life.is_settled(&context, id, &one).await {}
            life.known(|sender| sender.under_way.remove(&id));
        });
    }

    /// Tries once with some node; whether the sender may forget the transaction.
    async fn is_settled(&self, runtime: &Context, id: TransactionId, one: &UnderWay) -> bool {
        let turn = self.known(|sender| sender.dice.place(64));
        if let Some(node) = self.nodes.some(turn)
            && let Some(position) = answer(&node, id, one).await
        {
            self.witness.acknowledged(id, position);
            self.known(|sender| sender.acknowledged += 1);
            return true;
        }
        if self.nodes.newest_time().is_some_and(|time| time >= one.valid_until) {
            self.witness.with(|witness| witness.expired.push(id));
            return true;
        }
        let pause = self.known(|sender| sender.dice.millis(20, 400));
        runtime.sleep(pause).await;
        false
    }
}

/// What a node says of a transaction within a while; where it is final, if it says so.
pub(crate) async fn answer(
    node: &Handle,
    id: TransactionId,
    one: &UnderWay,
) -> Option<gongxin_chain_simulated::FinalPosition> {
    match node.submit(one.bytes.clone()).await {
        Ok(submission) => match submission.state {
            SubmissionState::AlreadyFinal(position) => Some(position),
            SubmissionState::Accepted | SubmissionState::AlreadyPending => {
                match node.wait_final(id, Duration::from_secs(2)).await {
                    WaitOutcome::Final(position) => Some(position),
                    WaitOutcome::Expired | WaitOutcome::Timeout | WaitOutcome::Stopped => None,
                }
            }
        },
        Err(
            SubmitError::Busy { .. }
            | SubmitError::Stopped
            | SubmitError::Invalid { .. }
            | SubmitError::UnknownKey
            | SubmitError::Conflict,
        ) => None,
    }
}

impl Sender {
    /// The next transaction: a digest is notarised.
    fn next(&mut self, town: &Town, now: Time) -> (TransactionId, UnderWay) {
        let valid_until = now.plus_millis(self.dice.number(5_000, 60_000));
        let body = body(town, self.department, Role::CaseOfficer, self.sequence, valid_until);
        self.sequence += 1;
        let id = body.id(Suite::Intl);
        let officer = town.cast.officer(self.department, Role::CaseOfficer);
        let signature = officer.secret.sign(&Transaction::message(&id));
        let one = UnderWay { bytes: codec::encode(&Transaction { body, signature }), valid_until };
        self.under_way.insert(id, one.clone());
        (id, one)
    }
}

/// What an officer of a department signs: a digest is notarised.
pub(crate) fn body(town: &Town, department: &str, role: Role, sequence: u64, valid_until: Time) -> Body {
    let suite = Suite::Intl;
    let evidence = Evidence {
        digest: suite.hash(&[department.as_bytes(), role.code().as_bytes(), &sequence.to_le_bytes()]),
        media_type: "application/pdf".parse().expect("a media type"),
        legal_basis: town
            .genesis
            .objects
            .parameters
            .legal_bases
            .first()
            .map(|basis| basis.code.clone())
            .expect("a legal basis in genesis"),
    };
    Body {
        version: 1,
        network: town.genesis.head.id(),
        sender: town.cast.officer(department, role).sender(),
        lane: 0,
        sequence,
        valid_until,
        atomicity: Atomicity::EachOnItsOwn,
        actions: List::new(vec![Action::NotariseEvidence(evidence)]).expect("one action"),
    }
}
