//! A villain: the owner's gateway lies to readers with what it really has. It gives them answers of before, receipts of this
//! reading beside the bytes of another one, and old versions of records as the latest, all of it signed and on the ledger.
//!
//! What it may do is what the trust model lets somebody do who controls a gateway; what it must not succeed in is that a reader
//! believes it. (That a key has no record at all is the owner's word: it does not lie about that.)

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use gongxin_crypto::{Signature, Suite, seal};
use gongxin_service_simulated::Office;
use gongxin_service_simulated::port::{
    Fact, HistoryFact, OfficeError, OfficePort as _, Page, Question, Reading, Submission, Wait,
};
use gongxin_test_support::{Reading as Request, sandbox};
use gongxin_types::response::{AccessResponse, FieldDisclosure, RecordDisclosure, SEALING_INFO, VersionDisclosure};
use gongxin_types::transaction::{Atomicity, Body};
use gongxin_types::{AccessOutcome, AccessRequest, Action, Effect, List, ListKey, OfficerId, RecordId, codec, row};

use crate::dice::Dice;
use crate::offices::{HOUSES, OWNER, Seeded};
use crate::steward::{Signed, Steward};
use crate::town::Town;

/// A lane that the office itself does not use.
const LANE: u16 = 7;
/// How long its own transactions are valid, milliseconds.
const VALID_FOR_MS: u64 = 20_000;
/// Versions of one record that it looks through.
const VERSIONS: usize = 200;

/// The owner's gateway, as a liar.
#[derive(Clone)]
pub(crate) struct Stale {
    town: Arc<Town>,
    steward: Steward,
    memory: Arc<Mutex<Memory>>,
    randomness: Arc<Seeded>,
}

struct Memory {
    dice: Dice,
    sequence: u64,
    /// The first honest answer to each officer.
    before: BTreeMap<OfficerId, Reading>,
}

