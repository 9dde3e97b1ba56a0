//! Requests, as text: a line `METHOD TARGET`, headers, an empty line, the body. Through the very routers that serve them.
//!
//! A call to a gateway is signed here by an officer it knows, unless it brings signature headers of its own: so every body
//! and query behind authentication is reached, and every forged signature in front of it.

use std::cell::{Cell, RefCell};

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use gongxin_client::Problem;
use gongxin_client::http_signature::{self, Call, Parsed, SIGNATURE_INPUT, Signer};
use gongxin_crypto::Suite;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::office::{self, CLOCK, ORIGIN, officer_key};
use crate::{Outcome, validator};

/// Calls on one router: a gateway remembers nonces for minutes, and here a million of them make a minute.
const CALLS_PER_ROUTER: usize = 1_024;
/// Largest answer of the offices here: blocks of a few hundred bytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// A request in parts.
struct Written<'a> {
    method: &'a str,
    target: &'a str,
    headers: HeaderMap,
    body: &'a [u8],
}

impl<'a> Written<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = match end {
            Some(end) => (bytes.get(..end)?, bytes.get(end + 2..)?),
            None => (bytes.strip_suffix(b"\n").unwrap_or(bytes), &b""[..]),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let (method, target) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(line.get(..colon)?).ok()?;
            let value = HeaderValue::from_bytes(line.get(colon + 1..)?.trim_ascii()).ok()?;
            headers.try_append(name, value).ok()?;
        }
        Some(Self { method, target, headers, body })
    }

    /// As a server gets it: only a path, and a host.
    fn request(self) -> Option<Request<Body>> {
        let mut request = Request::new(Body::from(Bytes::copy_from_slice(self.body)));
        *request.method_mut() = Method::from_bytes(self.method.as_bytes()).ok()?;
        *request.uri_mut() = self.target.parse::<Uri>().ok().filter(|uri| uri.path().starts_with('/'))?;
        *request.headers_mut() = self.headers;
        Some(request)
    }
}

/// The signature headers of a call; accepted where they are a signature of the officer's key over this very call.
pub(crate) fn http_signature(bytes: &[u8]) -> Outcome {
    let Some(Written { method, target, headers, body }) = Written::read(bytes) else {
        return Outcome::Refused;
    };
    let Ok(parsed) = Parsed::read(Call { method, target_uri: target }, &headers) else {
        return Outcome::Refused;
    };
    assert!(parsed.covered.contains(&"@method") && parsed.covered.contains(&"@target-uri"));
    assert!(parsed.base.contains(&format!("\"@method\": {method}\n")));
    let verified = parsed.verify(Suite::Intl, &officer_key().public()).is_ok();
    let whole = http_signature::verify(Call { method, target_uri: target }, &headers, body);
    assert_eq!(whole.is_ok(), parsed.check_body(body).is_ok());
    Outcome::of(verified && whole.is_ok())
}

/// A call to a gateway; accepted where the answer is no refusal.
pub(crate) fn gateway_call(bytes: &[u8]) -> Outcome {
    let Some(mut written) = Written::read(bytes) else {
        return Outcome::Refused;
    };
    let host = HeaderValue::from_static(ORIGIN.trim_start_matches("http://"));
    written.headers.insert(header::HOST, host);
    if !written.headers.contains_key(SIGNATURE_INPUT) && sign(&mut written).is_none() {
        return Outcome::Refused;
    }
    written.request().map_or(Outcome::Refused, |request| GATEWAY.with(|server| server.answer(request)))
}

/// Signs a call by the officer, under a nonce of its own.
fn sign(written: &mut Written<'_>) -> Option<()> {
    thread_local! {
        static CALLS: Cell<u64> = const { Cell::new(0) };
    }
    let nonce = format!("nonce-{:016}", CALLS.replace(CALLS.get().wrapping_add(1)));
    // The URI as the server rebuilds it: without a fragment, which is never sent.
    let uri: Uri = written.target.parse().ok()?;
    let target_uri = format!("{ORIGIN}{}", uri.path_and_query()?);
    let call = Call { method: written.method, target_uri: &target_uri };
    let signer = Signer { officer: office::officer().id, key: &officer_key(), created: CLOCK, nonce: &nonce };
    let headers = http_signature::sign(call, written.body, signer);
    let named = [
        (http_signature::CONTENT_DIGEST, headers.content_digest),
        (http_signature::SIGNATURE_INPUT, Some(headers.signature_input)),
        (http_signature::SIGNATURE, Some(headers.signature)),
    ];
    for (name, value) in named {
        written.headers.remove(name);
        if let Some(value) = value {
            written.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(&value).ok()?);
        }
    }
    Some(())
}

/// A call to a validator; accepted where the answer is no refusal.
pub(crate) fn validator_call(bytes: &[u8]) -> Outcome {
    let request = Written::read(bytes).and_then(Written::request);
    request.map_or(Outcome::Refused, |request| VALIDATOR.with(|server| server.answer(request)))
}

thread_local! {
    static GATEWAY: Server = Server::new(office::router);
    static VALIDATOR: Server = Server::new(validator::router);
}

/// A router that is made anew after some calls.
struct Server {
    make: fn() -> Router,
    runtime: Runtime,
    router: RefCell<(Router, usize)>,
}

impl Server {
    fn new(make: fn() -> Router) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
        Self { make, runtime, router: RefCell::new((make(), 0)) }
    }

    fn router(&self) -> Router {
        let (router, calls) = &mut *self.router.borrow_mut();
        *calls += 1;
        if *calls > CALLS_PER_ROUTER {
            (*router, *calls) = ((self.make)(), 0);
        }
        router.clone()
    }

    /// Whatever is asked, the answer is no fault of our own, and a refusal is a problem document that says the same
    /// everywhere (RFC 9457).
    fn answer(&self, request: Request<Body>) -> Outcome {
        let router = self.router();
        let without_body = request.method() == Method::HEAD;
        let (status, headers, body) = self.runtime.block_on(async move {
            let Ok(response) = router.oneshot(request).await;
            let (head, body) = response.into_parts();
            let body = to_bytes(body, ANSWER_BYTES_MAX).await.expect("a whole answer");
            (head.status, head.headers, body)
        });
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{}", String::from_utf8_lossy(&body));
        let refused = status.is_client_error() || status.is_server_error();
        if refused && !without_body {
            let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            assert_eq!(media_type, Some(gongxin_client::problem::MEDIA_TYPE), "{status}");
            let problem: Problem = serde_json::from_slice(&body).expect("a problem document");
            assert!(problem.status == status.as_u16() && !problem.code.is_empty() && !problem.message.is_empty());
        }
        Outcome::of(!refused)
    }
}
