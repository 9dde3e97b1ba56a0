//! Resources 数据资源: the catalogue.

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
    facts::list(&state, Question::Resources, page).await
}

pub(crate) async fn show(
    State(state): State<GatewayState>,
    Names((organization, name)): Names<(String, String)>,
    Asked(Nothing {}): Asked<Nothing>,
) -> Answer {
    facts::show(&state, FactKey::Resource(extract::id(&format!("{organization}/{name}"))?)).await
}
