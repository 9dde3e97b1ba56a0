//! Readings from end to end: the real office behind the real router, over a ledger whose blocks the test makes.
//!
//! Consensus is played: who makes a block here also signs it. Rules, certificates, projection, vault, sealing and the
//! validator's HTTP are the real ones.

mod alerts;
mod ledger;
mod obligations;
mod owner;
mod reader;
mod register;
mod restart;
mod stage;
mod validators;

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use gongxin_test_support::Reading;
use gongxin_types::{Action, Effect, Refusal, bundle::Encoded};
use stage::{CASE_OFFICER, CODE, NAME, STEWARD, Stage, values};
use tokio::task::JoinHandle;

use crate::call::Answer;

/// While no block takes the access, the call stays without an answer, whatever else becomes final; with its block the row
/// comes out, sealed to the reader alone.
#[tokio::test]
async fn nothing_comes_out_before_the_access_is_final() {
    let stage = Stage::open().await;
    let reading = stage.reading(CODE, "one");
    let call = tokio::spawn(stage.read(&reading));
    has_no_answer(&stage, &call).await;

    let block = stage.ledger.block(vec![]);
    let answer = call.await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.json()["height"]), (200, &block.header.height.get().into()));
    assert!(!answer.text().contains(NAME));
    assert_eq!(values(&stage.opened(&reading, "one", &answer)), [CODE, NAME]);
    assert_eq!(stage.proven(&answer).effect, Effect::Allow);
}

/// A ledger that takes the access into no block at all until its term is over, twice, ends the call with nothing but the
/// advice to ask again; the same request then has its answer.
#[tokio::test]
async fn a_ledger_that_does_not_take_the_access_gets_nothing_out() {
    let stage = Stage::open().await;
    let reading = stage.reading(CODE, "one");
    let call = tokio::spawn(stage.read(&reading));
    for _ in 0..2 {
        stage.ledger.holds(1).await;
        stage.ledger.outlast();
    }
    let answer = call.await.unwrap();
    assert_eq!(answer.problem(), "503 pending: not final yet: ask again with the same request");
    nothing_sealed(&stage, &reading, &answer.json());

    let call = tokio::spawn(stage.read(&reading));
    stage.ledger.holds(1).await;
    stage.ledger.block(vec![]);
    assert_eq!(values(&stage.opened(&reading, "one", &call.await.unwrap())), [CODE, NAME]);
}

/// The same request fetches the same bytes, though the record has another name by now; a new request sees the new name;
/// another request under the used identifier is told so.
#[tokio::test]
async fn a_second_fetch_returns_the_same_bytes() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let reading = stage.reading(CODE, "one");
    let first = stage.read(&reading).await;
    assert_eq!(first.status, 200);
    stage.record(2, "黄浦新区").await;
    let again = stage.read(&reading).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));

    let newer = stage.reading(CODE, "two");
    assert_eq!(values(&stage.opened(&newer, "two", &stage.read(&newer).await)), [CODE, "黄浦新区"]);

    let mut other = reading.request.clone();
    other.history = true;
    let answer = stage.read(&stage.signed_reading(other)).await;
    assert_eq!(
        answer.problem(),
        "409 conflict: this request identifier was used with another request: choose a new one"
    );
}

/// That there is no such division is also something the register knows: it comes out with the block, not before, and with
/// the receipt of the reading.
#[tokio::test]
async fn not_found_comes_out_no_earlier_than_a_value() {
    let stage = Stage::open().await;
    let reading = stage.reading("310999", "one");
    let call = tokio::spawn(stage.read(&reading));
    has_no_answer(&stage, &call).await;

    stage.ledger.block(vec![]);
    let answer = call.await.unwrap();
    assert_eq!(answer.problem(), "404 not-found: no record has this key; that you asked is on the ledger");
    assert_eq!(stage.proven(&answer).effect, Effect::Allow);
    assert!(stage.opened(&reading, "one", &answer).records.is_empty());
}

