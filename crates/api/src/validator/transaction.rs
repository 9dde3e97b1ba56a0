//! Transactions: hand one in, ask what became of one.

use axum::{
    extract::{State, rejection::BytesRejection},
    response::Response,
};
use bytes::Bytes;
use gongxin_client::wire::{EXPIRED_CODE, Status, TransactionReport, UNKNOWN_KEY_CODE, Wait};
use gongxin_types::TransactionId;
use http::{HeaderMap, StatusCode};

use super::ValidatorState;
use crate::{
    error::{Answer, ApiError},
    extract::{self, Asked, Names, Nothing, WaitQuery},
    limits, respond,
    validator_port::{Position, SubmitError, TransactionState, WaitOutcome},
};

pub(crate) async fn submit(
    State(state): State<ValidatorState>,
    Asked(query): Asked<WaitQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    extract::octets(&headers)?;
    let body = whole(body, limits::TRANSACTION_BYTES_MAX)?;
    let submission = state.node.submit(body).await.map_err(refused)?;
    match (submission.position, query.wait()) {
        (Some(position), _) => Ok(finished(submission.id, position)),
        (None, Wait::No) => Ok(pending(submission.id)),
        (None, Wait::Final) => match state.node.wait_final(submission.id, limits::FINAL_TIMEOUT).await {
            WaitOutcome::Final(position) => Ok(finished(submission.id, position)),
            WaitOutcome::Timeout => Ok(pending(submission.id)),
            WaitOutcome::Expired => {
                let message = "a final block is past its `valid_until` and it is in none: sign a new transaction";
                Err(ApiError::new(StatusCode::GONE, EXPIRED_CODE, message))
            }
            WaitOutcome::Stopped => Err(refused(SubmitError::Stopped)),
        },
    }
}

pub(crate) async fn show(
    State(state): State<ValidatorState>,
    Names(id): Names<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    let id: TransactionId = extract::id(&id)?;
    let report = match state.node.transaction(id).await {
        TransactionState::Unknown => without_place(id, Status::Unknown),
        TransactionState::Expired => without_place(id, Status::Expired),
        TransactionState::Pending => report(id, None),
        TransactionState::Final(position) => report(id, Some(position)),
    };
    Ok(respond::json(StatusCode::OK, &report))
}

/// The body, if it came whole and is not too large.
pub(crate) fn whole(body: Result<Bytes, BytesRejection>, bytes_max: usize) -> Result<Bytes, ApiError> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(bytes_max),
        _ => ApiError::invalid("the body ended early"),
    })
}

pub(crate) fn refused(error: SubmitError) -> ApiError {
    match error {
        SubmitError::Busy { retry_after_ms } => ApiError::later(
            "busy",
            "the validator takes no more now: send the same bytes again, or to another one",
            retry_after_ms,
        ),
        SubmitError::Invalid { reason } => ApiError::invalid(reason),
        SubmitError::UnknownKey => ApiError::new(
            StatusCode::BAD_REQUEST,
            UNKNOWN_KEY_CODE,
            "the signing key is not registered for its sender, as of the latest block here",
        ),
        SubmitError::Conflict => ApiError::new(
            StatusCode::CONFLICT,
            "conflict",
            "another body was sent under this key, lane and sequence number, or the number is too old",
        ),
        SubmitError::Stopped => ApiError::later("stopping", "the validator is stopping: ask another one", 1_000),
    }
}

fn pending(id: TransactionId) -> Response {
    respond::json(StatusCode::ACCEPTED, &report(id, None))
}

fn finished(id: TransactionId, position: Position) -> Response {
    respond::json(StatusCode::OK, &report(id, Some(position)))
}

/// A transaction that was taken: final at its place, or pending.
pub(crate) fn report(id: TransactionId, position: Option<Position>) -> TransactionReport {
    let status = if position.is_some() { Status::Final } else { Status::Pending };
    let height = position.map(|position| position.height);
    TransactionReport { id, status, height, index: position.map(|position| position.index) }
}

fn without_place(id: TransactionId, status: Status) -> TransactionReport {
    TransactionReport { id, status, height: None, index: None }
}
