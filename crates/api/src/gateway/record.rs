//! Records 记录: versions, commitments and histories by identifier; and the owner's officers write them here.
//!
//! No row is shown on these routes: reading one is an access.

use axum::extract::State;
use bytes::Bytes;
use gongxin_client::wire::Wait;
use gongxin_types::{ResourceId, bundle::Encoded};
use http::HeaderMap;
use serde::Deserialize;

use super::{
    GatewayState,
    caller::Caller,
    facts::{self, PageQuery},
    office_error, transaction,
};
use crate::{
    error::{Answer, ApiError},
    extract::{self, Asked, Names, Nothing, WaitQuery},
    limits,
    office_port::{self, FactKey, Question, RecordBody},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordsQuery {
    limit: Option<usize>,
    cursor: Option<String>,
    resource: Option<ResourceId>,
}

/// A transaction of record batches, and the rows that its operations commit to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteCall {
    transaction: Encoded,
    bodies: Vec<RecordBody>,
}

pub(crate) async fn list(State(state): State<GatewayState>, Asked(query): Asked<RecordsQuery>) -> Answer {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    facts::list(&state, Question::Records { resource: query.resource }, page).await
}

pub(crate) async fn show(
    State(state): State<GatewayState>,
    Names((organization, name, record)): Names<(String, String, String)>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    let resource = extract::id(&format!("{organization}/{name}"))?;
    facts::show(&state, FactKey::Record(resource, extract::id(&record)?)).await
}

pub(crate) async fn history(
    State(state): State<GatewayState>,
    Names((organization, name, record)): Names<(String, String, String)>,
    Asked(page): Asked<PageQuery>,
) -> Answer {
    let resource = extract::id(&format!("{organization}/{name}"))?;
    facts::list(&state, Question::History { resource, record: extract::id(&record)? }, page).await
}

pub(crate) async fn write(
    State(state): State<GatewayState>,
    caller: Caller,
    Asked(query): Asked<WaitQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let call: WriteCall = extract::json(&headers, &body)?;
    if call.transaction.0.len() > limits::TRANSACTION_BYTES_MAX {
        return Err(ApiError::too_large(limits::TRANSACTION_BYTES_MAX));
    }
    if call.bodies.len() > limits::BODIES_MAX {
        return Err(ApiError::invalid(format!("more than {} bodies in one call", limits::BODIES_MAX)));
    }
    let submission = state.office.write_records(call.transaction.0, call.bodies, wait(query.wait())).await;
    transaction::answer(&caller, submission.map_err(office_error::refuse)?)
}

pub(super) const fn wait(wait: Wait) -> office_port::Wait {
    match wait {
        Wait::No => office_port::Wait::No,
        Wait::Final => office_port::Wait::Final,
    }
}
