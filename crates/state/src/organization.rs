//! Organization 机构: admit a member, change its entry.
//!
//! Until members vote on members, only the competent authority admits one; that is a fixed rule, which policies can
//! narrow but not widen. An organization's kind decides its powers, so it never changes.

use gongxin_types::{ActionCode, Organization, OrganizationId, OrganizationKind, Refusal};

use crate::policy::{OrganizationFacts, ResourceFacts, ResourceKind};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn register(scene: &mut Scene<'_>, organization: &Organization) -> Judged {
    well_formed(scene, organization)?;
    scene.absent::<Organization>(&organization.id)?;
    parent_exists(scene, organization)?;
    ask(scene, ActionCode::OrganizationRegister, organization)?;
    ensure(scene.organization.kind == OrganizationKind::CompetentAuthority, Refusal::OtherOrganization)?;
    scene.put(&organization.id, organization.clone())
}

pub(crate) fn amend(scene: &mut Scene<'_>, organization: &Organization) -> Judged {
    well_formed(scene, organization)?;
    let before = scene.existing::<Organization>(&organization.id)?;
    parent_exists(scene, organization)?;
    ask(scene, ActionCode::OrganizationAmend, &before)?;
    own_or_authority(scene, &organization.id)?;
    ensure(organization.kind == before.kind, Refusal::Malformed)?;
    scene.put(&organization.id, organization.clone())
}

/// Refuses an act on another organization's affairs, unless the sender acts for the competent authority.
pub(crate) fn own_or_authority(scene: &Scene<'_>, organization: &OrganizationId) -> Judged {
    if scene.organization.kind == OrganizationKind::CompetentAuthority { Ok(()) } else { scene.own(organization) }
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, organization: &Organization) -> Judged {
    let facts = ResourceFacts::owned(ResourceKind::Organization, OrganizationFacts::from(organization));
    let context = scene.at_now();
    scene.permit(action, facts, context)
}

fn well_formed(scene: &Scene<'_>, organization: &Organization) -> Judged {
    scene.known_version(organization.version)?;
    let division = organization.division.as_str();
    let six_digits = division.len() == 6 && division.bytes().all(|byte| byte.is_ascii_digit());
    ensure(six_digits && organization.parent.as_ref() != Some(&organization.id), Refusal::Malformed)
}

fn parent_exists(scene: &mut Scene<'_>, organization: &Organization) -> Judged {
    match &organization.parent {
        Some(parent) => scene.existing::<Organization>(parent).map(|_| ()),
        None => Ok(()),
    }
}
