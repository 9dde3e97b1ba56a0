//! One reading: what the office is asked, and what the caller is told in each case.

use expect_test::expect;
use gongxin_api::office_port::{OfficeError, Reading, Refused};
use gongxin_client::wire::AccessCall;
use gongxin_crypto::Suite;
use gongxin_types::{Height, Refusal};

use crate::{
    call::{Answer, Signed, key},
    office::{FakeOffice, HOUSING, allowed, denied, gateway, reading_bundle, request, tell},
};

const PATH: &str = "/api/v1/accesses";

fn reading(found: bool) -> Reading {
    Reading { height: Height::new(17), sealed: vec![0xfb; 5], receipt: reading_bundle(), decision: allowed(), found }
}

fn body() -> serde_json::Value {
    let signature = key(HOUSING).sign(&request().claim(Suite::Intl).message());
    serde_json::to_value(AccessCall::of(&request(), signature)).unwrap()
}

async fn post(body: &serde_json::Value, told: impl FnOnce(&FakeOffice)) -> Answer {
    let (router, office) = gateway();
    told(&office);
    Signed::post_json(PATH, HOUSING, body.to_string().as_bytes()).send(&router).await
}

/// The office gets the canonical request of this caller, whatever the order of fields, and the officer's signature over
/// its claim stands; the answer is canonical JSON with height, sealed response and receipt.
#[tokio::test]
async fn a_reading_is_answered() {
    let (router, office) = gateway();
    tell(&office.reading, Ok(reading(true)));
    let mut body = body();
    body["fields"] = serde_json::json!(["name", "code"]);
    body["key"] = "310000".into();
    let answer = Signed::post_json(PATH, HOUSING, body.to_string().as_bytes()).send(&router).await;
    let expected = serde_json::json!({"height": 17, "sealed": "-_v7-_s", "receipt": reading_bundle()});
    assert_eq!(answer.body, serde_json_canonicalizer::to_vec(&expected).unwrap());
    assert_eq!(answer.header("cache-control"), "no-store");
    let asked = office.requests.lock().unwrap();
    assert_eq!(asked[0].0, request());
    Suite::Intl.verify(&key(HOUSING).public(), &asked[0].0.claim(Suite::Intl).message(), &asked[0].1).unwrap();
}

/// Not found and refused come with policies and receipt; not final, busy, used twice and ended say what to do.
#[tokio::test]
async fn every_other_answer() {
    let refused =
        Refused { decision: denied(Refusal::GrantExpired), height: Height::new(17), receipt: reading_bundle() };
    let reason = || "the request identifier was used with another body".to_owned();
    let cases = [
        Ok(reading(false)),
        Err(OfficeError::Refused(Box::new(refused))),
        Err(OfficeError::Pending { retry_after_ms: 1_500 }),
        Err(OfficeError::Busy { retry_after_ms: 1 }),
        Err(OfficeError::Unavailable { reason: "no validator can be reached".into() }),
        Err(OfficeError::Conflict { reason: reason() }),
        Err(OfficeError::ClaimSignature),
        Err(OfficeError::Gone),
        Err(OfficeError::NotServedHere { resource: "housing/flats".parse().unwrap() }),
        Err(OfficeError::Internal("secret: /var/lib/vault is broken".into())),
    ];
    let mut told = String::new();
    for case in cases {
        let final_one = matches!(&case, Ok(_) | Err(OfficeError::Refused(_)));
        let answer = post(&body(), |office| tell(&office.reading, case)).await;
        told += &format!("{} [{}]\n", answer.problem(), answer.header("retry-after"));
        let problem = answer.json();
        assert_eq!(answer.body, serde_json_canonicalizer::to_vec(&problem).unwrap());
        assert_eq!(problem["receipt"].is_object(), final_one);
        assert_eq!(problem["policies"].as_array().unwrap().len(), usize::from(final_one));
        assert_eq!(problem["sealed"].is_string(), answer.status == 404);
    }
    expect![[r#"
        404 not-found: no record has this key; that you asked is on the ledger []
        403 grant-expired: the grant has ended []
        503 pending: not final yet: ask again with the same request [2]
        503 busy: busy: try again later [1]
        503 unavailable: no validator can be reached [1]
        409 conflict: the request identifier was used with another body []
        400 claim-signature: the signature over the access claim is not by a valid key of the officer []
        410 gone: the lifetime of this response has ended: make a new request []
        421 not-served-here: `housing/flats` is served by the gateway of `housing` []
        500 internal: the server failed to answer; the operator finds the cause in the log []
    "#]]
    .assert_eq(&told);
}

/// What is no request is refused before the office hears of it.
#[tokio::test]
async fn what_is_no_request() {
    let change = |name: &str, value: serde_json::Value| {
        let mut body = body();
        body[name] = value;
        body
    };
    let cases = [
        change("reader", "housing".into()),
        change("fields", serde_json::json!([])),
        change("fields", serde_json::json!(["code", "code"])),
        change("key", serde_json::json!([])),
        change("duty", "civil-affairs/divisions".into()),
        change("grant", serde_json::Value::Null),
        change("request_id", "0A".repeat(16).into()),
        change("resource", "civil-affairs/divisions\u{202e}".into()),
        change("resource", "civil-аffairs/divisions".into()),
        change("salt", "5a".into()),
        change("sealing_key", "rsa:00".into()),
    ];
    let mut told = String::new();
    for body in cases {
        let answer = post(&body, |_| ()).await;
        let problem = answer.problem();
        told += &format!("{}\n", problem.split(" at line").next().unwrap());
    }
    expect![[r#"
        400 invalid: body: unknown field `reader`, expected one of `request_id`, `resource`, `key`, `fields`, `purpose`, `legal_basis`, `grant`, `duty`, `case`, `history`, `sealing_key`, `salt`, `signature`
        400 invalid: `fields` must name at least one field, each once
        400 invalid: `fields` must name at least one field, each once
        400 invalid: `key` must have at least one column
        400 invalid: exactly one of `grant` and `duty` must be given
        400 invalid: exactly one of `grant` and `duty` must be given
        400 invalid: body: `0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A0A` is not an identifier of 32 lower-case hexadecimal digits
        400 invalid: body: `civil-affairs/divisions\u{202e}` is not a resource such as `civil-affairs/divisions`
        400 invalid: body: `civil-аffairs/divisions` is not a resource such as `civil-affairs/divisions`
        400 invalid: body: not 32 bytes in lower-case hexadecimal
        400 invalid: body: algorithm `rsa` is not known here
    "#]]
    .assert_eq(&told);
}
