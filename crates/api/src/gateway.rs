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

use crate::{OfficePort, layers, routes};
use origin::Origins;
use replay::ReplayCache;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct GatewayState {
    pub(crate) office: Arc<dyn OfficePort>,
    replays: Arc<ReplayCache>,
    origins: Arc<Origins>,
}

/// The router of this office.
///
/// `origins` are the base URLs under which clients call it, such as `http://127.0.0.1:8001`: a call that was signed for
/// another server must not pass here.
pub fn router<T: AsRef<str>>(office: Arc<dyn OfficePort>, origins: impl IntoIterator<Item = T>) -> Router {
    let state = GatewayState { office, replays: Arc::default(), origins: Arc::new(Origins::new(origins)) };
    let routes = routes::gateway_routes();
    let signed = routes
        .signed
        .route_layer(middleware::from_fn_with_state(state.clone(), authenticate::authenticate))
        // The bodies of signed calls are read, and bounded, by `authenticate`.
        .layer(DefaultBodyLimit::disable());
    layers::finish(routes.open.merge(signed)).with_state(state)
}
