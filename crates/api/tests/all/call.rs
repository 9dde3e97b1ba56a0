//! Calls as a client makes them, and answers as it reads them.

use axum::{
    Router,
    body::{Body, to_bytes},
};
use gongxin_client::http_signature::{self, Call, Signer};
use gongxin_crypto::{SecretKey, Suite};
use gongxin_types::OfficerId;
use http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt;

/// Where the gateway of these tests is called.
pub(crate) const ORIGIN: &str = "http://gateway.test:8001";
/// The gateway's clock, seconds.
pub(crate) const NOW: u64 = 1_785_571_200;

/// A key that a number determines.
pub(crate) fn key(number: u8) -> SecretKey {
    Suite::Intl.secret_from_seed(&[number; 32])
}

/// An answer, whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// `STATUS code: message`, after checking that it is a problem document that says the same everywhere.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{} {}", self.status, self.text());
        let problem = self.json();
        let text = |name: &str| problem[name].as_str().unwrap().to_owned();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(text("type"), format!("urn:gongxin:problem:{}", text("code")));
        assert_eq!(text("detail"), text("message"));
        assert!(!text("title").is_empty() && problem["policies"].is_array());
        format!("{} {}: {}", self.status.as_u16(), text("code"), text("message"))
    }
}

/// Sends a request through the router.
pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, 1 << 26).await.unwrap().to_vec();
    assert_eq!(head.headers.get("x-request-id").map(|id| id.len()), Some(16));
    Answer { status: head.status, headers: head.headers, body }
}

/// A signed call under construction.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) media_type: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) officer: OfficerId,
    pub(crate) key: SecretKey,
    pub(crate) created: u64,
    pub(crate) nonce: String,
}

impl<'a> Signed<'a> {
    pub(crate) fn get(path: &'a str, number: u8) -> Self {
        let nonce = gongxin_crypto::random::array::<16>().unwrap();
        Self {
            method: "GET",
            path,
            media_type: "",
            body: b"",
            officer: OfficerId::new([number; 16]),
            key: key(number),
            created: NOW,
            nonce: gongxin_types::json::to_base64(&nonce),
        }
    }

    pub(crate) fn post_json(path: &'a str, number: u8, body: &'a [u8]) -> Self {
        Self { method: "POST", media_type: "application/json", body, ..Self::get(path, number) }
    }

    pub(crate) fn post_bytes(path: &'a str, number: u8, body: &'a [u8]) -> Self {
        Self { media_type: "application/octet-stream", ..Self::post_json(path, number, body) }
    }

    pub(crate) fn request(&self) -> Request<Body> {
        self.request_for(ORIGIN)
    }

    /// The same, signed for a gateway of this base URL.
    pub(crate) fn request_for(&self, origin: &str) -> Request<Body> {
        let target_uri = format!("{origin}{}", self.path);
        let call = Call { method: self.method, target_uri: &target_uri };
        let signer = Signer { officer: self.officer, key: &self.key, created: self.created, nonce: &self.nonce };
        let headers = http_signature::sign(call, self.body, signer);
        let mut request = unsigned(self.method, self.path)
            .header("signature-input", headers.signature_input)
            .header("signature", headers.signature);
        if let Some(digest) = headers.content_digest {
            request = request.header("content-digest", digest);
        }
        if !self.media_type.is_empty() {
            request = request.header("content-type", self.media_type);
        }
        request.body(Body::from(self.body.to_vec())).unwrap()
    }

    pub(crate) async fn send(&self, router: &Router) -> Answer {
        send(router, self.request()).await
    }
}

pub(crate) fn unsigned(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "gateway.test:8001")
}
