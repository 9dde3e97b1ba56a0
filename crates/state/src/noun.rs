//! Nouns that stand in pages under their identifiers, and those a block has decoded already.

use std::collections::BTreeMap;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::{
    Alert, AlertId, Duty, DutyId, Gateway, GatewayId, Grant, GrantId, Obligation, ObligationId, Officer, OfficerId,
    Organization, OrganizationId, Pending, PendingId, Proposal, ProposalId, Refusal, Resource, ResourceId,
    ValidatorSet,
};

use crate::agenda::Agenda;
use crate::heads::Heads;
use crate::key::Kind;
use crate::pending::Tray;
use crate::proposal::Docket;
use crate::stop::{Judged, ensure};
use crate::validator_set::FormerValidatorSet;
use crate::view::View;

type Shelf<Id, T> = BTreeMap<Id, Option<Arc<T>>>;

/// A noun of any length under one identifier.
pub(crate) trait Noun: BorshSerialize + BorshDeserialize + Sized {
    /// What names it.
    type Id: BorshSerialize + Clone + Ord;
    /// Its kind in keys.
    const KIND: Kind;
    /// Pages to ask for at once: most nouns of this kind have no more.
    const PAGES: u16;
    /// Its name in errors.
    const NAME: &'static str;
    /// Where the block keeps it decoded.
    fn shelf(nouns: &mut Nouns) -> &mut Shelf<Self::Id, Self>;
}

/// Nouns the block has decoded; absence is remembered too.
#[derive(Debug, Default)]
pub(crate) struct Nouns {
    organizations: Shelf<OrganizationId, Organization>,
    officers: Shelf<OfficerId, Officer>,
    gateways: Shelf<GatewayId, Gateway>,
    duties: Shelf<DutyId, Duty>,
    resources: Shelf<ResourceId, Resource>,
    grants: Shelf<GrantId, Grant>,
    proposals: Shelf<ProposalId, Proposal>,
    obligations: Shelf<ObligationId, Obligation>,
    agenda: Shelf<(), Agenda>,
    validators: Shelf<(), ValidatorSet>,
    former_validators: Shelf<u64, FormerValidatorSet>,
    pending_acts: Shelf<PendingId, Pending>,
    trays: Shelf<OrganizationId, Tray>,
    heads: Shelf<OrganizationId, Heads>,
    dockets: Shelf<OrganizationId, Docket>,
    alerts: Shelf<AlertId, Alert>,
}

macro_rules! nouns {
    ($($noun:ident by $id:ty, $name:literal on $shelf:ident, $pages:ident;)*) => {
        $(impl Noun for $noun {
            type Id = $id;
            const KIND: Kind = Kind::$noun;
            const PAGES: u16 = crate::limits::$pages;
            const NAME: &'static str = $name;
            fn shelf(nouns: &mut Nouns) -> &mut Shelf<$id, Self> {
                &mut nouns.$shelf
            }
        })*
    };
}

nouns! {
    Organization by OrganizationId, "organization" on organizations, ORGANIZATION_PAGES;
    Officer by OfficerId, "officer" on officers, OFFICER_PAGES;
    Gateway by GatewayId, "gateway" on gateways, GATEWAY_PAGES;
    Duty by DutyId, "duty" on duties, DUTY_PAGES;
    Resource by ResourceId, "resource" on resources, RESOURCE_PAGES;
    Grant by GrantId, "grant" on grants, GRANT_PAGES;
    Proposal by ProposalId, "proposal" on proposals, PROPOSAL_PAGES;
    Obligation by ObligationId, "obligation" on obligations, OBLIGATION_PAGES;
    Agenda by (), "agenda" on agenda, AGENDA_PAGES;
    ValidatorSet by (), "validator set" on validators, VALIDATOR_SET_PAGES;
    FormerValidatorSet by u64, "former validator set" on former_validators, VALIDATOR_SET_PAGES;
    Pending by PendingId, "pending act" on pending_acts, PENDING_PAGES;
    Tray by OrganizationId, "tray" on trays, TRAY_PAGES;
    Heads by OrganizationId, "heads" on heads, HEADS_PAGES;
    Docket by OrganizationId, "docket" on dockets, DOCKET_PAGES;
    Alert by AlertId, "alert" on alerts, ALERT_PAGES;
}

/// Writes a noun, unless it is longer than a noun may be.
pub(crate) fn put<T: Noun>(view: &mut View, id: &T::Id, noun: T) -> Judged {
    let fits = view.put(id, noun)?;
    ensure(fits, Refusal::Malformed)
}
