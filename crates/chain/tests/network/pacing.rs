//! The pace of blocks: nobody waits for a further block to hear that the last one is final.

use std::time::Duration;

use gongxin_chain::{Pacing, ValidatorConfig};

use crate::town::{Town, finish, is_final, reach, stop};

/// Documents come one after the other, each when the last one is final everywhere: at its validator, at the next leader,
/// at the others. They stand in one block after the other. A leader that heard of finality only with the block it makes
/// itself, at the heartbeat, would put an empty one between any two.
#[tokio::test]
async fn finality_needs_no_further_block() {
    let town = Town::new();
    let pacing = Pacing {
        heartbeat: Duration::from_secs(8),
        settling: Duration::from_secs(8),
        leader_timeout: Duration::from_secs(10),
        certification_timeout: Duration::from_secs(12),
        skip_timeout: Duration::from_secs(16),
        ..Pacing::default()
    };
    let nodes: Vec<_> = (0..4).map(|node| town.first_start(ValidatorConfig { pacing, ..town.config(node) })).collect();
    let first = finish(&nodes[0], town.evidence(1, "the first deed")).await;
    let mut last = first;
    for sequence in 2..=9 {
        let deed = town.evidence(sequence, &format!("deed {sequence}"));
        let id = deed.0;
        last = finish(&nodes[0], deed).await;
        for node in &nodes[1..] {
            assert_eq!(is_final(node, id).await, last);
            assert_eq!(reach(node, last.get()).await.header.height, last);
        }
    }
    let empty = last.get() - first.get() - 8;
    // A view may be lost while the machine is busy with something else.
    assert!(empty <= 2, "{empty} empty blocks came between eight documents");
    stop(&nodes).await;
}
