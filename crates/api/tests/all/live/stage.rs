//! The stage of the readings: the real office of civil-affairs with a vault on disk, its router, one record, one grant.

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{Router, body::Body};
use gongxin_api::{gateway, office_port::OfficePort};
use gongxin_client::{ValidatorClient, wire::AccessCall};
use gongxin_crypto::{Passphrase, SecretKey, seal};
use gongxin_service::{Clock, Office, OfficeConfig, OnTokio, Reached};
use gongxin_test_support::{Reading, cast};
use gongxin_types::{
    AccessAuthority, AccessRequest, Action, Decision, GrantId, Height, OfficerId, RecordOp, Role, Time, Transaction,
    bundle::{Encoded, Network},
    codec,
    response::{AccessResponse, FieldDisclosure, SEALING_INFO},
    row::Value,
};
use gongxin_vault::{Lookup, Vault};
use http::Request;
use serde_json::json;
use tokio::time::timeout;

use super::ledger::{Ledger, PATIENCE};
use crate::call::{Answer, ORIGIN, Signed, send, unsigned};

pub(crate) const OWNER: &str = "civil-affairs";
pub(crate) const READER: &str = "housing";
/// The division that is there, and its first name.
pub(crate) const CODE: &str = "310101";
pub(crate) const NAME: &str = "黄浦区";

