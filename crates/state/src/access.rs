//! Access 访问: record one reading, signed by the reader's officer and sent by the owner's gateway (PROTOCOL 20–24).
//!
//! An allowed reading is listed: count and head of each list it names move, and its receipt says to what. A refused one is not
//! listed, because nothing was released, but has its receipt all the same. Which fields were read is sealed; that they
//! lie within the grant is checked by both gateways and by audit.

use std::sync::Arc;

use gongxin_crypto::Digest;
use gongxin_types::access::ListSlot;
use gongxin_types::receipt::Event;
use gongxin_types::record::RecordSlot;
use gongxin_types::resource::{ShareAttribute, SubjectKind};
use gongxin_types::transaction::Actor;
use gongxin_types::{
    Access, AccessAuthority, AccessOutcome, ActionCode, Duty, Gateway, Grant, ListKey, Officer, Organization, Refusal,
    Resource,
};

use crate::key;
use crate::policy::{Context, DataFacts, OrganizationFacts, Principal, ResourceFacts, ResourceKind};
use crate::resource::published;
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn record(scene: &mut Scene<'_>, access: &Access) -> Judged {
    from_the_owner(scene, access)?;
    well_formed(scene, access)?;
    let resource = published(scene, &access.resource)?;
    let reader = reader(scene, access)?;
    let authority = authority(scene, access)?;
    let request = key::request(&access.officer, &access.request_id);
    ensure(scene.view.slot::<Digest>(&request)?.is_none(), Refusal::AlreadyExists)?;
    access.lists.iter().try_for_each(|key| listable(scene, access, key))?;
    ask(scene, access, reader, &resource)?;
    ensure(resource.subjects == SubjectKind::None, Refusal::PersonalSubjects)?;
    authority.covers(scene, access, &resource)?;
    answered(access)?;
    let digest = access.digest(scene.block.suite);
    scene.view.put_slot(request, &digest)?;
    list(scene, access, &digest)
}

/// Refuses a leaf that the owner's own gateway did not send, or signed with a key it does not have.
fn from_the_owner(scene: &mut Scene<'_>, access: &Access) -> Judged {
    let sent = scene.sender.actor == Actor::Gateway(access.gateway);
    ensure(sent && scene.organization.id == access.resource.organization, Refusal::NotTheOwner)?;
    let gateway = scene.existing::<Gateway>(&access.gateway)?;
    ensure(gateway.key_at(&access.gateway_key, scene.now()).is_some(), Refusal::InvalidKey)
}

fn well_formed(scene: &Scene<'_>, access: &Access) -> Judged {
    scene.known_digest(&access.request_digest)?;
    scene.known_digest(&access.sealed_digest)?;
    if let AccessOutcome::Answered { response_digest } = &access.outcome {
        scene.known_digest(response_digest)?;
    }
    let ascending = access.lists.is_sorted_by(|one, next| one < next);
    ensure(ascending && !access.lists.is_empty(), Refusal::Malformed)?;
    scene.known_purpose(&access.purpose)?;
    scene.known_basis(&access.legal_basis)
}

/// The reader's officer, active and with a valid key.
fn reader(scene: &mut Scene<'_>, access: &Access) -> Judged<Principal> {
    let officer = scene.view.noun::<Officer>(&access.officer)?.ok_or(Refusal::UnknownReader)?;
    let now = scene.now();
    let acts = officer.organization == access.reader
        && officer.is_active_at(now)
        && officer.key_at(&access.officer_key, now).is_some();
    ensure(acts, Refusal::UnknownReader)?;
    let organization = scene.view.noun::<Organization>(&access.reader)?.ok_or(Refusal::UnknownReader)?;
    ensure(organization.expelled.is_none(), Refusal::Expelled)?;
    Ok(Principal::officer(officer.id, officer.roles.clone(), OrganizationFacts::from(&*organization)))
}

/// What the reader appeals to.
enum Authority {
    Grant(Arc<Grant>),
    Duty(Arc<Duty>),
}

fn authority(scene: &mut Scene<'_>, access: &Access) -> Judged<Authority> {
    match &access.authority {
        AccessAuthority::Grant { grant } => {
            let grant = scene.view.noun::<Grant>(grant)?.ok_or(Refusal::GrantMismatch)?;
            Ok(Authority::Grant(grant))
        }
        AccessAuthority::Duty { duty } => scene.existing::<Duty>(duty).map(Authority::Duty),
    }
}

impl Authority {
    /// Refuses a reading that the grant or duty does not cover at the block's time.
    fn covers(&self, scene: &Scene<'_>, access: &Access, resource: &Resource) -> Judged {
        match self {
            Self::Grant(grant) => {
                let same = grant.resource == access.resource
                    && grant.reader == access.reader
                    && grant.purpose == access.purpose
                    && grant.legal_basis == access.legal_basis;
                ensure(same, Refusal::GrantMismatch)?;
                ensure(grant.revoked.is_none(), Refusal::GrantRevoked)?;
                ensure(scene.now() < grant.until, Refusal::GrantExpired)?;
                ensure(!matches!(resource.share, ShareAttribute::Withheld { .. }), Refusal::Withheld)
            }
            Self::Duty(duty) => {
                let owner = &access.resource.organization;
                ensure(access.reader == *owner && duty.id.organization == *owner, Refusal::GrantMismatch)?;
                ensure(duty.withdrawn.is_none(), Refusal::NotFound)
            }
        }
    }
}

/// Refuses a list key that is not of this resource.
fn listable(scene: &mut Scene<'_>, access: &Access, key: &ListKey) -> Judged {
    match key {
        ListKey::Record { record } => {
            let slot: Option<RecordSlot> = scene.view.slot(&key::record(&access.resource, record))?;
            ensure(slot.is_some(), Refusal::UnknownRecord)
        }
        resource @ ListKey::Resource { .. } => {
            let own = ListKey::of_resource(scene.block.suite, &access.resource);
            ensure(*resource == own, Refusal::Malformed)
        }
    }
}

/// Asks the rules about the reader, not about the gateway that sends.
fn ask(scene: &mut Scene<'_>, access: &Access, reader: Principal, resource: &Resource) -> Judged {
    let owner = scene.principal.organization.clone();
    let facts = ResourceFacts::data(ResourceKind::Access, owner, DataFacts::from(resource));
    let context = Context {
        purpose: Some(access.purpose.clone()),
        legal_basis: Some(access.legal_basis.clone()),
        reader: Some(access.reader.clone()),
        ..scene.at_now()
    };
    scene.permit_to(reader, ActionCode::AccessRead, facts, context)
}

/// A refusal of the owner stands, though the ledger would have allowed the reading: nothing was released. What only the
/// owner can see keeps its name; anything else is the owner's word against the ledger's.
fn answered(access: &Access) -> Judged {
    match &access.outcome {
        AccessOutcome::Answered { .. } => Ok(()),
        AccessOutcome::Refused { refusal: seen @ (Refusal::FieldsOutsideGrant | Refusal::Divergence) } => {
            Err((*seen).into())
        }
        AccessOutcome::Refused { .. } => Err(Refusal::RefusedByOwner.into()),
    }
}

fn list(scene: &mut Scene<'_>, access: &Access, digest: &Digest) -> Judged {
    let suite = scene.block.suite;
    for list in &access.lists {
        let key = key::list(list);
        let before: Option<ListSlot> = scene.view.slot(&key)?;
        let after = before.unwrap_or_else(|| ListSlot::empty(suite)).with(suite, digest);
        scene.view.put_slot(key, &after)?;
        scene.emit(Event::AccessListed { list: *list, count: after.count, head: after.head });
    }
    Ok(())
}
