//! Validators as the faces show them: who serves now, and since when.

use gongxin_projection::Fact as Noun;
use gongxin_types::{Height, ValidatorSet, genesis::Validator};
use serde::Serialize;

use crate::office::{Office, internal};
use crate::port::OfficeError;

/// The validators that serve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValidatorsFact {
    /// Counts the sets, from 0 for that of genesis.
    #[serde(with = "gongxin_types::json::integer")]
    pub epoch: u64,
    /// How many votes make a block final.
    pub quorum: usize,
    /// Who serves, ascending by key.
    pub validators: Vec<ServingValidator>,
    /// The last block before their first one; 0 for those of genesis.
    pub height: Height,
}

/// A validator, and since when it serves without a break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServingValidator {
    /// Name, organization and key.
    #[serde(flatten)]
    pub validator: Validator,
    /// The first epoch of that.
    #[serde(with = "gongxin_types::json::integer")]
    pub since_epoch: u64,
    /// The first block of that.
    pub since: Height,
}

/// Who serves now.
pub(crate) fn find(office: &Office) -> Result<ValidatorsFact, OfficeError> {
    let sets = office.projection.validator_sets().map_err(internal)?.value;
    let Some((serving, _)) = sets.split_last() else {
        return Err(internal(gongxin_projection::ProjectionError::Damaged { what: "what genesis brought" }));
    };
    let validators = serving.noun.validators.iter().map(|validator| since(validator, &sets)).collect();
    let (epoch, quorum, height) = (serving.noun.epoch, serving.noun.quorum(), serving.changed);
    Ok(ValidatorsFact { epoch, quorum, validators, height })
}

/// The oldest set from which on a validator is in all of them.
fn since(validator: &Validator, sets: &[Noun<ValidatorSet>]) -> ServingValidator {
    let serves = |set: &&Noun<ValidatorSet>| set.noun.validators.iter().any(|one| one.key == validator.key);
    let first = sets.iter().rev().take_while(serves).last();
    let (since_epoch, since) = first.map_or((0, Height::GENESIS), |set| (set.noun.epoch, set.changed.next()));
    ServingValidator { validator: validator.clone(), since_epoch, since }
}
