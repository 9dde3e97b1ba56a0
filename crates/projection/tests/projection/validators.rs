//! The copy across changes of the validators: what it trusts, what it proves, and what it refuses.

use gongxin_projection::{Location, OfferError, Offered, OpenError, Projection};
use gongxin_state::key::{self, Kind};
use gongxin_test_support::cast::DEPARTMENTS;
use gongxin_test_support::validators::Validators;
use gongxin_test_support::{Person, Sandbox, world};
use gongxin_types::proposal::Matter;
use gongxin_types::{Action, Evidence, FinalizedBlock, Height, Network, Role, ValidatorSet};
use gongxin_verify::headers::HeadersError;
use gongxin_verify::{bundle, network};

use crate::ledger::{copy_of, in_state, takes_effect};
use crate::proposals::passes;

/// Somebody notarises something.
fn notarises(sandbox: &mut Sandbox, label: &str) -> Location {
    let clerk = Person::new(sandbox.suite, 1, "housing", Role::CaseOfficer.code(), &[Role::CaseOfficer]);
    let digest = sandbox.suite.hash(&[label.as_bytes()]);
    let legal_basis = world::DIVISIONS_BASIS.parse().unwrap();
    let evidence = Evidence { digest, media_type: "application/pdf".parse().unwrap(), legal_basis };
    takes_effect(sandbox, &clerk, Action::NotariseEvidence(evidence));
    Location { height: sandbox.header().height, transaction: 0 }
}

