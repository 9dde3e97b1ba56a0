//! What clients share: the nodes' addresses, the records, the newest time, and the history.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gongxin_client::{ClientError, Submitted, ValidatorClient, Wait};
use gongxin_crypto::{Digest, Suite};
use gongxin_test_support::world;
use gongxin_types::{
    Action, Atomicity, Body, Date, Evidence, List, RecordBatch, RecordId, RecordOp, ResourceId, Role, Time,
    TransactionId,
};
use tokio::time::{Instant, sleep, timeout};

use crate::history::{Answer, History, What};
use crate::limits::{RECORDS, TRY, VALID_MS, VALIDATORS};
use crate::town::{OWNER, Officer, Town};
use crate::trouble::{During as _, Trouble};

/// How long the register may take to be set up.
const SET_UP_WITHIN: Duration = Duration::from_secs(40);

/// The transactions of the set-up wait for processes that have only just started.
const SET_UP_VALID_MS: u64 = 120_000;
/// The steward's lane for it: writers use the first ones.
const SET_UP_LANE: u16 = 63;

/// What all clients of a run know.
pub(crate) struct Desk {
    pub(crate) town: Arc<Town>,
    pub(crate) validators: Vec<ValidatorClient>,
    pub(crate) records: Vec<RecordId>,
    /// The newest version of each record that anybody has heard of.
    pub(crate) newest: Vec<AtomicU32>,
    pub(crate) history: History,
    pub(crate) closed: AtomicBool,
    /// What validators refused with words of their own, by the words, digits left out.
    refusals: Mutex<BTreeSet<String>>,
    /// Consensus time of the newest final block that was seen, milliseconds.
    time: AtomicU64,
}

impl Desk {
    pub(crate) fn new(town: Arc<Town>, seed: u64) -> Result<Self, Trouble> {
        let client = |node| ValidatorClient::new([town.validator(node)]).during("a validator's address");
        let validators = (0..VALIDATORS).map(client).collect::<Result<_, _>>()?;
        let record =
            |number: usize| RecordId::new(gongxin_test_support::cast::bytes(seed, "record", &number.to_string()));
        let time = AtomicU64::new(town.head().time.millis());
        Ok(Self {
            town,
            validators,
            records: (0..RECORDS).map(record).collect(),
            newest: (0..RECORDS).map(|_| AtomicU32::new(1)).collect(),
            history: History::default(),
            closed: AtomicBool::new(false),
            refusals: Mutex::default(),
            time,
        })
    }

    /// The resource that all records belong to.
    pub(crate) fn resource() -> Result<ResourceId, Trouble> {
        world::DIVISIONS.parse().during("a resource's name")
    }

    /// Whether the day is over.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// A time that was seen in a final block.
    pub(crate) fn saw(&self, time: Time) {
        self.time.fetch_max(time.millis(), Ordering::Relaxed);
    }

    /// Somebody has seen this version.
    pub(crate) fn heard_of(&self, record: usize, version: u32) {
        if let Some(newest) = self.newest.get(record) {
            newest.fetch_max(version, Ordering::Relaxed);
        }
    }

    /// A body that is valid for a short while.
    pub(crate) fn body(&self, officer: &Officer, lane: u16, sequence: u64, action: Action) -> Body {
        self.body_for(VALID_MS, officer, (lane, sequence), action)
    }

    fn body_for(&self, valid_ms: u64, officer: &Officer, (lane, sequence): (u16, u64), action: Action) -> Body {
        Body {
            version: 1,
            network: self.town.head().id(),
            sender: officer.sender(),
            lane,
            sequence,
            valid_until: Time::from_millis(self.time.load(Ordering::Relaxed)).plus_millis(valid_ms),
            atomicity: Atomicity::EachOnItsOwn,
            actions: world::list([action]),
        }
    }

    /// A digest that is notarised.
    pub(crate) fn evidence(digest: Digest) -> Result<Action, Trouble> {
        Ok(Action::NotariseEvidence(Evidence {
            digest,
            media_type: "application/pdf".parse().during("a media type")?,
            legal_basis: world::DIVISIONS_BASIS.parse().during("a legal basis")?,
        }))
    }

