//! Long lines of validators, and network files that take each other's place.

use gongxin_crypto::Suite;
use gongxin_types::EpochChange;
use gongxin_verify::network::NetworkError;
use gongxin_verify::{Outcome, TrustedNetwork, bundle, network};

use crate::fixture::{Serving, World, list};

/// A hundred epochs; in every one a newcomer takes the place of the first.
fn long_line(world: &World) -> (Vec<Serving>, Vec<EpochChange>) {
    let (mut served, mut changes) = (vec![Serving::first(world)], Vec::new());
    for epoch in 1..=100_u64 {
        let before = served.last().expect("at least one");
        let next = before.next(&[0], &[&format!("newcomer-{epoch}")]);
        changes.push(before.hand_over(world, epoch * 10, &next));
        served.push(next);
    }
    (served, changes)
}

fn trusted(world: &World, changes: &[EpochChange]) -> TrustedNetwork {
    network::trust(&world.file_with(changes)).expect("a good file")
}

/// A receipt carries the newest 64 changes: whoever has a network file that knows what came before needs no other.
#[test]
fn a_receipt_reaches_back_64_changes() {
    for suite in Suite::ALL {
        let world = World::new(*suite, "long", 4);
        let (served, changes) = long_line(&world);
        let block = served[100].block(&world, 2_000, vec![world.evidence()]);
        let receipt = served[100].receipt(&world, &block, &changes[36..]);
        let verify = |known: usize| {
            let file = bundle::network_to_bytes(&world.file_with(&changes[..known]));
            bundle::verify(&bundle::to_bytes(&receipt), &file)
        };
        for known in [36, 40, 100] {
            assert_eq!(verify(known).outcome, Outcome::Verified, "{known}: {:?}", verify(known));
        }
        let report = verify(35);
        let reasons: Vec<&str> = report.failures().map(|step| step.detail.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "header 2000 is of epoch 100, whose validators are not known: take a newer network file",
                "change 1 of the validators: the change to epoch 37 is to be signed by the validators of epoch 36, which are not known: take a newer network file",
                "the votes are of epoch 100, whose validators are not known: take a newer network file",
            ]
        );
    }
}

/// A newer file takes the place of an older one; an older one, another network's, and one that tells otherwise do not.
#[test]
fn a_network_file_is_continued_and_never_contradicted() {
    let world = World::new(Suite::Intl, "files", 4);
    let (served, changes) = long_line(&world);
    let ours = trusted(&world, &changes[..2]);
    let newer = ours.continued_by(&world.file_with(&changes[..5])).expect("a newer file");
    assert_eq!((newer.newest_epoch(), newer.sets().count()), (5, 6));
    assert_eq!(ours.continued_by(&world.file_with(&changes[..2])).expect("the same").newest_epoch(), 2);
    let older = ours.continued_by(&world.file_with(&changes[..1])).expect_err("an older file");
    assert_eq!(older, NetworkError::Older { found: 1, known: 2 });
    let elsewhere = ours.continued_by(&World::new(Suite::Intl, "elsewhere", 4).file()).expect_err("another network");
    assert!(matches!(elsewhere, NetworkError::OtherNetwork { .. }));
    // Those of epoch 1, who serve no longer, let others follow them.
    let usurpers = served[1].next(&[1], &["usurper"]);
    let forged = [changes[0].clone(), served[1].hand_over(&world, 20, &usurpers)];
    assert_eq!(trusted(&world, &forged).newest_epoch(), 2, "by itself the file holds");
    let contradiction = ours.continued_by(&world.file_with(&forged)).expect_err("a forged file");
    assert_eq!(contradiction, NetworkError::Contradiction { epoch: 2 });
    // Signed by those of whom nobody has heard.
    let mut unsigned = changes[2].clone();
    unsigned.certificate.votes = list(vec![]);
    let file = world.file_with(&[changes[0].clone(), changes[1].clone(), unsigned]);
    let refused = ours.continued_by(&file).expect_err("a forged file");
    assert_eq!(
        refused.to_string(),
        "the network file is not believed: change 3 of the validators: 0 of 4 validators voted, 3 are needed"
    );
}

/// What was believed stays as it was, whatever is offered in its place.
#[test]
fn a_refused_change_leaves_no_trace() {
    let world = World::new(Suite::Intl, "trace", 4);
    let (served, changes) = long_line(&world);
    let mut ours = trusted(&world, &changes[..1]);
    let before: Vec<_> = ours.sets().map(|(epoch, set)| (epoch, set.clone())).collect();
    let usurpers = served[0].next(&[1], &["usurper"]);
    assert!(ours.follow(&served[0].hand_over(&world, 10, &usurpers)).is_err());
    assert!(ours.follow(&changes[2]).is_err());
    assert_eq!(ours.follow(&changes[0]), Ok(()), "the same again");
    assert_eq!(ours.sets().map(|(epoch, set)| (epoch, set.clone())).collect::<Vec<_>>(), before);
    assert_eq!(ours.follow(&changes[1]), Ok(()));
    assert_eq!(ours.newest_epoch(), 2);
}
