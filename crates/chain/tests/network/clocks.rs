//! A validator whose clock is an hour off: it finds out, says so, and harms nobody; set right, it is one of four again.

use std::time::Duration;

use gongxin_chain::{Clock, Handle, Pacing, ValidatorConfig};
use gongxin_types::Height;

use crate::town::{Town, finish, is_final, now, reach, stop, until};

const HOUR_MS: i64 = 3_600_000;
/// The validator whose clock is set wrong.
const WRONG: usize = 3;

/// Four validators with a quick heartbeat, and the clock of the last.
fn open(town: &Town) -> (Vec<Handle>, Clock) {
    let clock = Clock::default();
    let pacing = Pacing { heartbeat: Duration::from_millis(150), ..Pacing::default() };
    let config = |node| {
        let config = ValidatorConfig { pacing, ..town.config(node) };
        if node == WRONG { ValidatorConfig { clock: clock.clone(), ..config } } else { config }
    };
    ((0..4).map(|node| town.first_start(config(node))).collect(), clock)
}

/// Waits for a certificate with this validator's vote, as anyone sees it, above a height.
async fn votes_again(node: &Handle, validator: usize, above: Height) {
    let mut height = above.get();
    loop {
        height += 1;
        let block = reach(node, height).await;
        let votes = block.certificate.iter().flat_map(|certificate| certificate.votes.iter());
        if votes.into_iter().any(|vote| usize::from(vote.validator) == validator) {
            return;
        }
    }
}

/// An hour behind: the next final block contradicts the clock. The validator stops voting and says why, follows on, and
/// votes again once the clock is right, without a restart.
#[tokio::test]
async fn an_hour_behind_does_not_vote() {
    let town = Town::new();
    let (nodes, clock) = open(&town);
    reach(&nodes[WRONG], 3).await;
    until(&nodes[WRONG], |node| node.status().voting && node.ready().is_ok()).await;

    clock.set_off(-HOUR_MS);
    until(&nodes[WRONG], |node| node.status().clock_fault && !node.status().voting).await;
    let words = nodes[WRONG].ready().unwrap_err();
    assert!(words.contains("s behind final blocks, so it does not vote: set it right"), "{words}");
    assert!(nodes[WRONG].metrics().contains("gongxin_clock_fault 1\n"));

    let (id, bytes) = town.evidence(1, "land deed");
    let height = finish(&nodes[0], (id, bytes)).await;
    assert_eq!(is_final(&nodes[WRONG], id).await, height);
    assert_eq!(reach(&nodes[WRONG], height.get()).await.header, reach(&nodes[0], height.get()).await.header);
    // It takes transactions too, as consensus time and not its own decides on them.
    finish(&nodes[WRONG], town.evidence(2, "another deed")).await;
    assert!(!nodes[WRONG].status().voting);

    clock.set_off(0);
    until(&nodes[WRONG], |node| node.status().voting && node.ready().is_ok()).await;
    votes_again(&nodes[0], WRONG, nodes[0].status().height).await;
    assert!(!nodes[WRONG].status().clock_fault && nodes.iter().all(|node| node.metrics().contains("faults_total 0\n")));
    stop(&nodes).await;
}

/// An hour ahead: the others wait before they vote for what it proposes, so that the network's time does not run ahead;
/// they go on, and the validator sees that nobody else writes its time.
#[tokio::test]
async fn an_hour_ahead_moves_nobody() {
    let town = Town::new();
    let (nodes, clock) = open(&town);
    reach(&nodes[WRONG], 3).await;
    clock.set_off(HOUR_MS);
    let from = nodes[0].status().height.get();
    for sequence in 1..=4 {
        let height = finish(&nodes[0], town.evidence(sequence, &format!("deed {sequence}"))).await;
        // What is final was within half a second of the clocks of two thirds, who vote for it no earlier.
        let block = reach(&nodes[0], height.get()).await;
        assert!(block.header.time <= now().plus_millis(600), "{:?}", block.header.time);
    }
    until(&nodes[WRONG], |node| node.status().clock_fault).await;
    let words = nodes[WRONG].ready().unwrap_err();
    assert!(words.contains("s ahead of the network") && words.contains("set it right"), "{words}");
    assert!(nodes[..WRONG].iter().all(|node| node.ready().is_ok()));

    clock.set_off(0);
    until(&nodes[WRONG], |node| node.ready().is_ok()).await;
    let height = finish(&nodes[WRONG], town.evidence(5, "the last deed")).await.get();
    for height in from..=height {
        let header = reach(&nodes[0], height.max(1)).await.header.digest();
        assert_eq!(reach(&nodes[WRONG], height.max(1)).await.header.digest(), header);
    }
    stop(&nodes).await;
}
