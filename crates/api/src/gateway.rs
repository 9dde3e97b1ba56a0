//! A gateway's router: facts of the ledger, acts and readings, for officers who sign each call.

pub(crate) mod access;
mod authenticate;
mod caller;
pub(crate) mod duty;
pub(crate) mod evidence;
mod facts;
#[expect(clippy::module_inception, reason = "the noun names the file in every layer, this one too")]
pub(crate) mod gateway;
pub(crate) mod grant;
mod office_error;
pub(crate) mod officer;
pub(crate) mod organization;
mod origin;
pub(crate) mod receipt;
pub(crate) mod record;
mod replay;
pub(crate) mod resource;
pub(crate) mod status;
pub(crate) mod transaction;

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use tokio::sync::Semaphore;

use crate::{OfficePort, layers, limits, routes};
use origin::Origins;
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
/// `origins` are the base URLs under which clients call it, such as `http://127.0.0.1:8001`: a call that was signed for
/// another server must not pass here.
pub fn router<T: AsRef<str>>(office: impl OfficePort, origins: impl IntoIterator<Item = T>) -> Router {
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
    layers::finish(routes.open.merge(signed)).with_state(state)
}
