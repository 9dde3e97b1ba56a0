//! What outlasts a restart, a dead validator, a clock that was set back and a damaged row.

use gongxin_test_support::Reading;
use gongxin_types::Action;
use tokio::time::timeout;

use super::ledger::PATIENCE;
use super::stage::{CODE, NAME, STEWARD, Stage, values};

const HOUR_MS: u64 = 3_600_000;

/// The gateway ran with a clock an hour ahead, and made readings; the clock is put right and the gateway started again: its
/// next reading is taken like any other.
#[tokio::test]
async fn a_clock_set_back_an_hour() {
    let mut stage = Stage::open_ahead(HOUR_MS).await;
    stage.ledger.run();
    assert_eq!(stage.read(&stage.reading(CODE, "before")).await.status, 200);
    stage.sets_clock(0);
    stage.restart().await;
    let reading = stage.reading(CODE, "after");
    let answer = stage.read(&reading).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(values(&stage.opened(&reading, "after", &answer)), [CODE, NAME]);
}

/// What validators have against the gateway's own transaction is not the reader's fault: the reader is told to ask again,
/// and gets the answer when they take it.
#[tokio::test]
async fn a_refused_transaction_of_the_gateways_own() {
    let stage = Stage::open().await;
    stage.ledger.refuses(true);
    let reading = stage.reading(CODE, "one");
    let answer = stage.read(&reading).await;
    assert_eq!(
        answer.problem(),
        "503 unavailable: the validators do not take this gateway's own transaction now: ask again with the same request"
    );
    assert_eq!(answer.header("retry-after"), "1");
    stage.ledger.refuses(false);
    stage.ledger.run();
    assert_eq!(stage.read(&reading).await.status, 200);
}

/// A validator takes an act of the gateway's caller and dies. The caller waits, and so does nobody else: the gateway hands
/// the same bytes in again.
#[tokio::test]
async fn who_waits_is_not_forgotten() {
    let stage = Stage::open().await;
    let act = gongxin_types::bundle::Encoded(gongxin_types::codec::encode(
        &stage.signed(STEWARD, Action::RevokeGrant(stage.grant)),
    ));
    let call = tokio::spawn(stage.post_bytes("/api/v1/transactions?wait=final", STEWARD, act.0));
    stage.ledger.holds(1).await;
    stage.ledger.forgets();
    stage.ledger.holds(1).await;
    stage.ledger.block(vec![]);
    assert_eq!(call.await.unwrap().status, 200);
}

/// The gateway acknowledged a batch and began a reading; then validator and gateway die together. The gateway starts, and
/// without anyone asking both are handed in again, the same bytes; the reader later fetches what was sealed before.
#[tokio::test]
async fn what_was_under_way_is_handed_in_again_after_a_restart() {
    let mut stage = Stage::open().await;
    assert_eq!(stage.hands_in(vec![stage.creates("310102", "310102", "徐汇区")]).await.status, 202);
    let reading = stage.reading(CODE, "one");
    let call = tokio::spawn(stage.read(&reading));
    stage.ledger.holds(2).await;
    let sealed = stage.stored(&reading);
    call.abort();
    let _aborted = call.await;
    stage.ledger.forgets();
    stage.restart().await;
    stage.ledger.holds(2).await;
    let height = stage.ledger.block(vec![]).header.height;
    stage.sees(height).await;
    assert!(stage.asks("/metrics").await.text().contains("gongxin_gateway_stuck_transactions 0\n"));

    let answer = stage.read(&reading).await;
    let text: gongxin_types::bundle::Encoded = serde_json::from_value(answer.json()["sealed"].clone()).unwrap();
    assert_eq!((answer.status.as_u16(), text.0), (200, sealed));
    stage.ledger.run();
    let written = stage.reading("310102", "written");
    assert_eq!(values(&stage.opened(&written, "written", &stage.read(&written).await)), ["310102", "徐汇区"]);
}

