//! Which pages a block will read: asked for generously at once, so that one round of loading is the rule.
//!
//! Too many pages cost a little reading, too few a further round; neither changes the result.

use std::collections::BTreeSet;

use gongxin_crypto::{PublicKey, Suite};
use gongxin_types::alert::Finding;
use gongxin_types::pending::{Approval, PendingAct};
use gongxin_types::proposal::{Matter, NewProposal};
use gongxin_types::receipt::Key;
use gongxin_types::transaction::Actor;
use gongxin_types::{
    Access, AccessAuthority, Action, AlertId, EvidenceId, GatewayId, ListKey, ObligationId, Officer, OfficerId,
    OrganizationId, Pending, PendingId, ProposalId, RecordBatch, ResourceId, Transaction,
};

use crate::key::{Kind, ObjectName};
use crate::limits;
use crate::reservation::Name;
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

/// Reads all pages of what an act that waits refers to, so that the view notes every one that is missing at once.
pub(crate) fn touch_pending(suite: Suite, pending: &Pending, view: &mut View) {
    let mut wanted = Wanted { suite, names: BTreeSet::new() };
    wanted.officer(&pending.proposer);
    wanted.organization(&pending.proposed_for);
    wanted.organization(&pending.organization);
    wanted.pending(&pending.id, &pending.organization);
    wanted.pending_act(&pending.act, &pending.organization);
    for name in wanted.names {
        // What is missing is noted by the view.
        let _ = view.pages(&name);
    }
}

fn names(suite: Suite, transactions: &[Transaction]) -> BTreeSet<ObjectName> {
    let mut wanted = Wanted { suite, names: BTreeSet::new() };
    wanted.add(Kind::Agenda, &(), limits::AGENDA_PAGES);
    wanted.add(Kind::ProtocolVersion, &(), 1);
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
                self.add(Kind::Reservation, &Name::Organization(noun.id.clone()), 1);
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
                self.key(&key.key);
            }
            Action::RevokeOfficerKey(id, _) | Action::RevokeOfficerKeys(id) => {
                self.officer(id);
                self.voters();
            }
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
                noun.keys.iter().for_each(|own| self.key(&own.key));
            }
            Action::RevokeGateway(id) => self.gateway(id),
            Action::RecordAccess(leaf) => self.access(leaf),
            Action::OpenProposal(new) => self.proposed(new),
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
            Action::OpenPending(new) => {
                self.pending(&new.id, sender);
                self.pending_act(&new.act, sender);
            }
            Action::ApprovePending(Approval { pending, .. }) | Action::WithdrawPending(pending) => {
                self.pending(pending, sender);
            }
            Action::RaiseAlert(new) => self.finding(&new.finding, sender),
            Action::EndAlert(id) => self.alert(id, sender),
        }
    }

    fn alert(&mut self, id: &AlertId, sender: &OrganizationId) {
        self.add(Kind::Alert, id, limits::ALERT_PAGES);
        self.add(Kind::AlertDesk, sender, 1);
    }

    /// What is found, most likely for the first time, and the validators that it is about.
    fn finding(&mut self, finding: &Finding, sender: &OrganizationId) {
        let topic = finding.topic();
        self.alert(&topic.id(1), sender);
        self.add(Kind::AlertTopic, &topic, 1);
        self.voters();
        if let Finding::QuotaAbuse { organization } = finding {
            self.organization(organization);
        }
        for epoch in finding.evidence().iter().flat_map(gongxin_verify::fault::epochs) {
            self.add(Kind::FormerValidatorSet, &epoch, limits::VALIDATOR_SET_PAGES);
        }
    }

    /// A pending act, and those that wait at its organization.
    fn pending(&mut self, id: &PendingId, organization: &OrganizationId) {
        self.add(Kind::Pending, id, limits::PENDING_PAGES);
        self.add(Kind::Tray, organization, limits::TRAY_PAGES);
    }

    fn heads(&mut self, organization: &OrganizationId) {
        self.add(Kind::Heads, organization, limits::HEADS_PAGES);
    }

    /// Whose a new key is, and whom it is kept for.
    fn key(&mut self, key: &PublicKey) {
        self.add(Kind::KeyOwner, key, 1);
        self.add(Kind::Reservation, &Name::Key(*key), 1);
    }

    fn pending_act(&mut self, act: &PendingAct, organization: &OrganizationId) {
        self.heads(organization);
        self.voters();
        match act {
            PendingAct::RegisterOfficer(noun) => self.appointment(noun),
            PendingAct::AmendOfficer(change) => self.officer(&change.id),
            PendingAct::RecoverOfficer(recovery) => {
                self.officer(&recovery.officer);
                self.key(&recovery.key.key);
            }
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

    fn proposed(&mut self, new: &NewProposal) {
        self.proposal(&new.id);
        self.voters();
        self.matter(&new.matter);
    }

    fn matter(&mut self, matter: &Matter) {
        match matter {
            Matter::PolicySet(_) | Matter::Parameters(_) | Matter::Calendar(_) | Matter::ProtocolVersion(_) => {}
            Matter::Admission(admission) => {
                self.organization(&admission.organization.id);
                self.add(Kind::Reservation, &Name::Organization(admission.organization.id.clone()), 1);
                self.appointment(&admission.head);
            }
            Matter::Expulsion(id) => self.organization(id),
            Matter::Appointment(change) => self.officer(&change.id),
            Matter::Recovery(recovery) => {
                self.officer(&recovery.officer);
                self.key(&recovery.key.key);
            }
            Matter::ValidatorSet(set) => set.organizations().iter().for_each(|id| self.organization(id)),
        }
    }

    fn appointment(&mut self, officer: &Officer) {
        self.officer(&officer.id);
        self.organization(&officer.organization);
        self.heads(&officer.organization);
        self.add(Kind::Reservation, &Name::Officer(officer.id), 1);
        officer.keys.iter().for_each(|own| self.key(&own.key));
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
