//! Grants 授权: who may read which fields of which resource.

use axum::extract::State;

use super::{
    GatewayState,
    facts::{self, PageQuery},
};
use crate::{
    error::Answer,
    extract::{self, Asked, Names, Nothing},
    office_port::{FactKey, Question},
};

pub(crate) async fn list(State(state): State<GatewayState>, Asked(page): Asked<PageQuery>) -> Answer {
    facts::list(&state, Question::Grants, page).await
}

pub(crate) async fn show(
    State(state): State<GatewayState>,
    Names(id): Names<String>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    facts::show(&state, FactKey::Grant(extract::id(&id)?)).await
}
