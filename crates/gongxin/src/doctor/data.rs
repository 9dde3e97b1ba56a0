//! What is on disk: permissions, the data of a node, the vault of a gateway.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use gongxin_chain::VoteMemory;
use gongxin_crypto::{Passphrase, key_file};
use gongxin_types::Genesis;

use super::Examination;
use crate::config::NodeConfig;
use crate::failure;
use crate::failure::Failure;

/// Whoever may write the configuration decides what runs.
pub(super) fn permissions(config: &Path, examination: &mut Examination) {
    let folder = config.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for path in [config, folder] {
        let Ok(metadata) = std::fs::metadata(path) else { continue };
        let is_sticky = metadata.is_dir() && metadata.mode() & 0o1000 != 0;
        if metadata.mode() & 0o002 != 0 && !is_sticky {
            let words =
                format!("`{}` can be written by everybody (mode {:04o})", path.display(), metadata.mode() & 0o7777);
            examination.wrong("permissions", words, "`chmod o-w` it, and look whether it is still as you wrote it");
        }
    }
}

/// The data of a node: whose it is, what it remembers, what it has proof of.
pub(super) fn of_node(directory: &Path, node: &NodeConfig, genesis: &Genesis, examination: &mut Examination) {
    // Room on the disk is a check of its own.
    if let Err(error) = gongxin_chain::examine(directory, genesis, 0) {
        examination.failed("data", &Failure::usage(failure::chain(&error)));
        return;
    }
    examination.well("data", format!("`{}`", directory.display()));
    if directory.join("faults.log").exists() {
        let todo = "tell the other members: its gateway raises it as an alert, without one hand in its lines by `gongxin alert raise \
                    --evidence`; move it away once it is dealt with";
        examination.wrong("faults", "there is proof in `faults.log` that a validator contradicted itself", todo);
    }
    if node.follower {
        return;
    }
    match gongxin_chain::vote_memory(directory) {
        VoteMemory::Kept => examination.well("votes", "it remembers its votes, and votes from its start on"),
        VoteMemory::FirstStart => examination.well("votes", "it never voted, and votes from its first start on"),
        VoteMemory::Lost => {
            let words =
                "it was wiped or restored and may have forgotten votes: it follows at first, and votes once it is safe";
            let todo = "make sure that no other process runs with its key; then start it and wait";
            examination.note("votes", words, todo);
        }
    }
}

/// The vault of a gateway, as far as it can be seen beside one that runs.
pub(super) fn vault(directory: &Path, genesis: &Genesis, passphrase: &Passphrase, examination: &mut Examination) {
    const CHECK: &str = "vault";
    const RESTORE: &str = "restore it from a backup: `gongxin restore`";
    let directory = directory.join("vault");
    if !directory.exists() {
        let todo = "where this gateway had rows before, restore them first: `gongxin restore`";
        return examination.note(CHECK, "there is none yet; the first start makes one", todo);
    }
    let outside = match gongxin_vault::outside(&directory) {
        Ok(outside) => outside,
        Err(error) => return examination.wrong(CHECK, failure::chain(&error), RESTORE),
    };
    let [master, _] = gongxin_vault::FILES;
    let (id, own) = (genesis.head.id(), outside.network.map(|network| network.to_string()));
    if own != Some(id.to_string()) {
        let words = format!("it belongs to network `{}`, not to `{id}`", own.unwrap_or_default());
        return examination.wrong(CHECK, words, "name the directory that holds this network's vault");
    }
    if !outside.is_readable {
        let words = format!("its tables have version {}, and this program does not know it", outside.version);
        return examination.wrong(CHECK, words, "use the newer program that wrote it");
    }
    match key_file::read_sealing_key(&directory.join(master), passphrase) {
        Ok(_) => examination.well(CHECK, format!("{} items, keys of period {}", outside.items, outside.period)),
        Err(error) => examination.wrong(CHECK, failure::chain(&error), RESTORE),
    }
}
