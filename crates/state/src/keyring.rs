//! Keyring: the keys of officers and gateways, each given once and to one holder only.
//!
//! Who a key belongs to is written when it is given and never changes, also after its revocation: a signature of long ago
//! leads to one holder, and no one can take up a key that another has dropped.

use gongxin_crypto::PublicKey;
use gongxin_types::transaction::Actor;
use gongxin_types::{OfficerKey, OrganizationId, Refusal, Time};

use crate::admission::KeyOwner;
use crate::key;
use crate::reservation::{self, Holder, Name};
use crate::scene::Scene;
use crate::stop::{Judged, ensure};
use crate::view::View;

/// Refuses keys that are not of the network's suite, have ended already, are revoked, or stand there twice.
pub(crate) fn well_formed(scene: &Scene<'_>, keys: &[OfficerKey]) -> Judged {
    ensure(!keys.is_empty(), Refusal::Malformed)?;
    for (place, own) in keys.iter().enumerate() {
        new_key(scene, own)?;
        let before = keys.get(..place).unwrap_or_default();
        ensure(before.iter().all(|other| other.key != own.key), Refusal::Malformed)?;
    }
    Ok(())
}

/// Refuses one new key for the same reasons.
pub(crate) fn new_key(scene: &Scene<'_>, own: &OfficerKey) -> Judged {
    ensure(scene.block.suite.check_key(&own.key).is_ok(), Refusal::Malformed)?;
    let lasts = own.until.is_none_or(|until| own.from < until && scene.now() < until);
    ensure(lasts && own.revoked.is_none(), Refusal::Malformed)
}

/// Refuses keys that anyone has, or ever had, or that are kept for somebody who is to come.
pub(crate) fn unclaimed<'k>(
    view: &mut View,
    time: Time,
    own: Option<Holder>,
    keys: impl Iterator<Item = &'k PublicKey>,
) -> Judged {
    // All are asked for before the first page that is missing ends the search.
    let keys: Vec<&PublicKey> = keys.collect();
    let owners: Vec<_> = keys.iter().map(|own| view.slot::<KeyOwner>(&key::key_owner(own))).collect();
    let names: Vec<Name> = keys.iter().map(|own| Name::Key(**own)).collect();
    let free = reservation::free(view, time, own, &names);
    owners.into_iter().try_for_each(|owner| ensure(owner?.is_none(), Refusal::KeyInUse))?;
    free
}

/// Writes whose these keys are.
pub(crate) fn claim<'k>(
    view: &mut View,
    organization: &OrganizationId,
    actor: Actor,
    keys: impl Iterator<Item = &'k PublicKey>,
) -> Judged {
    let owner = KeyOwner { organization: organization.clone(), actor };
    for own in keys {
        view.put_slot(key::key_owner(own), &owner)?;
    }
    Ok(())
}
