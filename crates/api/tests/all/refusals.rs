//! Bad input at the gateway: each is told what, where and what to do, and nothing reaches the office.

use axum::body::Body;
use expect_test::expect;
use gongxin_api::limits;

use crate::{
    call::{Signed, send, unsigned},
    office::{CIVIL_AFFAIRS, HOUSING, gateway},
};

/// Addresses, methods, queries, identifiers and media types that are none.
#[tokio::test]
async fn what_is_no_call() {
    let (router, office) = gateway();
    let signed = |method: &'static str, path: &'static str| Signed { method, ..Signed::get(path, HOUSING) };
    let calls = [
        signed("GET", "/api/v1/proposals"),
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
    ];
    let mut told = String::new();
    for call in calls {
        told += &format!("{} {}: {}\n", call.method, call.path, call.send(&router).await.problem());
    }
    expect![[r#"
    "#]]
    .assert_eq(&told);
    assert!(office.asked.lock().unwrap().is_empty() && office.written.lock().unwrap().is_empty());
    assert_eq!(signed("DELETE", "/api/v1/officers").send(&router).await.header("allow"), "GET,HEAD");
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
    assert_eq!(send(&router, get("/metrics")).await.text(), "gongxin_finalized_height 20\n");
    *office.behind.lock().unwrap() = Some("the copy of the ledger is 12 s behind".into());
    let answer = send(&router, get("/readyz")).await;
    expect!["503 not-ready: the copy of the ledger is 12 s behind"].assert_eq(&answer.problem());
}
