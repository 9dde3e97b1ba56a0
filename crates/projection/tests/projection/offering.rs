//! What the copy accepts, and what it does not.

use gongxin_projection::{OfferError, Offered, Projection, limits};
use gongxin_types::FaultEvidence;
use gongxin_types::fault::CertifiedHeader;
use gongxin_types::{FinalizedBlock, Height};
use gongxin_verify::block::BlockError;
use gongxin_verify::certificate::CertificateError;
use gongxin_verify::headers::HeadersError;
use proptest::prelude::*;

use crate::chain::{Chain, Copy, batch, create, record, story, update};

fn height(number: u64) -> Height {
    Height::new(number)
}

/// Blocks 3 and 4 have no certificate: they are told to nobody until block 5 brings one for all three.
#[test]
fn uncertified_blocks_wait_for_a_certified_descendant() {
    let (chain, mut told) = (story(), Vec::new());
    let copy = Copy::of(&chain);
    let heights = copy.projection.subscribe();
    for block in &chain.blocks {
        let offered = copy.offer(block);
        told.push((offered, copy.projection.height().unwrap().get(), heights.borrow().get()));
    }
    let applied = |number| Offered::Applied { height: height(number) };
    let waiting = |number| Offered::Waiting { height: height(number) };
    let expected = [
        (applied(1), 1, 1),
        (applied(2), 2, 2),
        (waiting(3), 2, 2),
        (waiting(4), 2, 2),
        (applied(5), 5, 5),
        (applied(6), 6, 6),
    ];
    assert_eq!(told, expected);
}

/// Blocks come twice, and the same block comes first without and then with its certificate.
#[test]
fn a_block_is_applied_once() {
    let mut chain = Chain::new("once");
    chain.block(vec![vec![batch(vec![create(1)])]]);
    let copy = Copy::of(&chain);
    let bare = FinalizedBlock { certificate: None, ..chain.blocks[0].clone() };
    assert_eq!(copy.offer(&bare), Offered::Waiting { height: height(1) });
    assert_eq!(copy.offer(&bare), Offered::Waiting { height: height(1) });
    assert_eq!(copy.offer(&chain.blocks[0]), Offered::Applied { height: height(1) });
    assert_eq!(copy.offer(&chain.blocks[0]), Offered::Known { height: height(1) });
    assert_eq!(copy.projection.history(&crate::chain::divisions(), &record(1)).unwrap().value.len(), 1);
}

/// A lying validator sends blocks that are wrong in one way each: every one is refused for its own reason, nothing of it
/// is applied, and the honest block is taken afterwards.
#[test]
fn every_lie_is_refused_by_its_name() {
    let mut chain = Chain::new("lies");
    chain.block(vec![vec![batch(vec![create(1)])]]).block(vec![vec![batch(vec![create(2), update(1, 1)])]]);
    let copy = Copy::of(&chain);
    copy.offer(&chain.blocks[0]);
    let honest = chain.blocks[1].clone();
    let before = copy.projection.content().unwrap().value;
    let lie = |change: &dyn Fn(&mut FinalizedBlock)| {
        let mut block = honest.clone();
        change(&mut block);
        copy.projection.offer(block).unwrap_err()
    };
    let revoted = |change: &dyn Fn(&mut FinalizedBlock)| {
        lie(&|block| {
            change(block);
            block.certificate = Some(chain.votes(&block.header, &[0, 1, 2]));
        })
    };
    let headers = |error: OfferError| match error {
        OfferError::Headers { source, .. } => source,
        other => panic!("refused for another reason: {other}"),
    };
    let block = |error: OfferError| match error {
        OfferError::Block { source, .. } => source,
        other => panic!("refused for another reason: {other}"),
    };

    let other_parent = headers(revoted(&|block| block.header.parent.0[0] ^= 1));
    assert_eq!(other_parent, HeadersError::Parent { height: height(2) });
    let back_in_time = headers(revoted(&|block| block.header.time = chain.blocks[0].header.time));
    assert_eq!(back_in_time, HeadersError::Time { height: height(2) });
    let elsewhere = headers(revoted(&|block| block.header.network = Chain::new("elsewhere").genesis.head.id()));
    assert!(matches!(elsewhere, HeadersError::OtherNetwork { .. }));
    let ahead = revoted(&|block| block.header.height = height(4));
    assert!(matches!(ahead, OfferError::Gap { expected, found } if expected == height(2) && found == height(4)));
    let missing = block(lie(&|block| block.transactions.clear()));
    assert!(matches!(missing, BlockError::Transactions { .. }));
    let forged = block(lie(&|block| block.receipts.transactions[0].actions[0].receipt.policy_revision += 1));
    assert!(matches!(forged, BlockError::Receipts { .. }));
    let other_write = block(lie(&|block| block.receipts.transactions[0].actions[0].writes[1].page = None));
    assert!(matches!(other_write, BlockError::Writes { .. }));
    let few = headers(lie(&|block| block.certificate = Some(chain.votes(&block.header, &[0, 1]))));
    assert!(matches!(few, HeadersError::Certificate(CertificateError::TooFew { .. })));
    let unsigned = headers(lie(&|block| {
        let mut certificate = chain.votes(&block.header, &[0, 1, 2]);
        certificate.view += 1;
        block.certificate = Some(certificate);
    }));
    assert!(matches!(unsigned, HeadersError::Certificate(CertificateError::Signature { .. })));
    let for_another = headers(lie(&|block| block.certificate = chain.blocks[0].certificate.clone()));
    assert!(matches!(for_another, HeadersError::CertifiedElsewhere { .. }));

    assert_eq!(copy.projection.content().unwrap().value.differences(&before), Vec::<&str>::new());
    assert_eq!(copy.offer(&honest), Offered::Applied { height: height(2) });
}

