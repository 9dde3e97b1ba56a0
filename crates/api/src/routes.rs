//! Every address, on one page: method, path, who may call, who may see, how large a body. The routers are made from it.
//!
//! `tests/routes.txt` is the same list for people; a change of it is a change of the interface.

use std::fmt;

use axum::{Router, extract::DefaultBodyLimit, routing};

use crate::{gateway, gateway::GatewayState, health, limits, validator, validator::ValidatorState};

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Anyone who reaches the port.
    Open,
    /// Active officers, by a signature over the call (RFC 9421).
    Signed,
}

/// Who may see what is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone: it says nothing about anybody.
    Anyone,
    /// Machines of member organizations, which hold the whole ledger anyway.
    Machines,
    /// Every officer of every member.
    Members,
    /// The reader's organization, the owner's organization, and supervisors.
    Parties,
    /// The officer who made the request, whose key the answer is sealed to.
    Requester,
    /// Officers of the gateway's own organization.
    Own,
}

/// One address.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may call.
    pub auth: Auth,
    /// Who may see.
    pub visibility: Visibility,
    /// Largest body, bytes; 0: none.
    pub body_bytes_max: usize,
}

impl fmt::Display for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (auth, visibility) =
            (format!("{:?}", self.auth).to_lowercase(), format!("{:?}", self.visibility).to_lowercase());
        write!(formatter, "{:<4} {:<55} {auth:<6} {visibility:<9} {:>8}", self.method, self.path, self.body_bytes_max)
    }
}

/// The routes of one router: those for all, and those behind a signature.
pub(crate) struct Mounted<S> {
    pub(crate) open: Router<S>,
    pub(crate) signed: Router<S>,
}

