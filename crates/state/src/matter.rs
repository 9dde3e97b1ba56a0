//! Matter: what a proposal may be about, and what it does when it takes effect.
//!
//! Everything is checked when it is proposed, so that nobody votes on what cannot be, and again when it takes effect: much
//! may have changed in between.

use std::sync::Arc;

use gongxin_crypto::Digest;
use gongxin_types::action::OfficerChange;
use gongxin_types::officer::{APPROVES, Recovery};
use gongxin_types::proposal::{Admission, Matter, ParametersChange};
use gongxin_types::transaction::Actor;
use gongxin_types::{
    Officer, OfficerId, Organization, OrganizationId, Proposal, Refusal, Role, Time, ValidatorSet, codec,
};

use crate::admission::BlockContext;
use crate::caches::{Head, parameters_digest};
use crate::key::{self, Kind};
use crate::noun::put;
use crate::policy::{InvariantError, Rules, check_invariants};
use crate::reservation::{self, Holder, Name};
use crate::scene::Scene;
use crate::stop::{Halt, Judged, ensure};
use crate::view::View;
use crate::{calendar, heads, keyring, officer, organization, parameters, protocol, validator_set};

/// Refuses what could not take effect if it were accepted now.
pub(crate) fn check(scene: &mut Scene<'_>, matter: &Matter) -> Judged {
    match matter {
        Matter::PolicySet(set) => {
            fits(scene.view, Kind::PolicySet, set.revision)?;
            set.policies.iter().try_for_each(|policy| scene.known_basis(&policy.legal_basis))?;
            if scene.view.is_missing_any() {
                // This pass is thrown away: the long check waits for the one that counts.
                return Err(Halt::Missing.into());
            }
            check_invariants(set).map_err(|error| match error {
                InvariantError::Unsound(_) => Refusal::UnsoundPolicies,
                InvariantError::Broken { .. } => Refusal::BrokenInvariant,
            })?;
            Ok(())
        }
        Matter::Parameters(change) => {
            fits(scene.view, Kind::Parameters, change.revision)?;
            ensure(parameters::is_sound(&change.parameters), Refusal::Malformed)
        }
        Matter::Admission(admission) => {
            let Admission { organization, head } = admission;
            organization::well_formed(scene, organization)?;
            organization::parent_exists(scene, organization)?;
            officer::well_formed(scene, &head.roles, head.until)?;
            keyring::well_formed(scene, &head.keys)?;
            scene.known_version(head.version)?;
            let heads = head.organization == organization.id && *head.roles == [Role::Authority];
            let new = head.dismissed.is_none() && head.admitted_by.is_none() && head.given.is_empty();
            ensure(heads && new, Refusal::Malformed)?;
            admissible(scene.view, scene.block.time, None, admission)
        }
        Matter::Expulsion(id) => expellable(scene.view, id).map(|_| ()),
        Matter::Appointment(change) => {
            officer::well_formed(scene, &change.roles, change.until)?;
            appointable(scene.view, scene.block.time, change).map(|_| ())
        }
        Matter::Calendar(change) => calendar::check(scene.block, scene.view, change),
        Matter::Recovery(recovery) => {
            keyring::new_key(scene, &recovery.key)?;
            recoverable(scene.view, scene.block.time, None, recovery).map(|_| ())
        }
        Matter::ValidatorSet(set) => validator_set::check(scene.view, set),
        Matter::ProtocolVersion(version) => protocol::check(scene.view, *version),
    }
}

/// Names and keys that nobody else may take while members decide.
pub(crate) fn names(matter: &Matter) -> Vec<Name> {
    match matter {
        Matter::Admission(Admission { organization, head }) => {
            let organization = Name::Organization(organization.id.clone());
            std::iter::once(organization).chain(reservation::of_officer(head)).collect()
        }
        Matter::Recovery(recovery) => vec![Name::Key(recovery.key.key)],
        Matter::PolicySet(_)
        | Matter::Parameters(_)
        | Matter::Expulsion(_)
        | Matter::Appointment(_)
        | Matter::Calendar(_)
        | Matter::ValidatorSet(_)
        | Matter::ProtocolVersion(_) => Vec::new(),
    }
}

/// Lets an accepted matter take effect.
pub(crate) fn enact(block: &BlockContext, view: &mut View, proposal: &Proposal, matter: &Matter) -> Judged {
    let own = Some(Holder::Proposal(proposal.id));
    match matter {
        Matter::PolicySet(set) => {
            fits(view, Kind::PolicySet, set.revision)?;
            Rules::new(set).map_err(|_| Refusal::UnsoundPolicies)?;
            put_set(view, Kind::PolicySet, set.revision, set.digest(block.suite), &codec::encode(set))
        }
        Matter::Parameters(ParametersChange { revision, parameters }) => {
            fits(view, Kind::Parameters, *revision)?;
            ensure(parameters::is_sound(parameters), Refusal::Malformed)?;
            let digest = parameters_digest(block.suite, parameters);
            put_set(view, Kind::Parameters, *revision, digest, &codec::encode(parameters))
        }
        Matter::Admission(admission) => {
            admissible(view, block.time, own, admission)?;
            let Admission { organization, head } = admission;
            let acts = head.is_active_at(block.time) && head.keys.iter().any(|own| own.is_valid_at(block.time));
            ensure(acts, Refusal::InvalidKey)?;
            let keys = head.keys.iter().map(|own| &own.key);
            keyring::claim(view, &organization.id, Actor::Officer(head.id), keys)?;
            put(view, &organization.id, organization.clone())?;
            heads::put_officer(view, Officer { admitted_by: Some(proposal.officer), ..head.clone() })
        }
        Matter::Expulsion(id) => {
            let before = expellable(view, id)?;
            put(view, id, Organization { expelled: Some(block.time), ..(*before).clone() })
        }
        Matter::Appointment(change) => {
            let before = appointable(view, block.time, change)?;
            ensure(change.until.is_none_or(|until| block.time < until), Refusal::TermTooLong)?;
            let both: Vec<Role> = change.roles.iter().filter(|role| before.roles.contains(role)).copied().collect();
            let given = officer::given(&before.given, |gift| officer::keeps(gift, &both), [])?;
            let after = Officer { roles: change.roles.clone(), until: change.until, given, ..(*before).clone() };
            heads::put_officer(view, after)
        }
        Matter::Recovery(recovery) => {
            let before = recoverable(view, block.time, own, recovery)?;
            let Recovery { officer: id, key } = recovery;
            ensure(key.is_valid_at(block.time), Refusal::InvalidKey)?;
            keyring::claim(view, &before.organization, Actor::Officer(*id), std::iter::once(&key.key))?;
            put(view, id, officer::recovered(&before, key, block.time, None)?)
        }
        Matter::Calendar(change) => calendar::enact(block, view, change),
        Matter::ValidatorSet(set) => validator_set::enact(view, set),
        Matter::ProtocolVersion(version) => protocol::enact(view, *version),
    }
}

