//! Many transactions in one call, for those who send thousands a second: each is taken or refused for itself.
//!
//! The body is frames (`u32` length, big-endian, and so many bytes), one canonical transaction each; the answer has one
//! item per frame, in order.

use axum::{
    extract::{State, rejection::BytesRejection},
    response::Response,
};
use bytes::Bytes;
use gongxin_client::{
    frame,
    wire::{BatchAnswer, BatchItem, Status, TransactionReport, Wait},
};
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::{ValidatorState, transaction};
use crate::{
    error::{Answer, ApiError},
    extract::{self, Asked, WaitQuery},
    limits, respond,
    validator_port::{Submission, SubmitError, ValidatorPort, WaitOutcome},
};

pub(crate) async fn submit(
    State(state): State<ValidatorState>,
    Asked(query): Asked<WaitQuery>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer {
    extract::octets(&headers)?;
    let body = transaction::whole(body, limits::BATCH_BYTES_MAX)?;
    let transactions = split(&body)?;
    // All of them are handed in before the first is answered: they are admitted together.
    let submissions = futures::future::join_all(transactions.into_iter().map(|bytes| state.node.submit(bytes))).await;
    let deadline = Instant::now() + limits::FINAL_TIMEOUT;
    let mut items = Vec::with_capacity(submissions.len());
    for submission in submissions {
        items.push(match submission {
            Ok(submission) => follow(&*state.node, submission, query.wait(), deadline).await,
            Err(error) => refused(error),
        });
    }
    Ok(answer(&BatchAnswer { transactions: items }))
}

fn split(body: &Bytes) -> Result<Vec<Bytes>, ApiError> {
    let mut decoder = frame::Decoder::default();
    decoder.push(body);
    let mut transactions = Vec::new();
    while let Some(bytes) = decoder.pop().map_err(|error| ApiError::invalid(error.to_string()))? {
        if transactions.len() >= limits::BATCH_TRANSACTIONS_MAX {
            let most = limits::BATCH_TRANSACTIONS_MAX;
            return Err(ApiError::invalid(format!("more than {most} transactions in one call")));
        }
        transactions.push(bytes);
    }
    match (transactions.is_empty(), decoder.is_empty()) {
        (_, false) => Err(ApiError::invalid("the last transaction is cut off")),
        (true, true) => Err(ApiError::invalid("there is no transaction in this call")),
        (false, true) => Ok(transactions),
    }
}

/// What has become of a transaction that was taken; waits for finality if asked to, up to the deadline of the call.
async fn follow(node: &dyn ValidatorPort, submission: Submission, wait: Wait, deadline: Instant) -> BatchItem {
    let id = submission.id;
    let position = match (submission.position, wait) {
        (Some(position), _) => Some(position),
        (None, Wait::No) => None,
        (None, Wait::Final) => {
            let patience = deadline.saturating_duration_since(Instant::now());
            match node.wait_final(id, patience).await {
                WaitOutcome::Final(position) => Some(position),
                WaitOutcome::Expired => {
                    let report = TransactionReport { id, status: Status::Expired, height: None, index: None };
                    return BatchItem::Taken(report);
                }
                WaitOutcome::Timeout | WaitOutcome::Stopped => None,
            }
        }
    };
    BatchItem::Taken(transaction::report(id, position))
}

fn refused(error: SubmitError) -> BatchItem {
    let problem = transaction::refused(error).into_problem();
    BatchItem::Refused { code: problem.code, message: problem.message }
}

fn answer(answer: &BatchAnswer) -> Response {
    respond::json(StatusCode::OK, answer)
}