macro_rules! routes {
    ($(#[$doc:meta])* $table:ident $mount:ident $state:ty {
        $($method:ident $path:literal $auth:ident $visibility:ident $body:expr => $handler:path;)*
    }) => {
        $(#[$doc])*
        pub const $table: &[Route] = &[$(Route {
            method: routes!(@method $method),
            path: $path,
            auth: Auth::$auth,
            visibility: Visibility::$visibility,
            body_bytes_max: $body,
        }),*];

        pub(crate) fn $mount() -> Mounted<$state> {
            let mut mounted = Mounted { open: Router::new(), signed: Router::new() };
            // Where a body is read elsewhere (`authenticate`), that place bounds it by the same table.
            $(routes!(@mount mounted $auth $path routing::$method($handler).layer(DefaultBodyLimit::max($body)));)*
            mounted
        }
    };
    (@method get) => { "GET" };
    (@method post) => { "POST" };
    (@mount $mounted:ident Open $path:literal $route:expr) => { $mounted.open = $mounted.open.route($path, $route) };
    (@mount $mounted:ident Signed $path:literal $route:expr) => { $mounted.signed = $mounted.signed.route($path, $route) };
}

routes! {
    /// A validator's routes.
    VALIDATOR validator_routes ValidatorState {
        post "/v1/transactions"        Open Machines limits::TRANSACTION_BYTES_MAX => validator::transaction::submit;
        post "/v1/transactions/batch"  Open Machines limits::BATCH_BYTES_MAX => validator::batch::submit;
        get  "/v1/transactions/{id}"   Open Machines 0 => validator::transaction::show;
        get  "/v1/blocks/{height}"     Open Machines 0 => validator::block::show;
        get  "/v1/stream"              Open Machines 0 => validator::stream::follow;
        get  "/v1/state/{key}/proof"   Open Machines 0 => validator::state_proof::show;
        get  "/v1/network"             Open Machines 0 => validator::network::show;
        get  "/v1/status"              Open Machines 0 => validator::status::show;
        get  "/v1/findings"            Open Machines 0 => validator::finding::list;
        get  "/metrics"                Open Anyone   0 => validator::status::metrics;
        get  "/healthz"                Open Anyone   0 => health::alive;
        get  "/readyz"                 Open Anyone   0 => validator::status::ready;
    }
}

routes! {
    /// A gateway's routes.
    GATEWAY gateway_routes GatewayState {
        get  "/api/v1/organizations"                      Signed Members 0 => gateway::nouns::organization::list;
        get  "/api/v1/organizations/{id}"                 Signed Members 0 => gateway::nouns::organization::show;
        get  "/api/v1/officers"                           Signed Members 0 => gateway::nouns::officer::list;
        get  "/api/v1/officers/{id}"                      Signed Members 0 => gateway::nouns::officer::show;
        get  "/api/v1/duties"                             Signed Members 0 => gateway::nouns::duty::list;
        get  "/api/v1/duties/{organization}/{name}"       Signed Members 0 => gateway::nouns::duty::show;
        get  "/api/v1/resources"                          Signed Members 0 => gateway::nouns::resource::list;
        get  "/api/v1/resources/{organization}/{name}"    Signed Members 0 => gateway::nouns::resource::show;
        get  "/api/v1/records"                            Signed Members 0 => gateway::record::list;
        get  "/api/v1/records/{organization}/{name}/{record}"         Signed Members 0 => gateway::record::show;
        get  "/api/v1/records/{organization}/{name}/{record}/history" Signed Members 0 => gateway::record::history;
        post "/api/v1/records"                            Signed Own limits::RECORDS_BYTES_MAX => gateway::record::write;
        get  "/api/v1/grants"                             Signed Members 0 => gateway::nouns::grant::list;
        get  "/api/v1/grants/{id}"                        Signed Members 0 => gateway::nouns::grant::show;
        get  "/api/v1/proposals"                          Signed Members 0 => gateway::nouns::proposal::list;
        get  "/api/v1/proposals/{id}"                     Signed Members 0 => gateway::nouns::proposal::show;
        get  "/api/v1/pending"                            Signed Members 0 => gateway::nouns::pending::list;
        get  "/api/v1/pending/{id}"                       Signed Members 0 => gateway::nouns::pending::show;
        get  "/api/v1/policies"                           Signed Members 0 => gateway::nouns::policy::show;
        get  "/api/v1/parameters"                         Signed Members 0 => gateway::nouns::parameters::show;
        get  "/api/v1/calendar"                           Signed Members 0 => gateway::nouns::calendar::show;
        get  "/api/v1/validators"                         Signed Members 0 => gateway::nouns::validator::show;
        get  "/api/v1/network"                            Signed Members 0 => gateway::nouns::network::show;
        get  "/api/v1/obligations"                        Signed Members 0 => gateway::obligation::list;
        get  "/api/v1/obligations/{id}"                   Signed Members 0 => gateway::obligation::show;
        get  "/api/v1/alerts"                             Signed Members 0 => gateway::alert::list;
        get  "/api/v1/alerts/{id}"                        Signed Members 0 => gateway::alert::show;
        get  "/api/v1/gateways"                           Signed Members 0 => gateway::nouns::gateway::list;
        get  "/api/v1/gateways/{id}"                      Signed Members 0 => gateway::nouns::gateway::show;
        get  "/api/v1/evidence"                           Signed Members 0 => gateway::nouns::evidence::list;
        get  "/api/v1/evidence/{id}"                      Signed Members 0 => gateway::nouns::evidence::show;
        get  "/api/v1/accesses"                           Signed Parties 0 => gateway::access::list;
        get  "/api/v1/accesses/{officer}/{request}"       Signed Parties 0 => gateway::access::show;
        post "/api/v1/accesses"                           Signed Requester limits::ACCESS_BYTES_MAX => gateway::access::read;
        post "/api/v1/transactions"                       Signed Members limits::TRANSACTION_BYTES_MAX => gateway::transaction::submit;
        get  "/api/v1/transactions/{id}"                  Signed Parties 0 => gateway::transaction::show;
        get  "/api/v1/receipts/{transaction}/{index}"     Signed Parties 0 => gateway::receipt::of_action;
        get  "/api/v1/receipts/{transaction}/{index}/{operation}" Signed Parties 0 => gateway::receipt::of_operation;
        get  "/metrics"                                   Open Anyone 0 => gateway::status::metrics;
        get  "/healthz"                                   Open Anyone 0 => health::alive;
        get  "/readyz"                                    Open Anyone 0 => gateway::status::ready;
    }
}

/// The route of this method and matched path.
pub(crate) fn find(table: &'static [Route], method: &str, path: &str) -> Option<&'static Route> {
    table.iter().find(|route| route.method == method && route.path == path)
}
