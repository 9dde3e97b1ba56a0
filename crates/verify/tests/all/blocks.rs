//! Finalized blocks against their headers, and chains of headers against certificates: what a projection relies on.

use gongxin_crypto::{Suite, merkle};
use gongxin_types::receipt::{ActionResult, BlockReceipts, TransactionReceipts, writes_root};
use gongxin_types::{Action, Atomicity, Body, FinalizedBlock, Transaction};
use gongxin_verify::block::{self, BlockError};
use gongxin_verify::headers::{self, HeadersError};
use gongxin_verify::{TrustedNetwork, network};

use crate::fixture::{Act, World, allow, bytes};

/// Two transactions, the second with two acts, with receipts and a header that fit.
fn block_of(world: &World) -> FinalizedBlock {
    let acts = [vec![world.evidence()], vec![world.grant(), world.batch(4, allow(&["any"]))]];
    let (mut transactions, mut receipts) = (Vec::new(), Vec::new());
    for (number, acts) in acts.into_iter().enumerate() {
        let secret = world.suite.secret_from_seed(&bytes("sender"));
        let sender = gongxin_types::Sender { key: secret.public(), ..acts[0].result.receipt.sender.clone() };
        let body = Body {
            version: 1,
            network: world.id(),
            sender: sender.clone(),
            lane: 0,
            sequence: number as u64,
            valid_until: world.head.time,
            atomicity: Atomicity::AllOrNothing,
            actions: crate::fixture::list(acts.iter().map(|act| act.action.clone()).collect::<Vec<Action>>()),
        };
        let id = body.id(world.suite);
        let result = |(index, Act { mut result, .. }): (usize, Act)| {
            (result.receipt.transaction, result.receipt.index) = (id, u16::try_from(index).expect("few"));
            result.receipt.sender = sender.clone();
            result
        };
        receipts.push(TransactionReceipts { actions: acts.into_iter().enumerate().map(result).collect() });
        transactions.push(Transaction { body, signature: secret.sign(&Transaction::message(&id)) });
    }
    sealed(world, transactions, BlockReceipts { transactions: receipts, ..BlockReceipts::default() })
}

/// The header that stands for exactly these.
fn sealed(world: &World, transactions: Vec<Transaction>, receipts: BlockReceipts) -> FinalizedBlock {
    let mut header = world.header(7, receipts.root(world.suite));
    let leaf =
        |one: &Transaction| merkle::leaf_hash(world.suite, &Transaction::leaf(&one.id(world.suite), &one.signature));
    header.transactions_root = merkle::root_of_hashes(world.suite, &transactions.iter().map(leaf).collect::<Vec<_>>());
    FinalizedBlock { header, certificate: None, transactions, receipts }
}

fn check(world: &World, change: impl FnOnce(&mut FinalizedBlock)) -> Result<(), BlockError> {
    let mut block = block_of(world);
    change(&mut block);
    block::check(&TrustedNetwork::from_head(&world.head), &block)
}

fn last_result(block: &mut FinalizedBlock) -> &mut ActionResult {
    &mut block.receipts.transactions[1].actions[1]
}

/// A block is accepted as its header says, and refused when a transaction, a signature, a receipt or a write differs.
#[test]
fn a_block_is_what_its_header_says() {
    for suite in Suite::ALL {
        let world = World::new(*suite, "blocks", 4);
        assert_eq!(check(&world, |_| ()), Ok(()));
        let other = world.suite.secret_from_seed(&bytes("other")).sign(b"");
        assert!(matches!(check(&world, |block| block.transactions.swap(0, 1)), Err(BlockError::Transactions { .. })));
        assert!(matches!(
            check(&world, |block| block.transactions[0].signature = other),
            Err(BlockError::Transactions { .. })
        ));
        assert!(matches!(check(&world, |block| drop(block.transactions.pop())), Err(BlockError::Transactions { .. })));
        assert!(matches!(
            check(&world, |block| last_result(block).receipt.policy_revision += 1),
            Err(BlockError::Receipts { .. })
        ));
        assert!(matches!(
            check(&world, |block| block.receipts.writes = last_result(block).writes.clone()),
            Err(BlockError::Receipts { .. })
        ));
        assert!(matches!(
            check(&world, |block| last_result(block).writes.truncate(1)),
            Err(BlockError::Writes { transaction: 1, .. })
        ));
        assert!(matches!(
            check(&world, |block| last_result(block).writes[0].page = None),
            Err(BlockError::Writes { .. })
        ));
        let elsewhere = World::new(*suite, "elsewhere", 4).id();
        assert!(matches!(
            check(&world, |block| block.header.network = elsewhere),
            Err(BlockError::OtherNetwork { .. })
        ));
    }
}

/// Receipts that hash to the header's root are refused all the same when they are not those of the transactions.
#[test]
fn receipts_belong_to_their_transactions() {
    let world = World::new(Suite::Intl, "blocks", 4);
    let reseal = |block: &mut FinalizedBlock| {
        *block = sealed(&World::new(Suite::Intl, "blocks", 4), block.transactions.clone(), block.receipts.clone())
    };
    let cases: [fn(&mut FinalizedBlock); 5] = [
        |block| block.receipts.transactions.swap(0, 1),
        |block| last_result(block).receipt.index = 0,
        |block| last_result(block).receipt.action_digest = last_result(block).receipt.requests_digest,
        |block| drop(block.receipts.transactions[1].actions.pop()),
        |block| drop(block.receipts.transactions.pop()),
    ];
    for change in cases {
        let found = check(&world, |block| {
            change(block);
            reseal(block);
        });
        assert!(matches!(found, Err(BlockError::Pairing { .. })), "{found:?}");
    }
    let found = check(&world, |block| {
        last_result(block).receipt.writes_root = writes_root(Suite::Intl, &[]);
        reseal(block);
    });
    assert!(matches!(found, Err(BlockError::Writes { .. })), "{found:?}");
}

/// A chain of headers needs the certificate of its last one, from a quorum, and of that network.
#[test]
fn a_chain_ends_in_a_certificate() {
    let world = World::new(Suite::Intl, "blocks", 4);
    let trusted = network::parse(&gongxin_verify::bundle::network_to_bytes(&world.file())).expect("a good file");
    let first = block_of(&world).header;
    let second = world.child(&first);
    let chain = [first, second];
    let certificate = world.certify(&chain[1], &[1, 2, 3]);
    assert_eq!(headers::check_chain(&chain, &certificate, &trusted), Ok(()));
    assert_eq!(
        headers::check_chain(&chain[..1], &certificate, &trusted),
        Err(HeadersError::CertifiedElsewhere { height: chain[0].height })
    );
    assert_eq!(headers::check_chain(&[], &certificate, &trusted), Err(HeadersError::Empty));
    let short = world.certify(&chain[1], &[1, 2]);
    assert!(matches!(headers::check_chain(&chain, &short, &trusted), Err(HeadersError::Certificate(_))));
}