/// Refuses another revision than the next.
fn fits(view: &mut View, kind: Kind, revision: u32) -> Judged {
    let next = Head::of(view, kind)?.revision.saturating_add(1);
    ensure(revision == next, Refusal::RevisionMismatch)
}

/// Refuses a member, a head or a key that is there already.
fn admissible(view: &mut View, time: Time, own: Option<Holder>, admission: &Admission) -> Judged {
    let Admission { organization, head } = admission;
    // All is asked for before the first page that is missing ends the search.
    let (member, officer) = (view.noun::<Organization>(&organization.id), view.noun::<Officer>(&head.id));
    let keys = keyring::unclaimed(view, time, own, head.keys.iter().map(|own| &own.key));
    let names = [Name::Organization(organization.id.clone()), Name::Officer(head.id)];
    let names = reservation::free(view, time, own, &names);
    ensure(member?.is_none() && officer?.is_none(), Refusal::AlreadyExists)?;
    keys?;
    names
}

/// A member that can be shut out: none whose validators serve, or the others might be too few to go on.
fn expellable(view: &mut View, id: &OrganizationId) -> Judged<Arc<Organization>> {
    let organization = view.noun::<Organization>(id)?.ok_or(Refusal::NotFound)?;
    ensure(organization.expelled.is_none(), Refusal::Expelled)?;
    let serving = view.noun::<ValidatorSet>(&())?.ok_or(Refusal::NotFound)?;
    let serves = serving.validators.iter().any(|validator| validator.organization == *id);
    ensure(!serves, Refusal::ServesAsValidator)?;
    Ok(organization)
}

/// An officer who can be given roles: one whose appointment has not ended, of a member.
fn appointable(view: &mut View, time: Time, change: &OfficerChange) -> Judged<Arc<Officer>> {
    let (officer, organization) = in_office(view, &change.id)?;
    // The other roles are the organization's own affair, but that members give it a second head: it could not do so alone.
    let gains = |role: &Role| change.roles.contains(role) && !officer.roles.contains(role);
    let deputy = gains(&APPROVES);
    let others = |role: &&Role| !(role.is_critical(organization.kind) || deputy && **role == APPROVES);
    let same = officer.roles.iter().filter(others).eq(change.roles.iter().filter(others));
    let critical = officer.roles.iter().chain(&change.roles).any(|role| role.is_critical(organization.kind));
    ensure(same && (critical || deputy), Refusal::OtherOrganization)?;
    if deputy && !APPROVES.is_critical(organization.kind) {
        let heads = heads::others_able(view, &organization.id, &officer.id, time)?;
        ensure(heads < 2, Refusal::OtherOrganization)?;
    }
    Ok(officer)
}

/// An officer whom members give a new key: one with critical roles, or a head, as heads may have lost their keys together and
/// nobody can tell from outside. All others are the affair of two persons.
fn recoverable(view: &mut View, time: Time, own: Option<Holder>, recovery: &Recovery) -> Judged<Arc<Officer>> {
    let keys = keyring::unclaimed(view, time, own, std::iter::once(&recovery.key.key));
    let (officer, organization) = in_office(view, &recovery.officer)?;
    let heads = |role: &Role| *role == APPROVES || role.is_critical(organization.kind);
    ensure(officer.roles.iter().any(heads), Refusal::OtherOrganization)?;
    keys?;
    Ok(officer)
}

/// An officer whose appointment has not ended, of a member.
fn in_office(view: &mut View, id: &OfficerId) -> Judged<(Arc<Officer>, Arc<Organization>)> {
    let officer = view.noun::<Officer>(id)?.ok_or(Refusal::NotFound)?;
    ensure(officer.dismissed.is_none(), Refusal::NotFound)?;
    heads::touch(view, &officer.organization);
    let organization = view.noun::<Organization>(&officer.organization)?.ok_or(Refusal::NotFound)?;
    ensure(organization.expelled.is_none(), Refusal::Expelled)?;
    Ok((officer, organization))
}

/// What is in force from now on, and its bytes under its digest.
fn put_set(view: &mut View, kind: Kind, revision: u32, digest: Digest, bytes: &[u8]) -> Judged {
    view.put_slot(key::of(kind, &(), 0), &Head::new(revision, digest, bytes))?;
    view.put_blob(&digest, bytes);
    Ok(())
}
