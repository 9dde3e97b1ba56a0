//! Which pages a block will read: asked for generously at once, so that one round of loading is the rule.
//!
//! Too many pages cost a little reading, too few a further round; neither changes the result.

use std::collections::BTreeSet;

use gongxin_crypto::Suite;
use gongxin_types::proposal::Matter;
use gongxin_types::receipt::Key;
use gongxin_types::transaction::Actor;
use gongxin_types::{
    Access, AccessAuthority, Action, EvidenceId, GatewayId, ListKey, ObligationId, Officer, OfficerId, OrganizationId,
    ProposalId, RecordBatch, ResourceId, Transaction,
};

use crate::key::{Kind, ObjectName};
use crate::limits;
use crate::view::View;

/// The pages a block surely or probably reads.
pub fn needs(suite: Suite, transactions: &[Transaction]) -> BTreeSet<Key> {
    let names = names(suite, transactions);
    names.iter().flat_map(|name| (0..u32::from(name.pages)).map(|page| name.key(page))).collect()
}

/// Reads all pages of everything a block refers to, so that the view notes every one that is missing at once.
pub(crate) fn touch(suite: Suite, transactions: &[Transaction], view: &mut View) {
    for name in names(suite, transactions) {
        // What is missing is noted by the view; what is damaged shows when it is used.
        let _ = view.pages(&name);
    }
}

fn names(suite: Suite, transactions: &[Transaction]) -> BTreeSet<ObjectName> {
    let mut wanted = Wanted { suite, names: BTreeSet::new() };
    wanted.add(Kind::Agenda, &(), limits::AGENDA_PAGES);
    wanted.add(Kind::Calendar, &(), 1);
    wanted.add(Kind::TermCursor, &(), 1);
    if !transactions.is_empty() {
        wanted.add(Kind::Parameters, &(), 1);
        wanted.add(Kind::PolicySet, &(), 1);
    }
    transactions.iter().for_each(|transaction| wanted.transaction(transaction));
    wanted.names
}

struct Wanted {
    suite: Suite,
    names: BTreeSet<ObjectName>,
}

impl Wanted {
    fn add<T: borsh::BorshSerialize>(&mut self, kind: Kind, id: &T, pages: u16) {
        self.names.insert(ObjectName::new(kind, id, pages));
    }

    fn organization(&mut self, id: &OrganizationId) {
        self.add(Kind::Organization, id, limits::ORGANIZATION_PAGES);
    }

    fn officer(&mut self, id: &OfficerId) {
        self.add(Kind::Officer, id, limits::OFFICER_PAGES);
    }

    fn gateway(&mut self, id: &GatewayId) {
        self.add(Kind::Gateway, id, limits::GATEWAY_PAGES);
    }

    fn resource(&mut self, id: &ResourceId) {
        self.organization(&id.organization);
        self.add(Kind::Resource, id, limits::RESOURCE_PAGES);
    }

    fn transaction(&mut self, transaction: &Transaction) {
        let body = &transaction.body;
        self.organization(&body.sender.organization);
        match &body.sender.actor {
            Actor::Officer(id) => self.officer(id),
            Actor::Gateway(id) => self.gateway(id),
        }
        self.add(Kind::KeyOwner, &body.sender.key, 1);
        self.add(Kind::Replay, &(&body.sender.key, body.lane), 1);
        body.actions.iter().for_each(|action| self.action(action, &body.sender.organization));
    }