fn set(sandbox: &Sandbox, join: &[&'static str], leave: &str) -> ValidatorSet {
    let names: Vec<&str> = DEPARTMENTS.iter().chain(join).copied().filter(|name| *name != leave).collect();
    sandbox.validators.next(&names)
}

/// The data bureau joins, then housing leaves; each time something is notarised before, in the last block of the epoch, and
/// after.
struct Story {
    sandbox: Sandbox,
    sets: [ValidatorSet; 2],
    /// The last height of epoch 0 and of epoch 1.
    ends: Vec<Height>,
    notarised: Vec<Location>,
}

fn story() -> Story {
    let mut sandbox = Sandbox::new();
    let (mut ends, mut notarised) = (Vec::new(), vec![notarises(&mut sandbox, "before")]);
    let first = set(&sandbox, &["data-bureau"], "");
    passes(&mut sandbox, "joins", &Matter::ValidatorSet(first.clone()));
    notarised.push(notarises(&mut sandbox, "last of epoch 0"));
    ends.push(sandbox.header().height);
    notarised.push(notarises(&mut sandbox, "first of epoch 1"));
    let second = set(&sandbox, &["data-bureau"], "housing");
    // Four of five decide.
    passes(&mut sandbox, "leaves", &Matter::ValidatorSet(second.clone()));
    crate::proposals::votes(&mut sandbox, "data-bureau", "leaves", &Matter::ValidatorSet(second.clone()));
    notarised.push(notarises(&mut sandbox, "last of epoch 1"));
    ends.push(sandbox.header().height);
    notarised.push(notarises(&mut sandbox, "first of epoch 2"));
    assert_eq!(sandbox.header().epoch, 2);
    Story { sandbox, sets: [first, second], ends, notarised }
}

/// Receipts of three epochs verify with the network file of genesis, because they carry what came between; the copy's own
/// network file needs no such help. Sets, heights and changes are those of the state.
#[test]
fn receipts_cross_epochs() {
    let Story { sandbox, sets, ends, notarised } = story();
    let (_directory, projection) = copy_of(&sandbox);
    let head = &sandbox.genesis.head;
    let old = bundle::network_to_bytes(&Network::of(head));
    let file = projection.network_file().unwrap();
    assert_eq!((file.value.epochs.len(), file.height), (2, sandbox.header().height));
    let new = bundle::network_to_bytes(&file.value);
    let mut carried = Vec::new();
    for location in &notarised {
        let mut receipt = projection.bundle(location.action(0), None).unwrap().value;
        carried.push(receipt.epochs.len());
        for network in [&old, &new] {
            let report = bundle::verify(&bundle::to_bytes(&receipt), network);
            assert!(report.ok, "{location:?}: {report:?}");
        }
        receipt.epochs = world::list([]);
        let bare = bundle::to_bytes(&receipt);
        assert!(bundle::verify(&bare, &new).ok, "the newest file needs no help");
        assert_eq!(bundle::verify(&bare, &old).ok, carried.last() == Some(&0));
    }
    assert_eq!(carried, [0, 0, 1, 1, 2]);

    assert_eq!(in_state::<ValidatorSet>(&sandbox, Kind::ValidatorSet, &()).as_ref(), Some(&sets[1]));
    assert!(sandbox.pages.contains_key(&key::of(Kind::ValidatorSet, &(), 0)));
    let serving = projection.validator_set().unwrap().value;
    assert_eq!((&serving.noun, serving.changed), (&sets[1], ends[1]));
    let all = projection.validator_sets().unwrap().value;
    assert_eq!(all.iter().map(|fact| fact.changed).collect::<Vec<_>>(), [Height::GENESIS, ends[0], ends[1]]);
    assert_eq!(all[0].noun.validators, head.validators);
    let before = Height::new(ends[0].get() - 1);
    let at = |height| projection.validator_set_at(height).unwrap().value.noun.epoch;
    assert_eq!([at(before), at(ends[0]), at(ends[1])], [0, 1, 2]);
    let changes = projection.epoch_changes().unwrap().value;
    assert_eq!(changes.iter().map(|one| one.header.height).collect::<Vec<_>>(), ends);
    assert_eq!(projection.network().newest_epoch(), 2);
    assert_eq!(network::trust(&file.value).unwrap().newest_epoch(), 2);
}

/// Whoever is restarted after every block trusts the same, and holds the same in the end.
#[test]
fn a_restart_forgets_no_validators() {
    let Story { sandbox, .. } = story();
    let (_other, straight) = copy_of(&sandbox);
    let directory = tempfile::tempdir().unwrap();
    for block in &sandbox.blocks {
        let projection = Projection::open(directory.path(), &sandbox.genesis).unwrap();
        let height = block.header.height;
        assert_eq!(projection.offer(block.clone()).unwrap(), Offered::Applied { height });
    }
    let projection = Projection::open(directory.path(), &sandbox.genesis).unwrap();
    assert_eq!(projection.network().newest_epoch(), 2);
    let differences = projection.content().unwrap().value.differences(&straight.content().unwrap().value);
    assert_eq!(differences, Vec::<&str>::new());
    assert_eq!(projection.network_file().unwrap(), straight.network_file().unwrap());
    drop(projection);
    // A line with a gap, or with other validators, is not believed from one's own disk either.
    let disk = rusqlite::Connection::open(directory.path().join("projection.sqlite")).unwrap();
    for change in ["DELETE FROM epoch_changes WHERE epoch = 1", "UPDATE epoch_changes SET change = zeroblob(9)"] {
        disk.execute(change, []).unwrap();
        let refused = Projection::open(directory.path(), &sandbox.genesis).err().unwrap();
        assert!(matches!(refused, OpenError::Projection(_)), "{refused}");
        assert_eq!(
            refused.to_string(),
            "a change of the validators in the projection is damaged: rebuild it, nothing is lost"
        );
    }
}

/// The block that ends an epoch comes with votes of its own; without them it neither is taken nor waits, and what waits
/// before it goes on waiting.
#[test]
fn the_last_block_of_an_epoch_has_votes_of_its_own() {
    let Story { sandbox, ends, .. } = story();
    let directory = tempfile::tempdir().unwrap();
    let projection = Projection::open(directory.path(), &sandbox.genesis).unwrap();
    let bare = |block: &FinalizedBlock| FinalizedBlock { certificate: None, ..block.clone() };
    let end = usize::try_from(ends[0].get()).unwrap() - 1;
    for block in &sandbox.blocks[..end] {
        let height = block.header.height;
        assert_eq!(projection.offer(bare(block)).unwrap(), Offered::Waiting { height });
    }
    let last = &sandbox.blocks[end];
    let refused = projection.offer(bare(last)).unwrap_err();
    assert!(matches!(refused, OfferError::Uncertified { height } if height == ends[0]), "{refused}");
    let early = projection.offer(sandbox.blocks[end + 1].clone());
    assert!(matches!(early, Err(OfferError::Gap { .. })), "{early:?}");
    assert_eq!(projection.height().unwrap(), Height::GENESIS);
    assert_eq!(projection.offer(last.clone()).unwrap(), Offered::Applied { height: ends[0] });
    for block in &sandbox.blocks[end + 1..] {
        let height = block.header.height;
        assert_eq!(projection.offer(block.clone()).unwrap(), Offered::Applied { height });
    }
}

/// Those who served before the change sign a block after it: nobody takes it, in whichever way they write it.
#[test]
fn former_validators_make_nothing_final() {
    let Story { sandbox, ends, .. } = story();
    let directory = tempfile::tempdir().unwrap();
    let projection = Projection::open(directory.path(), &sandbox.genesis).unwrap();
    let end = usize::try_from(ends[0].get()).unwrap();
    sandbox.blocks[..end].iter().for_each(|block| assert!(projection.offer(block.clone()).is_ok()));
    let former = Validators::new(sandbox.seed);
    let next = &sandbox.blocks[end];
    let offer = |change: &dyn Fn(&mut FinalizedBlock)| {
        let mut block = next.clone();
        change(&mut block);
        let header = &block.header;
        block.certificate = Some(former.certify(&sandbox.genesis.head, header.height, header.digest(), 4));
        match projection.offer(block) {
            Err(OfferError::Headers { source, .. }) => source,
            other => panic!("refused otherwise, or taken: {other:?}"),
        }
    };
    let height = next.header.height;
    assert_eq!(offer(&|_| ()), HeadersError::OtherEpoch { height, epoch: 0 });
    let goes_on = offer(&|block| {
        (block.header.epoch, block.header.validators_root) = (0, sandbox.genesis.head.validators_root())
    });
    assert_eq!(goes_on, HeadersError::BeyondEpoch { height, epoch: 0, last: ends[0] });
    assert_eq!(projection.offer(next.clone()).unwrap(), Offered::Applied { height });
}
