//! Pending 待复核: propose an act that takes two, approve it, take it back.
//!
//! Fixed rules, which rules of access can narrow but not widen (PROTOCOL 14, 15). Whoever may do an act proposes it, and whatever
//! would refuse it refuses the proposal. The second of the two is another person, a head of the organization or, where it oversees
//! nobody, of the competent authority; is not the one whom the act is about; and neither of the two was admitted, given a role or
//! given a key by the other within the network's time. At the approval everything is asked again: the act is judged as if the
//! proposer did it now, with the key it was proposed with.
//!
//! An officer is a person with any number of keys, so that two keys make no two persons. Who was enrolled twice, under two
//! identifiers, cannot be seen here: each enrolment names who did it, and for as long as the two must be independent, the one who
//! enrolled and the one who was enrolled are not.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_types::officer::APPROVES;
use gongxin_types::pending::{Approval, NewPending, PendingAct, PendingStatus};
use gongxin_types::transaction::{Actor, Sender};
use gongxin_types::{
    ActionCode, List, Officer, OfficerId, OrganizationId, OrganizationKind, Pending, PendingId, Refusal, Time,
    limits::PENDING_MAX,
};

use crate::policy::{ResourceFacts, ResourceKind};
use crate::reservation::{self, Holder, Name};
use crate::scene::{Eyes, Scene};
use crate::stop::{Judged, Stop, ensure};
use crate::{needs, officer};

/// What waits in one organization, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct Tray {
    pub(crate) waiting: List<(PendingId, Time), PENDING_MAX>,
}

pub(crate) fn open(scene: &mut Scene<'_>, new: &NewPending) -> Judged {
    let proposer = scene.officer()?;
    scene.known_version(new.version)?;
    scene.absent::<Pending>(&new.id)?;
    let organization = concerned(scene, &new.act)?;
    ask(scene, ActionCode::PendingOpen, &organization)?;
    rehearse(scene, &new.act)?;
    let expires = scene.now().plus_millis(scene.parameters.pending_term_ms);
    let mut waiting = waiting(scene, &organization)?;
    waiting.push((new.id, expires));
    put_tray(scene, &organization, waiting)?;
    reservation::keep(scene.view, Holder::Pending(new.id), &names(&new.act))?;
    let pending = Pending {
        version: 1,
        id: new.id,
        organization,
        proposed_for: scene.organization.id.clone(),
        proposer,
        key: scene.sender.key,
        act: new.act.clone(),
        digest: new.act.digest(scene.block.suite),
        opened: scene.now(),
        expires,
        status: PendingStatus::Open,
    };
    scene.put(&new.id, pending)
}

pub(crate) fn approve(scene: &mut Scene<'_>, approval: &Approval) -> Judged {
    let approver = scene.officer()?;
    let pending = scene.existing::<Pending>(&approval.pending)?;
    // What the act reads is asked for at once.
    needs::touch_pending(scene.block.suite, &pending, scene.view);
    ask(scene, ActionCode::PendingApprove, &pending.organization)?;
    still_open(scene, &pending)?;
    ensure(pending.digest == approval.act, Refusal::OtherAct)?;
    ensure(approver != pending.proposer, Refusal::SamePerson)?;
    ensure(approver != pending.act.officer(), Refusal::OwnAppointment)?;
    answers_for(scene, &pending.organization)?;
    independent(scene, approver, pending.proposer)?;
    take_effect(scene, &pending, approver)?;
    close(scene, &pending)?;
    let status = PendingStatus::Approved { officer: approver, key: scene.sender.key, time: scene.now() };
    scene.put(&pending.id, Pending { status, ..(*pending).clone() })
}

/// Whoever proposed it takes it back; a head of the organization turns it down, and so does the officer it is about: what is
/// disputed does not happen.
pub(crate) fn withdraw(scene: &mut Scene<'_>, id: &PendingId) -> Judged {
    let officer = scene.officer()?;
    let pending = scene.existing::<Pending>(id)?;
    ask(scene, ActionCode::PendingWithdraw, &pending.organization)?;
    if officer != pending.proposer && officer != pending.act.officer() {
        scene.own(&pending.organization)?;
        ensure(scene.principal.roles.contains(&APPROVES), Refusal::AuthorityRequired)?;
    }
    still_open(scene, &pending)?;
    close(scene, &pending)?;
    let status = PendingStatus::Withdrawn { officer, time: scene.now() };
    scene.put(id, Pending { status, ..(*pending).clone() })
}

/// Judges the act as it would be judged with a second pair of eyes, and leaves nothing of it.
fn rehearse(scene: &mut Scene<'_>, act: &PendingAct) -> Judged {
    let (start, sender) = (scene.view.savepoint(), scene.sender.clone());
    let judged = perform(&mut scene.with_eyes(&sender, Eyes::Two { second: None, holder: None })?, act);
    scene.view.roll_back(start);
    judged
}