/// The gateway thought it allowed, and has the answer ready; the grant ends in the same block, just before: the ledger
/// refuses, and what was sealed stays in the vault.
#[tokio::test]
async fn a_grant_revoked_in_the_very_block() {
    let stage = Stage::open().await;
    let reading = stage.reading(CODE, "one");
    let call = tokio::spawn(stage.read(&reading));
    stage.ledger.holds(1).await;
    let revocation = stage.signed(STEWARD, Action::RevokeGrant(stage.grant));
    stage.ledger.block(vec![revocation]);
    for answer in [call.await.unwrap(), stage.read(&reading).await] {
        assert_eq!(answer.problem(), "403 grant-revoked: the grant was revoked");
        let decision = stage.proven(&answer);
        assert_eq!((decision.effect, decision.refusal), (Effect::Deny, Some(Refusal::GrantRevoked)));
        nothing_sealed(&stage, &reading, &answer.json());
    }
    let listed = stage.get("/api/v1/accesses", CASE_OFFICER).await;
    assert_eq!(listed["items"][0]["decision"]["effect"], "deny");
}

/// One bit of a body changes on disk: the row is not served, and that it was not is on the ledger.
#[tokio::test]
async fn a_body_altered_on_disk_is_not_served() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let database = rusqlite::Connection::open(stage.vault().join("vault.sqlite")).unwrap();
    let mut sealed: Vec<u8> = database.query_row("SELECT sealed FROM bodies", [], |row| row.get(0)).unwrap();
    let middle = sealed.len() / 2;
    sealed[middle] ^= 1;
    assert_eq!(database.execute("UPDATE bodies SET sealed = ?1", [&sealed]).unwrap(), 1);

    let reading = stage.reading(CODE, "one");
    let log = log();
    let answer = stage.read(&reading).await;
    assert_eq!(
        answer.problem(),
        "403 divergence: the record differs from what the ledger holds of it and is not served"
    );
    let decision = stage.proven(&answer);
    assert_eq!((decision.effect, decision.refusal), (Effect::Deny, Some(Refusal::Divergence)));
    assert!(answer.json()["sealed"].is_null() && stage.stored(&reading).is_empty());
    // The operator finds the request in the log, and nothing about the record.
    let (log, record) = (log.text(), stage.ledger.look(|sandbox| sandbox.record_id(CODE)).to_string());
    assert!(log.contains(&reading.request.request_id.to_string()), "{log}");
    assert!(![record.as_str(), CODE, NAME].into_iter().any(|named| log.contains(named)), "{log}");

    // Whole again, it is served to whoever asks anew.
    sealed[middle] ^= 1;
    database.execute("UPDATE bodies SET sealed = ?1", [&sealed]).unwrap();
    let reading = stage.reading(CODE, "two");
    assert_eq!(values(&stage.opened(&reading, "two", &stage.read(&reading).await)), [CODE, NAME]);
}

/// What is logged from now on, by every thread of this process.
fn log() -> Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    let log = LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        let level = tracing_subscriber::filter::LevelFilter::INFO;
        tracing_subscriber::fmt().with_max_level(level).with_writer(move || writer.clone()).init();
        log
    });
    log.clone()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The access waits; other things become final, and the office, which saw them, answers other calls; this one stays open.
async fn has_no_answer(stage: &Stage, call: &JoinHandle<Answer>) {
    stage.ledger.holds(1).await;
    let height = stage.ledger.block_of_others();
    stage.sees(height).await;
    let listed = stage.get("/api/v1/accesses", CASE_OFFICER).await;
    assert_eq!(listed["items"], serde_json::json!([]));
    assert!(!call.is_finished());
}

/// A response was sealed for this request, and nothing of it is in the answer.
fn nothing_sealed(stage: &Stage, reading: &Reading, answer: &serde_json::Value) {
    let stored = stage.stored(reading);
    assert!(!stored.is_empty());
    let stored = serde_json::to_value(Encoded(stored)).unwrap();
    assert!(answer["sealed"].is_null() && !answer.to_string().contains(stored.as_str().unwrap()));
}
