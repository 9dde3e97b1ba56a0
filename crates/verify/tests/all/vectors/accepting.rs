//! Receipts that verify.

use gongxin_crypto::Suite;
use gongxin_types::access::ListKey;
use gongxin_types::{AccessAuthority, AccessOutcome, RecordId, Refusal};

use super::Theme;
use crate::fixture::{World, allow, deny, granted, short, text};

pub(super) fn make(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let plain = theme.plain();
    theme.accept("allowed", "an act that took effect", &plain, &network);
    let denied = world.action_bundle(&theme.block, 1);
    theme.accept("denied", "a receipt of a refusal is as good as any other", &denied, &network);
    for (operation, kind) in
        ["create", "update", "delete", "create-4", "update-5", "delete-6", "create-7"].iter().enumerate()
    {
        let receipt = world.operation_bundle(&theme.block, 2, operation);
        theme.accept(
            &format!("operation-{kind}"),
            "one operation of a batch of seven, with its write",
            &receipt,
            &network,
        );
    }
    let receipt = world.operation_bundle(&theme.block, 4, 1);
    theme.accept("operation-denied", "one operation of a denied batch: no write", &receipt, &network);
    let receipt = world.operation_bundle(&theme.block, 5, 0);
    theme.accept("operation-alone", "the only operation of a batch: empty inner paths", &receipt, &network);
    make_readings(theme);
    make_sizes(theme);
}

fn make_readings(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let receipt = world.action_bundle(&theme.block, 3);
    theme.accept("access-answered", "a reading under a grant, with both signatures", &receipt, &network);
    let resource = vec![ListKey::of_resource(world.suite, &text("civil-affairs/divisions"))];
    let lives: Vec<ListKey> =
        (0..16).map(|life| ListKey::Record { record: RecordId::new(short(&format!("life {life}"))) }).collect();
    let duty = AccessAuthority::Duty { duty: text("civil-affairs/administrative-divisions") };
    let answered = AccessOutcome::Answered { response_digest: world.suite.hash(&[b"nothing found"]) };
    let refused = AccessOutcome::Refused { refusal: Refusal::FieldsOutsideGrant };
    let cases = [
        (
            "access-by-duty",
            "a reading under a duty that found nothing: listed under the resource",
            duty,
            resource.clone(),
            answered.clone(),
            allow(&["own-duty"]),
        ),
        (
            "access-refused-early",
            "the owner's gateway refused, and the refusal is on the ledger",
            granted(),
            resource.clone(),
            refused,
            allow(&["any"]),
        ),
        (
            "access-of-16-lives",
            "a history of as many lives as one reading may show",
            granted(),
            lives,
            answered.clone(),
            allow(&["any"]),
        ),
        (
            "access-denied",
            "the validators refused: the grant had ended",
            granted(),
            resource,
            answered,
            deny(&["weekdays"], Refusal::GrantExpired),
        ),
    ];
    for (name, why, authority, lists, outcome, decision) in cases {
        let act = world.reading(world.access(authority, lists, outcome), decision);
        let block = world.block(51, vec![act]);
        let receipt = world.action_bundle(&block, 0);
        theme.accept(name, why, &receipt, &network);
    }
}

fn make_sizes(theme: &mut Theme) {
    for (validators, votes) in [(1, 1), (2, 2), (3, 3), (4, 3), (4, 4), (5, 4), (7, 5), (64, 43)] {
        let world = World::new(Suite::Intl, "sizes", validators);
        let block = world.block(9, vec![world.evidence()]);
        let mut receipt = world.action_bundle_without_votes(&block, 0);
        // The last ones vote, so that places are not simply counted.
        let voters: Vec<usize> = (validators - votes..validators).collect();
        receipt.certificate = world.certify(&block.header, &voters);
        let why = "exactly as many votes as are needed, or all of them";
        theme.accept(&format!("validators-{validators}-votes-{votes}"), why, &receipt, &world.file());
    }
    let mut world = theme.world.clone();
    world.head.time_scale = 1_440;
    let receipt = world.action_bundle(&world.usual_block(), 0);
    theme.accept("time-scale", "a test network whose calendar runs faster", &receipt, &world.file());
    world.head.time_scale = 1;
    for (name, view) in [
        ("view-0", 0),
        ("view-128", 128),
        ("view-2-53-less-1", (1 << 53) - 1),
        ("view-2-53", 1 << 53),
        ("view-largest", u64::MAX),
    ] {
        let mut receipt = theme.plain();
        receipt.certificate = world.certify_in_view(&theme.block.header, &[0, 2, 3], view);
        theme.accept(name, "views at the limits of varints and of JSON numbers", &receipt, &world.file());
    }
}
