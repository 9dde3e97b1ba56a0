//! Resource 数据资源: publish, change and withdraw a catalogue entry.
//!
//! Rows that were committed under an earlier revision stay valid rows: an amendment keeps every column in its place with
//! its name, type and key mark, may let a value be missing that had to be there, and may add columns that may be missing
//! at the end. Resources about persons wait for subject pseudonyms (PROTOCOL 24) and are refused until then.

use std::collections::BTreeSet;
use std::sync::Arc;

use gongxin_types::resource::{Field, OpenAttribute, ShareAttribute, SubjectKind};
use gongxin_types::{ActionCode, Refusal, Resource, ResourceId};

use crate::duty;
use crate::limits::KEY_FIELDS_MAX;
use crate::organization::own_or_authority;
use crate::policy::{DataFacts, ResourceFacts, ResourceKind};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn publish(scene: &mut Scene<'_>, resource: &Resource) -> Judged {
    well_formed(scene, resource)?;
    ensure(resource.revision == 1, Refusal::RevisionMismatch)?;
    scene.absent::<Resource>(&resource.id)?;
    duty::in_force_of(scene, &resource.duty, &resource.id.organization)?;
    ask(scene, ActionCode::ResourcePublish, resource)?;
    scene.own(&resource.id.organization)?;
    scene.put(&resource.id, resource.clone())
}

pub(crate) fn amend(scene: &mut Scene<'_>, resource: &Resource) -> Judged {
    well_formed(scene, resource)?;
    let before = published(scene, &resource.id)?;
    duty::in_force_of(scene, &resource.duty, &resource.id.organization)?;
    ask(scene, ActionCode::ResourceAmend, resource)?;
    scene.own(&resource.id.organization)?;
    ensure(before.revision.checked_add(1) == Some(resource.revision), Refusal::RevisionMismatch)?;
    ensure(keeps_rows_valid(&before.fields, &resource.fields), Refusal::Malformed)?;
    scene.put(&resource.id, resource.clone())
}

pub(crate) fn withdraw(scene: &mut Scene<'_>, id: &ResourceId) -> Judged {
    let before = published(scene, id)?;
    ask(scene, ActionCode::ResourceWithdraw, &before)?;
    own_or_authority(scene, &id.organization)?;
    let revision = before.revision.saturating_add(1);
    let after = Resource { withdrawn: Some(scene.now()), revision, ..(*before).clone() };
    scene.put(id, after)
}

/// A resource that is in the catalogue.
pub(crate) fn published(scene: &mut Scene<'_>, id: &ResourceId) -> Judged<Arc<Resource>> {
    let resource = scene.view.noun::<Resource>(id)?.ok_or(Refusal::UnknownResource)?;
    ensure(resource.withdrawn.is_none(), Refusal::UnknownResource)?;
    Ok(resource)
}

/// What contradicts itself in a catalogue entry, if anything does.
pub(crate) fn flaw(resource: &Resource) -> Option<Refusal> {
    let names: BTreeSet<_> = resource.fields.iter().map(|field| &field.name).collect();
    let keys = resource.key_fields().count();
    let highest = resource.fields.iter().map(|field| field.classification).max();
    let sound = resource.version == 1
        && names.len() == resource.fields.len()
        && (1..=KEY_FIELDS_MAX).contains(&keys)
        && resource.key_fields().all(|field| !field.nullable)
        && highest.is_some_and(|highest| highest <= resource.classification)
        && resource.revision > 0;
    match resource.subjects {
        SubjectKind::None => (!sound).then_some(Refusal::Malformed),
        SubjectKind::Person | SubjectKind::LegalPerson => Some(Refusal::PersonalSubjects),
    }
}

fn well_formed(scene: &Scene<'_>, resource: &Resource) -> Judged {
    if let Some(refusal) = flaw(resource) {
        return Err(refusal.into());
    }
    ensure(resource.withdrawn.is_none(), Refusal::Malformed)?;
    if let ShareAttribute::Withheld { legal_basis } = &resource.share {
        scene.known_basis(legal_basis)?;
    }
    if let OpenAttribute::Closed { legal_basis } = &resource.open {
        scene.known_basis(legal_basis)?;
    }
    Ok(())
}

fn keeps_rows_valid(before: &[Field], after: &[Field]) -> bool {
    let kept = |(old, new): (&Field, &Field)| {
        old.name == new.name && old.value == new.value && old.key == new.key && (new.nullable || !old.nullable)
    };
    let added = after.get(before.len()..);
    before.iter().zip(after).all(kept)
        && added.is_some_and(|added| added.iter().all(|field| field.nullable && !field.key))
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, resource: &Resource) -> Judged {
    let owner = scene.facts_of(&resource.id.organization)?;
    let facts = ResourceFacts::data(ResourceKind::Resource, owner, DataFacts::from(resource));
    let context = scene.at_now();
    scene.permit(action, facts, context)
}
