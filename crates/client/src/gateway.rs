//! Talk to a gateway as an officer: every call signed (RFC 9421), resent while the gateway asks to come back.
//!
//! A call that is resent carries the same body under a new signature; bodies name their request or transaction, so that
//! nothing happens twice.

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use gongxin_crypto::{SecretKey, Signature, random};
use gongxin_types::{AccessRequest, OfficerId, TransactionId, json};
use http::{HeaderName, HeaderValue, Method, header};
use reqwest::{Client, Request};
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use crate::{
    ClientError,
    http_signature::{self, Call, Signer},
    limits,
    transport::{self, Answer},
    validator::Server,
    wire::{AccessCall, ReadingAnswer, TransactionAnswer, Wait},
};

/// One gateway, spoken to by one officer.
#[derive(Clone, Debug)]
pub struct GatewayClient {
    http: Client,
    server: Server,
    officer: OfficerId,
    key: SecretKey,
    patience: Duration,
}

impl GatewayClient {
    /// Speaks to the gateway at this base URL, such as `http://127.0.0.1:8001`, as this officer.
    ///
    /// # Errors
    /// [`ClientError::Call`] when it is no base URL.
    pub fn new(base: &str, officer: OfficerId, key: SecretKey) -> Result<Self, ClientError> {
        Ok(Self { http: transport::client(), server: Server::new(base)?, officer, key, patience: Duration::ZERO })
    }

    /// Resends for so long while the gateway is busy, not reached, or not yet final; not at all by default.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// `GET` of a path with its query, such as `/api/v1/officers?limit=10`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn get(&self, path: &str) -> Result<Answer, ClientError> {
        self.call(Method::GET, path, None, Bytes::new()).await
    }

    /// `POST` of a noun as JSON.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn post_json<T: Serialize + Sync>(&self, path: &str, noun: &T) -> Result<Answer, ClientError> {
        let body = serde_json::to_vec(noun).map_err(|error| ClientError::Call { reason: error.to_string() })?;
        self.call(Method::POST, path, Some("application/json"), body.into()).await
    }

    /// `POST` of canonical bytes.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn post_bytes(&self, path: &str, body: impl Into<Bytes>) -> Result<Answer, ClientError> {
        self.call(Method::POST, path, Some("application/octet-stream"), body.into()).await
    }

    /// One reading; a refusal and "not found" are [`ClientError::Refused`] with the receipt.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn access(&self, request: &AccessRequest, signature: Signature) -> Result<ReadingAnswer, ClientError> {
        self.post_json("/api/v1/accesses", &AccessCall::of(request, signature)).await?.json()
    }

    /// Hands a transaction in through the gateway.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] with status 403 when no action took effect.
    pub async fn submit(&self, bytes: impl Into<Bytes>, wait: Wait) -> Result<TransactionAnswer, ClientError> {
        self.post_bytes(&format!("/api/v1/transactions{}", wait.query()), bytes).await?.json()
    }

    /// What has become of a transaction.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn transaction(&self, id: TransactionId) -> Result<TransactionAnswer, ClientError> {
        self.get(&format!("/api/v1/transactions/{id}")).await?.json()
    }

    /// The bytes of `receipt.json` of an action, or of one operation of a batch.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn receipt(&self, id: TransactionId, index: u16, operation: Option<u32>) -> Result<Bytes, ClientError> {
        let operation = operation.map(|operation| format!("/{operation}")).unwrap_or_default();
        Ok(self.get(&format!("/api/v1/receipts/{id}/{index}{operation}")).await?.body)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        media_type: Option<&'static str>,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let start = Instant::now();
        let deadline = start.checked_add(self.patience).unwrap_or(start);
        let mut pause = limits::PAUSE_MIN;
        loop {
            let request = self.signed(method.clone(), path, media_type, body.clone())?;
            let error = match transport::exchange(&self.http, request, &self.server.base, limits::GATEWAY_TIMEOUT).await
            {
                Err(error) if error.is_temporary() => error,
                other => return other,
            };
            let asked = match &error {
                ClientError::Busy { retry_after } => (*retry_after).min(limits::PAUSE_MAX),
                _ => pause,
            };
            let again = Instant::now().checked_add(asked).unwrap_or(deadline);
            if again >= deadline {
                return Err(error);
            }
            sleep_until(again).await;
            pause = pause.saturating_mul(2).min(limits::PAUSE_MAX);
        }
    }

    fn signed(
        &self,
        method: Method,
        path: &str,
        media_type: Option<&'static str>,
        body: Bytes,
    ) -> Result<Request, ClientError> {
        let mut request = self.server.request(method, path)?;
        let nonce: [u8; 16] = random::array().map_err(|error| ClientError::Call { reason: error.to_string() })?;
        let created = SystemTime::now().duration_since(UNIX_EPOCH);
        let created = created.map_err(|_| ClientError::Call { reason: "the clock is before 1970".into() })?.as_secs();
        // The URL as it is sent: parsing may have normalised what the caller wrote.
        let target_uri = request.url().as_str().to_owned();
        let call = Call { method: request.method().as_str(), target_uri: &target_uri };
        let nonce = json::to_base64(&nonce);
        let signer = Signer { officer: self.officer, key: &self.key, created, nonce: &nonce };
        let headers = http_signature::sign(call, &body, signer);
        insert(&mut request, http_signature::SIGNATURE_INPUT, headers.signature_input)?;
        insert(&mut request, http_signature::SIGNATURE, headers.signature)?;
        if let Some(digest) = headers.content_digest {
            insert(&mut request, http_signature::CONTENT_DIGEST, digest)?;
        }
        if let Some(media_type) = media_type {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if !body.is_empty() {
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }
}

fn insert(request: &mut Request, name: &'static str, value: String) -> Result<(), ClientError> {
    let value = HeaderValue::from_str(&value).map_err(|error| ClientError::Call { reason: error.to_string() })?;
    request.headers_mut().insert(HeaderName::from_static(name), value);
    Ok(())
}