/// Who calls: an officer by organization and role.
pub(crate) type Who = (&'static str, Role);
pub(crate) const STEWARD: Who = (OWNER, Role::DataSteward);
pub(crate) const CASE_OFFICER: Who = (READER, Role::CaseOfficer);

/// Everything that a story plays on.
pub(crate) struct Stage {
    pub(crate) ledger: Arc<Ledger>,
    /// Base URL of the ledger's validator.
    pub(crate) validator: String,
    /// The grant under which housing reads.
    pub(crate) grant: GrantId,
    /// Milliseconds by which the gateway's clock is ahead of ours.
    ahead: Arc<AtomicU64>,
    office: Arc<Office>,
    router: Router,
    directory: tempfile::TempDir,
}

/// One operation, and the row it commits to.
pub(crate) struct Operation {
    operation: RecordOp,
    body: Option<serde_json::Value>,
}

/// Opens the owner's office on a directory.
fn open(ledger: &Ledger, validator: &str, directory: &Path, ahead: &Arc<AtomicU64>) -> (Arc<Office>, Router) {
    let ahead = ahead.clone();
    let config = ledger.look(|sandbox| {
        let gateway = sandbox.cast.gateway(OWNER);
        OfficeConfig {
            organization: gateway.organization.clone(),
            gateway: gateway.gateway_id(),
            directory: directory.to_owned(),
            genesis: sandbox.genesis.clone(),
            key: gateway.secret.clone(),
            passphrase: passphrase(),
            validators: Arc::new(Reached::new(ValidatorClient::new([validator]).unwrap(), vec![validator.to_owned()])),
            machine: Arc::new(OnTokio::default()),
            clock: Clock::of(move || Some(Time::from_millis(now() * 1_000 + ahead.load(Ordering::Relaxed)))),
        }
    });
    let office = Office::open(config).unwrap();
    let router = gateway::router(office.clone(), [ORIGIN.parse().unwrap()]);
    (office, router)
}

impl Stage {
    /// The division is recorded through the gateway, and housing may read it; then the ledger halts.
    pub(crate) async fn open() -> Self {
        Self::open_ahead(0).await
    }

    /// The same with a gateway whose clock is so many milliseconds ahead.
    pub(crate) async fn open_ahead(millis: u64) -> Self {
        let ledger = Ledger::new();
        let validator = ledger.serve().await;
        let directory = tempfile::tempdir().unwrap();
        let ahead = Arc::new(AtomicU64::new(millis));
        let (office, router) = open(&ledger, &validator, directory.path(), &ahead);
        let grant = ledger.look(|sandbox| {
            let until = sandbox.now().plus_millis(86_400_000);
            sandbox.grant("housing reads divisions", READER, &["code", "name"], until)
        });
        let stage = Self { ledger, validator, grant: grant.id, ahead, office, router, directory };
        stage.record(1, NAME).await;
        let height = stage.ledger.block(vec![stage.signed(STEWARD, Action::IssueGrant(grant))]).header.height;
        stage.sees(height).await;
        stage.ledger.halt();
        stage
    }

    /// The gateway stops, and starts again on what it has on disk.
    pub(crate) async fn restart(&mut self) {
        let Self { router, office, .. } = self;
        *router = Router::new();
        let ended = Arc::downgrade(office);
        // The name is given to another office, so that the last hand lets go of this one.
        let (other, elsewhere) = (tempfile::tempdir().unwrap(), Arc::default());
        *office = open(&self.ledger, &self.validator, other.path(), &elsewhere).0;
        let gone = async {
            while ended.strong_count() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, gone).await.expect("the office does not end");
        (self.office, self.router) = open(&self.ledger, &self.validator, self.directory.path(), &self.ahead);
    }

    /// The gateway's clock is set: so many milliseconds ahead of ours.
    pub(crate) fn sets_clock(&self, ahead: u64) {
        self.ahead.store(ahead, Ordering::Relaxed);
    }

    /// A transaction of this officer.
    pub(crate) fn signed(&self, who: Who, action: Action) -> Transaction {
        self.ledger.look(|sandbox| sandbox.sign(sandbox.officer(who.0, who.1), [action]))
    }

    /// Writes a version of the division's row through the gateway. The ledger runs.
    pub(crate) async fn record(&self, version: u32, name: &str) {
        let operation = match version {
            1 => self.creates(CODE, CODE, name),
            _ => self.updates(CODE, version - 1, CODE, name),
        };
        let answer = self.writes(vec![operation]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// A new record by this label, with this row.
    pub(crate) fn creates(&self, label: &str, code: &str, name: &str) -> Operation {
        self.ledger.look(|sandbox| {
            let (record, commitment) = (sandbox.record_id(label), sandbox.commitment(code, name));
            let body = json!({
                "record": record, "version": 1, "salt": sandbox.division(code, name).0,
                "row": {"code": code, "name": name},
            });
            Operation { operation: RecordOp::Create { record, commitment }, body: Some(body) }
        })
    }

    /// A further version of it.
    pub(crate) fn updates(&self, label: &str, expected_version: u32, code: &str, name: &str) -> Operation {
        self.ledger.look(|sandbox| {
            let (record, commitment) = (sandbox.record_id(label), sandbox.commitment(code, name));
            let body = json!({
                "record": record, "version": expected_version + 1, "salt": sandbox.division(code, name).0,
                "row": {"code": code, "name": name},
            });
            Operation { operation: RecordOp::Update { record, expected_version, commitment }, body: Some(body) }
        })
    }

    /// Its end.
    pub(crate) fn ends(&self, label: &str, expected_version: u32) -> Operation {
        let record = self.ledger.look(|sandbox| sandbox.record_id(label));
        Operation { operation: RecordOp::Delete { record, expected_version }, body: None }
    }

    /// The steward's call that writes these in one batch.
    pub(crate) fn batch(&self, operations: Vec<Operation>) -> serde_json::Value {
        self.batches(STEWARD, vec![operations], false)
    }

    /// The call of somebody who writes these, a batch each, all or nothing or each on its own.
    pub(crate) fn batches(&self, who: Who, batches: Vec<Vec<Operation>>, whole: bool) -> serde_json::Value {
        let bodies: Vec<_> = batches.iter().flatten().filter_map(|operation| operation.body.clone()).collect();
        let transaction = self.ledger.look(|sandbox| {
            let actions: Vec<Action> = batches
                .into_iter()
                .map(|batch| sandbox.batch(batch.into_iter().map(|operation| operation.operation)))
                .collect();
            let person = sandbox.officer(who.0, who.1);
            if whole { sandbox.sign_whole(person, actions) } else { sandbox.sign(person, actions) }
        });
        json!({"transaction": Encoded(codec::encode(&transaction)), "bodies": bodies})
    }

    /// The steward writes these in one batch and waits until it is final.
    pub(crate) fn writes(&self, operations: Vec<Operation>) -> impl Future<Output = Answer> + use<> {
        self.post("/api/v1/records?wait=final", STEWARD, &self.batch(operations))
    }

    /// The steward hands these in, in one batch, and does not wait.
    pub(crate) fn hands_in(&self, operations: Vec<Operation>) -> impl Future<Output = Answer> + use<> {
        self.post("/api/v1/records", STEWARD, &self.batch(operations))
    }

    /// A call of this officer, not yet made.
    pub(crate) fn post(&self, path: &str, who: Who, body: &serde_json::Value) -> impl Future<Output = Answer> + use<> {
        let (officer, key) = self.caller(who);
        let body = body.to_string();
        let signed = Signed::post_json(path, 0, body.as_bytes());
        self.sent(Signed { officer, key, created: self.clock(), ..signed }.request())
    }

    /// The same with canonical bytes.
    pub(crate) fn post_bytes(&self, path: &str, who: Who, body: Vec<u8>) -> impl Future<Output = Answer> + use<> {
        let (officer, key) = self.caller(who);
        let signed = Signed::post_bytes(path, 0, &body);
        self.sent(Signed { officer, key, created: self.clock(), ..signed }.request())
    }

    /// A `GET` of this officer.
    pub(crate) async fn get(&self, path: &str, who: Who) -> serde_json::Value {
        let (officer, key) = self.caller(who);
        let request = Signed { officer, key, created: self.clock(), ..Signed::get(path, 0) }.request();
        let answer = self.sent(request).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    fn caller(&self, who: Who) -> (OfficerId, SecretKey) {
        self.ledger.look(|sandbox| {
            let person = sandbox.officer(who.0, who.1);
            (person.officer_id(), person.secret.clone())
        })
    }

    /// The gateway's clock, seconds.
    fn clock(&self) -> u64 {
        now() + self.ahead.load(Ordering::Relaxed) / 1_000
    }

    /// An answer to anyone, such as `/readyz`.
    pub(crate) async fn asks(&self, path: &str) -> Answer {
        self.sent(unsigned("GET", path).body(Body::empty()).unwrap()).await
    }

    /// The database of the copy of the ledger.
    pub(crate) fn copy_on_disk(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.directory.path().join("projection").join("projection.sqlite")).unwrap()
    }

    /// The database of the vault, as whoever administers the disk sees it.
    pub(crate) fn disk(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.vault().join("vault.sqlite")).unwrap()
    }

    fn sent(&self, request: Request<Body>) -> impl Future<Output = Answer> + use<> {
        let router = self.router.clone();
        async move { send(&router, request).await }
    }

    /// A request of housing's officer for the division with this code. The same label gives the same request.
    pub(crate) fn reading(&self, code: &str, label: &str) -> Reading {
        let authority = AccessAuthority::Grant { grant: self.grant };
        self.ledger.look(|sandbox| {
            let officer = sandbox.officer(CASE_OFFICER.0, CASE_OFFICER.1);
            Reading::of_division(sandbox.network(), sandbox.suite, officer, authority, code, label)
        })
    }

    /// The same officer signs another request.
    pub(crate) fn signed_reading(&self, request: AccessRequest) -> Reading {
        self.ledger
            .look(|sandbox| Reading::signed(sandbox.suite, sandbox.officer(CASE_OFFICER.0, CASE_OFFICER.1), request))
    }

    /// Asks the gateway for it.
    pub(crate) fn read(&self, reading: &Reading) -> impl Future<Output = Answer> + use<> {
        let call = serde_json::to_value(AccessCall::of(&reading.request, reading.signed.1)).unwrap();
        self.post("/api/v1/accesses", CASE_OFFICER, &call)
    }

    /// Returns when the office has applied the block of this height.
    pub(crate) async fn sees(&self, height: Height) {
        let seen = async {
            while OfficePort::tip(&self.office).height < height {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, seen).await.expect("the office does not follow");
    }

    /// What the sealed part of an answer opens to; what it shows hashes to what the ledger holds.
    pub(crate) fn opened(&self, reading: &Reading, label: &str, answer: &Answer) -> AccessResponse {
        let sealed: Encoded = serde_json::from_value(answer.json()["sealed"].clone()).unwrap();
        let suite = self.ledger.look(|sandbox| sandbox.suite);
        let context = AccessResponse::sealing_context(&reading.request.digest(suite));
        let plain = seal::open(&cast::sealing(0, label), SEALING_INFO, &context, &sealed.0).unwrap();
        let response: AccessResponse = codec::decode("response", &plain).unwrap();
        for version in response.records.iter().flat_map(|record| &record.versions) {
            version.check(suite).unwrap();
        }
        response
    }

    /// The decision that the receipt of an answer proves, to someone who has the network's public keys alone.
    pub(crate) fn proven(&self, answer: &Answer) -> Decision {
        let receipt = serde_json_canonicalizer::to_vec(&answer.json()["receipt"]).unwrap();
        let network = self.ledger.look(|sandbox| Network::of(&sandbox.genesis.head));
        let report = gongxin_verify::bundle::verify(&receipt, &gongxin_verify::bundle::network_to_bytes(&network));
        assert!(report.ok, "{:?}", report.steps);
        report.decision.unwrap()
    }

    /// What the vault holds sealed for a request.
    pub(crate) fn stored(&self, reading: &Reading) -> Vec<u8> {
        let (network, suite) = self.ledger.look(|sandbox| (sandbox.network(), sandbox.suite));
        let vault = Vault::open(&self.vault(), &network, suite, &passphrase()).unwrap();
        match vault.response(&reading.request.officer, &reading.request.request_id).unwrap() {
            Lookup::Present(response) => response.sealed,
            other => panic!("{other:?}"),
        }
    }

    /// Where the vault lives.
    pub(crate) fn vault(&self) -> PathBuf {
        self.directory.path().join("vault")
    }
}

/// The values shown, of every version of every record.
pub(crate) fn values(response: &AccessResponse) -> Vec<String> {
    let versions = response.records.iter().flat_map(|record| &record.versions);
    let shown = versions.flat_map(|version| version.fields.iter()).map(|field| match field {
        FieldDisclosure::Shown { value: Value::Text(text), .. } => text.as_str().to_owned(),
        other => panic!("{other:?}"),
    });
    shown.collect()
}

fn passphrase() -> Passphrase {
    Passphrase::from_bytes(b"correct horse").unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
