//! Validator set: which validators may serve next, and who served before.
//!
//! **Promise.** No vote can bring the network to a stand: of the validators of a new set so many serve already that they
//! are a quorum of it, even if none of the others ever comes up. Sets that differ more follow each other.

use borsh::{BorshDeserialize, BorshSerialize};
use gongxin_crypto::{ALGORITHM_ED25519, PublicKey};
use gongxin_types::limits::VALIDATORS_MIN;
use gongxin_types::{Organization, Refusal, ValidatorSet};

use crate::noun::put;
use crate::stop::{Judged, ensure};
use crate::view::View;

/// A set that served once, under the number of its epoch: evidence against its validators can still be checked.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(crate) struct FormerValidatorSet(pub(crate) ValidatorSet);

/// Refuses a set that could not serve after the present one.
pub(crate) fn check(view: &mut View, next: &ValidatorSet) -> Judged {
    let serving = view.noun::<ValidatorSet>(&())?.ok_or(Refusal::NotFound)?;
    // All are asked for before the first that is missing ends the search.
    let owners: Vec<_> = next.organizations().iter().map(|id| view.noun::<Organization>(id)).collect();
    ensure(next.version == 1 && is_well_formed(next), Refusal::Malformed)?;
    ensure(next.epoch == serving.epoch.saturating_add(1), Refusal::RevisionMismatch)?;
    ensure(next.validators != serving.validators, Refusal::AlreadyExists)?;
    let kept = next.validators.iter().filter(|one| serving.validators.iter().any(|before| before.key == one.key));
    let few = next.validators.len() < VALIDATORS_MIN.min(serving.validators.len());
    ensure(!few && kept.count() >= next.quorum(), Refusal::QuorumAtRisk)?;
    for owner in owners {
        ensure(owner?.ok_or(Refusal::NotFound)?.expelled.is_none(), Refusal::Expelled)?;
    }
    Ok(())
}

/// Ascending by key, each key one of the curve, each name once.
fn is_well_formed(set: &ValidatorSet) -> bool {
    let keys = set.validators.iter().map(|validator| PublicKey::new(ALGORITHM_ED25519, &validator.key.0));
    let names: std::collections::BTreeSet<_> = set.validators.iter().map(|validator| &validator.name).collect();
    set.validators.is_sorted_by(|one, next| one.key < next.key)
        && names.len() == set.validators.len()
        && keys.into_iter().all(|key| key.is_ok_and(|key| key.can_verify()))
}

/// Lets a set serve from the next block on.
pub(crate) fn enact(view: &mut View, next: &ValidatorSet) -> Judged {
    check(view, next)?;
    let serving = view.noun::<ValidatorSet>(&())?.ok_or(Refusal::NotFound)?;
    put(view, &serving.epoch, FormerValidatorSet((*serving).clone()))?;
    put(view, &(), next.clone())
}
