//! Officer 工作人员: appoint, change, dismiss; give and revoke keys.
//!
//! An organization appoints its own people; the competent authority may do it for a member without a vote, never for one that
//! has one: it would have that vote. Critical roles are given by vote alone. Nobody changes or ends their own appointment
//! (PROTOCOL 15), but everyone may change their own keys if the rules allow it.

use std::sync::Arc;

use gongxin_crypto::PublicKey;
use gongxin_types::action::OfficerChange;
use gongxin_types::transaction::Actor;
use gongxin_types::{ActionCode, List, Officer, OfficerId, OfficerKey, OrganizationId, Refusal, Role, Time};

use crate::keyring;
use crate::organization::own_or_authority;
use crate::policy::{Context, ResourceFacts, roles};
use crate::proposal;
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn register(scene: &mut Scene<'_>, officer: &Officer) -> Judged {
    let admitter = scene.officer()?;
    scene.known_version(officer.version)?;
    well_formed(scene, &officer.roles, officer.until)?;
    ensure(officer.dismissed.is_none(), Refusal::Malformed)?;
    ensure(officer.admitted_by.is_none_or(|by| by == admitter), Refusal::Malformed)?;
    keyring::well_formed(scene, &officer.keys)?;
    scene.absent::<Officer>(&officer.id)?;
    let owner = scene.facts_of(&officer.organization)?;
    let facts = ResourceFacts::officer(owner, roles(officer.roles.iter().copied()), false);
    let context = Context { until: officer.until, ..scene.at_now() };
    scene.permit(ActionCode::OfficerRegister, facts, context)?;
    answers_for(scene, &officer.organization)?;
    not_critical(scene, &officer.organization, officer.roles.iter().copied())?;
    let keys = || officer.keys.iter().map(|own| &own.key);
    keyring::unclaimed(scene.view, keys())?;
    keyring::claim(scene.view, &officer.organization, Actor::Officer(officer.id), keys())?;
    scene.put(&officer.id, Officer { admitted_by: Some(admitter), ..officer.clone() })
}

pub(crate) fn amend(scene: &mut Scene<'_>, change: &OfficerChange) -> Judged {
    well_formed(scene, &change.roles, change.until)?;
    let before = appointed(scene, &change.id)?;
    ask(scene, ActionCode::OfficerAmend, &before, &change.roles, change.until)?;
    not_oneself(scene, &change.id)?;
    answers_for(scene, &before.organization)?;
    let given = change.roles.iter().filter(|role| !before.roles.contains(role)).copied();
    not_critical(scene, &before.organization, given)?;
    if !is_no_longer(before.until, change.until) {
        // Who was voted in for a time stays no longer than that.
        not_critical(scene, &before.organization, change.roles.iter().copied())?;
    }
    let after = Officer { roles: change.roles.clone(), until: change.until, ..(*before).clone() };
    scene.put(&change.id, after)
}

pub(crate) fn dismiss(scene: &mut Scene<'_>, id: &OfficerId) -> Judged {
    let before = appointed(scene, id)?;
    ask(scene, ActionCode::OfficerDismiss, &before, &[], None)?;
    not_oneself(scene, id)?;
    answers_for(scene, &before.organization)?;
    let after = Officer { dismissed: Some(scene.now()), ..(*before).clone() };
    scene.put(id, after)
}

pub(crate) fn add_key(scene: &mut Scene<'_>, id: &OfficerId, key: &OfficerKey) -> Judged {
    keyring::new_key(scene, key)?;
    let before = appointed(scene, id)?;
    ask(scene, ActionCode::OfficerAddKey, &before, &[], key.until)?;
    answers_for(scene, &before.organization)?;
    if scene.sender.actor != Actor::Officer(*id) {
        // A further key of somebody else is that person's voice.
        not_critical(scene, &before.organization, before.roles.iter().copied())?;
    }
    keyring::unclaimed(scene.view, std::iter::once(&key.key))?;
    let mut after = (*before).clone();
    after.keys = with_key(scene.now(), &before.keys, key)?;
    keyring::claim(scene.view, &before.organization, Actor::Officer(*id), std::iter::once(&key.key))?;
    scene.put(id, after)
}

