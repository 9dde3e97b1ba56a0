//! Grant 授权: issue and revoke the reading of fields of a resource.
//!
//! A grant takes effect at the height it is executed, never earlier, and ends at its expiry or revocation, whichever is
//! first. Who may grant is decided by the rules of access; that only the owner grants, never what is withheld, and never
//! for longer than the network's longest term, are fixed rules.

use std::sync::Arc;

use gongxin_types::resource::ShareAttribute;
use gongxin_types::{ActionCode, Grant, GrantId, Organization, Refusal, Resource};

use crate::policy::{Context, DataFacts, ResourceFacts, ResourceKind};
use crate::resource::published;
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn issue(scene: &mut Scene<'_>, grant: &Grant) -> Judged {
    scene.known_version(grant.version)?;
    let ascending = grant.fields.is_sorted_by(|one, next| one < next);
    ensure(ascending && !grant.fields.is_empty() && grant.revoked.is_none(), Refusal::Malformed)?;
    ensure(grant.reader != grant.resource.organization, Refusal::Malformed)?;
    scene.known_purpose(&grant.purpose)?;
    scene.known_basis(&grant.legal_basis)?;
    scene.absent::<Grant>(&grant.id)?;
    let resource = published(scene, &grant.resource)?;
    let reader = scene.existing::<Organization>(&grant.reader)?;
    ensure(reader.expelled.is_none(), Refusal::Expelled)?;
    ensure(grant.fields.iter().all(|name| resource.field(name).is_some()), Refusal::Malformed)?;
    ask(scene, ActionCode::GrantIssue, grant, &resource)?;
    scene.own(&grant.resource.organization)?;
    ensure(!matches!(resource.share, ShareAttribute::Withheld { .. }), Refusal::Withheld)?;
    let longest = scene.now().plus_millis(scene.parameters.grant_term_ms_max);
    ensure(scene.now() < grant.until && grant.until <= longest, Refusal::TermTooLong)?;
    scene.put(&grant.id, grant.clone())
}

pub(crate) fn revoke(scene: &mut Scene<'_>, id: &GrantId) -> Judged {
    let before = scene.existing::<Grant>(id)?;
    ensure(before.revoked.is_none(), Refusal::GrantRevoked)?;
    // A grant can be ended whatever became of the resource since.
    let (resource, owner) = (scene.existing(&before.resource), scene.facts_of(&before.resource.organization));
    let (resource, _): (Arc<Resource>, _) = (resource?, owner?);
    ask(scene, ActionCode::GrantRevoke, &before, &resource)?;
    scene.own(&before.resource.organization)?;
    let after = Grant { revoked: Some(scene.now()), ..(*before).clone() };
    scene.put(id, after)
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, grant: &Grant, resource: &Resource) -> Judged {
    let owner = scene.facts_of(&grant.resource.organization)?;
    let context = Context {
        purpose: Some(grant.purpose.clone()),
        legal_basis: Some(grant.legal_basis.clone()),
        reader: Some(grant.reader.clone()),
        until: Some(grant.until),
        ..scene.at_now()
    };
    scene.permit(action, ResourceFacts::data(ResourceKind::Grant, owner, DataFacts::from(resource)), context)
}
