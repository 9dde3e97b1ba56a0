//! Officer 工作人员: appoint, change, dismiss; give and revoke keys.
//!
//! An organization appoints its own people; the competent authority may do it for a member without a vote, never for one that
//! has one: it would have that vote. Critical roles are given by vote alone. Nobody changes or ends their own appointment
//! (PROTOCOL 15), but everyone may change their own keys if the rules allow it: a new key is signed for with an old one.
//!
//! Two persons are needed to give the role whose holders approve, and to give a key to an officer who does not ask for it: it
//! would be that person's voice. To stop somebody takes one person: a key is revoked, an appointment ends, at once. What an
//! officer was given, by whom and when, stands in the officer's noun, and a new key of the officer's own choice leaves it there.

use std::sync::Arc;

use gongxin_crypto::PublicKey;
use gongxin_types::action::OfficerChange;
use gongxin_types::limits::GIVEN_MAX;
use gongxin_types::officer::{APPROVES, Gift, Given, Recovery};
use gongxin_types::transaction::Actor;
use gongxin_types::{ActionCode, List, Officer, OfficerId, OfficerKey, OrganizationId, Refusal, Role, Time};

use crate::heads;
use crate::keyring;
use crate::organization::own_or_authority;
use crate::policy::{Context, ResourceFacts, roles};
use crate::proposal;
use crate::reservation::{self, Name};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn register(scene: &mut Scene<'_>, officer: &Officer) -> Judged {
    let admitter = scene.officer()?;
    scene.known_version(officer.version)?;
    well_formed(scene, &officer.roles, officer.until)?;
    ensure(officer.dismissed.is_none(), Refusal::Malformed)?;
    ensure(officer.admitted_by.is_none_or(|by| by == admitter) && officer.given.is_empty(), Refusal::Malformed)?;
    keyring::well_formed(scene, &officer.keys)?;
    scene.absent::<Officer>(&officer.id)?;
    let owner = scene.facts_of(&officer.organization)?;
    let facts = ResourceFacts::officer(owner, roles(officer.roles.iter().copied()), false);
    let context = Context { until: officer.until, ..scene.at_now() };
    scene.permit(ActionCode::OfficerRegister, facts, context)?;
    answers_for(scene, &officer.organization)?;
    not_critical(scene, &officer.organization, officer.roles.iter().copied())?;
    if officer.roles.contains(&APPROVES) {
        gives_approval(scene, &officer.organization)?;
    }
    let (now, holder) = (scene.now(), scene.holder());
    let keys = || officer.keys.iter().map(|own| &own.key);
    keyring::unclaimed(scene.view, now, holder, keys())?;
    reservation::free(scene.view, now, holder, &[Name::Officer(officer.id)])?;
    keyring::claim(scene.view, &officer.organization, Actor::Officer(officer.id), keys())?;
    let given = given(&[], |_| true, [scene.given(Gift::Admission)?])?;
    heads::put_officer(scene.view, Officer { admitted_by: Some(admitter), given, ..officer.clone() })
}

pub(crate) fn amend(scene: &mut Scene<'_>, change: &OfficerChange) -> Judged {
    well_formed(scene, &change.roles, change.until)?;
    let before = appointed(scene, &change.id)?;
    ask(scene, ActionCode::OfficerAmend, &before, &change.roles, change.until)?;
    not_oneself(scene, &change.id)?;
    answers_for(scene, &before.organization)?;
    // Who was voted in for a time stays no longer than that: a longer term is every role given anew.
    let longer = !is_no_longer(before.until, change.until);
    let gains = |role: &Role| longer || !before.roles.contains(role);
    let gained: Vec<Role> = change.roles.iter().filter(|role| gains(role)).copied().collect();
    not_critical(scene, &before.organization, gained.iter().copied())?;
    if gained.contains(&APPROVES) {
        gives_approval(scene, &before.organization)?;
    }
    let new = gained.iter().map(|role| scene.given(Gift::Role(*role))).collect::<Judged<Vec<_>>>()?;
    let given = given(&before.given, |gift| keeps(gift, &change.roles), new)?;
    let after = Officer { roles: change.roles.clone(), until: change.until, given, ..(*before).clone() };
    heads::put_officer(scene.view, after)
}

pub(crate) fn dismiss(scene: &mut Scene<'_>, id: &OfficerId) -> Judged {
    let before = appointed(scene, id)?;
    ask(scene, ActionCode::OfficerDismiss, &before, &[], None)?;
    not_oneself(scene, id)?;
    answers_for(scene, &before.organization)?;
    let after = Officer { dismissed: Some(scene.now()), ..(*before).clone() };
    heads::put_officer(scene.view, after)
}

