//! Who calls: an officer whom the ledger knows, by a fresh signature over this very call (RFC 9421).
//!
//! The head is judged before the body is read: only officers may make a gateway read a large one.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gongxin_client::http_signature::{self, Call, Parsed, ReadError};
use gongxin_types::{Officer, Time};
use http::{StatusCode, header, request::Parts};
use http_body_util::LengthLimitError;
use tokio::sync::OwnedSemaphorePermit;

use super::{GatewayState, caller::Caller, office_error};
use crate::{
    error::ApiError,
    limits,
    routes::{self, Route, Visibility},
};

pub(super) async fn authenticate(State(state): State<GatewayState>, request: Request, next: Next) -> Response {
    match admit(&state, request).await {
        Ok(admitted) => {
            let response = next.run(admitted.request).await;
            drop(admitted.permit);
            response
        }
        Err(error) => error.into_response(),
    }
}

/// The same request with its caller and its whole body.
struct Admitted {
    request: Request,
    /// Held from the first byte of a large body to the answer.
    permit: Option<OwnedSemaphorePermit>,
}

async fn admit(state: &GatewayState, request: Request) -> Result<Admitted, ApiError> {
    let (mut head, body) = request.into_parts();
    let parsed = read_signature(state, &head)?;
    let now = state.office.clock();
    check_fresh(now, parsed.created)?;
    let officer = known_officer(state, &parsed).await?;
    state.replays.remember(now, officer.id, &parsed.nonce)?;
    let route = route(&head);
    if route.is_some_and(|route| route.visibility == Visibility::Own)
        && officer.organization != state.office.organization()
    {
        let message = format!("this is for officers of `{}` alone", state.office.organization());
        return Err(ApiError::new(StatusCode::FORBIDDEN, "not-own-organization", message));
    }
    let bytes_max = route.map_or(0, |route| route.body_bytes_max);
    let permit = permit(state, bytes_max)?;
    let body = read_body(&head, body, bytes_max).await?;
    parsed.check_body(&body).map_err(unauthorized)?;
    head.extensions.insert(Caller::new(officer));
    Ok(Admitted { request: Request::from_parts(head, Body::from(body)), permit })
}

/// The line of the table that this request goes by; none where the method is not one of the address.
fn route(head: &Parts) -> Option<&'static Route> {
    let matched = head.extensions.get::<MatchedPath>()?;
    routes::find(routes::GATEWAY, head.method.as_str(), matched.as_str())
}

fn permit(state: &GatewayState, bytes_max: usize) -> Result<Option<OwnedSemaphorePermit>, ApiError> {
    if bytes_max <= limits::TRANSACTION_BYTES_MAX {
        return Ok(None);
    }
    let permit = Arc::clone(&state.large_bodies).try_acquire_owned();
    permit
        .map(Some)
        .map_err(|_| ApiError::later("busy", "large bodies are being taken in already: try again later", 1_000))
}

fn read_signature(state: &GatewayState, head: &Parts) -> Result<Parsed, ApiError> {
    // Whoever does not sign is told so, whatever host was named.
    if !http_signature::is_signed(&head.headers) {
        return Err(unauthorized(ReadError::Unsigned));
    }
    let target_uri = state.origins.target_uri(head)?;
    let call = Call { method: head.method.as_str(), target_uri: &target_uri };
    Parsed::read(call, &head.headers).map_err(unauthorized)
}

fn unauthorized(error: ReadError) -> ApiError {
    let code = match error {
        ReadError::Unsigned => "unsigned",
        ReadError::Body => "signature-body",
        ReadError::Header { .. } | ReadError::Parameter { .. } | ReadError::Covered => "signature-malformed",
    };
    ApiError::new(StatusCode::UNAUTHORIZED, code, error.to_string())
}

fn check_fresh(now: Time, created_seconds: u64) -> Result<(), ApiError> {
    let created = created_seconds.saturating_mul(1_000);
    if now.millis().abs_diff(created) <= limits::CREATED_SKEW_MS {
        return Ok(());
    }
    let message = format!(
        "the signature was not made within {} s of this gateway's time, {now}",
        limits::CREATED_SKEW_MS / 1_000
    );
    Err(ApiError::new(StatusCode::UNAUTHORIZED, "signature-stale", message))
}

/// The officer, active, with a valid key that made the signature, by the ledger as far as it is known here.
async fn known_officer(state: &GatewayState, parsed: &Parsed) -> Result<Officer, ApiError> {
    let refused = || {
        let message = "the signature is not by a valid key of an active officer of this network";
        ApiError::new(StatusCode::UNAUTHORIZED, "signature-invalid", message)
    };
    let officer = state.office.officer(parsed.keyid).await.map_err(office_error::refuse)?;
    let time = state.office.tip().time;
    let officer = officer.filter(|officer| officer.is_active_at(time)).ok_or_else(refused)?;
    let suite = state.office.suite();
    let mut valid = officer.keys.iter().filter(|key| key.is_valid_at(time));
    if valid.any(|key| parsed.verify(suite, &key.key).is_ok()) { Ok(officer) } else { Err(refused()) }
}

async fn read_body(head: &Parts, body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    let announced =
        head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(ApiError::too_large(bytes_max));
    }
    match tokio::time::timeout(limits::BODY_TIMEOUT, to_bytes(body, bytes_max)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(ApiError::too_large(bytes_max)),
        Ok(Err(_)) => Err(ApiError::invalid("the body ended early")),
        Err(_) => Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "slow-body", "the body did not arrive in time")),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.is::<LengthLimitError>())
}
