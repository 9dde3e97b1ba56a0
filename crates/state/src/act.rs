//! Which room judges which action.

use gongxin_types::Action;

use crate::scene::Scene;
use crate::stop::Judged;
use crate::{
    access, alert, duty, evidence, gateway, grant, obligation, officer, organization, pending, proposal, record,
    resource,
};

/// Judges one action and, if nothing speaks against it, writes its effects.
pub(crate) fn act(scene: &mut Scene<'_>, action: &Action) -> Judged {
    match action {
        Action::RegisterOrganization(noun) => organization::register(scene, noun),
        Action::AmendOrganization(noun) => organization::amend(scene, noun),
        Action::RegisterOfficer(noun) => officer::register(scene, noun),
        Action::AmendOfficer(change) => officer::amend(scene, change),
        Action::DismissOfficer(id) => officer::dismiss(scene, id),
        Action::AddOfficerKey(id, key) => officer::add_key(scene, id, key),
        Action::RevokeOfficerKey(id, key) => officer::revoke_key(scene, id, key),
        Action::RegisterDuty(noun) => duty::register(scene, noun),
        Action::AmendDuty(noun) => duty::amend(scene, noun),
        Action::WithdrawDuty(id) => duty::withdraw(scene, id),
        Action::PublishResource(noun) => resource::publish(scene, noun),
        Action::AmendResource(noun) => resource::amend(scene, noun),
        Action::WithdrawResource(id) => resource::withdraw(scene, id),
        Action::WriteRecords(batch) => record::write(scene, batch),
        Action::NotariseEvidence(noun) => evidence::notarise(scene, noun),
        Action::IssueGrant(noun) => grant::issue(scene, noun),
        Action::RevokeGrant(id) => grant::revoke(scene, id),
        Action::RegisterGateway(noun) => gateway::register(scene, noun),
        Action::AmendGateway(noun) => gateway::amend(scene, noun),
        Action::RevokeGateway(id) => gateway::revoke(scene, id),
        Action::RecordAccess(leaf) => access::record(scene, leaf),
        Action::OpenProposal(new) => proposal::open(scene, new),
        Action::CastVote(vote) => proposal::vote(scene, vote),
        Action::WithdrawProposal(id) => proposal::withdraw(scene, id),
        Action::OpenObligation(new) => obligation::open(scene, new),
        Action::SuspendObligation(id, reason) => obligation::suspend(scene, id, *reason),
        Action::ResumeObligation(id) => obligation::resume(scene, id),
        Action::ExtendObligation(id, days) => obligation::extend(scene, id, *days),
        Action::FulfilObligation(id) => obligation::fulfil(scene, id),
        Action::WithdrawObligation(id) => obligation::withdraw(scene, id),
        Action::RevokeOfficerKeys(id) => officer::revoke_keys(scene, id),
        Action::OpenPending(new) => pending::open(scene, new),
        Action::ApprovePending(approval) => pending::approve(scene, approval),
        Action::WithdrawPending(id) => pending::withdraw(scene, id),
        Action::RaiseAlert(new) => alert::raise(scene, new),
        Action::EndAlert(id) => alert::end(scene, id),
    }
}
