//! The network file as far as this node knows: who validates, each set signed by the one before it.

use axum::extract::State;
use http::StatusCode;

use super::ValidatorState;
use crate::{
    error::Answer,
    extract::{Asked, Nothing},
    respond,
};

pub(crate) async fn show(State(state): State<ValidatorState>, Asked(Nothing {}): Asked<Nothing>) -> Answer {
    Ok(respond::json(StatusCode::OK, &state.node.network()))
}
