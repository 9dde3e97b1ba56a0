//! Why a node stopped, for an operator: what happened, where, and what to do about it.

use std::sync::atomic::Ordering;

use crate::config::ValidatorConfig;
use crate::directory;
use crate::node::Node;

/// What failed, with what to do about it where that can be told.
pub(crate) fn explained(config: &ValidatorConfig, node: &Node, text: String) -> String {
    // Even where no floor was set: with less room than one block takes, a failure is most likely one to write.
    let needed = config.caps.disk_free_bytes.max(gongxin_archive::limits::BLOCK_BYTES_MAX as u64);
    if let Err(full) = directory::check_room(&config.directory, needed) {
        let full = describe(&full);
        return if text.contains("is full") { text } else { format!("{full}; {text}") };
    }
    // Which part of the engine falls first says little: one that only lost its neighbour ends without an error.
    if let Err(failing) = directory::check_disk(&config.directory) {
        return format!("{}; {text}", describe(&failing));
    }
    if node.ready.load(Ordering::Relaxed) {
        return text;
    }
    // The engine's words for a store that it cannot open vary with which of its parts falls first.
    let engine = config.directory.join(crate::directory::ENGINE);
    format!(
        "{text}; the node was not up yet: if the stores in `{}` are damaged, move that folder away and start again, and they fill again from the peers",
        engine.display()
    )
}

/// An error with its causes, once, for an operator.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
