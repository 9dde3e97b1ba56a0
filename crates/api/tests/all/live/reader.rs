//! The reader's side: what an owner's gateway may say is shown only when the ledger says it too.

use gongxin_client::reading::{self, NotShown, Opened};
use gongxin_crypto::{Digest, seal};
use gongxin_test_support::{Reading, cast};
use gongxin_types::{
    AccessOutcome, Action, Height, List, ListKey, Network, RecordId, Resource, Transaction,
    bundle::Encoded,
    codec,
    response::{AccessResponse, FieldDisclosure, SEALING_INFO},
};
use serde_json::Value;

use super::stage::{CASE_OFFICER, CODE, NAME, OWNER, STEWARD, Stage};

/// What the reader opens of an answer; the label is that of the request's sealing key.
fn opened(stage: &Stage, reading: &Reading, label: &str, sealed: &[u8], receipt: &Value) -> Result<Opened, NotShown> {
    let network = stage.ledger.look(|sandbox| Network::of(&sandbox.genesis.head));
    reading::open(&network, &reading.request, &cast::sealing(0, label), sealed, receipt)
}

fn parts(answer: &Value) -> (Vec<u8>, Value) {
    let sealed: Encoded = serde_json::from_value(answer["sealed"].clone()).unwrap();
    (sealed.0, answer["receipt"].clone())
}

/// An honest answer is opened with the height that its receipt proves, whatever stands beside the receipt.
#[tokio::test]
async fn an_honest_answer_is_opened() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let reading = stage.reading(CODE, "one");
    let answer = stage.read(&reading).await.json();
    let (sealed, receipt) = parts(&answer);
    let shown = opened(&stage, &reading, "one", &sealed, &receipt).unwrap();
    assert_eq!(answer["height"], shown.height.get());
    assert!(shown.as_of < shown.height);
    assert_eq!(shown.records.len(), 1);

    let other = stage.reading(CODE, "two");
    let of_other = parts(&stage.read(&other).await.json());
    let told = opened(&stage, &reading, "one", &of_other.0, &receipt).unwrap_err();
    assert!(matches!(told, NotShown::OtherReading), "{told}");
    let told = opened(&stage, &reading, "one", &sealed, &of_other.1).unwrap_err();
    assert!(matches!(told, NotShown::OtherReading), "{told}");
}

/// The ledger refused, because the grant had ended; an owner who would do the reader a favour sends the sealed bytes all
/// the same, with the receipt, which is genuine. Nothing is shown.
#[tokio::test]
async fn what_the_ledger_refused_is_never_shown() {
    let stage = Stage::open().await;
    let reading = stage.reading(CODE, "one");
    let call = tokio::spawn(stage.read(&reading));
    stage.ledger.holds(1).await;
    let revocation = stage.signed(STEWARD, Action::RevokeGrant(stage.grant));
    stage.ledger.block(vec![revocation]);
    let receipt = call.await.unwrap().json()["receipt"].clone();
    let sealed = stage.stored(&reading);
    assert!(!sealed.is_empty());
    let told = opened(&stage, &reading, "one", &sealed, &receipt).unwrap_err();
    assert!(matches!(told, NotShown::Refused), "{told}");
}

/// How an owner's gateway lies in a reading that the ledger allows.
#[derive(Default)]
struct Lie {
    /// Lists the reading under this record instead of the one shown.
    lists: Option<RecordId>,
    /// Says that it looked so many blocks after the access.
    later: u64,
    /// Shows another value.
    value: Option<&'static str>,
}

/// The answer of an owner's gateway that lies, with a genuine receipt of its access.
async fn answered(stage: &Stage, reading: &Reading, label: &str, lie: &Lie) -> (Vec<u8>, Value) {
    let honest = parts(&stage.read(&stage.reading(CODE, &format!("{label}, honestly"))).await.json());
    let honest = opened(
        stage,
        &stage.reading(CODE, &format!("{label}, honestly")),
        &format!("{label}, honestly"),
        &honest.0,
        &honest.1,
    );
    let mut records = honest.unwrap().records;
    if let Some(value) = lie.value {
        let changed = records[0].versions[0].fields.iter().map(|field| match field.clone() {
            FieldDisclosure::Shown { salt, name, .. } => {
                let value = gongxin_types::row::Value::Text(gongxin_types::row::CellText::new(value).unwrap());
                FieldDisclosure::Shown { salt, name, value }
            }
            hidden @ FieldDisclosure::Hidden(_) => hidden,
        });
        records[0].versions[0].fields = List::new(changed.collect()).unwrap();
    }
    let record = lie.lists.unwrap_or(records[0].record);
    let (transaction, sealed) = stage.ledger.look(|sandbox| {
        let request_digest: Digest = reading.request.digest(sandbox.suite);
        let height = Height::new(sandbox.header().height.get() + lie.later);
        let request_id = reading.request.request_id;
        let plain = codec::encode(&AccessResponse { version: 1, request_id, request_digest, height, records });
        let context = AccessResponse::sealing_context(&request_digest);
        let sealed = seal::seal(&reading.request.sealing_key, SEALING_INFO, &context, &plain).unwrap();
        let response_digest = AccessResponse::sealed_digest(sandbox.suite, &sealed);
        let gateway = sandbox.cast.gateway(OWNER);
        let outcome = AccessOutcome::Answered { response_digest };
        let leaf = reading.concluded(sandbox.suite, gateway, [ListKey::Record { record }], outcome);
        let mut body = sandbox.body(gateway, [Action::RecordAccess(leaf)]);
        // The gateway of the stage uses another lane, from 8 on.
        body.lane = 1;
        let transaction: Transaction = gongxin_test_support::sandbox::sign(sandbox.suite, gateway, body);
        (transaction, sealed)
    });
    let id = stage.ledger.look(|sandbox| transaction.id(sandbox.suite));
    let height = stage.ledger.block(vec![transaction]).header.height;
    stage.sees(height).await;
    (sealed, stage.get(&format!("/api/v1/receipts/{id}/0"), CASE_OFFICER).await)
}

