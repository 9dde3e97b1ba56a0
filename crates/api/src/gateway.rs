//! A gateway's router: facts of the ledger, acts and readings, for officers who sign each call.

pub(crate) mod access;
pub(crate) mod alert;
mod authenticate;
mod caller;
mod facts;
pub(crate) mod nouns;
pub(crate) mod obligation;
mod office_error;
mod origin;
pub(crate) mod receipt;
pub(crate) mod record;
mod replay;
mod slash;
pub(crate) mod status;
pub(crate) mod transaction;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tokio::sync::Semaphore;

use crate::{OfficePort, layers, limits, routes};
use origin::Origins;
pub use origin::{Origin, OriginError};
use replay::ReplayCache;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct GatewayState {
    pub(crate) office: Arc<dyn OfficePort>,
    replays: Arc<ReplayCache>,
    /// Large bodies that may still be taken.
    large_bodies: Arc<Semaphore>,
    origins: Arc<Origins>,
}

/// The router of this office.
///
/// `origins` are the base URLs under which clients call it: a call that was signed for another server must not pass here.
pub fn router(office: impl OfficePort, origins: impl IntoIterator<Item = Origin>) -> Router {
    let state = GatewayState {
        office: Arc::new(office),
        replays: Arc::default(),
        large_bodies: Arc::new(Semaphore::new(limits::LARGE_BODIES_MAX)),
        origins: Arc::new(Origins::new(origins)),
    };
    let routes = routes::gateway_routes();
    let signed = routes
        .signed
        .route_layer(middleware::from_fn_with_state(state.clone(), authenticate::authenticate))
        // The bodies of signed calls are read, and bounded, by `authenticate`.
        .layer(DefaultBodyLimit::disable());
    slash::between_parts(layers::finish(routes.open.merge(signed)).with_state(state))
}
