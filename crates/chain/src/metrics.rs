//! What operators watch, as Prometheus text with the prefix `gongxin_`.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::node::Node;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident: $kind:literal, $help:literal;)*) => {
        /// Numbers that parts of a node count up; every one is exported.
        #[derive(Default)]
        pub(crate) struct Metrics { $($(#[$doc])* pub(crate) $name: Counter,)* }

        impl Metrics {
            fn write(&self, text: &mut String) {
                $(line(text, stringify!($name), $kind, $help, self.$name.get());)*
            }
        }
    };
}

/// One number.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Counts up.
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// Sets a gauge.
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Its value.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

counters! {
    finalized_transactions_total: "counter", "Transactions made final since the start.";
    finalized_bytes_total: "counter", "Bytes of finalized blocks archived since the start.";
    proposed_blocks_total: "counter", "Blocks proposed by this node.";
    rejected_blocks_total: "counter", "Blocks of peers found invalid.";
    rejected_transactions_total: "counter", "Submitted or gossiped transactions refused as invalid.";
    busy_total: "counter", "Submissions refused because a queue was full.";
    expired_transactions_total: "counter", "Transactions that waited until their time passed.";
    verified_signatures_total: "counter", "Signatures of transactions verified.";
    gossip_dropped_total: "counter", "Gossip messages dropped because admission was behind.";
    faults_total: "counter", "Proven faults of validators (equivocation).";
    execution_microseconds_total: "counter", "Time spent executing blocks.";
    archive_microseconds_total: "counter", "Time spent archiving blocks.";
    archive_bytes: "gauge", "Bytes of the archive of final blocks on disk.";
    voting: "gauge", "1 while this node may vote.";
    epoch: "gauge", "Which validator set serves, counted from 0.";
    syncing: "gauge", "1 while this node catches up.";
    clock_fault: "gauge", "1 while final blocks contradict this machine's clock.";
}

/// All of them, and what is read off the node at this moment.
pub(crate) fn render(node: &Node) -> String {
    let mut text = String::with_capacity(4_096);
    let load = node.mempool().load();
    let remembered = node.recent().len();
    let (height, time) = (node.final_height().get(), node.final_time().millis());
    line(&mut text, "finalized_height", "gauge", "Height of the newest final block archived here.", height);
    line(&mut text, "finalized_time_milliseconds", "gauge", "Consensus time of that block.", time);
    line(&mut text, "view", "gauge", "Highest consensus view seen.", node.views.current().view);
    line(
        &mut text,
        "peers_heard",
        "gauge",
        "Peers heard in the last seconds.",
        node.views.heard_lately(node.clock.steady()) as u64,
    );
    line(&mut text, "mempool_transactions", "gauge", "Transactions waiting.", load.transactions as u64);
    line(&mut text, "mempool_bytes", "gauge", "Bytes waiting.", load.bytes as u64);
    line(&mut text, "recent_transactions", "gauge", "Final transactions whose place is in memory.", remembered as u64);
    let first = node.archive.extent().map_or(0, |extent| extent.first);
    line(&mut text, "archive_first_height", "gauge", "Lowest height from which on this node has every block.", first);
    let snapshot = node.kept.snapshot().unwrap_or(0);
    line(&mut text, "snapshot_height", "gauge", "Height of the newest snapshot of the state here.", snapshot);
    node.metrics.write(&mut text);
    text
}

fn line(text: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# HELP gongxin_{name} {help}\n# TYPE gongxin_{name} {kind}\ngongxin_{name} {value}");
}