pub(crate) fn add_key(scene: &mut Scene<'_>, id: &OfficerId, key: &OfficerKey) -> Judged {
    keyring::new_key(scene, key)?;
    let before = appointed(scene, id)?;
    ask(scene, ActionCode::OfficerAddKey, &before, &[], key.until)?;
    answers_for(scene, &before.organization)?;
    // A further key of somebody else is that person's voice: only a recovery gives one.
    ensure(scene.sender.actor == Actor::Officer(*id), Refusal::FourEyesRequired)?;
    let now = scene.now();
    keyring::unclaimed(scene.view, now, None, std::iter::once(&key.key))?;
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

/// Revokes every key: whoever has a stolen one might give the officer another between two revocations.
pub(crate) fn revoke_keys(scene: &mut Scene<'_>, id: &OfficerId) -> Judged {
    let before = appointed(scene, id)?;
    ensure(before.keys.iter().any(|own| own.revoked.is_none()), Refusal::NotFound)?;
    ask(scene, ActionCode::OfficerRevokeKeys, &before, &[], None)?;
    answers_for(scene, &before.organization)?;
    let keys = revoked(&before.keys, scene.now());
    scene.put(id, Officer { keys, ..(*before).clone() })
}

/// A new key in place of all others, by two persons.
pub(crate) fn recover(scene: &mut Scene<'_>, recovery: &Recovery) -> Judged {
    let Recovery { officer: id, key } = recovery;
    keyring::new_key(scene, key)?;
    let before = appointed(scene, id)?;
    ask(scene, ActionCode::OfficerRecover, &before, &[], key.until)?;
    not_oneself(scene, id)?;
    answers_for(scene, &before.organization)?;
    not_critical(scene, &before.organization, before.roles.iter().copied())?;
    if before.roles.contains(&APPROVES) {
        ensure(scene.principal.roles.contains(&APPROVES), Refusal::AuthorityRequired)?;
    }
    scene.four_eyes()?;
    let (now, holder) = (scene.now(), scene.holder());
    keyring::unclaimed(scene.view, now, holder, std::iter::once(&key.key))?;
    let after = recovered(&before, key, now, Some(scene.given(Gift::Key)?))?;
    keyring::claim(scene.view, &before.organization, Actor::Officer(*id), std::iter::once(&key.key))?;
    scene.put(id, after)
}

/// The officer with this key alone, given by these two, or by the members.
pub(crate) fn recovered(before: &Officer, key: &OfficerKey, now: Time, by: Option<Given>) -> Judged<Officer> {
    let keys = with_key(now, &revoked(&before.keys, now), key)?;
    let given = given(&before.given, |gift| gift != Gift::Key, by)?;
    Ok(Officer { keys, given, ..before.clone() })
}

/// What stays of what was given, and what is new.
pub(crate) fn given(
    before: &[Given],
    stays: impl Fn(Gift) -> bool,
    new: impl IntoIterator<Item = Given>,
) -> Judged<List<Given, GIVEN_MAX>> {
    let mut all: Vec<Given> = before.iter().filter(|given| stays(given.gift)).copied().collect();
    for given in new {
        all.retain(|old| old.gift != given.gift);
        all.push(given);
    }
    Ok(List::new(all).map_err(|_| Refusal::Malformed)?)
}

/// A gift of a role stays as long as the role.
pub(crate) fn keeps(gift: Gift, roles: &[Role]) -> bool {
    match gift {
        Gift::Role(role) => roles.contains(&role),
        Gift::Admission | Gift::Key => true,
    }
}

pub(crate) fn well_formed(scene: &Scene<'_>, roles: &[Role], until: Option<Time>) -> Judged {
    let ascending = roles.is_sorted_by(|one, next| one < next);
    ensure(ascending && until.is_none_or(|until| scene.now() < until), Refusal::Malformed)
}

/// The officer, unless the appointment has ended.
fn appointed(scene: &mut Scene<'_>, id: &OfficerId) -> Judged<Arc<Officer>> {
    let officer = scene.existing::<Officer>(id)?;
    ensure(officer.dismissed.is_none(), Refusal::NotFound)?;
    heads::touch(scene.view, &officer.organization);
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

/// Refuses to give the role whose holders approve, unless two heads do. A member that never had a head gets its first from the
/// competent authority that entered it: there is nobody yet whose place could be taken.
fn gives_approval(scene: &mut Scene<'_>, organization: &OrganizationId) -> Judged {
    ensure(scene.principal.roles.contains(&APPROVES), Refusal::AuthorityRequired)?;
    if scene.four_eyes().is_ok() {
        return Ok(());
    }
    scene.own(organization).map_or_else(
        |_| heads::never_had_one(scene.view, organization, Refusal::FourEyesRequired),
        |()| Err(Refusal::FourEyesRequired.into()),
    )
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

/// The keys, none of which signs any more.
fn revoked(keys: &Keys, now: Time) -> Keys {
    let mut keys = keys.clone();
    keys.iter_mut().filter(|own| own.revoked.is_none()).for_each(|own| own.revoked = Some(now));
    keys
}

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
