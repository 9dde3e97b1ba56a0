//! Nothing assumes lengths: the test suite, with 33-byte keys and 48-byte digests, passes the same proofs.

use gongxin_crypto::Suite;
use gongxin_types::bundle::{Encoded, Subject};
use gongxin_verify::{Outcome, bundle};

use crate::fixture::{World, list};

/// Every sort of receipt verifies in every suite, and in none after a change.
#[test]
fn receipts_verify_in_every_suite() {
    for suite in Suite::ALL {
        let world = World::new(*suite, "suites", 4);
        let (block, network) = (world.usual_block(), bundle::network_to_bytes(&world.file()));
        let actions = [0, 1, 3].map(|number| world.action_bundle(&block, number));
        let operations =
            [(2, 0), (2, 6), (4, 1), (5, 0)].map(|(act, place)| world.operation_bundle(&block, act, place));
        for receipt in actions.into_iter().chain(operations) {
            let report = bundle::verify(&bundle::to_bytes(&receipt), &network);
            assert_eq!(report.outcome, Outcome::Verified, "{suite}: {:?}", report.failures().collect::<Vec<_>>());
            let mut changed = receipt.clone();
            *changed.leaf.0.last_mut().expect("bytes") ^= 1;
            assert_eq!(bundle::verify(&bundle::to_bytes(&changed), &network).outcome, Outcome::Refused);
            let mut short = receipt;
            short.certificate.votes = list(short.certificate.votes[1..].to_vec());
            assert_eq!(bundle::verify(&bundle::to_bytes(&short), &network).outcome, Outcome::Refused);
        }
    }
}

/// A receipt of one suite is refused by a network of another, and the other way round.
#[test]
fn suites_do_not_mix() {
    let worlds = [Suite::Intl, Suite::Test].map(|suite| World::new(suite, "suites", 4));
    for (one, other) in [(0, 1), (1, 0)] {
        let receipt = worlds[one].action_bundle(&worlds[one].usual_block(), 0);
        let report = bundle::verify(&bundle::to_bytes(&receipt), &bundle::network_to_bytes(&worlds[other].file()));
        assert_eq!(report.outcome, Outcome::Refused);
    }
}

/// A reading whose signatures are of another algorithm than the network's does not count.
#[test]
fn signatures_of_another_suite_are_refused() {
    let (intl, test) = (World::new(Suite::Intl, "suites", 4), World::new(Suite::Test, "suites", 4));
    let foreign = test.usual_access();
    let mut access = intl.usual_access();
    (access.officer_key, access.officer_signature) = (foreign.officer_key, foreign.officer_signature);
    let block = intl.block(5, vec![intl.reading(access, crate::fixture::allow(&["any"]))]);
    let receipt = intl.action_bundle(&block, 0);
    assert!(matches!(&receipt.subject, Subject::Action { action: Encoded(bytes) } if bytes[0] == 20));
    let report = bundle::verify(&bundle::to_bytes(&receipt), &bundle::network_to_bytes(&intl.file()));
    let failed: Vec<_> = report.failures().map(|step| step.name).collect();
    assert_eq!(failed, ["access"]);
}
