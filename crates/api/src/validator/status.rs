//! How the node is, for machines.

use axum::{extract::State, response::Response};
use http::StatusCode;

use super::ValidatorState;
use crate::{
    error::Answer,
    extract::{Asked, Nothing},
    health, respond,
};

pub(crate) async fn show(State(state): State<ValidatorState>, Asked(Nothing {}): Asked<Nothing>) -> Answer {
    Ok(respond::json(StatusCode::OK, &state.node.status()))
}

pub(crate) async fn metrics(State(state): State<ValidatorState>) -> Response {
    health::metrics(state.node.metrics().await)
}

pub(crate) async fn ready(State(state): State<ValidatorState>) -> Answer {
    health::ready(state.node.ready(), &[])
}