/// A false block without votes waits in the place of the true one: the true chain pushes it out.
#[test]
fn a_false_block_that_waits_is_pushed_out_by_the_true_one() {
    let mut chain = Chain::new("true");
    chain.uncertified(vec![vec![batch(vec![create(1)])]]).block(vec![vec![batch(vec![create(2)])]]);
    let mut liar = Chain::new("true");
    liar.uncertified(vec![vec![batch(vec![create(9)])]]);
    let copy = Copy::of(&chain);
    copy.offer(&liar.blocks[0]);
    let orphan = copy.projection.offer(chain.blocks[1].clone());
    assert!(matches!(orphan, Err(OfferError::Headers { source: HeadersError::Parent { .. }, .. })));
    copy.offer(&liar.blocks[0]);
    assert_eq!(copy.offer(&chain.blocks[0]), Offered::Waiting { height: height(1) });
    assert_eq!(copy.offer(&chain.blocks[1]), Offered::Applied { height: height(2) });
    let known = copy.projection.record(&crate::chain::divisions(), &record(9)).unwrap().value;
    assert_eq!(known, None, "nothing of the false block was applied");
    let conflict = copy.projection.offer(liar.blocks[0].clone());
    assert!(matches!(conflict, Err(OfferError::Conflict { .. })));
}

/// Another block of an applied height with votes of its own convicts whoever voted for both; without them, or where the one that
/// was applied has none, it convicts nobody.
#[test]
fn two_certified_blocks_of_one_height_convict_who_voted_for_both() {
    let mut chain = Chain::new("true");
    chain.block(vec![vec![batch(vec![create(1)])]]);
    chain.uncertified(vec![vec![batch(vec![create(2)])]]).block(vec![vec![batch(vec![create(3)])]]);
    let mut liar = Chain::new("true");
    liar.block(vec![vec![batch(vec![create(9)])]]).block(vec![vec![batch(vec![create(8)])]]);
    let copy = Copy::of(&chain);
    for block in &chain.blocks {
        copy.offer(block);
    }
    let other = |place: usize, votes: &[u16]| {
        let header = liar.blocks[place].header.clone();
        CertifiedHeader { certificate: chain.votes(&header, votes), header }
    };
    let two = copy.projection.fork(other(0, &[1, 2, 3])).unwrap().expect("both are certified");
    let evidence = FaultEvidence::TwoCertificates(two);
    let convicted = gongxin_verify::fault::check(&copy.projection.network(), &evidence).unwrap();
    assert_eq!(convicted.len(), 2, "of 0, 1, 2 and 1, 2, 3");
    assert_eq!(copy.projection.fork(other(0, &[1, 2])).unwrap(), None, "too few votes");
    assert_eq!(copy.projection.fork(other(1, &[0, 1, 2])).unwrap(), None, "the other is not certified by itself");
    let own = CertifiedHeader {
        header: chain.blocks[0].header.clone(),
        certificate: chain.blocks[0].certificate.clone().expect("certified"),
    };
    assert_eq!(copy.projection.fork(own).unwrap(), None, "the same");
}

/// A validator that never certifies fills no memory.
#[test]
fn only_so_many_blocks_wait() {
    let mut chain = Chain::new("endless");
    let copy = Copy::of(&chain);
    for _ in 0..limits::WAITING_BLOCKS_MAX {
        chain.uncertified(vec![]);
        copy.offer(chain.blocks.last().unwrap());
    }
    chain.uncertified(vec![]);
    let last = chain.blocks.last().unwrap().clone();
    assert!(matches!(copy.projection.offer(last), Err(OfferError::TooManyWaiting { blocks: 63, .. })));
    chain.certify();
    assert_eq!(copy.offer(chain.blocks.last().unwrap()), Offered::Applied { height: height(64) });
    let first = gongxin_projection::Location { height: height(1), transaction: 0 }.action(0);
    assert!(copy.projection.bundle(first, None).is_err(), "an empty block has no action to prove");
}

/// Whatever order, repetition and restarts the blocks come in, the copy ends as the one that took them in order; and so
/// does one rebuilt from it.
fn ends_alike(order: &[(usize, bool)]) -> Result<(), TestCaseError> {
    let chain = story();
    let straight = Copy::complete(&chain);
    let mut copy = Copy::of(&chain);
    for (index, restart) in order {
        let block = &chain.blocks[index % chain.blocks.len()];
        let offered = copy.projection.offer(block.clone());
        prop_assert!(matches!(offered, Ok(_) | Err(OfferError::Gap { .. })), "{:?}", offered);
        if *restart {
            let Copy { directory, projection } = copy;
            drop(projection);
            let projection = Projection::open(directory.path(), &chain.genesis).unwrap();
            copy = Copy { directory, projection };
        }
    }
    let next = copy.projection.height().unwrap().get() as usize;
    for block in &chain.blocks[next..] {
        copy.offer(block);
    }
    let (one, other) = (straight.projection.content().unwrap(), copy.projection.content().unwrap());
    prop_assert_eq!(one.value.differences(&other.value), Vec::<&str>::new());

    let rebuilt = Copy::of(&chain);
    for number in 1..=chain.blocks.len() as u64 {
        let block = copy.projection.block(height(number)).unwrap().value.unwrap();
        rebuilt.offer(&block);
    }
    prop_assert_eq!(rebuilt.projection.content().unwrap(), one);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn order_repetition_gaps_and_restarts_change_nothing(
        order in prop::collection::vec((0_usize..6, prop::bool::weighted(0.1)), 0..24)
    ) {
        ends_alike(&order)?;
    }
}
