//! Genesis and keys: whether they can be read, open, and belong together.

use std::path::Path;

use gongxin_crypto::{Passphrase, SecretKey};
use gongxin_types::{Genesis, NetworkHead};

use super::Examination;
use crate::config::{GatewayConfig, NodeConfig};
use crate::files;

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

/// Whether a node's key is a validator's.
pub(super) fn votes(node: &NodeConfig, key: &SecretKey, genesis: &Genesis, examination: &mut Examination) {
    let public = gongxin_chain::consensus_public_key(&key.expose_seed());
    let validator = genesis.head.validators.iter().find(|validator| validator.key.0 == public);
    match (validator, node.follower) {
        (Some(validator), false) => {
            examination.well("role", format!("validator `{}` of `{}`", validator.name, validator.organization));
        }
        (None, true) => examination.well("role", "follower"),
        (None, false) => {
            let todo = "name the validator's key as `key`, or set `follower = true`";
            examination.wrong("role", "its key is no validator's of the network, and it is to vote", todo);
        }
        (Some(validator), true) => {
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
        let todo = "name its own key as `key`; if it was changed since, `gongxin gateway list` shows the present one";
        examination.wrong(CHECK, format!("gateway `{}` was registered with another key", gateway.id), todo);
    } else {
        examination.well(CHECK, format!("gateway `{}` of `{}`", gateway.id, gateway.organization));
    }
}
