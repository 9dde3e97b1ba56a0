//! What the copy can prove to a stranger.

use gongxin_projection::{BundleError, Location};
use gongxin_types::bundle::Network;
use gongxin_types::{Height, bundle::Subject};
use gongxin_verify::bundle;

use crate::chain::{Chain, Copy, batch, create, story};

/// Every action of every block, and every operation of every batch, has a receipt that the verifier accepts: also those of
/// blocks that a later one certifies, and those of refused actions.
#[test]
fn every_action_and_every_operation_has_a_receipt() {
    let chain = story();
    let copy = Copy::complete(&chain);
    let network = bundle::network_to_bytes(&Network::of(&chain.genesis.head));
    let (mut receipts, mut refused) = (0, 0);
    for block in &chain.blocks {
        for (place, transaction) in block.transactions.iter().enumerate() {
            let location = Location { height: block.header.height, transaction: place as u32 };
            for (index, action) in transaction.body.actions.iter().enumerate() {
                let operations = match action {
                    gongxin_types::Action::WriteRecords(batch) => batch.operations.len() as u32,
                    _ => 0,
                };
                for operation in std::iter::once(None).chain((0..operations).map(Some)) {
                    let made = copy.projection.bundle(location.action(index as u16), operation).unwrap().value;
                    if let Subject::Operation { write: None, .. } = made.subject {
                        refused += 1;
                    }
                    let report = bundle::verify(&bundle::to_bytes(&made), &network);
                    assert!(report.ok, "{location:?} {index} {operation:?}: {report:?}");
                    receipts += 1;
                }
            }
        }
    }
    assert_eq!((receipts, refused), (23, 2), "a batch as a whole is shown by its first operation");
}

/// What does not exist has no receipt; what is not certified has none yet.
#[test]
fn no_receipt_for_what_is_not_there() {
    let copy = Copy::complete(&story());
    let location = Location { height: Height::new(3), transaction: 0 };
    let bundle = |action, operation| copy.projection.bundle(action, operation).unwrap_err();
    assert!(matches!(bundle(location.action(2), None), BundleError::UnknownAction { .. }));
    assert!(matches!(bundle(location.action(1), Some(2)), BundleError::UnknownOperation { operation: 2 }));
    assert!(matches!(bundle(location.action(0), Some(0)), BundleError::UnknownOperation { operation: 0 }));

    // A crash between the blocks of one certificate leaves the first one applied and its certificate to come.
    let mut chain = Chain::new("crash");
    chain.uncertified(vec![vec![batch(vec![create(1)])]]).block(vec![]);
    let copy = Copy::complete(&chain);
    let disk = rusqlite::Connection::open(copy.directory.path().join("projection.sqlite")).unwrap();
    disk.execute("DELETE FROM certificates", []).unwrap();
    let first = Location { height: Height::new(1), transaction: 0 }.action(0);
    let waiting = copy.projection.bundle(first, None).unwrap_err();
    assert!(matches!(waiting, BundleError::NotCertifiedYet { .. }), "{waiting}");
    chain.block(vec![]);
    copy.offer(chain.blocks.last().unwrap());
    assert_eq!(copy.projection.bundle(first, None).unwrap().value.headers.len(), 3);
}
