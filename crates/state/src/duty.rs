//! Duty 职责: publish, change and end a statutory task.
//!
//! A duty that has ended stays readable for ever and entitles to nothing any more.

use std::sync::Arc;

use gongxin_types::{ActionCode, Duty, DutyId, OrganizationId, Refusal};

use crate::organization::own_or_authority;
use crate::policy::{Context, ResourceFacts, ResourceKind};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn register(scene: &mut Scene<'_>, duty: &Duty) -> Judged {
    well_formed(scene, duty)?;
    ensure(duty.revision == 1, Refusal::RevisionMismatch)?;
    scene.absent::<Duty>(&duty.id)?;
    ask(scene, ActionCode::DutyRegister, duty)?;
    own_or_authority(scene, &duty.id.organization)?;
    scene.put(&duty.id, duty.clone())
}

pub(crate) fn amend(scene: &mut Scene<'_>, duty: &Duty) -> Judged {
    well_formed(scene, duty)?;
    let before = in_force(scene, &duty.id)?;
    ask(scene, ActionCode::DutyAmend, duty)?;
    own_or_authority(scene, &duty.id.organization)?;
    ensure(before.revision.checked_add(1) == Some(duty.revision), Refusal::RevisionMismatch)?;
    scene.put(&duty.id, duty.clone())
}

pub(crate) fn withdraw(scene: &mut Scene<'_>, id: &DutyId) -> Judged {
    let before = in_force(scene, id)?;
    ask(scene, ActionCode::DutyWithdraw, &before)?;
    own_or_authority(scene, &id.organization)?;
    let revision = before.revision.saturating_add(1);
    let after = Duty { withdrawn: Some(scene.now()), revision, ..(*before).clone() };
    scene.put(id, after)
}

/// A duty of this organization that has not ended.
pub(crate) fn in_force_of(scene: &mut Scene<'_>, id: &DutyId, organization: &OrganizationId) -> Judged<Arc<Duty>> {
    let duty = in_force(scene, id)?;
    ensure(id.organization == *organization, Refusal::Malformed)?;
    Ok(duty)
}

fn in_force(scene: &mut Scene<'_>, id: &DutyId) -> Judged<Arc<Duty>> {
    let duty = scene.existing::<Duty>(id)?;
    ensure(duty.withdrawn.is_none(), Refusal::NotFound)?;
    Ok(duty)
}

fn well_formed(scene: &Scene<'_>, duty: &Duty) -> Judged {
    scene.known_version(duty.version)?;
    ensure(duty.withdrawn.is_none(), Refusal::Malformed)?;
    scene.known_basis(&duty.legal_basis)
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, duty: &Duty) -> Judged {
    let owner = scene.facts_of(&duty.id.organization)?;
    let context = Context { legal_basis: Some(duty.legal_basis.clone()), ..scene.at_now() };
    scene.permit(action, ResourceFacts::owned(ResourceKind::Duty, owner), context)
}