/// A reading listed under another record than the one shown would be missing from that one's list of readings; one checked
/// in the future, or a value that does not hash to its commitment, is none either. Only the whole truth is shown.
#[tokio::test]
async fn only_the_whole_truth_is_shown() {
    let stage = Stage::open().await;
    stage.ledger.run();
    assert_eq!(stage.writes(vec![stage.creates("elsewhere", "310102", "徐汇区")]).await.status, 200);
    let elsewhere = stage.ledger.look(|sandbox| sandbox.record_id("elsewhere"));
    let lies = [
        ("none", Lie::default()),
        ("lists", Lie { lists: Some(elsewhere), ..Lie::default() }),
        ("height", Lie { later: 2, ..Lie::default() }),
        ("value", Lie { value: Some("another"), ..Lie::default() }),
    ];
    let mut told = Vec::new();
    for (label, lie) in lies {
        let reading = stage.reading(CODE, label);
        let (sealed, receipt) = answered(&stage, &reading, label, &lie).await;
        told.push(match opened(&stage, &reading, label, &sealed, &receipt) {
            Ok(shown) => format!("{label}: {} shown", shown.records.len()),
            Err(error) => format!("{label}: {error}").replace(char::is_numeric, "#").replace("##", "#"),
        });
    }
    expect_test::expect![[r#"
        none: 1 shown
        lists: the reading is not listed under exactly the records that it shows
        height: it claims to be as of block #, after its own access at block #
        value: version # of the record does not hash to the commitment on the ledger"#]]
    .assert_eq(&told.join("\n"));
}

/// The reader's own gateway knows three versions: an answer that shows the second as the latest, or a history with a gap,
/// does not agree with it; one that was made before the third does.
#[tokio::test]
async fn versions_are_compared_with_ones_own_copy() {
    let stage = Stage::open().await;
    stage.ledger.run();
    stage.record(2, "黄浦新区").await;
    let mut request = stage.reading(CODE, "history").request;
    request.history = true;
    let reading = stage.signed_reading(request);
    let (sealed, receipt) = parts(&stage.read(&reading).await.json());
    let mut shown = opened(&stage, &reading, "history", &sealed, &receipt).unwrap();
    stage.record(3, NAME).await;

    let record = shown.records[0].record;
    let path = format!("/api/v1/records/civil-affairs/divisions/{record}/history");
    let page = stage.get(&path, CASE_OFFICER).await;
    let known: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let mut item = item.clone();
            let place = item.as_object_mut().unwrap().remove("place").unwrap();
            (serde_json::from_value(item).unwrap(), Height::new(place["height"].as_u64().unwrap()))
        })
        .collect();
    assert_eq!(known.len(), 3);
    let mut life = shown.records[0].clone();
    assert!(shown.agrees(&life, &known, true), "as of then there were two");
    assert!(!shown.agrees(&life, &known[..1], true), "the copy does not know the second");
    life.versions.remove(0);
    assert!(shown.agrees(&life, &known, false) && !shown.agrees(&life, &known, true));
    shown.as_of = known[2].1;
    assert!(!shown.agrees(&life, &known, false), "the third is the latest by then");
}

/// Every record of a register proves itself; whether it is the one that was asked for shows in its key columns.
#[tokio::test]
async fn the_record_of_another_key_is_no_answer() {
    let stage = Stage::open().await;
    stage.ledger.run();
    let reading = stage.reading(CODE, "one");
    let (sealed, receipt) = parts(&stage.read(&reading).await.json());
    let shown = opened(&stage, &reading, "one", &sealed, &receipt).unwrap();
    let mut entry = stage.get("/api/v1/resources/civil-affairs/divisions", CASE_OFFICER).await;
    for about in ["height", "time"] {
        entry.as_object_mut().unwrap().remove(about);
    }
    let resource: Resource = serde_json::from_value(entry).unwrap();
    assert!(shown.answers(&reading.request, &resource));
    let of_another = stage.reading("310102", "two").request;
    assert!(!shown.answers(&of_another, &resource));
}
