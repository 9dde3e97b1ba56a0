//! Bad input at the gateway: each is told what, where and what to do, and nothing reaches the office.

use axum::body::Body;
use expect_test::expect;
use gongxin_api::limits;

use crate::{
    call::{Signed, send, unsigned},
    office::{CIVIL_AFFAIRS, HOUSING, gateway},
};

/// Addresses, methods, queries, identifiers and media types that are none.
fn no_calls() -> Vec<Signed<'static>> {
    let signed = |method: &'static str, path: &'static str| Signed { method, ..Signed::get(path, HOUSING) };
    vec![
        signed("GET", "/api/v1/subjects"),
        signed("GET", "/api/v2/officers"),
        signed("GET", "/api/v1/officers/"),
        signed("DELETE", "/api/v1/officers"),
        signed("GET", "/api/v1/officers?limit=0"),
        signed("GET", "/api/v1/officers?limit=201"),
        signed("GET", "/api/v1/officers?limit=many"),
        signed("GET", "/api/v1/officers?name=eve"),
        signed("GET", "/api/v1/officers?limit=1&limit=2"),
        signed("GET", "/api/v1/officers?cursor=*"),
        signed("GET", "/api/v1/officers/eve"),
        signed("GET", "/api/v1/organizations/civil-affairs%E2%80%AE"),
        signed("GET", "/api/v1/organizations/%FF"),
        signed("GET", "/api/v1/resources/Civil-Affairs/divisions"),
        signed("GET", "/api/v1/accesses?list=person:7"),
        signed("GET", "/api/v1/transactions/12"),
        signed("GET", "/api/v1/receipts/00/70000"),
        signed("POST", "/api/v1/transactions?wait=forever"),
        Signed::post_json("/api/v1/transactions", HOUSING, b"{}"),
        Signed::post_bytes("/api/v1/accesses", HOUSING, b"{}"),
        Signed::post_json("/api/v1/accesses", HOUSING, b"{"),
        Signed::post_json("/api/v1/records", CIVIL_AFFAIRS, br#"{"transaction":"AQID","bodies":[],"extra":1}"#),
        Signed::post_json("/api/v1/records", CIVIL_AFFAIRS, br#"{"transaction":"AQID=","bodies":[]}"#),
        Signed { method: "GET", ..Signed::post_json("/api/v1/officers", HOUSING, b"{}") },
    ]
}

/// Each is told what is wrong with it.
#[tokio::test]
async fn what_is_no_call() {
    let (router, office) = gateway();
    let mut told = String::new();
    for call in no_calls() {
        told += &format!("{} {}: {}\n", call.method, call.path, call.send(&router).await.problem());
    }
    expect![[r#"
        GET /api/v1/subjects: 404 not-found: there is nothing at this address
        GET /api/v2/officers: 404 not-found: there is nothing at this address
        GET /api/v1/officers/: 404 not-found: there is nothing at this address
        DELETE /api/v1/officers: 405 method: this address does not take this method; see `Allow`
        GET /api/v1/officers?limit=0: 400 invalid: `limit` is not between 1 and 200
        GET /api/v1/officers?limit=201: 400 invalid: `limit` is not between 1 and 200
        GET /api/v1/officers?limit=many: 400 invalid: query: limit: invalid digit found in string
        GET /api/v1/officers?name=eve: 400 invalid: query: name: unknown field `name`, expected `limit` or `cursor`
        GET /api/v1/officers?limit=1&limit=2: 400 invalid: query: duplicate field `limit`
        GET /api/v1/officers?cursor=*: 400 invalid: `cursor` is not what an earlier page gave as `next`
        GET /api/v1/officers/eve: 400 invalid: `eve` is not an identifier of 32 lower-case hexadecimal digits
        GET /api/v1/organizations/civil-affairs%E2%80%AE: 400 invalid: `civil-affairs\u{202e}` is not a name of 1 to 64 lower-case ASCII letters and digits, with single `-` or `_` between them
        GET /api/v1/organizations/%FF: 400 invalid: the path is not UTF-8 text
        GET /api/v1/resources/Civil-Affairs/divisions: 400 invalid: `Civil-Affairs/divisions` is not a resource such as `civil-affairs/divisions`
        GET /api/v1/accesses?list=person:7: 400 invalid: `list` is not `record:IDENTIFIER` or `resource:ORGANIZATION/NAME`
        GET /api/v1/transactions/12: 400 invalid: digest of 1 bytes, expected 32
        GET /api/v1/receipts/00/70000: 400 invalid: digest of 1 bytes, expected 32
        POST /api/v1/transactions?wait=forever: 400 invalid: query: wait: unknown variant `forever`, expected `final`
        POST /api/v1/transactions: 415 media-type: this call takes a body with `Content-Type: application/octet-stream`
        POST /api/v1/accesses: 415 media-type: this call takes a body with `Content-Type: application/json`
        POST /api/v1/accesses: 400 invalid: body: EOF while parsing an object at line 1 column 1
        POST /api/v1/records: 400 invalid: body: unknown field `extra`, expected `transaction` or `bodies` at line 1 column 41
        POST /api/v1/records: 400 invalid: body: not base64url without padding: Invalid symbol 61, offset 4. at line 1 column 22
        GET /api/v1/officers: 413 too-large: this call takes no body
    "#]]
    .assert_eq(&told);
    assert!(office.asked.lock().unwrap().is_empty() && office.written.lock().unwrap().is_empty());
    let deleted = Signed { method: "DELETE", ..Signed::get("/api/v1/officers", HOUSING) };
    assert_eq!(deleted.send(&router).await.header("allow"), "GET,HEAD");
}

/// Whatever is too large is refused by its head, or as soon as it is.
#[tokio::test]
async fn what_is_too_large() {
    let (router, _) = gateway();
    let large = vec![b' '; limits::ACCESS_BYTES_MAX + 1];
    let mut told = vec![Signed::post_json("/api/v1/accesses", HOUSING, &large).send(&router).await.problem()];

    // Without `Content-Length` the body is counted as it comes.
    let (head, _) = Signed::post_json("/api/v1/accesses", HOUSING, &large).request().into_parts();
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>(large.clone()), Ok(large.clone())]);
    told.push(send(&router, http::Request::from_parts(head, Body::from_stream(chunks))).await.problem());

    let request = unsigned("GET", "/api/v1/officers").header("cookie", "x".repeat(limits::HEADER_BYTES_MAX));
    told.push(send(&router, request.body(Body::empty()).unwrap()).await.problem());
    let path = format!("/api/v1/officers?cursor={}", "x".repeat(limits::URI_BYTES_MAX));
    told.push(send(&router, unsigned("GET", &path).body(Body::empty()).unwrap()).await.problem());
    let path = format!("/api/v1/officers?cursor={}", "A".repeat(limits::CURSOR_BYTES_MAX + 1));
    told.push(Signed::get(&path, HOUSING).send(&router).await.problem());
    expect![[r#"
        413 too-large: the body is larger than 32768 bytes
        413 too-large: the body is larger than 32768 bytes
        431 headers-too-large: the headers are larger than 16384 bytes
        414 uri-too-long: the address is longer than 4096 bytes
        400 invalid: `cursor` is not what an earlier page gave as `next`"#]]
    .assert_eq(&told.join("\n"));
}

/// Machines ask without a signature whether the gateway lives, is ready, and how it is.
#[tokio::test]
async fn health_is_open() {
    let (router, office) = gateway();
    let get = |path: &'static str| unsigned("GET", path).body(Body::empty()).unwrap();
    assert_eq!(send(&router, get("/healthz")).await.text(), "ok\n");
    assert_eq!(send(&router, get("/readyz")).await.text(), "ready\n");
    *office.notes.lock().unwrap() = vec!["1 staged transactions of the vault cannot be settled: see the log".into()];
    assert_eq!(
        send(&router, get("/readyz")).await.text(),
        "ready\n1 staged transactions of the vault cannot be settled: see the log\n"
    );
    assert_eq!(send(&router, get("/metrics")).await.text(), "gongxin_finalized_height 20\n");
    *office.behind.lock().unwrap() = Some("the copy of the ledger is 12 s behind".into());
    let answer = send(&router, get("/readyz")).await;
    expect!["503 not-ready: the copy of the ledger is 12 s behind"].assert_eq(&answer.problem());
}
