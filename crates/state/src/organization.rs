//! Organization 机构: admit a member, change its entry.
//!
//! The competent authority enters those who take part in sharing: a member of any other kind comes by vote, and so does a
//! member's end. An entry gives no vote, no validator, and nothing to read. These are fixed rules, which policies can narrow
//! but not widen. An organization's kind decides its powers, so it never changes.

use gongxin_types::{ActionCode, Organization, OrganizationId, OrganizationKind, Refusal};

use crate::policy::{OrganizationFacts, ResourceFacts, ResourceKind};
use crate::reservation::{self, Name};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn register(scene: &mut Scene<'_>, organization: &Organization) -> Judged {
    well_formed(scene, organization)?;
    scene.absent::<Organization>(&organization.id)?;
    parent_exists(scene, organization)?;
    ask(scene, ActionCode::OrganizationRegister, organization)?;
    ensure(scene.organization.kind == OrganizationKind::CompetentAuthority, Refusal::OtherOrganization)?;
    ensure(!organization.kind.oversees(), Refusal::VoteRequired)?;
    let (now, name) = (scene.now(), Name::Organization(organization.id.clone()));
    reservation::free(scene.view, now, None, &[name])?;
    scene.put(&organization.id, organization.clone())
}

pub(crate) fn amend(scene: &mut Scene<'_>, organization: &Organization) -> Judged {
    well_formed(scene, organization)?;
    let before = scene.existing::<Organization>(&organization.id)?;
    ensure(before.expelled.is_none(), Refusal::Expelled)?;
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

pub(crate) fn well_formed(scene: &Scene<'_>, organization: &Organization) -> Judged {
    scene.known_version(organization.version)?;
    let division = organization.division.as_str();
    let six_digits = division.len() == 6 && division.bytes().all(|byte| byte.is_ascii_digit());
    let sound = organization.parent.as_ref() != Some(&organization.id) && organization.expelled.is_none();
    ensure(six_digits && sound, Refusal::Malformed)
}

pub(crate) fn parent_exists(scene: &mut Scene<'_>, organization: &Organization) -> Judged {
    let Some(id) = &organization.parent else {
        return Ok(());
    };
    // Two that belong to each other contradict themselves: the rules would deny every act between them.
    let parent = scene.existing::<Organization>(id)?;
    ensure(parent.parent.as_ref() != Some(&organization.id), Refusal::Malformed)
}
