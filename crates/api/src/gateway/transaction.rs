//! Transactions: hand one in, ask what became of one.

use axum::{extract::State, response::Response};
use bytes::Bytes;
use gongxin_client::wire::{EXPIRED_CODE, Status, TransactionAnswer};
use gongxin_types::{Effect, TransactionId};
use http::{HeaderMap, StatusCode};

use super::{GatewayState, caller::Caller, office_error, record};
use crate::{
    error::{Answer, ApiError},
    extract::{self, Asked, Names, Nothing, WaitQuery},
    office_port::{Outcome, Submission, TransactionState},
    respond,
};

pub(crate) async fn submit(
    State(state): State<GatewayState>,
    caller: Caller,
    Asked(query): Asked<WaitQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    extract::octets(&headers)?;
    let submission = state.office.submit(body.to_vec(), record::wait(query.wait())).await;
    answer(&caller, submission.map_err(office_error::refuse)?)
}

pub(crate) async fn show(
    State(state): State<GatewayState>,
    caller: Caller,
    Names(id): Names<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    let id = parse_id(&state, &id)?;
    let known = state.office.transaction(id).await.map_err(office_error::refuse)?;
    match known {
        TransactionState::Unknown => Ok(without_receipt(StatusCode::OK, id, Status::Unknown)),
        TransactionState::Pending => Ok(without_receipt(StatusCode::OK, id, Status::Pending)),
        TransactionState::Expired => Ok(without_receipt(StatusCode::OK, id, Status::Expired)),
        TransactionState::Final(outcome) => {
            caller.check_receipt(&outcome.receipt)?;
            let status = if outcome.decision.effect == Effect::Allow { Status::Final } else { Status::Refused };
            Ok(with_receipt(status, &outcome))
        }
    }
}

/// A transaction's identifier, of the length that this network's digests have.
pub(super) fn parse_id(state: &GatewayState, text: &str) -> Result<TransactionId, ApiError> {
    let id: TransactionId = extract::id(text)?;
    state.office.suite().check_digest(&id.0).map_err(|error| ApiError::invalid(error.to_string()))?;
    Ok(id)
}

/// 200 when an action took effect, 403 with the receipt when none did, 202 while nobody knows.
pub(super) fn answer(caller: &Caller, submission: Submission) -> Answer {
    match submission {
        Submission::Pending(id) => Ok(without_receipt(StatusCode::ACCEPTED, id, Status::Pending)),
        Submission::Expired(_) => {
            let message = "a final block is past its `valid_until` and it is in none: sign a new transaction";
            Err(ApiError::new(StatusCode::GONE, EXPIRED_CODE, message))
        }
        Submission::Final(outcome) => {
            caller.check_receipt(&outcome.receipt)?;
            match outcome.decision.effect {
                Effect::Allow => Ok(with_receipt(Status::Final, &outcome)),
                Effect::Deny => Err(ApiError::decided(&outcome.decision, outcome.height, &outcome.receipt)),
            }
        }
    }
}

fn without_receipt(code: StatusCode, id: TransactionId, status: Status) -> Response {
    respond::json(code, &TransactionAnswer { id, status, height: None, receipt: None })
}

fn with_receipt(status: Status, outcome: &Outcome) -> Response {
    let receipt = serde_json::to_value(&outcome.receipt).ok();
    respond::json(StatusCode::OK, &TransactionAnswer { id: outcome.id, status, height: Some(outcome.height), receipt })
}
