//! What this node has found out about others and itself: for its own organization, which raises it as alerts.

use axum::extract::State;
use gongxin_client::wire::FindingsReport;
use http::StatusCode;
use serde::Deserialize;

use super::ValidatorState;
use crate::{error::Answer, extract::Asked, limits, respond};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FindingsQuery {
    /// How many to pass over: what the page before gave as `next`.
    #[serde(default)]
    from: usize,
}

pub(crate) async fn list(State(state): State<ValidatorState>, Asked(query): Asked<FindingsQuery>) -> Answer {
    let found = state.node.findings();
    let end = query.from.saturating_add(limits::FINDINGS_PAGE_MAX);
    let next = (end < found.findings.len()).then_some(end);
    let findings = found.findings.into_iter().skip(query.from).take(limits::FINDINGS_PAGE_MAX).collect();
    let report = FindingsReport { watching: found.watching, findings, next };
    Ok(respond::json(StatusCode::OK, &report))
}
