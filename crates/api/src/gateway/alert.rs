//! Alerts 预警: what is wrong in the network, and who says so.

use axum::extract::State;
use gongxin_types::AlertKind;
use serde::Deserialize;

use super::{
    GatewayState,
    facts::{self, PageQuery},
};
use crate::{
    error::Answer,
    extract::{self, Asked, Names, Nothing},
    office_port::{AlertFilter, FactKey, Question},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertsQuery {
    limit: Option<usize>,
    cursor: Option<String>,
    /// Of this kind.
    kind: Option<AlertKind>,
    /// `true`: those that stand.
    #[serde(default)]
    open: bool,
}

pub(crate) async fn list(State(state): State<GatewayState>, Asked(query): Asked<AlertsQuery>) -> Answer {
    let AlertsQuery { limit, cursor, kind, open } = query;
    let filter = AlertFilter { kind, is_open: open };
    facts::list(&state, Question::Alerts(filter), PageQuery { limit, cursor }).await
}

pub(crate) async fn show(
    State(state): State<GatewayState>,
    Names((id,)): Names<(String,)>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    facts::show(&state, FactKey::Alert(extract::id(&id)?)).await
}
