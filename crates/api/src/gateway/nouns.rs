//! The nouns that are listed and shown, and nothing more: one line each.
//!
//! A noun moves to a file of its own as soon as it has a route of its own, as `record` and `access` have.

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

/// `MODULE: all of them, one of them, by which parts of the path;` makes `MODULE::list` and `MODULE::show`.
macro_rules! nouns {
    ($($(#[$doc:meta])* $module:ident: $all:ident, $one:ident by ($($part:ident),+);)*) => {
        $($(#[$doc])* pub(crate) mod $module {
            use super::*;

            pub(crate) async fn list(State(state): State<GatewayState>, Asked(page): Asked<PageQuery>) -> Answer {
                facts::list(&state, Question::$all, page).await
            }

            pub(crate) async fn show(
                State(state): State<GatewayState>,
                Names(($($part,)+)): Names<($(nouns!(@text $part),)+)>,
                Asked(Nothing {}): Asked<Nothing>,
            ) -> Answer {
                // The parts of an identifier stand between slashes, in the path as in the identifier.
                let id = [$($part),+].join("/");
                facts::show(&state, FactKey::$one(extract::id(&id)?)).await
            }
        })*
    };
    (@text $part:ident) => { String };
}

nouns! {
    /// Organizations 机构: the members of the network.
    organization: Organizations, Organization by (id);
    /// Officers 工作人员: pseudonymous identifiers, roles and keys; no names.
    officer: Officers, Officer by (id);
    /// Duties 职责: statutory tasks, with their legal bases.
    duty: Duties, Duty by (organization, name);
    /// Resources 数据资源: the catalogue.
    resource: Resources, Resource by (organization, name);
    /// Grants 授权: who may read which fields of which resource.
    grant: Grants, Grant by (id);
    /// Proposals 提案: what members vote on, their votes, and what came of it.
    proposal: Proposals, Proposal by (id);
    /// Pending acts 待复核: what waits for its second pair of eyes, and who the two were.
    pending: Pending, Pending by (id);
    /// Gateways 前置机: where each organization is reached, and its keys.
    gateway: Gateways, Gateway by (id);
    /// Evidence 存证: digests with consensus time.
    evidence: Evidence, Evidence by (id);
}

/// What there is one of at a time.
macro_rules! in_force {
    ($($(#[$doc:meta])* $module:ident: $one:ident;)*) => {
        $($(#[$doc])* pub(crate) mod $module {
            use super::*;

            pub(crate) async fn show(State(state): State<GatewayState>, Asked(Nothing {}): Asked<Nothing>) -> Answer {
                facts::show(&state, FactKey::$one).await
            }
        })*
    };
}

in_force! {
    /// The rules of access in force.
    policy: PolicySet;
    /// The parameters in force.
    parameters: Parameters;
    /// The calendar in force 日历: days off and worked, and the legal day.
    calendar: Calendar;
    /// Validators 共识节点: who serves in this epoch, and since when.
    validator: ValidatorSet;
    /// The network file: what a stranger needs to check a receipt, as of now.
    network: Network;
}
