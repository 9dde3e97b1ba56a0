//! Obligations 限期事项: what is owed, by whom, until when, and whether that is over.

use axum::extract::State;
use gongxin_types::OrganizationId;
use serde::Deserialize;

use super::{
    GatewayState,
    facts::{self, PageQuery},
};
use crate::{
    error::Answer,
    extract::{self, Asked, Names, Nothing},
    office_port::{FactKey, ObligationFilter, Question},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObligationsQuery {
    limit: Option<usize>,
    cursor: Option<String>,
    /// Who owes.
    obligor: Option<OrganizationId>,
    /// Who is owed.
    obligee: Option<OrganizationId>,
    /// `true`: those that are overdue and not ended.
    #[serde(default)]
    overdue: bool,
}

pub(crate) async fn list(State(state): State<GatewayState>, Asked(query): Asked<ObligationsQuery>) -> Answer {
    let ObligationsQuery { limit, cursor, obligor, obligee, overdue } = query;
    let filter = ObligationFilter { obligor, obligee, is_overdue: overdue };
    facts::list(&state, Question::Obligations(filter), PageQuery { limit, cursor }).await
}

pub(crate) async fn show(
    State(state): State<GatewayState>,
    Names((id,)): Names<(String,)>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    facts::show(&state, FactKey::Obligation(extract::id(&id)?)).await
}
