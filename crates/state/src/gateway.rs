//! Gateway 前置机: register, change and revoke a server of an organization.
//!
//! A key that an amendment leaves out is dropped for good: it signs no more, and nobody can take it up again.

use std::sync::Arc;

use gongxin_types::transaction::Actor;
use gongxin_types::{ActionCode, Gateway, GatewayId, OfficerKey, Refusal};

use crate::keyring;
use crate::organization::own_or_authority;
use crate::policy::{Context, ResourceFacts, ResourceKind};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};

pub(crate) fn register(scene: &mut Scene<'_>, gateway: &Gateway) -> Judged {
    well_formed(scene, gateway)?;
    keyring::well_formed(scene, &gateway.keys)?;
    scene.absent::<Gateway>(&gateway.id)?;
    ask(scene, ActionCode::GatewayRegister, gateway)?;
    own_or_authority(scene, &gateway.organization)?;
    let keys = || gateway.keys.iter().map(|own| &own.key);
    let now = scene.now();
    keyring::unclaimed(scene.view, now, None, keys())?;
    keyring::claim(scene.view, &gateway.organization, Actor::Gateway(gateway.id), keys())?;
    scene.put(&gateway.id, gateway.clone())
}

pub(crate) fn amend(scene: &mut Scene<'_>, gateway: &Gateway) -> Judged {
    well_formed(scene, gateway)?;
    ensure(!gateway.keys.is_empty(), Refusal::Malformed)?;
    let before = registered(scene, &gateway.id)?;
    ask(scene, ActionCode::GatewayAmend, gateway)?;
    own_or_authority(scene, &before.organization)?;
    ensure(gateway.organization == before.organization, Refusal::Malformed)?;
    let known = |own: &&OfficerKey| before.keys.iter().any(|old| old.key == own.key);
    let (kept, new): (Vec<&OfficerKey>, Vec<&OfficerKey>) = gateway.keys.iter().partition(known);
    for own in &kept {
        let same = |old: &OfficerKey| old.key == own.key && old.from == own.from && old.revoked == own.revoked;
        ensure(before.keys.iter().any(same), Refusal::Malformed)?;
    }
    let each_once =
        kept.iter().enumerate().all(|(place, own)| kept.iter().skip(place + 1).all(|other| other.key != own.key));
    ensure(each_once, Refusal::Malformed)?;
    if !new.is_empty() {
        keyring::well_formed(scene, &new.iter().copied().cloned().collect::<Vec<_>>())?;
    }
    let keys = || new.iter().map(|own| &own.key);
    let now = scene.now();
    keyring::unclaimed(scene.view, now, None, keys())?;
    keyring::claim(scene.view, &gateway.organization, Actor::Gateway(gateway.id), keys())?;
    scene.put(&gateway.id, gateway.clone())
}

pub(crate) fn revoke(scene: &mut Scene<'_>, id: &GatewayId) -> Judged {
    let before = registered(scene, id)?;
    ask(scene, ActionCode::GatewayRevoke, &before)?;
    own_or_authority(scene, &before.organization)?;
    let after = Gateway { revoked: Some(scene.now()), ..(*before).clone() };
    scene.put(id, after)
}

fn well_formed(scene: &Scene<'_>, gateway: &Gateway) -> Judged {
    scene.known_version(gateway.version)?;
    gateway.tls.iter().try_for_each(|digest| scene.known_digest(digest))?;
    let lasts = gateway.until.is_none_or(|until| scene.now() < until);
    ensure(lasts && gateway.revoked.is_none(), Refusal::Malformed)
}

fn registered(scene: &mut Scene<'_>, id: &GatewayId) -> Judged<Arc<Gateway>> {
    let gateway = scene.existing::<Gateway>(id)?;
    ensure(gateway.revoked.is_none(), Refusal::NotFound)?;
    Ok(gateway)
}

fn ask(scene: &mut Scene<'_>, action: ActionCode, gateway: &Gateway) -> Judged {
    let owner = scene.facts_of(&gateway.organization)?;
    let context = Context { until: gateway.until, ..scene.at_now() };
    scene.permit(action, ResourceFacts::owned(ResourceKind::Gateway, owner), context)
}
