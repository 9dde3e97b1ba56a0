//! Matter: what a proposal may be about, and what it does when it takes effect.
//!
//! Everything is checked when it is proposed, so that nobody votes on what cannot be, and again when it takes effect: much
//! may have changed in between.

use std::sync::Arc;

use gongxin_crypto::Digest;
use gongxin_types::action::OfficerChange;
use gongxin_types::proposal::{Admission, Matter, ParametersChange};
use gongxin_types::transaction::Actor;
use gongxin_types::{Officer, Organization, OrganizationId, Proposal, Refusal, Role, ValidatorSet, codec};

use crate::admission::BlockContext;
use crate::caches::{Head, parameters_digest};
use crate::key::{self, Kind};
use crate::noun::put;
use crate::policy::{InvariantError, Rules, check_invariants};
use crate::scene::Scene;
use crate::stop::{Halt, Judged, ensure};
use crate::view::View;
use crate::{calendar, keyring, officer, organization, parameters};

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
            ensure(heads && head.dismissed.is_none() && head.admitted_by.is_none(), Refusal::Malformed)?;
            admissible(scene.view, admission)
        }
        Matter::Expulsion(id) => expellable(scene.view, id).map(|_| ()),
        Matter::Appointment(change) => {
            officer::well_formed(scene, &change.roles, change.until)?;
            appointable(scene.view, change).map(|_| ())
        }
        Matter::Calendar(change) => calendar::check(scene.block, scene.view, change),
    }
}

/// Lets an accepted matter take effect.
pub(crate) fn enact(block: &BlockContext, view: &mut View, proposal: &Proposal, matter: &Matter) -> Judged {
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
            admissible(view, admission)?;
            let Admission { organization, head } = admission;
            let acts = head.is_active_at(block.time) && head.keys.iter().any(|own| own.is_valid_at(block.time));
            ensure(acts, Refusal::InvalidKey)?;
            let keys = head.keys.iter().map(|own| &own.key);
            keyring::claim(view, &organization.id, Actor::Officer(head.id), keys)?;
            put(view, &organization.id, organization.clone())?;
            put(view, &head.id, Officer { admitted_by: Some(proposal.officer), ..head.clone() })
        }
        Matter::Expulsion(id) => {
            let before = expellable(view, id)?;
            put(view, id, Organization { expelled: Some(block.time), ..(*before).clone() })
        }
        Matter::Appointment(change) => {
            let before = appointable(view, change)?;
            ensure(change.until.is_none_or(|until| block.time < until), Refusal::TermTooLong)?;
            let after = Officer { roles: change.roles.clone(), until: change.until, ..(*before).clone() };
            put(view, &change.id, after)
        }
        Matter::Calendar(change) => calendar::enact(block, view, change),
    }
}

/// Refuses another revision than the next.
fn fits(view: &mut View, kind: Kind, revision: u32) -> Judged {
    let next = Head::of(view, kind)?.revision.saturating_add(1);
    ensure(revision == next, Refusal::RevisionMismatch)
}

/// Refuses a member, a head or a key that is there already.
fn admissible(view: &mut View, admission: &Admission) -> Judged {
    let Admission { organization, head } = admission;
    // All is asked for before the first page that is missing ends the search.
    let (member, officer) = (view.noun::<Organization>(&organization.id), view.noun::<Officer>(&head.id));
    let keys = keyring::unclaimed(view, head.keys.iter().map(|own| &own.key));
    ensure(member?.is_none() && officer?.is_none(), Refusal::AlreadyExists)?;
    keys
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
fn appointable(view: &mut View, change: &OfficerChange) -> Judged<Arc<Officer>> {
    let officer = view.noun::<Officer>(&change.id)?.ok_or(Refusal::NotFound)?;
    ensure(officer.dismissed.is_none(), Refusal::NotFound)?;
    let organization = view.noun::<Organization>(&officer.organization)?.ok_or(Refusal::NotFound)?;
    ensure(organization.expelled.is_none(), Refusal::Expelled)?;
    // The other roles are the organization's own affair.
    let others = |role: &&Role| !role.is_critical(organization.kind);
    let same = officer.roles.iter().filter(others).eq(change.roles.iter().filter(others));
    ensure(same, Refusal::OtherOrganization)?;
    Ok(officer)
}

/// What is in force from now on, and its bytes under its digest.
fn put_set(view: &mut View, kind: Kind, revision: u32, digest: Digest, bytes: &[u8]) -> Judged {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    view.put_slot(key::of(kind, &(), 0), &Head { revision, digest, length })?;
    view.put_blob(&digest, bytes);
    Ok(())
}
