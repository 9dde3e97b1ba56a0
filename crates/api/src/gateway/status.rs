//! How the gateway is, for machines.

use axum::{extract::State, response::Response};

use super::GatewayState;
use crate::{error::Answer, health};

pub(crate) async fn metrics(State(state): State<GatewayState>) -> Response {
    health::metrics(state.office.metrics())
}

pub(crate) async fn ready(State(state): State<GatewayState>) -> Answer {
    health::ready(state.office.ready(), &state.office.notes())
}