/// Lets the act take effect as the proposer's, who must still be able to do it.
fn take_effect(scene: &mut Scene<'_>, pending: &Pending, approver: OfficerId) -> Judged {
    let sender = Sender {
        organization: pending.proposed_for.clone(),
        actor: Actor::Officer(pending.proposer),
        key: pending.key,
    };
    let eyes = Eyes::Two { second: Some(approver), holder: Some(Holder::Pending(pending.id)) };
    let gone = |stop| match stop {
        Stop::Refused(
            Refusal::UnknownSender
            | Refusal::InvalidKey
            | Refusal::Expelled
            | Refusal::Policy
            | Refusal::AuthorityRequired,
        ) => Refusal::ProposerGone.into(),
        other => other,
    };
    let mut proposer = scene.with_eyes(&sender, eyes).map_err(gone)?;
    perform(&mut proposer, &pending.act).map_err(gone)
}

fn perform(scene: &mut Scene<'_>, act: &PendingAct) -> Judged {
    match act {
        PendingAct::RegisterOfficer(noun) => officer::register(scene, noun),
        PendingAct::AmendOfficer(change) => officer::amend(scene, change),
        PendingAct::RecoverOfficer(recovery) => officer::recover(scene, recovery),
    }
}

/// Whose officer the act is about.
fn concerned(scene: &mut Scene<'_>, act: &PendingAct) -> Judged<OrganizationId> {
    match act {
        PendingAct::RegisterOfficer(noun) => Ok(noun.organization.clone()),
        PendingAct::AmendOfficer(_) | PendingAct::RecoverOfficer(_) => {
            Ok(scene.existing::<Officer>(&act.officer())?.organization.clone())
        }
    }
}

/// What nobody else may take meanwhile.
fn names(act: &PendingAct) -> Vec<Name> {
    match act {
        PendingAct::RegisterOfficer(noun) => reservation::of_officer(noun),
        PendingAct::RecoverOfficer(recovery) => vec![Name::Key(recovery.key.key)],
        PendingAct::AmendOfficer(_) => Vec::new(),
    }
}

fn still_open(scene: &Scene<'_>, pending: &Pending) -> Judged {
    ensure(pending.status == PendingStatus::Open, Refusal::PendingEnded)?;
    ensure(pending.is_open_at(scene.now()), Refusal::PendingExpired)
}

/// Refuses whoever heads neither the organization nor, where it oversees nobody, the competent authority.
fn answers_for(scene: &mut Scene<'_>, organization: &OrganizationId) -> Judged {
    ensure(scene.principal.roles.contains(&APPROVES), Refusal::AuthorityRequired)?;
    if scene.own(organization).is_ok() {
        return Ok(());
    }
    let oversees = scene.facts_of(organization)?.kind.oversees();
    let competent = scene.organization.kind == OrganizationKind::CompetentAuthority;
    ensure(competent && !oversees, Refusal::AuthorityRequired)
}

/// Refuses two of whom one owes the other office or key, in either direction: who chose one of them might be both.
fn independent(scene: &mut Scene<'_>, one: OfficerId, other: OfficerId) -> Judged {
    let since = Time::from_millis(scene.now().millis().saturating_sub(scene.parameters.independence_ms));
    for (officer, by) in [(one, other), (other, one)] {
        let officer = scene.view.noun::<Officer>(&officer)?.ok_or(Refusal::ProposerGone)?;
        ensure(!officer.is_beholden_to(&by, since), Refusal::NotIndependent)?;
    }
    Ok(())
}

/// What still waits in an organization.
fn waiting(scene: &mut Scene<'_>, organization: &OrganizationId) -> Judged<Vec<(PendingId, Time)>> {
    let now = scene.now();
    let tray = scene.view.noun::<Tray>(organization)?.unwrap_or_default();
    Ok(tray.waiting.iter().filter(|(_, expires)| now < *expires).copied().collect())
}

fn close(scene: &mut Scene<'_>, pending: &Pending) -> Judged {
    let mut waiting = waiting(scene, &pending.organization)?;
    waiting.retain(|(id, _)| *id != pending.id);
    put_tray(scene, &pending.organization, waiting)
}

fn put_tray(scene: &mut Scene<'_>, organization: &OrganizationId, waiting: Vec<(PendingId, Time)>) -> Judged {
    let waiting = List::new(waiting).map_err(|_| Refusal::TooManyPending)?;
    scene.put(organization, Tray { waiting })
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, organization: &OrganizationId) -> Judged {
    let owner = scene.facts_of(organization)?;
    let context = scene.at_now();
    scene.permit(action, ResourceFacts::owned(ResourceKind::Pending, owner), context)
}