    fn action(&mut self, action: &Action, sender: &OrganizationId) {
        match action {
            Action::RegisterOrganization(noun) | Action::AmendOrganization(noun) => {
                self.organization(&noun.id);
                noun.parent.iter().for_each(|parent| self.organization(parent));
            }
            Action::RegisterOfficer(noun) => {
                self.appointment(noun);
                self.voters();
            }
            Action::AmendOfficer(change) => self.officer(&change.id),
            Action::DismissOfficer(id) => {
                self.officer(id);
                self.voters();
            }
            Action::AddOfficerKey(id, key) => {
                self.officer(id);
                self.add(Kind::KeyOwner, &key.key, 1);
            }
            Action::RevokeOfficerKey(id, _) => self.officer(id),
            Action::RegisterDuty(noun) | Action::AmendDuty(noun) => self.add(Kind::Duty, &noun.id, limits::DUTY_PAGES),
            Action::WithdrawDuty(id) => self.add(Kind::Duty, id, limits::DUTY_PAGES),
            Action::PublishResource(noun) | Action::AmendResource(noun) => {
                self.resource(&noun.id);
                self.add(Kind::Duty, &noun.duty, limits::DUTY_PAGES);
            }
            Action::WithdrawResource(id) => self.resource(id),
            Action::WriteRecords(batch) => self.batch(batch),
            Action::NotariseEvidence(noun) => {
                let id = EvidenceId::of(self.suite, sender, &noun.digest);
                self.add(Kind::Evidence, &id, 1);
            }
            Action::IssueGrant(noun) => {
                self.add(Kind::Grant, &noun.id, limits::GRANT_PAGES);
                self.resource(&noun.resource);
                self.organization(&noun.reader);
            }
            Action::RevokeGrant(id) => self.add(Kind::Grant, id, limits::GRANT_PAGES),
            Action::RegisterGateway(noun) | Action::AmendGateway(noun) => {
                self.gateway(&noun.id);
                self.organization(&noun.organization);
                noun.keys.iter().for_each(|own| self.add(Kind::KeyOwner, &own.key, 1));
            }
            Action::RevokeGateway(id) => self.gateway(id),
            Action::RecordAccess(leaf) => self.access(leaf),
            Action::OpenProposal(new) => {
                self.proposal(&new.id);
                self.voters();
                self.matter(&new.matter);
            }
            Action::CastVote(vote) => self.proposal(&vote.proposal),
            Action::WithdrawProposal(id) => self.proposal(id),
            Action::OpenObligation(new) => {
                self.obligation(&new.id);
                self.organization(&new.obligor);
            }
            Action::SuspendObligation(id, _)
            | Action::ResumeObligation(id)
            | Action::ExtendObligation(id, _)
            | Action::FulfilObligation(id)
            | Action::WithdrawObligation(id) => self.obligation(id),
        }
    }

    fn proposal(&mut self, id: &ProposalId) {
        self.add(Kind::Proposal, id, limits::PROPOSAL_PAGES);
    }

    fn obligation(&mut self, id: &ObligationId) {
        self.add(Kind::Obligation, id, limits::OBLIGATION_PAGES);
    }

    fn voters(&mut self) {
        self.add(Kind::ValidatorSet, &(), limits::VALIDATOR_SET_PAGES);
    }

    fn matter(&mut self, matter: &Matter) {
        match matter {
            Matter::PolicySet(_) | Matter::Parameters(_) | Matter::Calendar(_) => {}
            Matter::Admission(admission) => {
                self.organization(&admission.organization.id);
                self.appointment(&admission.head);
            }
            Matter::Expulsion(id) => self.organization(id),
            Matter::Appointment(change) => self.officer(&change.id),
        }
    }

    fn appointment(&mut self, officer: &Officer) {
        self.officer(&officer.id);
        self.organization(&officer.organization);
        officer.keys.iter().for_each(|own| self.add(Kind::KeyOwner, &own.key, 1));
    }

    fn batch(&mut self, batch: &RecordBatch) {
        self.resource(&batch.resource);
        for operation in &batch.operations {
            self.add(Kind::Record, &(&batch.resource, operation.record()), 1);
        }
    }

    fn access(&mut self, access: &Access) {
        self.resource(&access.resource);
        self.organization(&access.reader);
        self.officer(&access.officer);
        self.gateway(&access.gateway);
        match &access.authority {
            AccessAuthority::Grant { grant } => self.add(Kind::Grant, grant, limits::GRANT_PAGES),
            AccessAuthority::Duty { duty } => self.add(Kind::Duty, duty, limits::DUTY_PAGES),
        }
        self.add(Kind::Request, &(&access.officer, &access.request_id), 1);
        for list in &access.lists {
            self.add(Kind::List, list, 1);
            if let ListKey::Record { record } = list {
                self.add(Kind::Record, &(&access.resource, record), 1);
            }
        }
    }
}
