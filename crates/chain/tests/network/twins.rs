//! Two processes with one validator's key: who sees a vote under its key that it did not cast votes no more, and says why.

use gongxin_chain::ValidatorConfig;

use crate::town::{Town, finish, reach, stop, until};

/// Views that are further apart than a validator may have voted ahead.
const AWAY: u64 = 20;

/// Three of four run, so every certificate needs each of them. The disk of one is copied; its copy goes on with the others and
/// is switched off; then the disk of before is started. The first certificate it hears counts a vote of its key in a view that
/// it never came to: it does not vote, says so, and goes on following. With the fourth the network goes on.
#[tokio::test]
async fn a_disk_of_before_sees_that_its_key_was_used() {
    let town = Town::new();
    let others: Vec<_> = (1..3).map(|node| town.first_start(town.config(node))).collect();
    let original = town.first_start(town.config(0));
    finish(&original, town.evidence(1, "a contract")).await;
    stop(std::slice::from_ref(&original)).await;

    let copy = town.directory.path().join("copy");
    let copied = std::process::Command::new("cp").arg("-r").args([&town.path(0), &copy]).status().unwrap();
    assert!(copied.success());
    let twin = gongxin_chain::start(ValidatorConfig { directory: copy, ..town.config(0) }).unwrap();
    finish(&twin, town.evidence(2, "another")).await;
    let height = twin.status().height.get();
    reach(&twin, height + AWAY).await;
    assert_eq!(twin.status().not_voting, None, "as far as it can see it is alone");
    stop(&[twin]).await;

    let original = gongxin_chain::start(town.config(0)).unwrap();
    let says = |words: Option<String>| words.is_some_and(|words| words.contains("another process votes with this"));
    until(&original, |node| says(node.status().not_voting)).await;
    assert!(says(original.ready().err()), "{:?}", original.ready());

    let fourth = town.first_start(town.config(3));
    finish(&fourth, town.evidence(3, "a third")).await;
    until(&original, |node| node.status().height >= fourth.status().height).await;
    assert!(!original.status().voting, "it follows");
    let nodes = [&others[..], &[original, fourth]].concat();
    assert!(nodes.iter().all(|node| node.status().faults == 0), "nobody contradicted himself");
    stop(&nodes).await;
}
