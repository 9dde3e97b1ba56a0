//! A gateway that checks every signature and plays a script.

use std::sync::{Arc, Mutex};

use axum::{Router, body, extract::Request as ServerRequest, http::StatusCode, response::IntoResponse, routing::any};
use gongxin_crypto::Suite;

use super::*;
use crate::{Problem, http_signature::Parsed};

/// A gateway that checks the signature and then gives these answers, one per call; it keeps what it was asked.
async fn gateway(answers: Vec<(StatusCode, String)>) -> (GatewayClient, Arc<Mutex<Vec<(Parsed, Bytes)>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let answers = Arc::new(Mutex::new(answers.into_iter()));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (kept, origin) = (asked.clone(), base.clone());
    let handler = move |request: ServerRequest| async move {
        let (head, body) = request.into_parts();
        let body = body::to_bytes(body, 1 << 20).await.unwrap();
        let target_uri = format!("{origin}{}", head.uri);
        let call = Call { method: head.method.as_str(), target_uri: &target_uri };
        let parsed = http_signature::verify(call, &head.headers, &body).unwrap();
        parsed.verify(Suite::Intl, &key().public()).unwrap();
        kept.lock().unwrap().push((parsed, body));
        let (status, body) = answers.lock().unwrap().next().unwrap();
        (status, body).into_response()
    };
    let router = Router::new().fallback(any(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (GatewayClient::new(&base, OfficerId::new([1; 16]), key()).unwrap(), asked)
}

fn key() -> SecretKey {
    Suite::Intl.secret_from_seed(&[9; 32])
}

/// A reading that is not final yet is asked for again: the same body, under a new signature with another nonce.
#[tokio::test]
async fn the_same_request_until_final() {
    let pending = serde_json::to_string(&Problem::new(503, "Service Unavailable", "pending", "not final yet")).unwrap();
    let (client, asked) =
        gateway(vec![(StatusCode::SERVICE_UNAVAILABLE, pending), (StatusCode::OK, "{\"ok\":true}".into())]).await;
    let client = client.with_patience(Duration::from_secs(10));
    let answer = client.post_json("/api/v1/accesses", &serde_json::json!({"a": 1})).await.unwrap();
    assert_eq!(answer.json::<serde_json::Value>().unwrap(), serde_json::json!({"ok": true}));
    let asked = asked.lock().unwrap();
    let [first, second] = asked.as_slice() else { panic!("two calls, not {}", asked.len()) };
    assert_eq!(first.1, second.1);
    assert_ne!(first.0.nonce, second.0.nonce);
}

/// A refusal arrives with code, message, policies and the receipt's canonical bytes; it is not asked for again.
#[tokio::test]
async fn a_refusal_carries_its_receipt() {
    let mut problem = Problem::new(403, "Forbidden", "grant-expired", "the grant has ended");
    problem.policies = vec!["reader-with-grant".parse().unwrap()];
    problem.receipt = Some(serde_json::json!({"leaf": "AAA", "format": "x"}));
    let (client, _) = gateway(vec![(StatusCode::FORBIDDEN, serde_json::to_string(&problem).unwrap())]).await;
    let error = client.with_patience(Duration::from_secs(10)).get("/api/v1/grants/1?x=%20").await.unwrap_err();
    let told = error.problem().unwrap();
    assert_eq!(told, &problem);
    assert_eq!(told.receipt_bytes().unwrap(), br#"{"format":"x","leaf":"AAA"}"#);
    assert_eq!(error.to_string(), "the grant has ended");
}

/// An answer that is no problem document is still an error with its status.
#[tokio::test]
async fn an_answer_from_a_proxy() {
    let (client, _) = gateway(vec![(StatusCode::NOT_FOUND, "<html>".into())]).await;
    let error = client.get("/api/v1/organizations").await.unwrap_err();
    assert_eq!((error.problem().unwrap().status, error.problem().unwrap().code.as_str()), (404, "unknown"));
}

/// A base URL that is none is said before anything is sent.
#[test]
fn no_base_url() {
    for base in ["127.0.0.1:8001", "ftp://x", "http://x/?q", ""] {
        GatewayClient::new(base, OfficerId::new([1; 16]), key()).unwrap_err();
    }
}
