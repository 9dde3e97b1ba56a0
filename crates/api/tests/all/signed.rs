//! Who gets in: officers, by a fresh signature over this very call, once.

use axum::body::Body;
use expect_test::expect;

use crate::{
    call::{NOW, Signed, key, send, unsigned},
    office::{CIVIL_AFFAIRS, DISMISSED, HOUSING, REVOKED_KEY, SECOND_KEY, gateway},
};

const PATH: &str = "/api/v1/officers?limit=2";

/// Any valid key of the officer may sign.
#[tokio::test]
async fn any_valid_key_signs() {
    let (router, _) = gateway();
    for number in [HOUSING, SECOND_KEY] {
        let call = Signed { key: key(number), ..Signed::get(PATH, HOUSING) };
        assert_eq!(call.send(&router).await.status, 200);
    }
}

/// Everyone else is told why not, in a problem document that also says how to sign.
#[tokio::test]
async fn who_stays_out() {
    let (router, _) = gateway();
    let good = || Signed::get(PATH, HOUSING);
    let refused = [
        ("early", Signed { created: NOW - 61, ..good() }),
        ("late", Signed { created: NOW + 61, ..good() }),
        ("another officer's key", Signed { key: key(CIVIL_AFFAIRS), ..good() }),
        ("a revoked key", Signed { key: key(REVOKED_KEY), ..good() }),
        ("a dismissed officer", Signed::get(PATH, DISMISSED)),
        ("an unknown officer", Signed::get(PATH, 77)),
        ("a short nonce", Signed { nonce: "short".into(), ..good() }),
    ];
    let mut told = String::new();
    for (who, call) in refused {
        let answer = call.send(&router).await;
        assert!(
            answer.header("accept-signature").contains("@target-uri")
                && answer.header("www-authenticate") == "Signature"
        );
        told += &format!("{who}: {}\n", answer.problem());
    }
    let answer = send(&router, unsigned("GET", PATH).body(Body::empty()).unwrap()).await;
    told += &format!("nobody: {}\n", answer.problem());
    expect![[r#"
        early: 401 signature-stale: the signature was not made within 60 s of this gateway's time, 2026-08-01T08:00:00.000Z
        late: 401 signature-stale: the signature was not made within 60 s of this gateway's time, 2026-08-01T08:00:00.000Z
        another officer's key: 401 signature-invalid: the signature is not by a valid key of an active officer of this network
        a revoked key: 401 signature-invalid: the signature is not by a valid key of an active officer of this network
        a dismissed officer: 401 signature-invalid: the signature is not by a valid key of an active officer of this network
        an unknown officer: 401 signature-invalid: the signature is not by a valid key of an active officer of this network
        a short nonce: 401 signature-malformed: signature parameter `nonce` must have 8 to 128 characters
        nobody: 401 unsigned: the call is not signed: `Signature-Input` and `Signature` are missing (RFC 9421)
    "#]]
    .assert_eq(&told);
    for created in [NOW - 60, NOW + 60] {
        assert_eq!(Signed { created, ..good() }.send(&router).await.status, 200);
    }
}

/// The same signed call again is a replay, even one second later and with everything else right.
#[tokio::test]
async fn a_call_passes_once() {
    let (router, _) = gateway();
    let call = Signed::get(PATH, HOUSING);
    assert_eq!(call.send(&router).await.status, 200);
    let again = call.send(&router).await;
    expect!["401 signature-replayed: this call was made before: sign it anew with another `nonce`"]
        .assert_eq(&again.problem());
    let resigned = Signed { created: NOW + 1, ..call };
    assert_eq!(resigned.send(&router).await.status, 401);
}

/// A signature for one call does not carry another path, method, body or server.
#[tokio::test]
async fn a_signature_carries_one_call() {
    let (router, office) = gateway();
    let take = |request: http::Request<Body>, path: &str, method: &str, host: &str, body: &'static [u8]| {
        let (head, _) = request.into_parts();
        let mut moved = http::Request::builder().method(method).uri(path);
        for (name, value) in &head.headers {
            moved = moved.header(name, if name == "host" { host.parse().unwrap() } else { value.clone() });
        }
        moved.body(Body::from(body)).unwrap()
    };
    let own = "gateway.test:8001";
    let get = || Signed::get(PATH, HOUSING).request();
    let post = || Signed::post_json("/api/v1/accesses", HOUSING, b"{}").request();
    let told = [
        send(&router, take(get(), "/api/v1/officers?limit=3", "GET", own, b"")).await.problem(),
        send(&router, take(get(), PATH, "HEAD", own, b"")).await.status.to_string(),
        send(&router, take(get(), PATH, "GET", "other.test:8001", b"")).await.problem(),
        send(&router, take(post(), "/api/v1/accesses", "POST", own, b"{\"more\":1}")).await.problem(),
    ];
    expect![[r#"
        401 signature-invalid: the signature is not by a valid key of an active officer of this network
        401 Unauthorized
        421 misdirected: this gateway is not `other.test:8001`; it is called http://gateway.test:8001
        401 signature-body: the body does not match the signed `Content-Digest`"#]]
    .assert_eq(&told.join("\n"));
    assert!(office.asked.lock().unwrap().is_empty() && office.requests.lock().unwrap().is_empty());
}

/// Whoever does not sign is told to sign, whatever host the call names or none.
#[tokio::test]
async fn an_unsigned_call_is_unsigned_everywhere() {
    let (router, _) = gateway();
    let foreign = http::Request::get(PATH).header("host", "other.test:8001").body(Body::empty()).unwrap();
    let nameless = http::Request::get(PATH).body(Body::empty()).unwrap();
    for request in [foreign, nameless] {
        let answer = send(&router, request).await;
        assert!(answer.problem().starts_with("401 unsigned: "), "{}", answer.problem());
    }
}

/// Behind a proxy the gateway has a public name beside its own: calls signed for either pass.
#[tokio::test]
async fn a_gateway_may_have_several_names() {
    let office = std::sync::Arc::new(crate::office::FakeOffice::default());
    let origins = ["https://Public.Example:443/", crate::call::ORIGIN].map(|origin| origin.parse().unwrap());
    let router = gongxin_api::gateway::router(crate::office::Shared(office), origins);
    assert_eq!(Signed::get(PATH, HOUSING).send(&router).await.status, 200);
    let public = |origin: &'static str, host: &'static str| {
        let (mut head, body) = Signed::get(PATH, HOUSING).request_for(origin).into_parts();
        head.headers.insert("host", host.parse().unwrap());
        http::Request::from_parts(head, body)
    };
    assert_eq!(send(&router, public("https://public.example", "public.example")).await.status, 200);
    assert_eq!(send(&router, public("http://public.example", "public.example")).await.status, 401);
}

/// A body that no digest covers is refused, though the signature over the head stands.
#[tokio::test]
async fn a_body_must_be_covered() {
    let (router, _) = gateway();
    let (head, _) = Signed { method: "POST", ..Signed::get("/api/v1/accesses", HOUSING) }.request().into_parts();
    let answer = send(&router, http::Request::from_parts(head, Body::from("{}"))).await;
    assert_eq!(answer.status, 401);
    assert!(answer.problem().contains("content-digest"));
}
