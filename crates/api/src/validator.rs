//! A validator's router: transactions in, blocks, proofs and status out.

pub(crate) mod batch;
pub(crate) mod block;
pub(crate) mod finding;
pub(crate) mod network;
pub(crate) mod state_proof;
pub(crate) mod status;
pub(crate) mod stream;
pub(crate) mod transaction;

use std::sync::Arc;

use axum::Router;
use tokio::sync::Semaphore;

use crate::{ValidatorPort, layers, limits, routes};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct ValidatorState {
    pub(crate) node: Arc<dyn ValidatorPort>,
    /// Streams that may still begin.
    pub(crate) streams: Arc<Semaphore>,
}

/// The router of this node.
pub fn router(node: Arc<dyn ValidatorPort>) -> Router {
    let state = ValidatorState { node, streams: Arc::new(Semaphore::new(limits::STREAMS_MAX)) };
    let routes = routes::validator_routes();
    layers::finish(routes.open.merge(routes.signed)).with_state(state)
}
