//! A validator's router, one request at a time.

use axum::body::Body;
use expect_test::expect;
use gongxin_api::{
    limits,
    validator_port::{ProofError, Submission, SubmitError, TransactionState, WaitOutcome},
};
use gongxin_client::frame;
use gongxin_types::codec;
use http::Request;

use crate::{
    call::{Answer, send, unsigned},
    node::{block, position, transaction, validator},
};

fn post(path: &str, body: &[u8]) -> Request<Body> {
    let request = unsigned("POST", path).header("content-type", "application/octet-stream");
    request.body(Body::from(body.to_vec())).unwrap()
}

fn get(path: &str) -> Request<Body> {
    unsigned("GET", path).body(Body::empty()).unwrap()
}

fn line(answer: &Answer) -> String {
    let json = answer.json();
    format!("{} {} {} {}\n", answer.status.as_u16(), json["status"], json["height"], json["index"])
}

/// Accepted, final, not final in time, final before: what a client is told of a transaction it hands in.
#[tokio::test]
async fn a_transaction_is_taken() {
    let (router, node) = validator();
    let mut told = line(&send(&router, post("/v1/transactions", b"bytes")).await);
    for waited in [WaitOutcome::Final(position()), WaitOutcome::Timeout] {
        *node.waited.lock().unwrap() = waited;
        told += &line(&send(&router, post("/v1/transactions?wait=final", b"bytes")).await);
    }
    *node.answer.lock().unwrap() = Ok(Submission { id: transaction(), position: Some(position()) });
    told += &line(&send(&router, post("/v1/transactions", b"bytes")).await);
    expect![[r#"
        202 "pending" null null
        200 "final" 2 1
        202 "pending" null null
        200 "final" 2 1
    "#]]
    .assert_eq(&told);
    assert!(node.submitted.lock().unwrap().iter().all(|bytes| bytes == "bytes"));
}

/// Invalid, in conflict, busy, stopping, expired, too large, mislabelled: each is a problem document.
#[tokio::test]
async fn a_transaction_is_refused() {
    let (router, node) = validator();
    let mut told = String::new();
    for error in [
        SubmitError::Invalid { reason: "the transaction is of another network".into() },
        SubmitError::UnknownKey,
        SubmitError::Conflict,
        SubmitError::Busy { retry_after_ms: 250 },
        SubmitError::Stopped,
    ] {
        *node.answer.lock().unwrap() = Err(error);
        let answer = send(&router, post("/v1/transactions", b"bytes")).await;
        told += &format!("{} [{}]\n", answer.problem(), answer.header("retry-after"));
    }
    *node.answer.lock().unwrap() = Ok(Submission { id: transaction(), position: None });
    *node.waited.lock().unwrap() = WaitOutcome::Expired;
    let large = vec![0; limits::TRANSACTION_BYTES_MAX + 1];
    let json = unsigned("POST", "/v1/transactions").header("content-type", "application/json").body(Body::from("{}"));
    for request in [
        post("/v1/transactions?wait=final", b"bytes"),
        post("/v1/transactions?wait=soon", b"bytes"),
        post("/v1/transactions", &large),
        json.unwrap(),
    ] {
        told += &format!("{}\n", send(&router, request).await.problem());
    }
    expect![[r#"
        400 invalid: the transaction is of another network []
        400 unknown-key: the signing key is not registered for its sender, as of the latest block here []
        409 conflict: another body was sent under this key, lane and sequence number, or the number is too old []
        503 busy: the validator takes no more now: send the same bytes again, or to another one [1]
        503 stopping: the validator is stopping: ask another one [1]
        410 expired: a final block is past its `valid_until` and it is in none: sign a new transaction
        400 invalid: query: wait: unknown variant `soon`, expected `final`
        413 too-large: the body is larger than 524288 bytes
        415 media-type: this call takes a body with `Content-Type: application/octet-stream`
    "#]]
    .assert_eq(&told);
}

/// Frames of one call, as a sender of many makes them.
fn frames(transactions: &[&[u8]]) -> Vec<u8> {
    transactions.iter().flat_map(|bytes| frame::encode(bytes).unwrap()).collect()
}

/// Many in one call: an item each, in order; one that is refused takes no other with it.
#[tokio::test]
async fn many_transactions_are_taken_for_themselves() {
    let (router, node) = validator();
    let answer = send(&router, post("/v1/transactions/batch?wait=final", &frames(&[b"one", b"two"]))).await;
    let mut told = format!("{} {}\n", answer.status.as_u16(), answer.json()["transactions"]);
    assert_eq!(*node.submitted.lock().unwrap(), ["one", "two"]);
    *node.waited.lock().unwrap() = WaitOutcome::Expired;
    told += &format!(
        "{}\n",
        send(&router, post("/v1/transactions/batch?wait=final", &frames(&[b"one"]))).await.json()["transactions"]
    );
    *node.answer.lock().unwrap() = Err(SubmitError::Busy { retry_after_ms: 250 });
    told += &format!(
        "{}\n",
        send(&router, post("/v1/transactions/batch", &frames(&[b"one"]))).await.json()["transactions"]
    );
    let id = transaction();
    expect![[r#"
        200 [{"height":2,"id":"ID","index":1,"status":"final"},{"height":2,"id":"ID","index":1,"status":"final"}]
        [{"id":"ID","status":"expired"}]
        [{"code":"busy","message":"the validator takes no more now: send the same bytes again, or to another one"}]
    "#]]
    .assert_eq(&told.replace(&id.to_string(), "ID"));
}

/// None, too many, one cut off, one that claims more than a frame may hold, too many bytes: the call is refused as a whole,
/// and nothing of it is handed in.
#[tokio::test]
async fn a_call_with_many_is_whole_or_refused() {
    let (router, node) = validator();
    let one: &[u8] = b"x";
    let mut cut = frames(&[b"one", b"two"]);
    cut.pop();
    let mut told = String::new();
    for body in [
        Vec::new(),
        frames(&vec![one; limits::BATCH_TRANSACTIONS_MAX + 1]),
        cut,
        vec![0xff; 8],
        vec![0; limits::BATCH_BYTES_MAX + 1],
    ] {
        told += &format!("{}\n", send(&router, post("/v1/transactions/batch", &body)).await.problem());
    }
    expect![[r#"
        400 invalid: there is no transaction in this call
        400 invalid: more than 512 transactions in one call
        400 invalid: the last transaction is cut off
        400 invalid: a frame of 4294967295 bytes where at most 33554432 are allowed
        413 too-large: the body is larger than 4194304 bytes
    "#]]
    .assert_eq(&told);
    assert!(node.submitted.lock().unwrap().is_empty());
}

/// What became of a transaction, in the words of the interface.
#[tokio::test]
async fn the_status_of_a_transaction() {
    let (router, node) = validator();
    let mut told = String::new();
    for state in [
        TransactionState::Unknown,
        TransactionState::Pending,
        TransactionState::Final(position()),
        TransactionState::Expired,
    ] {
        *node.state.lock().unwrap() = state;
        told += &line(&send(&router, get(&format!("/v1/transactions/{}", transaction()))).await);
    }
    expect![[r#"
        200 "unknown" null null
        200 "pending" null null
        200 "final" 2 1
        200 "expired" null null
    "#]]
    .assert_eq(&told);
}

/// A block in its canonical bytes and, if asked, in JSON for people; of one that is not here, and of a height that is none.
#[tokio::test]
async fn a_block() {
    let (router, _) = validator();
    let answer = send(&router, get("/v1/blocks/2")).await;
    assert_eq!(
        (answer.body.clone(), answer.header("content-type")),
        (codec::encode(&block(2)), "application/octet-stream")
    );
    let request = unsigned("GET", "/v1/blocks/2").header("accept", "application/json").body(Body::empty()).unwrap();
    let json = send(&router, request).await.json();
    assert_eq!(json["digest"], block(2).header.digest().to_string());
    assert_eq!((&json["header"]["height"], &json["decisions"][0]["decision"]["effect"]), (&2.into(), &"allow".into()));
    let mut told = String::new();
    for path in [
        "/v1/blocks/9",
        "/v1/blocks/02",
        "/v1/blocks/-1",
        "/v1/blocks/2?all=1",
        "/v1/blocks",
        "/v1/stream?from=0",
        "/v1/stream",
    ] {
        told += &format!("{path} {}\n", send(&router, get(path)).await.problem());
    }
    expect![[r#"
        /v1/blocks/9 404 not-found: block 9 is not here
        /v1/blocks/02 400 invalid: the height is not a number such as `17`
        /v1/blocks/-1 400 invalid: the height is not a number such as `17`
        /v1/blocks/2?all=1 400 invalid: query: all: unknown field `all`, there are no fields
        /v1/blocks 404 not-found: there is nothing at this address
        /v1/stream?from=0 400 invalid: blocks begin at 1: genesis is derived from its file
        /v1/stream 400 invalid: query: missing field `from`
    "#]]
    .assert_eq(&told);
}

/// A node that has dropped older blocks says from which height on it has some, as a block and as a stream.
#[tokio::test]
async fn a_block_that_is_not_kept() {
    let (router, node) = validator();
    *node.first.lock().unwrap() = 3;
    let mut told = String::new();
    for path in ["/v1/blocks/2", "/v1/stream?from=1", "/v1/blocks/9"] {
        told += &format!("{path} {}\n", send(&router, get(path)).await.problem());
    }
    expect![[r#"
        /v1/blocks/2 404 not-kept: this node keeps blocks from height 3 on: ask another validator for block 2
        /v1/stream?from=1 404 not-kept: this node keeps blocks from height 3 on: ask another validator for block 1
        /v1/blocks/9 404 not-found: block 9 is not here
    "#]]
    .assert_eq(&told);
    assert_eq!(send(&router, get("/v1/blocks/3")).await.body, codec::encode(&block(3)));
}

/// A state proof in canonical JSON; none where there is none; a key that is none.
#[tokio::test]
async fn a_state_proof() {
    let (router, node) = validator();
    let path = format!("/v1/state/lists:{}/proof", "ab".repeat(32));
    let answer = send(&router, get(&path)).await;
    let json = answer.json();
    assert_eq!(answer.body, serde_json_canonicalizer::to_vec(&json).unwrap());
    assert_eq!(
        (&json["format"], &json["table"], &json["proof"]),
        (&"gongxin-state-proof-1".into(), &"lists".into(), &"AQID".into())
    );
    assert_eq!((json["headers"].as_array().unwrap().len(), json["page"].as_str().unwrap().len()), (2, 171));
    let mut told = String::new();
    for error in [ProofError::AbsenceUnprovable, ProofError::NotNow { reason: "the validator is catching up".into() }] {
        *node.proof.lock().unwrap() = Err(error);
        told += &format!("{}\n", send(&router, get(&path)).await.problem());
    }
    told += &format!("{}\n", send(&router, get("/v1/state/lists:AB/proof")).await.problem());
    expect![[r#"
        404 absence-unprovable: nothing stands at this key, and the objects prove presence only
        503 no-proof: the validator is catching up
        400 invalid: the key is not `objects:` or `lists:` and 64 lower-case hexadecimal digits
    "#]]
    .assert_eq(&told);
}

/// What a validator has found out comes in pages of sixteen, the last of which names no next.
#[tokio::test]
async fn findings_come_in_pages() {
    let (router, _) = validator();
    let (mut from, mut seen, mut sizes) = (Some(0), Vec::new(), Vec::new());
    while let Some(first) = from {
        let page = send(&router, get(&format!("/v1/findings?from={first}"))).await;
        let page: gongxin_client::wire::FindingsReport = serde_json::from_value(page.json()).unwrap();
        assert!(page.watching);
        sizes.push(page.findings.len());
        seen.extend(page.findings);
        from = page.next;
    }
    assert_eq!((sizes, seen.len()), (vec![16, 16, 8], 40));
    seen.dedup();
    assert_eq!(seen.len(), 40, "each once");
    assert_eq!(send(&router, get("/v1/findings?from=all")).await.status, 400);
    let beyond = send(&router, get(&format!("/v1/findings?from={}", u64::MAX))).await;
    assert_eq!(beyond.json()["findings"], serde_json::json!([]));
}
