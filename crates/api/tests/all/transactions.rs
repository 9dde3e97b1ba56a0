//! Acts: what the caller is told of a transaction, and who may write records here.

use expect_test::expect;
use gongxin_api::office_port::{OfficeError, Submission, TransactionState, Wait};
use gongxin_types::{Refusal, TransactionId};

use crate::{
    call::Signed,
    office::{
        CIVIL_AFFAIRS, FIRE_BRIGADE, HOUSING, allowed, denied, digest, gateway, outcome, plain_bundle, reading_bundle,
        tell,
    },
};

const SUBMIT: &str = "/api/v1/transactions?wait=final";

fn transaction() -> TransactionId {
    TransactionId(digest("transaction"))
}

/// 202 while it is on its way, 200 when an act took effect, 403 with the receipt when none did, 410 when it is too late.
#[tokio::test]
async fn what_became_of_a_submission() {
    let (router, office) = gateway();
    let cases = [
        Submission::Pending(transaction()),
        Submission::Final(outcome(allowed(), plain_bundle())),
        Submission::Final(outcome(denied(Refusal::Policy), plain_bundle())),
        Submission::Expired(transaction()),
    ];
    let mut told = String::new();
    for case in cases {
        tell(&office.submission, Ok(case));
        let answer = Signed::post_bytes(SUBMIT, HOUSING, b"bytes").send(&router).await;
        let json = answer.json();
        let has_receipt = json["receipt"].is_object();
        told += &format!(
            "{} {} {} {} {has_receipt}\n",
            answer.status.as_u16(),
            json["status"],
            json["code"],
            json["height"]
        );
    }
    expect![[r#"
        202 "pending" null null false
        200 "final" null 17 true
        403 403 "policy" 17 true
        410 410 "expired" null false
    "#]]
    .assert_eq(&told);
    let written = office.written.lock().unwrap();
    assert!(written.iter().all(|(bytes, bodies, wait)| bytes == b"bytes" && bodies.is_empty() && *wait == Wait::Final));
}

/// The status of a transaction, in the five words of the interface.
#[tokio::test]
async fn the_status_of_a_transaction() {
    let (router, office) = gateway();
    let path = format!("/api/v1/transactions/{}", transaction());
    let mut told = String::new();
    for state in [
        TransactionState::Unknown,
        TransactionState::Pending,
        TransactionState::Final(outcome(allowed(), plain_bundle())),
        TransactionState::Final(outcome(denied(Refusal::Policy), plain_bundle())),
        TransactionState::Expired,
    ] {
        tell(&office.state, Ok(state));
        let answer = Signed::get(&path, HOUSING).send(&router).await;
        told += &format!("{} {}\n", answer.status.as_u16(), answer.json()["status"]);
    }
    expect![[r#"
        200 "unknown"
        200 "pending"
        200 "final"
        200 "refused"
        200 "expired"
    "#]]
    .assert_eq(&told);
    tell(&office.state, Ok(TransactionState::Final(outcome(allowed(), reading_bundle()))));
    assert_eq!(Signed::get(&path, FIRE_BRIGADE).send(&router).await.status, 403);
}

/// Bodies are taken from the owner's officers alone, and reach the office as they were given.
#[tokio::test]
async fn records_are_written_by_the_owner() {
    let (router, office) = gateway();
    let body = serde_json::json!({
        "transaction": "AQID",
        "bodies": [{"record": "0c".repeat(16), "version": 1, "salt": "5a".repeat(32), "row": {"code": "310000", "name": "上海市"}}],
    });
    let refused = Signed::post_json("/api/v1/records", HOUSING, body.to_string().as_bytes()).send(&router).await;
    expect!["403 not-own-organization: this is for officers of `civil-affairs` alone"].assert_eq(&refused.problem());

    tell(&office.submission, Ok(Submission::Pending(transaction())));
    let answer = Signed::post_json("/api/v1/records", CIVIL_AFFAIRS, body.to_string().as_bytes()).send(&router).await;
    assert_eq!(answer.status, 202);
    let (bytes, bodies, wait) = office.written.lock().unwrap().pop().unwrap();
    assert_eq!((bytes.as_slice(), wait, bodies[0].row["name"].as_str()), (&[1, 2, 3][..], Wait::No, Some("上海市")));

    tell(&office.submission, Err(OfficeError::Invalid { reason: "no body for version 1".into() }));
    let answer =
        Signed::post_json("/api/v1/records?wait=final", CIVIL_AFFAIRS, body.to_string().as_bytes()).send(&router).await;
    expect!["400 invalid: no body for version 1"].assert_eq(&answer.problem());
}
