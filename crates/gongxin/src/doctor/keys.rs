//! Genesis and keys: whether they can be read, open, and belong together.

use std::path::Path;

use gongxin_crypto::{Passphrase, SecretKey};
use gongxin_types::{Genesis, NetworkHead, genesis::ConsensusKey};

use super::Examination;
use crate::config::{GatewayConfig, NodeConfig};
use crate::files;
use crate::serving::{Serving, Standing};

/// The genesis, if it is one.
pub(super) fn genesis(path: &Path, network: Option<&NetworkHead>, examination: &mut Examination) -> Option<Genesis> {
    let genesis = match files::genesis(path) {
        Ok(genesis) => genesis,
        Err(failure) => {
            examination.failed("genesis", &failure);
            return None;
        }
    };
    let id = genesis.head.id();
    examination.well("genesis", format!("network `{}`, {id}", genesis.head.name));
    if let Some(network) = network.filter(|network| network.id() != id) {
        let words = format!("the network file is of `{}`, {}", network.name, network.id());
        examination.wrong("network", words, "name the genesis of that network, or another network file by `--network`");
    }
    Some(genesis)
}

/// The own key and its passphrase, if one opens with the other.
pub(super) fn own(
    key: &Path,
    passphrase_file: &Path,
    examination: &mut Examination,
) -> Option<(SecretKey, Passphrase)> {
    match files::own_key(key, passphrase_file) {
        Ok((key, passphrase)) => {
            examination.well("key", format!("opens: {}", key.public()));
            Some((key, passphrase))
        }
        Err(failure) => {
            examination.failed("key", &failure);
            None
        }
    }
}

/// Whether a node's key is a validator's, of those who serve.
pub(super) fn votes(node: &NodeConfig, key: &SecretKey, serving: &Serving, examination: &mut Examination) {
    let public = ConsensusKey(gongxin_chain::consensus_public_key(&key.expose_seed()));
    let validator = serving.validators().iter().find(|validator| validator.key == public);
    let epoch = serving.epoch();
    match (validator, node.follower, serving.standing(&public)) {
        (Some(validator), false, _) => {
            let words = format!("validator `{}` of `{}` in epoch {epoch}", validator.name, validator.organization);
            examination.well("role", words);
        }
        (None, true, _) => examination.well("role", "follower"),
        (None, false, Standing::Left(left)) => {
            let words = format!("it validates no longer since epoch {left}, and follows");
            examination.note("role", words, "stop it if nobody needs it, or set `follower = true`");
        }
        // As `gongxin validator new` makes it: its own entry among the peers.
        (None, false, _) if node.peers.iter().any(|peer| peer.key == public) => {
            let words =
                format!("it is not among the validators up to epoch {epoch}: it follows until members vote it in");
            examination.note("role", words, "`gongxin proposal open --validators FILE` asks the members");
        }
        (None, false, _) => {
            let todo = "name the validator's key as `key`, or set `follower = true`";
            examination.wrong("role", "its key is no validator's of the network, and it is to vote", todo);
        }
        (Some(validator), true, _) => {
            let words = format!("its key is that of validator `{}`, and it is to follow only", validator.name);
            examination.note("role", words, "remove `follower = true` if it should vote");
        }
    }
}

/// Whether a gateway's key is the one that genesis registered, where genesis did.
pub(super) fn registered(gateway: &GatewayConfig, key: &SecretKey, genesis: &Genesis, examination: &mut Examination) {
    const CHECK: &str = "registration";
    let Some(known) = genesis.objects.gateways.iter().find(|known| known.id == gateway.id) else {
        let todo = "`gongxin gateway list` shows whether the ledger has it";
        return examination.note(CHECK, format!("gateway `{}` is not of the network's beginning", gateway.id), todo);
    };
    if known.organization != gateway.organization {
        let words = format!("gateway `{}` is one of `{}`", gateway.id, known.organization);
        examination.wrong(CHECK, words, "correct `organization` or `id`");
    } else if !known.keys.iter().any(|own| own.key == key.public()) {
        let words = format!("gateway `{}` was registered with another key", gateway.id);
        if belongs_to_another(key, genesis) {
            let todo = "name its own key as `key`; `gongxin gateway list` shows it";
            examination.wrong(CHECK, words, todo);
        } else {
            let todo =
                "right if it was changed since, which `gongxin gateway list` shows; else name its own key as `key`";
            examination.note(CHECK, words, todo);
        }
    } else {
        examination.well(CHECK, format!("gateway `{}` of `{}`", gateway.id, gateway.organization));
    }
}

/// Whether a key is a validator's or another gateway's of the network's beginning.
fn belongs_to_another(key: &SecretKey, genesis: &Genesis) -> bool {
    let public = gongxin_chain::consensus_public_key(&key.expose_seed());
    let gateways = &genesis.objects.gateways;
    genesis.head.validators.iter().any(|validator| validator.key.0 == public)
        || gateways.iter().any(|gateway| gateway.keys.iter().any(|own| own.key == key.public()))
}
