//! A reader: has a digest notarised, and then asks for a record as of that height or later, with a proof that it checks.

use std::sync::Arc;
use std::time::Duration;

use gongxin_client::wire::StateProofReport;
use gongxin_client::{GatewayClient, Wait};
use gongxin_state::key;
use gongxin_types::receipt::{Key, Page};
use gongxin_types::record::RecordSlot;
use gongxin_types::{Header, Height, codec, limits::PAGE_BYTES};
use gongxin_verify::{bundle, jcs, state_proof};
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};

use super::desk::{Desk, commitment};
use crate::dice::Dice;
use crate::history::{Answer, What};
use crate::limits::{OPERATION, TRY, VALIDATORS};
use crate::report::Violation;
use crate::town::Officer;
use crate::trouble::{During as _, Trouble};

pub(super) struct Reader {
    desk: Arc<Desk>,
    officer: Officer,
    number: u16,
    sequence: u64,
    dice: Dice,
    gateway: Option<GatewayClient>,
}

/// What somebody showed of a record.
struct Shown {
    slot: RecordSlot,
    height: Height,
}

/// A page of the gateway's records.
#[derive(Deserialize)]
struct Listed {
    items: Vec<ListedRecord>,
    height: Height,
}

#[derive(Deserialize)]
struct ListedRecord {
    record: gongxin_types::RecordId,
    version: u32,
    commitment: Option<gongxin_crypto::Digest>,
    history: gongxin_crypto::Digest,
}

impl Reader {
    pub(super) const fn new(desk: Arc<Desk>, officer: Officer, number: u16, dice: Dice) -> Self {
        Self { desk, officer, number, sequence: 0, dice, gateway: None }
    }

    /// The same at the gateway.
    pub(super) fn at_the_gateway(mut self) -> Result<Self, Trouble> {
        let key = self.officer.key.clone();
        let client =
            GatewayClient::new(self.desk.town.gateway(), self.officer.id, key).during("the gateway's address")?;
        self.gateway = Some(client.with_patience(OPERATION));
        Ok(self)
    }

    /// Reads until the desk closes.
    pub(super) async fn work(mut self) {
        while !self.desk.is_closed() {
            let (record, node) = (self.dice.place(self.desk.records.len()), self.dice.place(VALIDATORS));
            self.read(record, node).await;
            sleep(self.dice.millis(10, 150)).await;
        }
    }

    /// One read, which begins at this validator.
    pub(super) async fn read(&mut self, record: usize, node: usize) {
        let called = self.desk.history.now();
        // What is signed is well-formed by construction.
        let Ok(Answer::Final { height, .. }) = self.note(called, node).await else { return };
        let deadline = Instant::now() + OPERATION;
        let mut turn = node + self.dice.place(VALIDATORS);
        while Instant::now() < deadline {
            let shown = match &self.gateway {
                Some(gateway) => self.listed(gateway, record).await,
                None => self.proven(record, turn).await,
            };
            if let Some(Shown { slot, height }) = shown.filter(|shown| shown.height >= height) {
                let what = What::Read { record, version: slot.version, commitment: slot.commitment, height };
                self.desk.history.add(u32::from(self.number), called, what);
                self.desk.heard_of(record, slot.version);
                return;
            }
            turn += 1;
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Makes a transaction final: whatever was acknowledged before lies below it.
    async fn note(&mut self, called: i64, node: usize) -> Result<Answer, Trouble> {
        self.sequence += 1;
        let salt = self.desk.town.head().time.millis();
        let digest = commitment(salt, &format!("reader {}", self.number), self.sequence);
        let body = self.desk.body(&self.officer, self.number, self.sequence, Desk::evidence(digest)?);
        let (id, bytes) = self.desk.town.sign(&self.officer, body);
        let answer = match &self.gateway {
            Some(gateway) => self.through(gateway, bytes).await,
            None => self.desk.hand_in(&bytes, node, OPERATION).await,
        };
        self.desk.history.add(u32::from(self.number), called, What::Other { id, answer });
        Ok(answer)
    }

    /// Hands a transaction in at the gateway, and checks the receipt that comes back.
    async fn through(&self, gateway: &GatewayClient, bytes: Vec<u8>) -> Answer {
        let submitted = timeout(OPERATION, gateway.submit(bytes, Wait::Final)).await;
        let Ok(Ok(answer)) = submitted else { return Answer::Open };
        let (Some(height), Some(receipt)) = (answer.height, answer.receipt) else { return Answer::Open };
        let receipt = jcs::to_bytes(&receipt).unwrap_or_default();
        let report = bundle::verify(&receipt, &self.desk.town.network);
        if !report.ok || report.height != Some(height) {
            let wrong = report.steps.iter().find(|step| !step.ok).map(|step| step.detail.clone());
            let reason = wrong.unwrap_or_else(|| format!("it is of another block than {height}"));
            self.desk.history.object(Violation::Unverified { what: "a receipt of the gateway".to_owned(), reason });
        }
        Answer::Final { height, index: None }
    }

    /// What the gateway's copy has.
    async fn listed(&self, gateway: &GatewayClient, record: usize) -> Option<Shown> {
        let resource = Desk::resource().ok()?;
        let path = format!("/api/v1/records?limit=50&resource={resource}");
        let page = timeout(TRY, gateway.get(&path)).await.ok()?.ok()?;
        let page: Listed = page.json().ok()?;
        let name = self.desk.records.get(record)?;
        let found = page.items.into_iter().find(|one| one.record == *name)?;
        let slot = RecordSlot { version: found.version, commitment: found.commitment, history: found.history };
        Some(Shown { slot, height: page.height })
    }

    /// What a validator proves.
    async fn proven(&self, record: usize, node: usize) -> Option<Shown> {
        let key = key::record(&Desk::resource().ok()?, self.desk.records.get(record)?);
        let client = self.desk.validators.get(node % VALIDATORS)?;
        let report = timeout(TRY, client.state_proof(key)).await.ok()?.ok()?;
        match self.checked(&key, &report) {
            Ok(shown) => Some(shown),
            Err(reason) => {
                let what = format!("a state proof of validator {}", node % VALIDATORS);
                self.desk.history.object(Violation::Unverified { what, reason });
                None
            }
        }
    }

    fn checked(&self, key: &Key, report: &StateProofReport) -> Result<Shown, String> {
        let headers = report.headers.iter().map(|header| codec::decode::<Header>("header", &header.0));
        let headers = headers.collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
        let page = report.page.as_ref().ok_or("the record is not there")?;
        let page: [u8; PAGE_BYTES] = page.0.as_slice().try_into().map_err(|_| "a page of another size")?;
        let page = Page(page);
        let claim = state_proof::Claim {
            headers: &headers,
            certificate: &report.certificate,
            key,
            page: Some(&page),
            proof: &report.proof.0,
        };
        state_proof::check(&self.desk.town.trusted, &claim).map_err(|error| error.to_string())?;
        let header = headers.first().ok_or("no header")?;
        self.desk.saw(header.time);
        let slot = gongxin_state::page::decode_slot(&page).ok_or("the page is no record")?;
        Ok(Shown { slot, height: header.height })
    }
}
