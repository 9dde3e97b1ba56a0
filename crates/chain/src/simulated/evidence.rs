//! Reads what a watcher wrote down of a validator that contradicted itself, and believes none of it unproven.

use commonware_codec::{Copying, DecodeExt as _};
use commonware_consensus::simplex::types::{
    Attributable as _, ConflictingFinalize, ConflictingNotarize, NullifyFinalize,
};
use commonware_parallel::Sequential;
use commonware_utils::ordered::Set;
use gongxin_types::{Genesis, ValidatorSet};
use rand_core::CryptoRng;

use crate::ledger;
use crate::names::{Commitment, NodeKey, Scheme};

/// Whom this evidence convicts, by key, among the validators of its epoch; nobody if it proves nothing.
pub fn convicts(
    rng: &mut impl CryptoRng,
    genesis: &Genesis,
    validators: &ValidatorSet,
    kind: &str,
    evidence: &[u8],
) -> Option<NodeKey> {
    let keys: Option<Vec<NodeKey>> = validators.validators.iter().map(|one| ledger::node_key(&one.key.0)).collect();
    let keys = Set::try_from(keys?).ok()?;
    let scheme = Scheme::verifier(&ledger::vote_namespace(genesis), keys.clone());
    let bytes = Copying(evidence);
    let signer = match kind {
        "conflicting-notarize" => {
            let proof = ConflictingNotarize::<Scheme, Commitment>::decode(bytes).ok()?;
            proof.verify(rng, &scheme, &Sequential).then(|| proof.signer())
        }
        "conflicting-finalize" => {
            let proof = ConflictingFinalize::<Scheme, Commitment>::decode(bytes).ok()?;
            proof.verify(rng, &scheme, &Sequential).then(|| proof.signer())
        }
        "nullify-finalize" => {
            let proof = NullifyFinalize::<Scheme, Commitment>::decode(bytes).ok()?;
            proof.verify(rng, &scheme, &Sequential).then(|| proof.signer())
        }
        _ => None,
    }?;
    keys.iter().nth(usize::try_from(signer.get()).ok()?).cloned()
}
