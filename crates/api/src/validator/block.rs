//! One final block: as canonical bytes, or to be read by a person.

use axum::extract::State;
use bytes::Bytes;
use gongxin_client::wire::NOT_KEPT_CODE;
use gongxin_types::{
    ActionCode, Certificate, Decision, FinalizedBlock, Header, HeaderDigest, Height, TransactionId, codec,
    transaction::Sender,
};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::ValidatorState;
use crate::{
    error::{Answer, ApiError},
    extract::{self, Asked, Names, Nothing},
    respond,
    validator_port::ValidatorPort,
};

pub(crate) async fn show(
    State(state): State<ValidatorState>,
    Names(height): Names<String>,
    Asked(Nothing {}): Asked<Nothing>,
    headers: HeaderMap,
) -> Answer {
    let height = parse_height(&height)?;
    let bytes = state.node.block(height).await;
    let bytes = match bytes {
        Some(bytes) => bytes,
        None => {
            kept(&*state.node, height)?;
            return Err(ApiError::not_found(format!("block {height} is not here")));
        }
    };
    if extract::wants_json(&headers) {
        return Ok(respond::json(StatusCode::OK, &read(&bytes)?));
    }
    Ok(respond::octets(bytes))
}

/// Refuses a height below the blocks that this node keeps, by name: another node may have it.
pub(super) fn kept(node: &dyn ValidatorPort, height: Height) -> Result<(), ApiError> {
    match node.first().filter(|first| height < *first) {
        Some(first) => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            NOT_KEPT_CODE,
            format!("this node keeps blocks from height {first} on: ask another validator for block {height}"),
        )),
        None => Ok(()),
    }
}

/// A height as people write it: digits, no leading zero.
pub(super) fn parse_height(text: &str) -> Result<Height, ApiError> {
    let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    number.map(Height::new).ok_or_else(|| ApiError::invalid("the height is not a number such as `17`"))
}

/// A block without what only machines need: no writes, no list keys.
#[derive(Serialize)]
struct ReadableBlock {
    digest: HeaderDigest,
    header: Header,
    certificate: Option<Certificate>,
    decisions: Vec<ReadableDecision>,
}

#[derive(Serialize)]
struct ReadableDecision {
    transaction: TransactionId,
    index: u16,
    sender: Sender,
    action: ActionCode,
    decision: Decision,
}

fn read(bytes: &Bytes) -> Result<ReadableBlock, ApiError> {
    let block: FinalizedBlock = codec::decode("block", bytes).map_err(|error| ApiError::internal(&error))?;
    let results = block.receipts.transactions.into_iter().flat_map(|receipts| receipts.actions);
    let decisions = results.map(|result| ReadableDecision {
        transaction: result.receipt.transaction,
        index: result.receipt.index,
        sender: result.receipt.sender,
        action: result.receipt.action,
        decision: result.receipt.decision,
    });
    Ok(ReadableBlock {
        digest: block.header.digest(),
        header: block.header,
        certificate: block.certificate,
        decisions: decisions.collect(),
    })
}