/// A reader asks, goes away and never comes back. The access became final, or its term ended without it: either way the
/// vault does not keep the response for ever.
#[tokio::test]
async fn what_nobody_asks_for_again_is_concluded() {
    let stage = Stage::open().await;
    let leaves = async |stage: &Stage, reading: &Reading| {
        let call = tokio::spawn(stage.read(reading));
        stage.ledger.holds(1).await;
        call.abort();
        let _aborted = call.await;
    };
    let (final_one, expired) = (stage.reading(CODE, "final"), stage.reading(CODE, "expired"));
    leaves(&stage, &final_one).await;
    stage.ledger.block(vec![]);
    until(&stage, "SELECT count(*) FROM responses WHERE expires IS NOT NULL", 1).await;
    leaves(&stage, &expired).await;
    stage.ledger.outlast();
    stage.ledger.passes(601_000);
    until(&stage, "SELECT count(*) FROM responses", 1).await;
    until(&stage, "SELECT count(*) FROM sealed_parts", 1).await;
    stage.ledger.run();
    assert_eq!(stage.read(&expired).await.status, 200, "the same request may be made anew");
}

/// One row of the vault contradicts another, after a mistaken hand at the database: it alone is not settled, which the
/// gateway tells its operator by number; the batch beside it is.
#[tokio::test]
async fn a_contradictory_row_holds_up_no_other() {
    let stage = Stage::open().await;
    for code in ["310102", "310104"] {
        assert_eq!(stage.hands_in(vec![stage.creates(code, code, code)]).await.status, 202);
    }
    let changed = "UPDATE bodies SET record = (SELECT record FROM bodies WHERE height IS NOT NULL)
                   WHERE id = (SELECT min(id) FROM bodies WHERE height IS NULL)";
    assert_eq!(stage.disk().execute(changed, []).unwrap(), 1);
    let height = stage.ledger.block(vec![]).header.height;
    stage.sees(height).await;
    assert!(stage.asks("/metrics").await.text().contains("gongxin_gateway_stuck_transactions 1\n"));
    stage.ledger.run();
    let reading = stage.reading("310104", "beside it");
    assert_eq!(values(&stage.opened(&reading, "beside it", &stage.read(&reading).await)), ["310104", "310104"]);
}

/// While the copy of the ledger cannot be written the office is not ready, and says so without its causes; no validator is left
/// for it, and when the copy can be written again, nothing is missing.
#[tokio::test]
async fn a_copy_that_cannot_be_written_is_told() {
    let stage = Stage::open().await;
    let copy = stage.copy_on_disk();
    copy.execute_batch("CREATE TRIGGER full BEFORE INSERT ON blocks BEGIN SELECT RAISE(FAIL, 'no room'); END").unwrap();
    let height = stage.ledger.block(vec![]).header.height;
    let told = until_told(&stage, |words| words.contains("cannot be stored")).await;
    assert!(!told.contains("no room"), "{told}");
    copy.execute_batch("DROP TRIGGER full").unwrap();
    stage.sees(height).await;
    until_told(&stage, |words| !words.contains("cannot be stored")).await;
}

/// What `/readyz` says, once it is so.
async fn until_told(stage: &Stage, so: impl Fn(&str) -> bool) -> String {
    let told = async {
        loop {
            let words = stage.asks("/readyz").await.text();
            if so(&words) {
                return words;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, told).await.unwrap()
}

/// Two fetches of one request wait, and see its transaction expire: one new transaction is made, not two, and both get the
/// same answer.
#[tokio::test]
async fn two_fetches_make_one_reading() {
    let stage = Stage::open().await;
    let reading = stage.reading(CODE, "one");
    let before = stage.ledger.handed_in();
    let calls = [tokio::spawn(stage.read(&reading)), tokio::spawn(stage.read(&reading))];
    stage.ledger.was_handed_in(before + 2).await;
    let before = stage.ledger.handed_in();
    stage.ledger.outlast();
    stage.ledger.was_handed_in(before + 2).await;
    assert_eq!(stage.ledger.waiting(), 1, "a second transaction carries the same leaf");
    stage.ledger.block(vec![]);
    let [one, two] = calls;
    let (one, two) = (one.await.unwrap(), two.await.unwrap());
    assert_eq!((one.status.as_u16(), one.text()), (200, two.text()));
    let listed = stage.get("/api/v1/accesses", super::stage::CASE_OFFICER).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

/// Returns when a query of the vault's database counts so many.
async fn until(stage: &Stage, query: &str, count: u32) {
    let disk = stage.disk();
    let counted = async {
        while disk.query_row(query, [], |row| row.get::<_, u32>(0)).unwrap() != count {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, counted).await.unwrap_or_else(|_| panic!("{query} is not {count}"));
}
