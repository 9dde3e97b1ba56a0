//! The verifier, which knows no engine, accepts every block with genesis alone.

use gongxin_types::{Genesis, Height};
use gongxin_verify::block;
use gongxin_verify::network::TrustedNetwork;

use crate::report::Violation;
use crate::witness::Witness;

/// Heights follow each other, blocks name their parents, contents hash to headers, certificates hold.
pub(super) fn every_block(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    let network = TrustedNetwork::from_head(&genesis.head);
    let mut parent = gongxin_test_support::sandbox::genesis_header(genesis).digest();
    let mut expected = Height::GENESIS.next();
    for (height, found) in &witness.blocks {
        if *height != expected {
            return Err(Violation::Gap { height: expected });
        }
        let failed = |reason: String| Violation::Unverified { height: *height, reason };
        if found.header.parent != parent {
            return Err(failed("it does not name the block before it".to_owned()));
        }
        block::check(&network, found).map_err(|error| failed(error.to_string()))?;
        for transaction in &found.transactions {
            let id = transaction.id(genesis.head.suite);
            let message = gongxin_types::Transaction::message(&id);
            if genesis.head.suite.verify(&transaction.body.sender.key, &message, &transaction.signature).is_err() {
                return Err(failed(format!("the signature of transaction {id} is wrong")));
            }
        }
        parent = found.header.digest();
        expected = expected.next();
    }
    Ok(())
}