pub(crate) fn revoke_key(scene: &mut Scene<'_>, id: &OfficerId, key: &PublicKey) -> Judged {
    let before = appointed(scene, id)?;
    ensure(before.keys.iter().any(|own| own.key == *key && own.revoked.is_none()), Refusal::NotFound)?;
    ask(scene, ActionCode::OfficerRevokeKey, &before, &[], None)?;
    answers_for(scene, &before.organization)?;
    let mut after = (*before).clone();
    let now = scene.now();
    after.keys.iter_mut().filter(|own| own.key == *key).for_each(|own| own.revoked = Some(now));
    scene.put(id, after)
}

pub(crate) fn well_formed(scene: &Scene<'_>, roles: &[Role], until: Option<Time>) -> Judged {
    let ascending = roles.iter().zip(roles.iter().skip(1)).all(|(one, next)| one < next);
    ensure(ascending && until.is_none_or(|until| scene.now() < until), Refusal::Malformed)
}

/// The officer, unless the appointment has ended.
fn appointed(scene: &mut Scene<'_>, id: &OfficerId) -> Judged<Arc<Officer>> {
    let officer = scene.existing::<Officer>(id)?;
    ensure(officer.dismissed.is_none(), Refusal::NotFound)?;
    Ok(officer)
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, officer: &Officer, further: &[Role], until: Option<Time>) -> Judged {
    let owner = scene.facts_of(&officer.organization)?;
    let all = roles(officer.roles.iter().chain(further).copied());
    let is_self = scene.sender.actor == Actor::Officer(officer.id);
    let context = Context { until, ..scene.at_now() };
    scene.permit(action, ResourceFacts::officer(owner, all, is_self), context)
}

/// Refuses an act on another organization's officers, unless the competent authority acts for a member that has no vote and
/// oversees nobody.
fn answers_for(scene: &mut Scene<'_>, organization: &OrganizationId) -> Judged {
    own_or_authority(scene, organization)?;
    if scene.own(organization).is_ok() {
        return Ok(());
    }
    let oversees = scene.facts_of(organization)?.kind.oversees();
    let has_vote = proposal::electorate(scene)?.contains(organization);
    ensure(!oversees && !has_vote, Refusal::VoteRequired)
}

/// Whether one end of an appointment is no later than another.
fn is_no_longer(before: Option<Time>, after: Option<Time>) -> bool {
    before.is_none_or(|before| after.is_some_and(|after| after <= before))
}

/// Refuses roles that only a vote gives.
fn not_critical(scene: &mut Scene<'_>, organization: &OrganizationId, given: impl Iterator<Item = Role>) -> Judged {
    let kind = scene.facts_of(organization)?.kind;
    for role in given {
        ensure(!role.is_critical(kind), Refusal::VoteRequired)?;
    }
    Ok(())
}

fn not_oneself(scene: &Scene<'_>, id: &OfficerId) -> Judged {
    ensure(scene.sender.actor != Actor::Officer(*id), Refusal::OwnAppointment)
}

type Keys = List<OfficerKey, { gongxin_types::limits::OFFICER_KEYS_MAX }>;

/// The keys with one more. When the list is full, the oldest key that no longer counts is forgotten.
fn with_key(now: Time, keys: &Keys, key: &OfficerKey) -> Judged<Keys> {
    let mut all: Vec<OfficerKey> = keys.to_vec();
    if all.len() >= gongxin_types::limits::OFFICER_KEYS_MAX {
        let over = |own: &OfficerKey| own.revoked.is_some() || own.until.is_some_and(|until| until <= now);
        let forgotten = all.iter().position(over).ok_or(Refusal::Malformed)?;
        all.remove(forgotten);
    }
    all.push(key.clone());
    Ok(List::new(all).map_err(|_| Refusal::Malformed)?)
}