    /// Operations on records.
    pub(crate) fn batch(operations: Vec<RecordOp>) -> Result<Action, Trouble> {
        Ok(Action::WriteRecords(RecordBatch {
            resource: Self::resource()?,
            legal_basis: world::DIVISIONS_BASIS.parse().during("a legal basis")?,
            effective: Date::new(2024, 12, 31).ok_or_else(|| Trouble("no such date".to_owned()))?,
            operations: List::new(operations).during("a batch")?,
        }))
    }

    /// Hands the same bytes to one validator after another, until one says what became of them or patience ends.
    pub(crate) async fn hand_in(&self, bytes: &[u8], first: usize, patience: Duration) -> Answer {
        let deadline = Instant::now() + patience;
        let mut turn = first;
        while Instant::now() < deadline {
            let Some(client) = self.validators.get(turn % VALIDATORS) else { return Answer::Open };
            let left = deadline.saturating_duration_since(Instant::now()).min(TRY);
            match timeout(left, client.submit(bytes.to_vec(), Wait::Final, left)).await {
                Ok(Ok(Submitted::Final { height, index, .. })) => return Answer::Final { height, index: Some(index) },
                Ok(Ok(Submitted::Expired)) => return Answer::Expired,
                // It may stand in a block that this validator has not heard of.
                Ok(Err(ClientError::Refused(problem))) => {
                    self.refused(&problem.message);
                    return Answer::Open;
                }
                Ok(Ok(Submitted::Pending { .. }) | Err(_)) | Err(_) => {}
            }
            turn += 1;
            sleep(Duration::from_millis(20)).await;
        }
        Answer::Open
    }

    fn refused(&self, words: &str) {
        let words = words.chars().filter(|character| !character.is_ascii_digit()).take(200).collect();
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).insert(words);
    }

    /// What validators refused.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Puts duty, resource and the first versions of all records on the ledger.
    pub(crate) async fn set_up(&self, seed: u64) -> Result<(), Trouble> {
        let steward = self.town.officer(OWNER, Role::DataSteward)?;
        let duty = world::duty(world::DIVISIONS_DUTY, world::DIVISIONS_BASIS);
        let first = [Action::RegisterDuty(duty), Action::PublishResource(world::divisions())];
        let mut sequence = 1;
        for action in first {
            let (id, bytes) =
                self.town.sign(&steward, self.body_for(SET_UP_VALID_MS, &steward, (SET_UP_LANE, sequence), action));
            self.set_up_one(id, &bytes).await?;
            sequence += 1;
        }
        let commitments: Vec<Digest> = (0..RECORDS).map(|record| commitment(seed, "first", record as u64)).collect();
        let creations = self.records.iter().zip(&commitments);
        let creations =
            creations.map(|(record, commitment)| RecordOp::Create { record: *record, commitment: *commitment });
        let batch = Self::batch(creations.collect())?;
        let (id, bytes) =
            self.town.sign(&steward, self.body_for(SET_UP_VALID_MS, &steward, (SET_UP_LANE, sequence), batch));
        let called = self.history.now();
        let answer = self.set_up_one(id, &bytes).await?;
        for (record, commitment) in commitments.into_iter().enumerate() {
            self.history.add(u32::from(SET_UP_LANE), called, What::Create { record, commitment, id, answer });
        }
        Ok(())
    }

    async fn set_up_one(&self, id: TransactionId, bytes: &[u8]) -> Result<Answer, Trouble> {
        let answer = self.hand_in(bytes, 0, SET_UP_WITHIN).await;
        match answer {
            Answer::Final { .. } => Ok(answer),
            Answer::Expired | Answer::Open => {
                let refusals = self.refusals().join("; ");
                Err(Trouble(format!("transaction {id} of the set-up is {answer:?}: {refusals}")))
            }
        }
    }
}

/// A digest that nobody else commits to.
pub(crate) fn commitment(seed: u64, who: &str, number: u64) -> Digest {
    Suite::Intl.hash(&[&seed.to_le_bytes(), who.as_bytes(), &[0], &number.to_le_bytes()])
}