impl Stale {
    /// The liar of a seed.
    pub(crate) fn new(seed: u64, town: &Arc<Town>, steward: &Steward) -> Self {
        let memory = Memory { dice: Dice::new(seed, "stale gateway"), sequence: 0, before: BTreeMap::new() };
        Self {
            town: Arc::clone(town),
            steward: steward.clone(),
            memory: Arc::new(Mutex::new(memory)),
            randomness: Arc::new(Seeded::new(seed, "stale gateway")),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Answers a request, honestly or not.
    pub(crate) async fn reads(
        &self,
        office: &Arc<Office>,
        request: AccessRequest,
        signature: Signature,
    ) -> Result<Reading, OfficeError> {
        let (lie, before) =
            self.with(|memory| (memory.dice.number(0, 99), memory.before.get(&request.officer).cloned()));
        match (lie, before) {
            // What it said before, to another question.
            (40..60, Some(before)) => return Ok(before),
            // The receipt of this reading, beside the bytes of another one.
            (60..75, Some(before)) => {
                let honest = office.read(request, signature).await?;
                return Ok(Reading { sealed: before.sealed, ..honest });
            }
            (75.., _) => {
                if let Some(old) = self.old(office, &request, signature).await {
                    return old;
                }
            }
            _ => {}
        }
        let officer = request.officer;
        let honest = office.read(request, signature).await?;
        self.with(|memory| {
            memory.before.entry(officer).or_insert_with(|| honest.clone());
        });
        Ok(honest)
    }

    /// An old version as the latest, with a genuine receipt of a genuine access; nothing where there is no old one.
    async fn old(
        &self,
        office: &Arc<Office>,
        request: &AccessRequest,
        signature: Signature,
    ) -> Option<Result<Reading, OfficeError>> {
        let suite = Suite::Intl;
        let (disclosed, record) = self.outdated(office, request).await?;
        let records = vec![RecordDisclosure { record, versions: vec![disclosed] }];
        let tip = office.tip();
        let request_digest = request.digest(suite);
        let response =
            AccessResponse { version: 1, request_id: request.request_id, request_digest, height: tip.height, records };
        let context = AccessResponse::sealing_context(&request_digest);
        let plain = codec::encode(&response);
        let sealed = seal::seal_of(&*self.randomness, &request.sealing_key, SEALING_INFO, &context, &plain).ok()?;
        let house = HOUSES.get(OWNER)?;
        let gateway = self.town.cast.gateway(house);
        let officer_key = self.town.cast.officers.iter().find(|one| one.actor == officer(request))?.secret.public();
        let response_digest = AccessResponse::sealed_digest(suite, &sealed);
        let asked = Request { request: request.clone(), signed: (officer_key, signature) };
        let outcome = AccessOutcome::Answered { response_digest };
        let leaf = asked.concluded(suite, gateway, [ListKey::Record { record }], outcome);
        let sequence = self.with(|memory| {
            memory.sequence += 1;
            memory.sequence
        });
        let body = Body {
            version: 1,
            network: request.network,
            sender: gateway.sender(),
            lane: LANE,
            sequence,
            valid_until: tip.time.plus_millis(VALID_FOR_MS),
            atomicity: Atomicity::EachOnItsOwn,
            actions: List::new(vec![Action::RecordAccess(leaf)]).ok()?,
        };
        let bytes = codec::encode(&sandbox::sign(suite, gateway, body));
        Some(match office.submit(bytes, Wait::Final).await {
            Ok(Submission::Final(outcome)) if outcome.decision.effect == Effect::Allow => Ok(Reading {
                height: outcome.height,
                sealed,
                receipt: outcome.receipt,
                decision: outcome.decision,
                found: true,
            }),
            Ok(_) => Err(OfficeError::Pending { retry_after_ms: 500 }),
            Err(error) => Err(error),
        })
    }

    /// A version of a record with the key asked for that is not its latest.
    async fn outdated(&self, office: &Arc<Office>, request: &AccessRequest) -> Option<(VersionDisclosure, RecordId)> {
        let key = request.key.first()?.to_string();
        let rows: BTreeMap<(RecordId, u32), Signed> = self.steward.with(|desk| {
            let of_key = desk.rows.iter().filter(|(_, row)| row.key == key);
            of_key.map(|(name, row)| (*name, row.clone())).collect()
        });
        let mut records: Vec<RecordId> = rows.keys().map(|(record, _)| *record).collect();
        records.dedup();
        for record in records {
            let question = Question::History { resource: request.resource.clone(), record };
            let page = office.list(question, Page { after: None, limit: VERSIONS }).await.ok()?;
            let lines: Vec<HistoryFact> = page
                .items
                .into_iter()
                .filter_map(|fact| if let Fact::History(line) = fact { Some(line) } else { None })
                .collect();
            let Some((_, earlier)) = lines.split_last() else { continue };
            let row = earlier.last().and_then(|line| Some((line, rows.get(&(record, line.entry.version))?)));
            if let Some((line, signed)) = row {
                return Some((disclosed(line, signed), record));
            }
        }
        None
    }
}

fn officer(request: &AccessRequest) -> gongxin_types::transaction::Actor {
    gongxin_types::transaction::Actor::Officer(request.officer)
}

/// A version with both of its fields.
fn disclosed(line: &HistoryFact, signed: &Signed) -> VersionDisclosure {
    let suite = Suite::Intl;
    let names = ["code", "name"].map(|name| name.parse::<gongxin_types::FieldName>().expect("a field's name"));
    let fields = names.into_iter().zip(signed.row.0.iter()).map(|(name, value)| FieldDisclosure::Shown {
        salt: row::field_salt(suite, &signed.salt, &name),
        name,
        value: value.clone(),
    });
    VersionDisclosure {
        entry: line.entry.clone(),
        row: Some(signed.row.digest(suite, &signed.salt)),
        fields: List::new(fields.collect()).expect("two fields"),
    }
}
