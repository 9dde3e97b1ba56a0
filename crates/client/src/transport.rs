//! One HTTP exchange: bounded in time and in bytes, without redirects and proxies.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use reqwest::{Client, Request, Response};

use crate::{ClientError, Problem, limits};

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status: a success.
    pub status: StatusCode,
    /// The body.
    pub body: Bytes,
    pub(crate) server: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// [`ClientError::Answer`] when it is no such JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| ClientError::Answer { server: self.server.clone(), reason: error.to_string() })
    }
}

pub(crate) fn client() -> Client {
    let builder = Client::builder()
        .connect_timeout(limits::CONNECT_TIMEOUT)
        .pool_idle_timeout(limits::IDLE_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tcp_nodelay(true);
    // Without TLS nothing in the builder can fail; a default client only lacks these settings.
    builder.build().unwrap_or_default()
}

/// Sends and reads the whole answer; anything but a success is an error.
pub(crate) async fn exchange(
    client: &Client,
    request: Request,
    server: &str,
    limit: Duration,
) -> Result<Answer, ClientError> {
    let whole = async {
        let response = client.execute(request).await.map_err(|error| unreachable(server, &error))?;
        read(response, server).await
    };
    match tokio::time::timeout(limit, whole).await {
        Ok(answer) => answer,
        Err(_) => Err(ClientError::Unreachable {
            server: server.to_owned(),
            reason: format!("no answer within {} ms", limit.as_millis()),
        }),
    }
}

pub(crate) async fn read(mut response: Response, server: &str) -> Result<Answer, ClientError> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(server, &error))? {
        if body.len().saturating_add(chunk.len()) > limits::ANSWER_BYTES_MAX {
            return Err(ClientError::Answer { server: server.to_owned(), reason: "it is too long".into() });
        }
        body.extend_from_slice(&chunk);
    }
    if status.is_success() {
        return Ok(Answer { status, body: body.freeze(), server: server.to_owned() });
    }
    Err(failure(status, &headers, &body, server))
}

/// 503 is busy; other errors of the server count as not reached; the rest is a refusal.
pub(crate) fn failure(status: StatusCode, headers: &HeaderMap, body: &[u8], server: &str) -> ClientError {
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return ClientError::Busy { retry_after: retry_after(headers) };
    }
    let problem = Problem::read(status.as_u16(), body);
    if status.is_client_error() {
        return ClientError::Refused(Box::new(problem));
    }
    ClientError::Unreachable {
        server: server.to_owned(),
        reason: format!("status {}: {}", status.as_u16(), problem.message),
    }
}

/// What the server asks for, in whole seconds (RFC 9110 §10.2.3); the shortest pause where it does not say.
fn retry_after(headers: &HeaderMap) -> Duration {
    let seconds = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    seconds.map_or(limits::PAUSE_MIN, Duration::from_secs)
}

pub(crate) fn unreachable(server: &str, error: &reqwest::Error) -> ClientError {
    // The innermost cause says what happened (`connection refused`); the outer ones repeat the URL.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    ClientError::Unreachable { server: server.to_owned(), reason: cause.to_string() }
}

/// Pauses that grow, up to a bound.
#[derive(Debug)]
pub(crate) struct Pause(Duration);

impl Pause {
    pub(crate) const fn new() -> Self {
        Self(limits::PAUSE_MIN)
    }

    /// Waits at least as long as the peer asked, within our own bound.
    pub(crate) async fn wait(&mut self, asked: Duration) {
        tokio::time::sleep(self.0.max(asked).min(limits::PAUSE_MAX)).await;
        self.0 = self.0.saturating_mul(2).min(limits::PAUSE_MAX);
    }
}
